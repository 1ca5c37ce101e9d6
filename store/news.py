"""Changes counted by a transaction, so that whoever has read up to one reads only what came after it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def next_change(connection: AsyncConnection, counts: Table, of: Any) -> int:
    """Count a change in the row of `counts` with this key, made if it is absent, and return its number.

    Until the end of the transaction nobody else counts one there.
    """
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    (key,) = counts.primary_key.columns
    statement = (
        make(counts)
        .values({key.name: of, "change": 1})
        .on_conflict_do_update(index_elements=[key.name], set_={"change": counts.c.change + 1})
        .returning(counts.c.change)
    )
    return int((await connection.execute(statement)).scalar_one())
