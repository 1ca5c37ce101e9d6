"""Events: what has changed, in the order in which it was committed, and how far they were delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from store.tables import event, event_place


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

    async def settle(self, delivered: int) -> None:
        """Remember up to which place events were delivered."""
        async with self.engine.begin() as connection:
            further = event_place.c.delivered < delivered
            await connection.execute(update(event_place).where(further).values(delivered=delivered))

    async def prune(self, before: datetime) -> None:
        """Take out events from before a moment that were delivered; what they tell of stays."""
        delivered = select(event_place.c.delivered).scalar_subquery()
        async with self.engine.begin() as connection:
            await connection.execute(delete(event).where(event.c.place <= delivered, event.c.at < before))
