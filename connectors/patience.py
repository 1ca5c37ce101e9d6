"""Waiting for a source until a deadline and no longer, whatever the source does when it is told to stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_FAREWELL = 5.0
"""Seconds in which calls that were given up may still end when the sources are closed."""


class Patience:
    """The calls of one set of sources, those included that nobody waits for any more."""

    def __init__(self) -> None:
        """Begin with no calls."""
        # The event loop itself keeps no hold of its tasks.
        self._given_up: set[asyncio.Task[Any]] = set()

    async def until(self, deadline: float, answering: Coroutine[Any, Any, T]) -> T:
        """Return the answer; at the deadline (time.monotonic) cancel it and raise TimeoutError without further wait."""
        task = asyncio.create_task(answering)
        try:
            await asyncio.wait((task,), timeout=max(0.0, deadline - time.monotonic()))
            if not task.done():
                raise TimeoutError
            return task.result()
        finally:
            if not task.done():
                self._given_up.add(task)
                task.add_done_callback(self._forget)
                task.cancel()

    async def settle(self) -> None:
        """Wait a little for what was given up, so that its connections can be closed."""
        if self._given_up:
            await asyncio.wait(self._given_up, timeout=_FAREWELL)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._given_up.discard(task)
        if not task.cancelled():
            task.exception()
