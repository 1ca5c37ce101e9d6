"""What was fetched, forgotten in all processes at once: because a source says that it has changed, or an operator."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from connectors.common_cache import EVERY_SOURCE, CommonCache

_log = structlog.get_logger()

_CHANNEL = "innograph:forget:{database}"
"""Channels are not parted by database as keys are."""
_PATIENCE = 2.0
"""Seconds that telling the others may take."""
_ALIVE = 5.0
"""Seconds after which a silent connection is asked whether it is there."""
_REST = 1.0
"""Seconds after which a Redis that failed is tried again."""
_TELL_AGAIN = 60.0
_FAILURES = (RedisError, OSError, TimeoutError)


class Forget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to forget: all of a source, of one of its collections, or of some keys of that; of every source: `*`."""

    source: str
    collection: str | None = None
    keys: tuple[str, ...] = ()


EVERYTHING = Forget(EVERY_SOURCE)

_decode = msgspec.json.Decoder(Forget).decode


class NotTold(Exception):
    """Forgotten in this process only: the others could not be told."""


class Forgetting:
    """Has this process forget, and all others that share its Redis."""

    def __init__(self, forget: Callable[[Forget], None], common: CommonCache | None, redis_url: str | None) -> None:
        """`forget` is called for whatever this process has to forget. Connect to nothing yet."""
        self._forget = forget
        self._common = common
        self._redis = Redis.from_url(redis_url, health_check_interval=_ALIVE) if redis_url else None
        database = self._redis.connection_pool.connection_kwargs.get("db", 0) if self._redis else 0
        self._channel = _CHANNEL.format(database=database)
        self._task: asyncio.Task[None] | None = None
        self._told_at = -math.inf

    def open(self) -> None:
        """Listen to what others tell."""
        if self._redis is not None:
            self._task = asyncio.create_task(self._listen(self._redis))

    async def everywhere(self, what: Forget) -> None:
        """Have every process forget; raise NotTold."""
        try:
            if self._redis is not None and self._common is not None:
                # First what is kept for all: a process that has forgotten must not find it there again.
                async with asyncio.timeout(_PATIENCE):
                    await self._common.forget(what.source, what.collection, what.keys)
                    await self._redis.publish(self._channel, msgspec.json.encode(what))
        except _FAILURES as error:
            raise NotTold(f"Redis does not answer ({type(error).__name__})") from error
        finally:
            self._forget(what)

    async def aclose(self) -> None:
        """Listen no longer."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._redis is not None:
            await self._redis.aclose()

    async def _listen(self, redis: Redis) -> None:
        missed = False
        while True:
            try:
                async with redis.pubsub() as channel:
                    await channel.subscribe(self._channel)
                    if missed:
                        self._forget(EVERYTHING)  # nobody knows what was told meanwhile
                    missed = True
                    while True:
                        told = await channel.get_message(ignore_subscribe_messages=True, timeout=_ALIVE)
                        if told is not None:
                            self._take(told["data"])
            except _FAILURES as error:
                if time.monotonic() - self._told_at >= _TELL_AGAIN:
                    self._told_at = time.monotonic()
                    instead = "what others are told to forget, this process forgets when Redis is back"
                    _log.warning("cache.not_told", error=type(error).__name__, instead=instead)
            await asyncio.sleep(_REST)

    def _take(self, content: bytes) -> None:
        try:
            self._forget(_decode(content))
        except msgspec.DecodeError as error:
            _log.warning("cache.message_unreadable", problem=str(error))
