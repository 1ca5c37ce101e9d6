"""The proofs that were shown lately, so that none is of use twice (RFC 9449 §11.1)."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from auth.identity.refusals import Unavailable

_log = structlog.get_logger()

KEPT = 120.0
"""Seconds for which a proof is remembered, at least."""
_MOST = 200_000
"""Proofs remembered of as many seconds. Beyond, none is let in: forgetting one would let it in again."""
_PATIENCE = 0.25
"""Seconds that a question waits for Redis."""
_REST = 5.0
"""Seconds for which a Redis that failed is left alone."""
_TELL_AGAIN = 60.0


class Replays:
    """Remembers proofs in the process and, to see those that other hubs were shown, in Redis.

    While Redis fails each hub knows its own only.
    """

    def __init__(self, redis_url: str | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Connect to nothing yet."""
        self._clock = clock
        self._period = 0.0
        self._now: set[bytes] = set()
        self._before: set[bytes] = set()
        self._redis = Redis.from_url(redis_url.removeprefix("redis+")) if redis_url else None
        self._rests_until = self._told_at = -math.inf

    async def is_first(self, proof: bytes) -> bool:
        """Remember a proof by its digest; say whether it was not known. Raise Unavailable if there is no room."""
        return self._is_first_here(proof) and (self._redis is None or await self._is_first_anywhere(self._redis, proof))

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        if self._redis is not None:
            await self._redis.aclose()

    def _is_first_here(self, proof: bytes) -> bool:
        period = self._clock() // KEPT
        if period != self._period:
            self._before = self._now if period == self._period + 1 else set()
            self._now, self._period = set(), period
        if proof in self._now or proof in self._before:
            return False
        if len(self._now) >= _MOST:
            raise Unavailable("More proofs are shown than can be remembered; ask again.")
        self._now.add(proof)
        return True

    async def _is_first_anywhere(self, redis: Redis, proof: bytes) -> bool:
        if self._clock() < self._rests_until:
            return True
        try:
            async with asyncio.timeout(_PATIENCE):
                return bool(await redis.set(f"innograph:proof:{proof.hex()}", b"", nx=True, ex=int(KEPT) + 1))
        except (RedisError, OSError, TimeoutError) as error:
            self._rests_until = self._clock() + _REST
            if self._clock() - self._told_at >= _TELL_AGAIN:
                self._told_at = self._clock()
                _log.warning("identity.redis_failed", error=type(error).__name__, instead="each hub knows its proofs")
            return True
