"""What every connector promises, kept by all built-in kinds and styles over the same records."""

from __future__ import annotations

import asyncio
import csv
import json
import re
import subprocess
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from connectors import files, memory, ndc, partner, rest, sql
from connectors.contract import Connector
from connectors.testing import CHECKS, Subject, conformance, problems
from tests.connectors.declaring import declared
from tests.connectors.hostile import RECORDS as HOSTILE
from tests.connectors.hostile import SECRET, Hostile
from tests.connectors.services import partner_service, rest_service
from tests.npm import workplace
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


@pytest.fixture(scope="module")
def ndc_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """A connector of Hasura's own SDK, by what it says of itself."""
    folder = Path(__file__).parent / "ndc"
    place = workplace(folder, tmp_path_factory.mktemp("ndc") / "connector")
    (place / "records.json").write_text(json.dumps(RECORDS, ensure_ascii=False), encoding="utf-8")
    command = ["node", "connector.mjs", "records.json"]
    with subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None, "it is piped"
        lines = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in running.stdout)
        try:
            yield dict(zip(NDC, (found[0] for found in lines if found), strict=False))
        finally:
            running.kill()


NDC = ("ndc-in", "ndc-variables", "ndc-or")
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
KINDS = ["memory", "csv", "jsonl", "toml", "sqlite", "postgresql", "mariadb", *REST, *sorted(PARTNER_KINDS), *NDC]


@pytest.fixture(params=KINDS)
async def kind_and_connector(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[str, Connector]]:
    """Each kind over the same records."""
    kind: str = request.param
    async with _opened(kind, request, tmp_path) as found:
        yield kind, found
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
    elif kind in NDC:
        url = request.getfixturevalue("ndc_urls")[kind]
        yield ndc.connect(declared({"url": url}, {"collection": "things"}))
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
        if kind != "sqlite":  # a read that was given up may hold the file a while; it goes with its folder
            async with engine.begin() as connection:
                await connection.execute(text(f"DROP TABLE {table}"))
        await engine.dispose()


def subject(kind: str, connector: Connector) -> Subject:
    """What each kind should give; values read from files are texts."""
    records = [{k: v for k, v in {**r, "place.city": r["city"]}.items() if k != "city"} for r in FLAT]
    is_single = kind == "partner-aliases"
    return Subject(connector, "things", ("code",), records, {"n": int, "label": str}, one_a_key=is_single)


async def test_it_keeps_every_promise(kind_and_connector: tuple[str, Connector]) -> None:
    assert await problems(subject(*kind_and_connector)) == []


def test_what_keeps_no_promise_fails_every_check_with_what_and_why() -> None:
    def hostile() -> Subject:
        return Subject(Hostile(), "things", ("code",), HOSTILE, {"n": int}, secrets=(SECRET,))

    told = {problem.partition(":")[0]: problem for problem in asyncio.run(problems(hostile()))}
    assert set(told) == set(CHECKS)
    assert SECRET not in " ".join(told.values())
    for name, words in WHAT_AND_WHY.items():
        assert words in told[name], told[name]


WHAT_AND_WHY = {
    "alignment": "One group for each key in the order asked for",
    "unknown_keys": "the key 'nobody', which nobody has, was answered with",
    "duplicate_keys": "a key that was asked twice got 1 groups",
    "projection": "What was not asked for may not be seen",
    "empty_batch": "no keys were answered with 1 groups",
    "huge_batch": "of 50 keys the last was answered with",
    "deadline": "its capabilities say `punctual`",
    "cancellation": "a cancelled fetch was still running",
    "errors": "a column that it does not have raised KeyError",
    "concurrency": "Requests run side by side",
    "paging": "What a scan loses is not found",
    "unicode": "came ['?",
    "types": "n of 'A1' is a set",
    "health": "check raised ConnectionError",
    "closing": "aclose raised RuntimeError",
}


async def test_what_an_ndc_connector_lacks_is_told_before_anything_is_asked(ndc_urls: Mapping[str, str]) -> None:
    for collection, key, words in (
        ("thinks", ("code",), "has no collection 'thinks'; it has things"),
        ("things", ("codes",), "'things' has no column 'codes'"),
    ):
        connector = ndc.connect(declared({"url": ndc_urls["ndc-in"]}, {"collection": collection}, key=key))
        health = await connector.check()
        assert not health.ok
        assert words in health.detail
        await connector.aclose()


test_in_three_lines = conformance(
    lambda: Subject(memory.connect(declared({}, {"records": HOSTILE})), "things", ("code",), HOSTILE)
)
