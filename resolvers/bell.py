"""A bell between the hub's processes: whoever has changed something rings it, and the relays of all look at once.

It carries nothing. What was changed stands in the store, at which every relay looks twice a second anyway: while the
Redis fails, news come that much later, and none is lost.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

_log = structlog.get_logger()

_CHANNEL = "innograph:changed"
_PATIENCE = 1.0
"""Seconds that a ring may take."""
_REST = 5.0
"""Seconds for which a Redis that failed is left alone."""
_TELL_AGAIN = 60.0


class Bell:
    """The bell of one process."""

    def __init__(self, redis_url: str, *, rest_seconds: float = _REST) -> None:
        """Connect to nothing yet."""
        self._redis = Redis.from_url(redis_url)
        self._rest = rest_seconds
        self._rung = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._told_at = -math.inf

    def open(self, heard: Callable[[], None]) -> None:
        """Call `heard` whenever a process rings, this one included."""
        self._tasks = [asyncio.create_task(self._listen(heard)), asyncio.create_task(self._ring())]

    def ring(self) -> None:
        """Ring soon; rings that come close together are one."""
        self._rung.set()

    async def aclose(self) -> None:
        """Neither hear nor ring any longer."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._redis.aclose()

    async def _listen(self, heard: Callable[[], None]) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(_CHANNEL)
                    async for _ in channel.listen():
                        heard()
            except (RedisError, OSError) as error:
                self._tell(error)
            await asyncio.sleep(self._rest)

    async def _ring(self) -> None:
        while True:
            await self._rung.wait()
            self._rung.clear()
            try:
                async with asyncio.timeout(_PATIENCE):
                    await self._redis.publish(_CHANNEL, b"")
            except (RedisError, OSError, TimeoutError) as error:
                self._tell(error)
                await asyncio.sleep(self._rest)

    def _tell(self, error: Exception) -> None:
        if time.monotonic() - self._told_at >= _TELL_AGAIN:
            self._told_at = time.monotonic()
            instead = "the processes look by themselves, twice a second"
            _log.warning("events.redis_failed", error=type(error).__name__, instead=instead)
