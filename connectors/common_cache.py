"""What has been fetched by any process, kept in a Redis for all: asked where the process itself has nothing.

It holds what the process would hold (connectors/cache.py): what a source gave, the same for every reader. A Redis that
is slow is not waited for, one that fails is left alone for a while; then each process does for itself.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

import msgspec
import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from connectors.cache import Held
from connectors.packing import Packer, Unpackable

_log = structlog.get_logger()

T = TypeVar("T")

EVERY_SOURCE = "*"

_PREFIX = "innograph:cache:"
_PATIENCE = 0.1
"""Seconds that a question waits for Redis."""
_REST = 5.0
"""Seconds for which a Redis that failed is left alone."""
_TELL_AGAIN = 60.0
_CONNECTIONS = 16
_LARGEST = 1_000_000
"""Bytes of an entry; what is larger each process keeps for itself."""
_UNDER_WAY = 64
"""Entries of so many fetches are written at a time; further ones are left out."""
_FORGOTTEN_SECONDS = 60
"""Seconds for which a key that was forgotten takes no answer: fetches that began before are over by then."""

_KEEP = """
for place, key in ipairs(KEYS) do
  if redis.call('GET', key) ~= '' then
    redis.call('SET', key, ARGV[2 * place - 1], 'PX', ARGV[2 * place])
  end
end
"""
"""An empty text stands for a key that was forgotten a moment ago: what was fetched before must not come in again."""


class _Entry(msgspec.Struct, array_like=True):
    """An outcome as it lies in Redis; moments are seconds since the epoch."""

    edition: str
    epoch: str
    fields: list[str]
    outcome: bytes
    delivered: datetime
    fetched: float
    fresh_until: float
    kept_until: float


_FAILURES = (RedisError, OSError, TimeoutError)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Entry).decode


class CommonCache:
    """Outcomes of all sources, by key; those as of a date are left to each process."""

    def __init__(self, redis_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Connect to nothing yet."""
        pool = BlockingConnectionPool.from_url(redis_url, max_connections=_CONNECTIONS, timeout=_PATIENCE)
        self._redis = Redis(connection_pool=pool)
        self.packer = Packer({})
        self._keep = self._redis.register_script(_KEEP)
        self._clock = clock
        self._epochs: dict[tuple[str, str], str] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self._rests_until = self._told_at = -math.inf

    def epoch(self, source: str, collection: str) -> str | None:
        """Return what a fetch that begins now is kept under; None if it is not to be kept.

        It counts how often the source and the collection were forgotten, as far as is known here: what was fetched
        before the last time is not found any more.
        """
        return self._epochs.get((source, collection))

    async def find(
        self, edition: str, collection: str, keys: Sequence[str], fields: frozenset[str], *, stale: bool = False
    ) -> dict[str, Held]:
        """Return what is kept of the keys and covers the fields: what is fresh, or with `stale` whatever there is."""
        source = edition.partition("#")[0]
        names = [*_epoch_keys(source, collection), *(_key(source, collection, key) for key in keys)]
        answer = await self._asked(lambda: self._redis.mget(names))
        if answer is None:
            return {}
        counted, found = cast("list[bytes | None]", answer)[:3], cast("list[bytes | None]", answer)[3:]
        epoch = self._epochs[source, collection] = ".".join(str(int(count or 0)) for count in counted)
        now, elapsed = time.time(), time.monotonic()
        held: dict[str, Held] = {}
        for key, content in zip(keys, found, strict=True):
            entry = _read(content) if content else None
            if entry is None or (entry.edition, entry.epoch) != (edition, epoch) or not fields <= set(entry.fields):
                continue
            if now < (entry.kept_until if stale else entry.fresh_until):
                try:
                    outcome = self.packer.unpack(entry.outcome)
                except Unpackable:
                    continue
                held[key] = Held(
                    frozenset(entry.fields),
                    outcome,
                    entry.delivered,
                    *(elapsed + moment - now for moment in (entry.fetched, entry.fresh_until, entry.kept_until)),
                )
        return held

    def keep(self, edition: str, collection: str, entries: Mapping[str, Held], epoch: str | None) -> None:
        """Have entries written soon, with nobody waiting for it."""
        if epoch is None or not entries or self._clock() < self._rests_until or len(self._writing) >= _UNDER_WAY:
            return
        self._soon(self._write(edition, collection, entries, epoch))

    async def forget(self, source: str, collection: str | None, keys: Sequence[str]) -> None:
        """Have what is kept of a source, a collection or some of its keys not be found again; raise what Redis raises.

        What was fetched before, and is not yet kept, is not found either.
        """
        if collection is not None and keys:
            async with self._redis.pipeline(transaction=True) as pipeline:
                for key in keys:
                    pipeline.set(_key(source, collection, key), b"", ex=_FORGOTTEN_SECONDS)
                await pipeline.execute()
        else:
            of_all, of_source, of_collection = _epoch_keys(source, collection or "")
            await self._redis.incr(of_all if source == EVERY_SOURCE else of_collection if collection else of_source)

    async def counts(self) -> dict[tuple[str, str], int]:
        """Return how many keys something is kept of, by source and collection; raise what Redis raises."""
        found: dict[tuple[str, str], int] = {}
        async for name in self._redis.scan_iter(match=f"{_PREFIX}record:*", count=1000):
            _, _, _, source, collection, _ = name.decode().split(":", 5)
            found[source, collection] = found.get((source, collection), 0) + 1
        return found

    async def aclose(self) -> None:
        """Close the connections, after what is being written."""
        if self._writing:
            await asyncio.wait(self._writing, timeout=1.0)
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def _write(self, edition: str, collection: str, entries: Mapping[str, Held], epoch: str) -> None:
        source, now, elapsed = edition.partition("#")[0], time.time(), time.monotonic()
        keys: list[str] = []
        arguments: list[bytes | int] = []
        for key, held in entries.items():
            try:
                outcome = self.packer.pack(collection, held.outcome)
            except Unpackable:
                continue
            lasting = int((held.kept_until - elapsed) * 1000)
            if lasting <= 0 or len(outcome) > _LARGEST:
                continue
            moments = (now + moment - elapsed for moment in (held.fetched, held.fresh_until, held.kept_until))
            entry = _Entry(edition, epoch, sorted(held.fields), outcome, held.delivered, *moments)
            keys.append(_key(source, collection, key))
            arguments += (_encode(entry), lasting)
        if keys:
            await self._asked(lambda: self._keep(keys=keys, args=arguments))

    async def _asked(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Return what Redis answers; None if it does not, or not in time."""
        if self._clock() < self._rests_until:
            return None
        try:
            async with asyncio.timeout(_PATIENCE):
                return await ask()
        except _FAILURES as error:
            self._rests_until = self._clock() + _REST
            if self._clock() - self._told_at >= _TELL_AGAIN:
                self._told_at = self._clock()
                _log.warning("cache.redis_failed", error=type(error).__name__, instead="each process keeps for itself")
            return None

    def _soon(self, writing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(writing)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)


def _read(content: bytes) -> _Entry | None:
    try:
        return _decode(content)
    except msgspec.DecodeError:
        return None


def _key(source: str, collection: str, key: str) -> str:
    return f"{_PREFIX}record:{source}:{collection}:{key}"


def _epoch_keys(source: str, collection: str) -> tuple[str, str, str]:
    return f"{_PREFIX}epoch", f"{_PREFIX}epoch:{source}", f"{_PREFIX}epoch:{source}:{collection}"
