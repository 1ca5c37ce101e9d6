"""What every connector promises, kept by all built-in kinds and styles over the same records."""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from connectors import files, memory, partner, rest, sql
from connectors.contract import Connector, Scan
from tests.connectors.declaring import declared, fetch
from tests.connectors.services import partner_service, rest_service
from tests.running import serve

RECORDS: list[dict[str, Any]] = [
    {"code": "A1", "n": 1, "label": "甲“,;", "place": {"city": "武汉"}},
    {"code": "B2", "n": 2, "label": "𠮷 é", "place": {"city": None}},
    {"code": "C3", "n": 3, "label": None, "place": {"city": "南昌"}},
    {"code": "C3", "n": 4, "label": "again", "place": {"city": "南昌"}},
    {"code": "D4", "n": 5, "label": "O'Hara; DROP TABLE", "place": {"city": "北京"}},
    {"code": "E5%_", "n": 6, "label": "%", "place": {"city": "温州"}},
    {"code": "F 6", "n": 7, "label": "space", "place": {"city": "温州"}},
]
FLAT = [{**{k: v for k, v in r.items() if k != "place"}, "city": r["place"]["city"]} for r in RECORDS]
PARTNER_KINDS = {"partner-list", "partner-aliases"}

Opener = Callable[[], Connector]


@pytest.fixture(scope="module")
def rest_url() -> Iterator[str]:
    with serve(rest_service(RECORDS)) as url:
        yield url


@pytest.fixture(scope="module")
def partner_url() -> Iterator[str]:
    with serve(partner_service(RECORDS)) as url:
        yield f"{url}/graphql"


REST: dict[str, dict[str, Any]] = {
    "rest-comma": {"path": "/comma", "batch": {"style": "comma"}, "rows": "data", "count": "meta.count"},
    "rest-repeat": {"path": "/repeat", "batch": {"style": "repeat", "parameter": "id"}},
    "rest-body": {"path": "/body", "batch": {"style": "body", "parameter": "codes"}},
    "rest-aligned": {"path": "/aligned", "batch": {"style": "comma"}, "rows": "entries", "answer": "aligned"},
    "rest-each": {"path": "/each/{key}", "batch": {"style": "each"}, "rows": "of"},
}
PAGING: dict[str, dict[str, Any]] = {
    "rest-comma": {"style": "page"},
    "rest-repeat": {"style": "cursor"},
    "rest-body": {"style": "link"},
    "rest-aligned": {"style": "cursor"},
    "rest-each": {"style": "page"},
}
KINDS = ["memory", "csv", "jsonl", "toml", "sqlite", "postgresql", "mariadb", *REST, *sorted(PARTNER_KINDS)]


@pytest.fixture(params=KINDS)
async def connector(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Connector]:
    """Each kind over the same records."""
    kind: str = request.param
    async with _opened(kind, request, tmp_path) as found:
        yield found
        await found.aclose()


@asynccontextmanager
async def _opened(kind: str, request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Connector]:
    if kind == "memory":
        yield memory.connect(declared({}, {"records": RECORDS}))
    elif kind in ("csv", "jsonl", "toml"):
        yield files.connect(declared({"folder": str(folder)}, _written(kind, folder)))
    elif kind in REST:
        style = PAGING[kind]
        scan = {"path": f"/pages/{style['style']}", "rows": "rows", "page_size": 3, **style}
        yield rest.connect(declared({"url": request.getfixturevalue("rest_url")}, {**REST[kind], "scan": scan}))
    elif kind in PARTNER_KINDS:
        batch = (
            {"style": "list", "field": "things", "argument": "codes", "type": "[String!]!"}
            if kind == "partner-list"
            else {"style": "aliases", "field": "thing", "argument": "code", "type": "ID!"}
        )
        scan = {"field": "page", "rows": "nodes", "next": "cursor", "more": "more"}
        yield partner.connect(declared({"url": request.getfixturevalue("partner_url")}, {"batch": batch, "scan": scan}))
    else:
        async with _database(kind, request, folder) as (url, table):
            yield sql.connect(declared({"url": url}, {"table": table}))


def _written(kind: str, folder: Path) -> dict[str, str]:
    if kind == "csv":
        with (folder / "things.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, ["code", "n", "label", "place.city"])
            writer.writeheader()
            rows = ({name: value for name, value in record.items() if name != "city"} for record in FLAT)
            writer.writerows({**row, "place.city": record["city"]} for row, record in zip(rows, FLAT, strict=True))
        return {"file": "things.csv"}
    if kind == "jsonl":
        lines = (json.dumps(record, ensure_ascii=False) for record in RECORDS)
        (folder / "things.jsonl").write_text("\n".join(lines), encoding="utf-8")
        return {"file": "things.jsonl"}
    (folder / "things").mkdir()
    for place, record in enumerate(RECORDS):
        label = "" if record["label"] is None else f"label = {json.dumps(record['label'], ensure_ascii=False)}\n"
        city = record["place"]["city"]
        nested = "[place]\n" + ("" if city is None else f'city = "{city}"\n')
        text_ = f"code = {json.dumps(record['code'])}\nn = {record['n']}\n{label}{nested}"
        (folder / "things" / f"{place}.toml").write_text(text_, encoding="utf-8")
    return {"folder": "things"}


@asynccontextmanager
async def _database(kind: str, request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[tuple[str, str]]:
    table = f"things_{uuid.uuid4().hex[:12]}"
    url = f"sqlite+aiosqlite:///{folder}/things.sqlite" if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    engine = create_async_engine(url)
    quote = "`" if kind == "mariadb" else '"'
    suffix = " CHARACTER SET utf8mb4" if kind == "mariadb" else ""
    async with engine.begin() as connection:
        columns = f"code VARCHAR(20), n INTEGER, label VARCHAR(50), {quote}place.city{quote} VARCHAR(20)"
        await connection.execute(text(f"CREATE TABLE {table} ({columns}){suffix}"))
        await connection.execute(text(f"INSERT INTO {table} VALUES (:code, :n, :label, :city)"), FLAT)
    try:
        yield url, table
    finally:
        async with engine.begin() as connection:
            await connection.execute(text(f"DROP TABLE {table}"))
        await engine.dispose()


def plain(rows: Any) -> list[list[tuple[Any, ...]]]:
    """Rows with numbers as texts and nothing as nothing, since files know no other kinds."""
    return [
        [tuple(None if v in (None, "") else str(v) for v in row) for row in sorted(group, key=str)] for group in rows
    ]


def expected(keys: list[str], *columns: str) -> list[list[tuple[Any, ...]]]:
    flat = [{**r, "place.city": r["city"]} for r in FLAT]
    return plain([[tuple(r[c] for c in ("code", *columns)) for r in flat if r["code"] == key] for key in keys])


def singles(connector: Connector, keys: list[str]) -> list[str]:
    """A look-up that gives one record a key cannot give the two of C3."""
    is_single = isinstance(connector, partner.PartnerConnector) and connector.capabilities.most_keys("things") == 50
    return [key for key in keys if key != "C3"] if is_single else keys


@pytest.mark.parametrize(
    "keys",
    [
        ["A1"],
        ["D4", "A1", "B2"],
        ["C3", "A1"],
        ["A1", "nobody", "B2"],
        ["nobody"],
        ["F 6", "E5%_", "A1"],
        ["A1'; DROP TABLE things", "B2"],
    ],
    ids=str,
)
async def test_rows_belong_to_their_keys(connector: Connector, keys: list[str]) -> None:
    asked = singles(connector, keys)
    found = await connector.fetch(fetch(asked, "n", "label", "place.city"))
    assert plain(found.groups) == expected(asked, "n", "label", "place.city")
    assert found.failures == {}


@pytest.mark.parametrize(
    "columns", [(), ("n",), ("label", "n"), ("place.city",), ("place.city", "n", "label")], ids=str
)
async def test_exactly_the_columns_asked_for_in_their_order(connector: Connector, columns: tuple[str, ...]) -> None:
    found = await connector.fetch(fetch(["B2", "A1"], *columns))
    assert plain(found.groups) == expected(["B2", "A1"], *columns)


async def test_as_many_keys_as_it_takes(connector: Connector) -> None:
    most = min(connector.capabilities.most_keys("things"), 3000)
    keys = [f"nobody-{number}" for number in range(most - 1)] + ["D4"]
    found = await connector.fetch(fetch(keys, "n", seconds=10))
    assert [len(group) for group in found.groups] == [0] * (most - 1) + [1]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_a_scan_loses_and_repeats_nothing_and_can_be_resumed(connector: Connector, size: int) -> None:
    pages = [rows async for rows in connector.scan(Scan("things", ("code", "n"), size))]
    seen = [row for rows in pages for group in rows.groups for row in group]
    whole = sorted((record["code"], str(record["n"])) for record in RECORDS)
    assert sorted((row[0], str(row[1])) for row in seen) == whole
    for place, page in enumerate(pages[:-1]):
        assert page.position is not None
        rest_ = [rows async for rows in connector.scan(Scan("things", ("code", "n"), size, page.position))]
        assert [r.groups for r in rest_] == [r.groups for r in pages[place + 1 :]]


async def test_it_says_that_it_is_well(connector: Connector) -> None:
    health = await connector.check()
    assert health.ok, health.detail
