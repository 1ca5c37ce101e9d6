"""Events: what has changed, in the order in which it was committed, and how far they were delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from store.changes import Entry, plain
from store.tables import change_history, event, event_place


class Event(msgspec.Struct, frozen=True):
    """A change of a thing: never what was changed in it, which has to be read by whoever may see it."""

    place: int
    """Later changes have higher ones, without gaps."""
    topic: str
    """The thing's type in the graph."""
    id: str
    version: int
    at: datetime


@dataclass(frozen=True)
class Outbox:
    """The events in a store."""

    engine: AsyncEngine

    async def after(self, place: int, most: int = 200) -> list[Event]:
        """Return the first events behind a place, in order."""
        c = event.c
        wanted = select(c.place, c.topic, c.id, c.version, c.at).where(c.place > place).order_by(c.place).limit(most)
        async with self.engine.connect() as connection:
            return [Event(*row) for row in await connection.execute(wanted)]

    async def delivered(self) -> int:
        """Return the place up to which events were delivered, itself included."""
        async with self.engine.connect() as connection:
            return int((await connection.execute(select(event_place.c.delivered))).scalar_one())

    async def settle(self, delivered: int, recorded: Sequence[int]) -> None:
        """Remember up to which place events were delivered, and of which the audit has a record."""
        async with self.engine.begin() as connection:
            further = event_place.c.delivered < delivered
            await connection.execute(update(event_place).where(further).values(delivered=delivered))
            if recorded:
                await connection.execute(update(event).where(event.c.place.in_(recorded)).values(recorded=True))

    async def prune(self, before: datetime) -> None:
        """Take out events from before a moment that were delivered and recorded; what they tell of stays."""
        c = event.c
        delivered = select(event_place.c.delivered).scalar_subquery()
        async with self.engine.begin() as connection:
            await connection.execute(delete(event).where(c.place <= delivered, c.at < before, c.recorded.is_(True)))

    async def unrecorded(self, before: datetime, most: int = 100) -> list[tuple[Event, Entry]]:
        """Return events from before a moment of which the audit has no record, with the versions that they tell of."""
        e, h = event.c, change_history.c
        same = (h.noun == e.topic) & (h.id == e.id) & (h.version == e.version)
        wanted = (
            select(event, h.data_group, h.uscc, h.action, h.organisation, h.subject, h.client, h.purpose, h.body)
            .join_from(event, change_history, same)
            .where(e.recorded.is_(False), e.at < before)
            .order_by(e.place)
            .limit(most)
        )
        async with self.engine.connect() as connection:
            found = [plain(row) for row in await connection.execute(wanted)]
        return [(msgspec.convert(row, Event), msgspec.convert(row, Entry)) for row in found]
