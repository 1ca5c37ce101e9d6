"""Limits on what is spent in a minute: in the process, in Redis, and while Redis is away."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from auth.limits import LimitsMisconfigured, RateLimited, RateLimits, of_address, of_organisation

LIMIT = 100


class Clock:
    """A clock that stands still unless it is moved; at the beginning of a minute."""

    now = 60_000.0

    def __call__(self) -> float:
        return self.now


class Relay:
    """A way to a server that can be closed, be opened again, or swallow what is said."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._to = parts.hostname or "", parts.port or 6379
        self._path = parts.path
        self._port = 0
        self._under_way: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.silent = False

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}{self._path}"

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._under_way.clear()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(*self._to)
        pumps = self._pump(reader, there[1]), self._pump(there[0], writer)
        self._under_way |= {asyncio.ensure_future(pump) for pump in pumps}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                if not self.silent:
                    writer.write(data)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@asynccontextmanager
async def opened(url: str | None, clock: Clock) -> AsyncIterator[RateLimits]:
    limits = RateLimits(url, LIMIT, 10, clock)
    try:
        yield limits
    finally:
        await limits.aclose()


def somebody() -> str:
    return of_organisation(uuid.uuid4().hex)


async def refused(limits: RateLimits, key: str, units: int) -> int | None:
    with pytest.raises(RateLimited) as caught:
        await limits.spend(key, units)
    assert caught.value.limit in (LIMIT, 10)
    assert caught.value.units == units
    return caught.value.retry_after_seconds


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str | None:
    """Where to count: in the process, or in Redis."""
    return None if request.param == "memory" else str(request.getfixturevalue("redis_url"))


async def test_units_are_spent_until_there_are_none_left(url: str | None) -> None:
    async with opened(url, Clock()) as limits:
        bank, guarantee = somebody(), somebody()
        await limits.spend(bank, 60)
        await limits.spend(bank, 40)
        wait = await refused(limits, bank, 1)
        assert wait is not None
        assert 1 <= wait <= 120
        await limits.spend(guarantee, 100)


async def test_what_has_been_paid_before_is_not_spent_again(url: str | None) -> None:
    async with opened(url, Clock()) as limits:
        bank = somebody()
        await limits.spend(bank, 1)
        await limits.spend(bank, 60, paid=1)
        await limits.spend(bank, 40)
        with pytest.raises(RateLimited, match="This costs 40 units, of 100") as caught:
            await limits.spend(bank, 40, paid=39)
        assert caught.value.retry_after_seconds
        with pytest.raises(RateLimited) as caught:
            await limits.spend(bank, 101, paid=100)
        assert caught.value.retry_after_seconds is None


async def test_what_is_refused_costs_nothing(url: str | None) -> None:
    async with opened(url, Clock()) as limits:
        bank = somebody()
        await limits.spend(bank, 60)
        await refused(limits, bank, 41)
        await limits.spend(bank, 40)


async def test_what_is_known_to_be_spent_is_said_without_asking(url: str | None) -> None:
    clock = Clock()
    async with opened(url, clock) as limits:
        bank = somebody()
        limits.check(bank, 100)
        await limits.spend(bank, 100)
        await refused(limits, bank, 1)
        with pytest.raises(RateLimited) as caught:
            limits.check(bank, 1)
        assert caught.value.retry_after_seconds
        clock.now += 120
        limits.check(bank, 1)


async def test_what_no_minute_has_room_for_is_refused_for_good(url: str | None) -> None:
    async with opened(url, Clock()) as limits:
        assert await refused(limits, somebody(), 101) is None


async def test_an_address_has_its_own_limit_and_a_network_of_64_bits_is_one(url: str | None) -> None:
    async with opened(url, Clock()) as limits:
        network = f"2001:db8:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}"
        await limits.spend(of_address(f"{network}::1"), 10)
        await refused(limits, of_address(f"{network}:5:6:7:8"), 1)


@pytest.mark.parametrize(
    ("spent", "after", "units", "wait"),
    [
        (((0, 100),), 59, 1, 2),  # 0.6 s into the next minute, one of the hundred has left
        (((0, 100),), 60, 1, 1),
        (((0, 100),), 90, 50, None),
        (((0, 100),), 90, 51, 1),
        (((0, 100),), 90, 80, 18),
        (((0, 100),), 120, 100, None),
        (((0, 50), (70, 50)), 75, 60, 57),  # 45 s left, then a fifth of the fifty must go: 12 s
        (((0, 50),), 200, 100, None),
    ],
)
async def test_the_minute_slides(spent: tuple[tuple[int, int], ...], after: int, units: int, wait: int | None) -> None:
    clock = Clock()
    async with opened(None, clock) as limits:
        bank = somebody()
        for moment, amount in spent:
            clock.now = Clock.now + moment
            await limits.spend(bank, amount)
        clock.now = Clock.now + after
        if wait is not None:
            assert await refused(limits, bank, units) == wait
            clock.now += wait
        await limits.spend(bank, units)


async def test_hubs_count_together_in_redis(redis_url: str) -> None:
    bank = somebody()
    async with opened(redis_url, Clock()) as one, opened(redis_url, Clock()) as other:
        await one.spend(bank, 70)
        await refused(other, bank, 31)


@pytest.mark.parametrize("how", ["closed", "silent", "never there"])
async def test_redis_going_away_is_survived_and_told_once_a_minute(redis_url: str, how: str) -> None:
    clock, relay, bank = Clock(), Relay(redis_url), somebody()
    await relay.open()
    async with opened(relay.url, clock) as limits:
        if how != "never there":
            await limits.spend(bank, 90)
        relay.silent = how == "silent"
        if how != "silent":
            await relay.close()
        with capture_logs() as logged:
            for _ in range(3):
                await limits.spend(bank, 30)
                clock.now += 6
            await refused(limits, bank, 30)
            assert [(entry["event"], entry["log_level"]) for entry in logged] == [("limits.redis_failed", "warning")]
        clock.now += 6
        relay.silent = False
        if how != "silent":
            await relay.open()
        newcomer = somebody()
        await limits.spend(newcomer, 90)
        async with opened(redis_url, clock) as other:
            await refused(other, newcomer, 30)
    await relay.close()


@pytest.mark.parametrize("url", ["127.0.0.1:6379", "http://:sesame@127.0.0.1/", "memcached://127.0.0.1"])
def test_what_is_no_redis_is_said_at_the_start(url: str) -> None:
    with pytest.raises(LimitsMisconfigured, match="HUB_REDIS_URL") as caught:
        RateLimits(url, 1, 1)
    assert "sesame" not in str(caught.value)
