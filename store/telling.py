"""How an event comes into the store: within the transaction of what it tells of, at the very end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import event, event_place

News = tuple[str, str, int]
"""Topic, id and version of what has changed."""


async def tell(
    connection: AsyncConnection, news: Sequence[News], at: datetime, *, recorded: bool = False
) -> tuple[int, ...]:
    """Give events their places, and return them; until the end of the transaction nobody else is given any.

    `recorded` says that the audit needs no record of them, or has it by another way.
    """
    count = len(news)
    counted = update(event_place).values(last=event_place.c.last + count).returning(event_place.c.last)
    last = int((await connection.execute(counted)).scalar_one())
    places = tuple(range(last - count + 1, last + 1))
    rows = [
        {"place": place, "topic": topic, "id": id, "version": version, "at": at, "recorded": recorded}
        for place, (topic, id, version) in zip(places, news, strict=True)
    ]
    if rows:
        await connection.execute(insert(event), rows)
    return places
