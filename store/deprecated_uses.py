"""Which client asked how often for what is deprecated, by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from store.document_tables import deprecated_use

Use = tuple[str, str, date]
"""What was asked for, by which client, on which day."""


@dataclass(frozen=True, slots=True)
class Used:
    """How often a client has asked for something, and when last."""

    coordinate: str
    client: str
    times: int
    last: date


@dataclass(frozen=True)
class DeprecatedUses:
    """The counts in a store."""

    engine: AsyncEngine

    async def add(self, counts: Mapping[Use, int]) -> None:
        """Add to the counts."""
        make = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        async with self.engine.begin() as connection:
            for (coordinate, client, day), times in sorted(counts.items()):
                row = {"coordinate": coordinate, "client": client, "day": day, "times": times}
                counted = make(deprecated_use).values(row)
                more = {"times": deprecated_use.c.times + counted.excluded.times}
                await connection.execute(
                    counted.on_conflict_do_update(index_elements=["coordinate", "client", "day"], set_=more)
                )

    async def all(self) -> Sequence[Used]:
        """Return what was asked for, by coordinate and client."""
        columns = deprecated_use.c
        times, last = func.sum(columns.times), func.max(columns.day)
        wanted = select(columns.coordinate, columns.client, times, last).group_by(columns.coordinate, columns.client)
        async with self.engine.connect() as connection:
            rows = await connection.execute(wanted.order_by(columns.coordinate, columns.client))
            return [Used(coordinate, client, int(count), day) for coordinate, client, count, day in rows]
