"""The keys at hand: asked for now and then, never for each request; the store may fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog.testing
from sqlalchemy import event

from auth.identity.refusals import Unavailable
from store.engine import open_store
from store.keys import Key, Keys
from store.upgrade import upgrade
from web.key_book import KeyBook

KEY = Key("aaaaaaaaaa", "0" * 64, "bank-icbc", None, datetime.now(UTC), datetime.now(UTC) + timedelta(1))


class Counted:
    """A store of keys whose statements are counted."""

    def __init__(self, url: str) -> None:
        self.engine = open_store(url)
        self.statements: list[str] = []
        event.listen(self.engine.sync_engine, "before_cursor_execute", self._count)

    def _count(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.statements.append(statement)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Counted]:
    found = Counted(f"sqlite+aiosqlite:///{tmp_path}/store.sqlite")
    await upgrade(found.engine)
    yield found
    await found.engine.dispose()


async def test_unknown_keys_cost_no_look_up_each(store: Counted) -> None:
    now = [0.0]
    keys = Keys(store.engine)
    book = KeyBook(keys, lambda: now[0])
    await keys.create(KEY)
    store.statements.clear()
    found = await asyncio.gather(*(book.find(f"unknown{number:03}") for number in range(500)), book.find(KEY.prefix))
    assert found == [None] * 500 + [KEY]
    assert len(store.statements) == 2, "the number of the last change, and what has changed"
    now[0] += 0.4
    await book.find("unknown000")
    assert len(store.statements) == 2
    now[0] += 0.2
    await book.find("unknown000")
    assert len(store.statements) == 3, "nothing has changed"
    await keys.revoke(KEY.prefix)
    now[0] += 0.5
    revoked = await book.find(KEY.prefix)
    assert revoked is not None
    assert revoked.revoked_at is not None


async def test_use_is_noted_once_a_minute_beside_the_answer(store: Counted) -> None:
    now = [0.0]
    keys = Keys(store.engine)
    await keys.create(KEY)
    book = KeyBook(keys, lambda: now[0])
    store.statements.clear()
    for _ in range(100):
        book.used(KEY.prefix)
    assert store.statements == [], "nobody waits for it"
    await book.aclose()
    assert len([text for text in store.statements if text.startswith("UPDATE")]) == 1
    (kept,) = await keys.all()
    assert kept.last_used_at is not None
    now[0] += 61
    book.used(KEY.prefix)
    await book.aclose()
    (later,) = await keys.all()
    assert later.last_used_at is not None
    assert later.last_used_at > kept.last_used_at


async def test_while_the_store_fails_no_key_is_let_in_and_none_refused(tmp_path: Path) -> None:
    engine = open_store(f"sqlite+aiosqlite:///{tmp_path}/store.sqlite")
    book = KeyBook(Keys(engine), lambda: 0.0)
    with structlog.testing.capture_logs() as logged:
        with pytest.raises(Unavailable):
            await book.find(KEY.prefix)
        book.used(KEY.prefix)
        await book.aclose()
    assert [entry["event"] for entry in logged] == ["keys.store_failed", "keys.use_not_noted"]
    await upgrade(engine)
    assert await book.find(KEY.prefix) is None
    await engine.dispose()
