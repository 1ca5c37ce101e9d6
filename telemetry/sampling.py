"""What is looked up now and then, as it changes without anybody counting: what waits, what is kept, how late it is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from telemetry import metrics

_SECONDS = 5.0
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096

Reading = Callable[[], None]
"""Takes numbers from where they are to the metrics."""


class Sampler:
    """Takes readings every few seconds, and whenever somebody wants the newest."""

    def __init__(self, readings: Sequence[Reading], seconds: float = _SECONDS) -> None:
        """Take nothing yet."""
        self._readings = (*readings, _process)
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """End, with a last look."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self.take()

    def take(self) -> None:
        """Take all readings now."""
        for reading in self._readings:
            reading()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._seconds
            await asyncio.sleep(self._seconds)
            metrics.LOOP_DELAY.set(max(0.0, loop.time() - due))
            self.take()


def _process() -> None:
    with suppress(OSError, ValueError, IndexError):  # only Linux tells it so
        metrics.MEMORY.set(int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE)
        metrics.FILES.set(len(os.listdir("/proc/self/fd")))
