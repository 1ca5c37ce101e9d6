"""What the store tells is new, at hand: read once, then only what has changed, in effect everywhere within a second."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

_FRESH = 0.5
"""Seconds for which nobody looks for changes: one made elsewhere is in effect within a second."""

N = TypeVar("N")


class Lookout(Generic[N]):
    """Looks for what has changed, at most every half second, and once for all who ask meanwhile."""

    def __init__(
        self,
        changed: Callable[[int], Awaitable[tuple[int, Sequence[N]]]],
        take: Callable[[Sequence[N]], None],
        clock: Callable[[], float],
    ) -> None:
        """Know of nothing yet. `changed` gives the number of the last change, and what has changed since another."""
        self._changed = changed
        self._take = take
        self._clock = clock
        self._change = 0
        self._looked = -math.inf
        self._looking: asyncio.Task[None] | None = None
        """Somebody looks for changes; None if nobody does, or something was changed since."""

    @property
    def fresh(self) -> bool:
        """Whether somebody has looked within the last half second."""
        return self._clock() - self._looked < _FRESH

    async def look(self) -> None:
        """Look, unless somebody has within the last half second; raise what the store raises."""
        if not self.fresh:
            if self._looking is None:
                self._looking = asyncio.create_task(self._look())
            await asyncio.shield(self._looking)  # who leaves does not end it for the others

    def forget(self) -> None:
        """Have it looked again at once: something was changed here."""
        self._looked, self._looking = -math.inf, None

    async def _look(self) -> None:
        looking, began = asyncio.current_task(), self._clock()
        try:
            change, news = await self._changed(self._change)
            if change >= self._change:  # unless somebody has read on meanwhile
                self._take(news)
                self._change = change
                if self._looking is looking:
                    self._looked = began
        finally:
            if self._looking is looking:
                self._looking = None
