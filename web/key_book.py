"""The API keys of the store, at hand: read once, then only what has changed."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from auth.identity.refusals import Unavailable
from resolvers.lookout import Lookout
from store.keys import Key, Keys

_log = structlog.get_logger()

_PATIENCE = 2.0
"""Seconds that a look may take."""
_NOTED = 60.0
"""Seconds for which a key that was used is not noted again."""
_FAILURES = (SQLAlchemyError, OSError, TimeoutError)


class KeyBook:
    """The keys by their prefixes. All of them are known, so that one that nobody has costs no look-up."""

    def __init__(self, keys: Keys, clock: Callable[[], float] = time.monotonic) -> None:
        """Read nothing yet."""
        self._keys = keys
        self._clock = clock
        self._known: dict[str, Key] = {}
        self._lookout = Lookout(self._changed, self._take, clock)
        self._noted: dict[str, float] = {}
        self._to_write: dict[str, datetime] = {}
        self._writing: asyncio.Task[None] | None = None

    async def find(self, prefix: str) -> Key | None:
        """Return a key, as it was at most half a second ago; raise Unavailable if the store does not answer."""
        try:
            await self._lookout.look()
        except _FAILURES as error:
            message = "The hub's store does not answer, and API keys cannot be checked; ask again."
            raise Unavailable(message) from error
        return self._known.get(prefix)

    def used(self, prefix: str) -> None:
        """Have it written that a key was used, at most once a minute and not while anybody waits."""
        now = self._clock()
        if now - self._noted.get(prefix, -math.inf) < _NOTED:
            return
        self._noted[prefix] = now
        self._to_write[prefix] = datetime.now(UTC)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def aclose(self) -> None:
        """Wait for what is being written."""
        if self._writing is not None:
            await self._writing

    async def _changed(self, since: int) -> tuple[int, Sequence[Key]]:
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._keys.changed(since)
        except _FAILURES as error:
            _log.warning("keys.store_failed", error=type(error).__name__)
            raise

    def _take(self, news: Sequence[Key]) -> None:
        self._known.update((key.prefix, key) for key in news)

    async def _write(self) -> None:
        try:
            while self._to_write:
                used, self._to_write = self._to_write, {}
                async with asyncio.timeout(_PATIENCE):
                    await self._keys.note_used(used)
        except _FAILURES as error:
            _log.warning("keys.use_not_noted", error=type(error).__name__)
        finally:
            self._writing = None
