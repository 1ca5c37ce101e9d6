"""Events told by a relay: in order, once to each listener, from other processes too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import structlog.testing
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from resolvers import events
from resolvers.bell import Bell
from resolvers.events import InProcess, Lagging, Relay
from store.changes import Changes, now
from store.engine import open_store
from store.events import Event, Outbox
from store.tables import event
from store.upgrade import upgrade
from tests.counters import COUNTER, adding, call, make_table


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """A store with a table of counters."""
    opened = open_store(f"sqlite+aiosqlite:///{tmp_path / 'store.sqlite'}")
    await upgrade(opened)
    await make_table(opened)
    yield opened
    await opened.dispose()


@asynccontextmanager
async def relaying(engine: AsyncEngine, poll: float = 0.02, bell: Bell | None = None) -> AsyncIterator[Relay]:
    """Open a relay to a channel of its own."""
    relay = Relay(Outbox(engine), InProcess(), poll_seconds=poll, bell=bell)
    await relay.open()
    try:
        yield relay
    finally:
        await relay.aclose()


async def add(engine: AsyncEngine, *ids: str) -> None:
    """Add counters."""
    for id in ids:
        await Changes(engine).once(call(id), COUNTER, adding(id))


async def heard(listening: AsyncIterator[Event], count: int) -> list[str]:
    """Return the things of the next events."""
    async with asyncio.timeout(10):
        return [(await anext(listening)).id for _ in range(count)]


async def test_listeners_hear_what_they_asked_for_in_order_whichever_process_wrote_it(engine: AsyncEngine) -> None:
    async with (
        relaying(engine) as here,
        relaying(engine) as there,
        here.channel.subscribe(["Counter"]) as near,
        there.channel.subscribe(["Counter", "Other"]) as far,
        there.channel.subscribe(["Other"]) as other,
    ):
        await add(engine, "a", "b", "c")
        here.wake()
        assert await heard(near, 3) == ["a", "b", "c"] == await heard(far, 3)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await anext(other)


async def test_a_relay_that_opens_tells_what_nobody_was_told(engine: AsyncEngine) -> None:
    await add(engine, "a")
    async with relaying(engine) as first, first.channel.subscribe(["Counter"]) as listening:
        assert await heard(listening, 1) == ["a"]
    await add(engine, "b")
    relay = Relay(Outbox(engine), InProcess(), poll_seconds=60)
    async with relay.channel.subscribe(["Counter"]) as listening:
        await relay.open()
        assert await heard(listening, 1) == ["b"]
        await add(engine, "c")
        await relay.aclose()
        assert await heard(listening, 1) == ["c"], "whoever closes tells the rest"
    assert await Outbox(engine).delivered() == 3


async def test_what_is_told_twice_is_heard_once() -> None:
    channel = InProcess()
    async with channel.subscribe(["Counter"]) as listening:
        for place in (1, 2, 1, 2, 3):
            await channel.publish(Event(place, "Counter", str(place), 1, now()))
        assert await heard(listening, 3) == ["1", "2", "3"]


async def test_whoever_is_too_slow_is_left_behind_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_ROOM", 5)
    channel = InProcess()
    async with channel.subscribe(["Counter"]) as slow, channel.subscribe(["Counter"]) as quick:
        for place in range(1, 9):
            await channel.publish(Event(place, "Counter", str(place), 1, now()))
            assert await heard(quick, 1) == [str(place)]
        with pytest.raises(Lagging, match="read anew what you watch"):
            await anext(slow)


async def test_a_bell_wakes_the_other_processes(engine: AsyncEngine, redis_url: str) -> None:
    async with (
        relaying(engine, poll=60, bell=Bell(redis_url)) as here,
        relaying(engine, poll=60, bell=Bell(redis_url)) as there,
        here.channel.subscribe(["Counter"]) as near,
        there.channel.subscribe(["Counter"]) as far,
    ):
        await add(engine, "first")
        async with asyncio.timeout(10):
            ringing = asyncio.create_task(_ring(here))  # until the other has subscribed in Redis
            assert [(await anext(far)).id, (await anext(near)).id] == ["first", "first"]
            ringing.cancel()
        await add(engine, "second")
        here.wake()
        assert await heard(far, 1) == ["second"] == await heard(near, 1)


async def _ring(relay: Relay) -> None:
    while True:
        relay.wake()
        await asyncio.sleep(0.05)


async def test_without_the_redis_they_look_by_themselves(engine: AsyncEngine) -> None:
    silent = Bell("redis://127.0.0.1:1/0", rest_seconds=0.05)
    with structlog.testing.capture_logs() as logs:
        async with relaying(engine, bell=silent) as relay, relay.channel.subscribe(["Counter"]) as listening:
            await add(engine, "a")
            relay.wake()
            assert await heard(listening, 1) == ["a"]
            async with asyncio.timeout(10):
                while not logs:  # noqa: ASYNC110 - another task writes them
                    await asyncio.sleep(0.01)
    assert {log["event"] for log in logs} == {"events.redis_failed"}


async def test_events_that_were_told_long_ago_are_taken_out(engine: AsyncEngine) -> None:
    await add(engine, "old", "untold")
    outbox = Outbox(engine)
    async with engine.begin() as connection:
        await connection.execute(update(event).values(at=now() - timedelta(days=8)))
    await add(engine, "new")
    await outbox.settle(1)
    await outbox.prune(now() - timedelta(days=7))
    assert [one.id for one in await outbox.after(0)] == ["untold", "new"]
    async with relaying(engine) as relay, relay.channel.subscribe(["Counter"]) as listening:
        assert await heard(listening, 2) == ["untold", "new"]
    assert [one.version for one in (await Changes(engine).history("Counter", ["old"]))["old"]] == [1], (
        "its history stays"
    )


async def test_a_channel_that_fails_is_told_again(engine: AsyncEngine) -> None:
    class Failing(InProcess):
        failures = 3

        async def publish(self, event: Event) -> None:
            if self.failures:
                self.failures -= 1
                raise ConnectionError
            await super().publish(event)

    relay = Relay(Outbox(engine), Failing(), poll_seconds=0.02)
    with structlog.testing.capture_logs() as logs:
        async with relay.channel.subscribe(["Counter"]) as listening:
            await add(engine, "a", "b")
            await relay.open()
            assert await heard(listening, 2) == ["a", "b"]
            await relay.aclose()
    assert [log["event"] for log in logs] == ["events.not_told"], "once, not each time"
