"""A noun that only tests know: counters, each of one organisation, in a table of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import Column, Date, Integer, MetaData, String, Table, Text, event
from sqlalchemy.ext.asyncio import AsyncEngine

from codes.access import DataGroup
from codes.flow import Party
from codes.kinds import ManagerGrade
from store.changes import Call, Change, Doer, Noun, Thing
from store.tables import Moment

METADATA = MetaData()
DAY = date(2023, 6, 30)
MOMENT = datetime(2023, 6, 30, 12, 0, tzinfo=UTC)


class Counter(Thing, frozen=True, kw_only=True):
    """A counter, with a column of each kind."""

    owner: str
    count: int = 0
    grade: ManagerGrade = ManagerGrade.SENIOR
    amount: Decimal = Decimal("0.10")
    day: date = DAY
    created_at: datetime = MOMENT

    @property
    def parties(self) -> Mapping[Party, str]:
        """Its owner is its author."""
        return {Party.AUTHOR: self.owner, Party.ENTERPRISE: "91000000MAX000015T"}


COUNTER = Noun(
    "Counter",
    Counter,
    Table(
        "test_counter",
        METADATA,
        Column("id", String(60), primary_key=True),
        Column("version", Integer, nullable=False),
        Column("owner", Text, nullable=False),
        Column("count", Integer, nullable=False),
        Column("grade", String(20), nullable=False),
        Column("amount", Text, nullable=False),
        Column("day", Date, nullable=False),
        Column("created_at", Moment, nullable=False),
    ),
    DataGroup.CONSENTS,
)


async def make_table(engine: AsyncEngine) -> None:
    """Make the table of counters."""
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)


def call(key: str = "k", digest: str = "d", mutation: str = "count", subject: str = "li") -> Call:
    """A call by one organisation."""
    return Call(Doer("org", subject, "client", "POLICY"), mutation, key, digest)


def adding(id: str = "a") -> Callable[[Change], Awaitable[Counter]]:
    """Add a counter."""

    async def do(change: Change) -> Counter:
        return await change.add(COUNTER, Counter(id=id, owner="org"), "ADD")

    return do


def counting(id: str = "a", version: int | None = None) -> Callable[[Change], Awaitable[Counter]]:
    """Count one further."""

    async def do(change: Change) -> Counter:
        counter = await change.get(COUNTER, id, version)
        return await change.replace(COUNTER, counter, "COUNT", count=counter.count + 1)

    return do


def connecting(engine: AsyncEngine, schema: str) -> None:
    """Let an engine of PostgreSQL work in one schema."""
    if not schema:
        return

    @event.listens_for(engine.sync_engine, "connect", insert=True)
    def _own_schema(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection has no common type
        cursor.execute(f"SET search_path TO {schema}, public")
        cursor.close()
        connection.commit()  # type: ignore[attr-defined]  # as above
