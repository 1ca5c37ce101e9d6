"""How much a reader may ask of the hub within a minute, in cost units.

Counted by sliding windows: what was spent in this minute, and the share of the minute before that still lies within
the last sixty seconds. Several hubs count together in a Redis; without one, or while it fails, each counts for itself.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Protocol, cast

import structlog
from cachetools import LRUCache
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import ConfigurationError, StorageError

from auth.addresses import one_caller

_log = structlog.get_logger()

_MINUTE = 60.0
_MOST_KEYS = 100_000
"""Callers counted in a minute; where there are more, a limit for each is no longer what helps."""
_MOST_REFUSED = 10_000
"""Callers of whom it is remembered that Redis had nothing left for them."""
_PATIENCE = 0.25
"""Seconds that a question waits for Redis."""
_REST = 5.0
"""Seconds for which a Redis that failed is left alone."""

_ORGANISATION, _ADDRESS = "organisation:", "address:"


class LimitsMisconfigured(ValueError):
    """The place to count in cannot be used."""


class RateLimited(Exception):
    """A reader has spent what it may; when it may come again, or None if it may never spend as much at once."""

    code = "RATE_LIMITED"

    def __init__(self, units: int, limit: int, retry_after_seconds: int | None) -> None:
        self.units = units
        self.limit = limit
        self.retry_after_seconds = retry_after_seconds
        again = "ask for less at a time" if retry_after_seconds is None else f"ask again in {retry_after_seconds} s"
        super().__init__(f"This costs {units:,} units, of {limit:,} that may be spent within a minute; {again}.")


def of_organisation(name: str) -> str:
    """Return the key under which an organisation's units are counted."""
    return _ORGANISATION + name


def of_address(address: str) -> str:
    """Return the key under which the units of anonymous readers at an address are counted: IPv6 by /64."""
    return _ADDRESS + one_caller(address)


def of_disbelieved(address: str) -> str:
    """Return the key under which units are counted that credentials from an address cost which are not believed.

    They are counted apart from what its anonymous readers ask, so that these do not keep anybody from signing in.
    """
    return f"{of_address(address)} disbelieved"


class RateLimits:
    """The limits of all readers."""

    def __init__(
        self,
        storage_url: str | None,
        per_minute_organisation: int,
        per_minute_address: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Count in the Redis of this URL, or in the process; raise LimitsMisconfigured if it is no such URL."""
        self._organisations = _Minutes(per_minute_organisation, clock)
        self._addresses = _Minutes(per_minute_address, clock)
        self._shared = _Shared(storage_url, clock) if storage_url else None

    def spend(self, key: str, units: int, paid: int = 0) -> Awaitable[None]:
        """Spend units of a reader (`of_organisation`, `of_address` …), of which some have been paid before.

        Raises RateLimited if it has too few left: at once where units are counted in the process, else when awaited.
        """
        own = self._of(key)
        if units > own.limit:
            raise RateLimited(units, own.limit, None)
        if self._shared:
            return self._spend_shared(self._shared, own, key, units, paid)
        wait = own.spend(key, units - paid)
        if wait is not None:
            raise _refusal(wait, units, own)
        return DONE

    async def _spend_shared(self, shared: _Shared, own: _Minutes, key: str, units: int, paid: int) -> None:
        wait = await shared.spend(key, units - paid, own)
        if wait is not None:
            raise _refusal(wait, units, own)

    def most(self, key: str) -> int:
        """Return how many units a reader may spend within a minute."""
        return self._of(key).limit

    def check(self, key: str, units: int) -> None:
        """Raise RateLimited if a reader is known to have too few units left; nobody is asked, and nothing spent.

        What is counted in Redis is known from the last time that this process was refused.
        """
        own = self._of(key)
        wait = self._shared.wait(key, units, own) if self._shared else own.wait(key, units)
        if wait is not None:
            raise _refusal(wait, units, own)

    def _of(self, key: str) -> _Minutes:
        return self._addresses if key.startswith(_ADDRESS) else self._organisations

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        if self._shared:
            await self._shared.aclose()


def _refusal(wait: float, units: int, own: _Minutes) -> RateLimited:
    return RateLimited(units, own.limit, max(1, math.ceil(wait)))


class _Done:
    """Has nothing to wait for."""

    def __await__(self) -> Generator[None, None, None]:
        return iter(())  # type: ignore[return-value]  # awaited as a generator is, and made in a quarter of the time


DONE: Awaitable[None] = _Done()
"""What is returned instead of a coroutine where something has been done already."""


@dataclass(frozen=True, slots=True)
class _Spent:
    """What a reader has spent: in the minute before, and in the current one, of which so many seconds are left."""

    before: int
    now: int
    left: float

    def wait(self, units: int, limit: int) -> float | None:
        """Return in how many seconds units can be spent; None if they can be now."""
        if self.before * self.left / _MINUTE + self.now + units <= limit:
            return None
        room = limit - units
        if self.now <= room and self.before:
            return self.left - _MINUTE * (room - self.now) / self.before
        return self.left + _MINUTE * (1 - room / self.now) if self.now else 0.0


_NOTHING = _Spent(0, 0, 0.0)


class _Minutes:
    """Units by key, counted in the process."""

    # The memory storages of `limits` look through all keys at nearly every call, which takes a millisecond where ten
    # thousand readers are known.

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        self.limit = limit
        self._clock = clock
        self._minute = 0.0
        self._ends = -math.inf
        self._now: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def spend(self, key: str, units: int) -> float | None:
        """Spend; return None, or in how many seconds there will be room."""
        wait = self.wait(key, units)
        if wait is None and (key in self._now or len(self._now) < _MOST_KEYS):
            self._now[key] = self._now.get(key, 0) + units
        return wait

    def wait(self, key: str, units: int) -> float | None:
        """Return in how many seconds there will be room; None if there is."""
        moment = self._clock()
        if moment >= self._ends:
            self._begin(moment)
        before, now = self._before.get(key, 0), self._now.get(key, 0)
        if before + now + units <= self.limit:
            return None  # also where the whole minute before still counted
        return _Spent(before, now, self._ends - moment).wait(units, self.limit)

    def _begin(self, moment: float) -> None:
        """Begin to count the minute of this moment."""
        minute = moment // _MINUTE
        self._before = self._now if minute == self._minute + 1 else {}
        self._now, self._minute, self._ends = {}, minute, (minute + 1) * _MINUTE


class _Client(Protocol):
    async def aclose(self) -> None: ...


class _Shared:
    """Units by key, counted in Redis by all hubs together."""

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        if not url.startswith(("redis://", "rediss://", "redis+unix://")):
            raise LimitsMisconfigured("HUB_REDIS_URL: this is no address of a Redis; write redis://host:6379/0.")
        try:
            self._storage = RedisStorage(
                f"async+{url}", wrap_exceptions=True, implementation="redispy", key_prefix="innograph"
            )
        except ConfigurationError as error:
            raise LimitsMisconfigured("HUB_REDIS_URL: there is no Redis client; install the package redis.") from error
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._refused: LRUCache[str, tuple[float, _Spent]] = LRUCache(_MOST_REFUSED)
        self._clock = clock
        self._rests_until = self._told_at = -math.inf

    async def spend(self, key: str, units: int, own: _Minutes) -> float | None:
        """Spend as _Minutes does; in those of the process where Redis fails."""
        if self._clock() < self._rests_until:
            return own.spend(key, units)
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._spend(key, units, own.limit)
        except (StorageError, OSError, TimeoutError) as error:
            self._rests_until = self._clock() + _REST
            self._tell(error.storage_error if isinstance(error, StorageError) else error)
            return own.spend(key, units)

    def wait(self, key: str, units: int, own: _Minutes) -> float | None:
        """Say as _Minutes does for how long there is no room, from what was spent when there was none."""
        now = self._clock()
        if now < self._rests_until:
            return own.wait(key, units)
        moment, spent = self._refused.get(key, (now, _NOTHING))
        wait = spent.wait(units, own.limit)
        # whatever was spent since only makes it longer
        return None if wait is None or moment + wait <= now else moment + wait - now

    async def aclose(self) -> None:
        assert isinstance(self._storage.bridge, RedispyBridge), "it was asked for"
        await cast("_Client", self._storage.bridge.get_connection()).aclose()

    async def _spend(self, key: str, units: int, limit: int) -> float | None:
        item = RateLimitItemPerMinute(limit)
        if await self._limiter.hit(item, key, cost=units):
            return None
        counts = await self._storage.get_sliding_window(item.key_for(key), item.get_expiry())
        before, before_ends, now, now_ends = counts
        # A window's count is kept for two minutes from its beginning, so that it can be the one before.
        spent = _Spent(before, now, before_ends or max(0.0, now_ends - _MINUTE))
        self._refused[key] = self._clock(), spent
        return spent.wait(units, limit) or 0.0

    def _tell(self, error: Exception) -> None:
        if self._clock() - self._told_at >= _MINUTE:
            self._told_at = self._clock()
            _log.warning("limits.redis_failed", error=type(error).__name__, instead="each hub counts for itself")
