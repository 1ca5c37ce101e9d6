"""A store on SQLite and one on PostgreSQL, each of its own and gone afterwards."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from store.engine import open_store
from store.upgrade import upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An upgraded store."""
    if request.param == "sqlite":
        opened = open_store(f"sqlite+aiosqlite:///{tmp_path / 'store.sqlite'}")
        await upgrade(opened)
        yield opened
        await opened.dispose()
        return
    url = request.getfixturevalue("postgresql_url")
    schema = f"store_{uuid.uuid4().hex[:12]}"
    owner = create_async_engine(url)
    async with owner.begin() as connection:
        await connection.execute(text(f"CREATE SCHEMA {schema}"))
        await connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    opened = open_store(url)

    @event.listens_for(opened.sync_engine, "connect", insert=True)
    def _own_schema(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # a DBAPI connection has no common type
        cursor.execute(f"SET search_path TO {schema}, public")
        cursor.close()
        connection.commit()  # type: ignore[attr-defined]  # as above

    await upgrade(opened)
    yield opened
    await opened.dispose()
    async with owner.begin() as connection:
        await connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    await owner.dispose()
