"""sql: keys of several columns and of numbers, versions by date, a SELECT as a source, honest refusals."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from connectors import sql
from connectors.contract import Fetch, Scan
from connectors.errors import SourceError, SourcesMisconfigured, SourceUnavailable
from tests.connectors.declaring import declared, fetch


class Database:
    """A database of one kind, with tables of one's own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.prefix = f"t{uuid.uuid4().hex[:10]}_"

    async def run(self, *statements: str) -> None:
        engine = create_async_engine(self.url)
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement.replace("$", self.prefix)))
        await engine.dispose()

    def connector(
        self, collection: Mapping[str, Any], key: tuple[str, ...] = ("code",), *, many: bool = True
    ) -> sql.SqlConnector:
        named: dict[str, Any] = json.loads(json.dumps(collection).replace("$", self.prefix))
        return sql.connect(declared({"url": self.url}, named, key, many=many))


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    kind: str = request.param
    url = f"sqlite+aiosqlite:///{tmp_path}/d.sqlite" if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    found = Database(url)
    await found.run(
        "CREATE TABLE $things (code VARCHAR(20), year INTEGER, amount NUMERIC(12, 2), changed TIMESTAMP NULL)",
        "INSERT INTO $things VALUES ('A', 2021, 10.50, '2023-01-01 00:00:00'), ('A', 2022, 11, '2023-06-01 00:00:00'),"
        " ('B', 2021, 12, '2023-06-01 00:00:00'), (NULL, 2020, 1, NULL)",
        "CREATE TABLE $versions (code VARCHAR(20), name VARCHAR(20), since VARCHAR(10), until VARCHAR(10))",
        "INSERT INTO $versions VALUES ('A', 'old', '2018-01-01', '2020-05-01'), ('A', 'new', '2020-05-01', '9999-9-9'),"
        " ('B', 'only', '2021-01-01', NULL)",
        "CREATE VIEW $view AS SELECT code, year FROM $things WHERE year = 2021",
    )
    yield found
    await found.run("DROP VIEW $view", "DROP TABLE $things", "DROP TABLE $versions")


@asynccontextmanager
async def opened(connector: sql.SqlConnector) -> AsyncIterator[sql.SqlConnector]:
    yield connector
    await connector.aclose()


async def test_a_key_of_two_columns(database: Database) -> None:
    async with opened(database.connector({"table": "$things"}, ("code", "year"))) as connector:
        found = await connector.fetch(
            fetch([("A", "2022"), ("B", "2021"), ("B", "1999")], "amount", key=("code", "year"))
            if database.url.startswith(("sqlite", "mysql"))
            else fetch([("A", 2022), ("B", 2021), ("B", 1999)], "amount", key=("code", "year"))  # type: ignore[list-item]  # PostgreSQL compares numbers with numbers only
        )
        assert [[float(row[2]) for row in group] for group in found.groups] == [[11.0], [12.0], []]


async def test_a_key_of_numbers(database: Database) -> None:
    async with opened(database.connector({"table": "$things", "key_type": "integer"}, ("year",))) as connector:
        found = await connector.fetch(fetch(["2021", "not a number", "1999"], "code", key=("year",)))
        assert sorted(row[1] for row in found.groups[0]) == ["A", "B"]
        assert found.groups[1:] == [[], []]


async def test_versions_by_date(database: Database) -> None:
    history = {"table": "$versions", "from": "since", "to": "until"}
    async with opened(database.connector({"table": "$things", "history": history})) as connector:
        assert connector.capabilities.as_of == {"things"}
        for day, names in (
            (date(2017, 12, 31), [[], []]),
            (date(2018, 1, 1), [["old"], []]),
            (date(2020, 4, 30), [["old"], []]),
            (date(2020, 5, 1), [["new"], []]),
            (date(2030, 1, 1), [["new"], ["only"]]),
        ):
            found = await connector.fetch(Fetch("things", ["A", "B"], ("code", "name"), 1e12, day))
            assert [[row[1] for row in group] for group in found.groups] == names


@pytest.mark.parametrize("place", [{"table": "$view"}, {"select": "SELECT code, year FROM $things WHERE year = 2021"}])
async def test_a_view_or_a_select(database: Database, place: dict[str, str]) -> None:
    async with opened(database.connector(place)) as connector:
        found = await connector.fetch(fetch(["A", "B"], "year"))
        assert found.groups == [[("A", 2021)], [("B", 2021)]]
        pages = [rows async for rows in connector.scan(Scan("things", ("code", "year"), 1))]
        assert [row for rows in pages for row in rows.groups[0]] == [("A", 2021), ("B", 2021)]


async def test_a_scan_since_a_moment(database: Database) -> None:
    async with opened(database.connector({"table": "$things", "changed": "changed"})) as connector:
        ask = Scan("things", ("code", "year"), 10, since=datetime(2023, 5, 1))
        pages = [rows async for rows in connector.scan(ask)]
        assert [row for rows in pages for row in rows.groups[0]] == [("A", 2022), ("B", 2021)]


@pytest.mark.parametrize(
    ("collection", "column", "words"),
    [({"table": "$things"}, "nothing", "nothing"), ({"table": "$absent"}, "year", "absent")],
)
async def test_what_is_not_there_is_named(
    database: Database, collection: dict[str, str], column: str, words: str
) -> None:
    async with opened(database.connector(collection)) as connector:
        with pytest.raises(SourceError, match=words):
            await connector.fetch(fetch(["A"], column))
        assert (await connector.check()).ok, "the pool is usable afterwards"


@pytest.mark.parametrize(
    "url", ["postgresql+asyncpg://u:secret@127.0.0.1:1/d", "mysql+aiomysql://u:secret@127.0.0.1:1/d"]
)
async def test_a_server_that_is_not_there(url: str) -> None:
    async with opened(sql.connect(declared({"url": url}, {"table": "t"}))) as connector:
        with pytest.raises(SourceUnavailable) as failure:
            await connector.fetch(fetch(["A"], "x"))
        assert "secret" not in str(failure.value)
        health = await connector.check()
        assert not health.ok
        assert "secret" not in health.detail


@pytest.mark.parametrize(
    ("options", "collection", "words"),
    [
        ({"url": "nonsense"}, {"table": "t"}, "SQLAlchemy URL"),
        ({"url": "sqlite+aiosqlite:///x", "pol_size": 3}, {"table": "t"}, "Did you mean 'pool_size'"),
        ({}, {"table": "t"}, "is missing"),
        ({"url": "sqlite+aiosqlite:///x"}, {}, "either `table`"),
        ({"url": "sqlite+aiosqlite:///x"}, {"table": "t", "select": "SELECT 1"}, "either `table`"),
    ],
)
def test_wrong_options_are_explained(options: dict[str, Any], collection: dict[str, Any], words: str) -> None:
    with pytest.raises(SourcesMisconfigured, match=words):
        sql.connect(declared(options, collection))
