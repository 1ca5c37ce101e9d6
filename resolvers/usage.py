"""Counts which client still asks for what is deprecated; written now and then, while nobody waits."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

import structlog
from sqlalchemy.exc import SQLAlchemyError

from store.deprecated_uses import DeprecatedUses, Use

_log = structlog.get_logger()

_GATHERED = 10.0
"""Seconds for which uses are gathered before they are written."""
_PATIENCE = 5.0


class Usage:
    """The uses of what is deprecated."""

    def __init__(
        self, uses: DeprecatedUses, today: Callable[[], date] = date.today, gathered: float = _GATHERED
    ) -> None:
        """Count nothing yet."""
        self._uses = uses
        self._today = today
        self._gathered = gathered
        self._counts: Counter[Use] = Counter()
        self._writing: asyncio.Task[None] | None = None

    def note(self, client: str, coordinates: Iterable[str]) -> None:
        """Count that a client asked for something."""
        day = self._today()
        self._counts.update((coordinate, client or "anonymous", day) for coordinate in coordinates)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_later())

    async def aclose(self) -> None:
        """Write what is left."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        await self._write()

    async def _write_later(self) -> None:
        await asyncio.sleep(self._gathered)
        self._writing = None
        await self._write()

    async def _write(self) -> None:
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._uses.add(counts)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("usage.not_written", error=type(error).__name__)
