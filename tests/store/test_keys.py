"""API keys in the store: made, listed, told as news, revoked, noted as used; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from store.keys import Key, Keys

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def key(prefix: str = "aaaaaaaaaa", **changes: object) -> Key:
    """A key for a year."""
    made = Key(prefix, "0" * 64, "bank-icbc", frozenset(("FILINGS", "WORKFORCE")), NOON, NOON + timedelta(365))
    return replace(made, **changes)  # type: ignore[arg-type]  # each test knows its fields


async def test_what_was_made_is_read_again_as_it_was(engine: AsyncEngine) -> None:
    keys = Keys(engine)
    made = [key(), key("bbbbbbbbbb", scopes=None, created_at=NOON + timedelta(1))]
    for each in made:
        await keys.create(each)
    assert await keys.all() == made[::-1]
    assert await keys.changed(0) == (2, made)
    assert await keys.changed(1) == (2, made[1:])
    assert await keys.changed(2) == (2, [])


async def test_a_prefix_is_given_once(engine: AsyncEngine) -> None:
    keys = Keys(engine)
    await keys.create(key())
    with pytest.raises(IntegrityError):
        await keys.create(key(client="another"))
    assert await keys.changed(0) == (1, [key()])


async def test_a_key_is_revoked_once_and_that_is_news(engine: AsyncEngine) -> None:
    keys = Keys(engine)
    await keys.create(key())
    assert await keys.revoke("bbbbbbbbbb") is None
    revoked = await keys.revoke("aaaaaaaaaa")
    assert revoked is not None
    assert revoked.revoked_at is not None
    assert (await keys.changed(1))[1] == [revoked]
    assert await keys.revoke("aaaaaaaaaa") == revoked


async def test_the_last_use_is_the_latest_and_no_news(engine: AsyncEngine) -> None:
    keys = Keys(engine)
    await keys.create(key())
    for moment in (NOON, NOON + timedelta(hours=1), NOON + timedelta(minutes=1)):
        await keys.note_used({"aaaaaaaaaa": moment, "nobody": moment})
    assert [each.last_used_at for each in await keys.all()] == [NOON + timedelta(hours=1)]
    assert await keys.changed(1) == (1, [])


async def test_news_are_complete_while_many_are_made_at_once(engine: AsyncEngine) -> None:
    keys = Keys(engine)
    seen: set[str] = set()
    last = 0

    async def read() -> None:
        nonlocal last
        while len(seen) < 20:
            last, news = await keys.changed(last)
            seen.update(each.prefix for each in news)
            await asyncio.sleep(0)

    async with asyncio.timeout(30):
        reading = asyncio.create_task(read())
        await asyncio.gather(*(keys.create(key(f"key{number:07}")) for number in range(20)))
        await reading
    assert last == 20
