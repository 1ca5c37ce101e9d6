"""How an event comes into the store: within the transaction of what it tells of, at the very end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import event, event_place

News = tuple[str, str, int]
"""Topic, id and version of what has changed."""


async def tell(connection: AsyncConnection, news: Sequence[News], at: datetime) -> None:
    """Give events their places; until the end of the transaction nobody else is given any."""
    if not news:
        return
    count = len(news)
    counted = update(event_place).values(last=event_place.c.last + count).returning(event_place.c.last)
    last = int((await connection.execute(counted)).scalar_one())
    rows = [
        {"place": place, "topic": topic, "id": id, "version": version, "at": at}
        for place, (topic, id, version) in enumerate(news, last - count + 1)
    ]
    await connection.execute(insert(event), rows)
