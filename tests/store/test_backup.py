"""The drill: a backup is taken while the audit is written to, put back elsewhere, and its audit is whole."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from resolvers.auditing import Auditor
from store.backup import NotBackedUp, backup, restore
from store.engine import open_store
from store.upgrade import check, upgrade
from tests.auditing import auditor_over, found_by, look, records

Urls = tuple[str, str]
"""Of a store, and of one that is not there yet."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def urls(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Urls]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/store.sqlite", f"sqlite+aiosqlite:///{tmp_path}/again/store.sqlite"
        return
    server = make_url(request.getfixturevalue("postgresql_url"))
    names = [f"backup_{uuid.uuid4().hex[:8]}" for _ in range(2)]
    owner = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with owner.connect() as connection:
        for name in names:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        first, second = (server.set(database=name).render_as_string(hide_password=False) for name in names)
        yield first, second
        for name in names:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await owner.dispose()


async def test_what_is_put_back_is_whole(urls: Urls, tmp_path: Path) -> None:
    url, elsewhere = urls
    engine = open_store(url)
    await upgrade(engine)
    auditor = auditor_over(engine, tmp_path)
    for number in range(5):
        await auditor.write(look(f"案-{number}", f"E{number}"))
    before = auditor.signed_head(await auditor.ledger.tree())
    writing = asyncio.create_task(_go_on(auditor))
    await asyncio.to_thread(backup, url, tmp_path / "store.backup")
    writing.cancel()
    assert (tmp_path / "store.backup").stat().st_mode & 0o077 == 0
    with pytest.raises(NotBackedUp, match="not there yet"):
        backup(url, tmp_path / "store.backup")
    with pytest.raises(NotBackedUp, match="already"):
        restore(url, tmp_path / "store.backup")
    await auditor.aclose()
    await engine.dispose()

    await asyncio.to_thread(restore, elsewhere, tmp_path / "store.backup")
    again = open_store(elsewhere)
    await check(again)
    put_back = auditor_over(again, tmp_path)
    assert await found_by(put_back, before) == [], "it holds the head that was kept elsewhere"
    assert len(await records(put_back)) >= 5
    entry = await put_back.write(look("案-neu", "E9"))
    assert entry.place == len(await records(put_back)) - 1
    assert await found_by(put_back) == []
    await put_back.aclose()
    await again.dispose()


async def _go_on(auditor: Auditor) -> None:
    while True:
        await auditor.write(look("案", "E"))


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.backup").write_bytes(b"PGDMP...")
    url = f"sqlite+aiosqlite:///{tmp_path}/store.sqlite"
    with pytest.raises(NotBackedUp, match="no backup of a store on SQLite"):
        restore(url, tmp_path / "store.backup")
    with pytest.raises(NotBackedUp, match="cannot be copied"):
        backup(url, tmp_path / "other.backup")
    assert not (tmp_path / "other.backup").exists()
