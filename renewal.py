"""The configuration of the sources and the schemes, read again while the hub serves.

What is read is checked whole, away from those who are being answered, and takes its place at once or not at all: a
request that has begun goes on with what it began with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from connectors.errors import SourcesMisconfigured
from resolvers.execution.current import Current
from resolvers.execution.engine import Engine
from scoring.errors import SchemeMisconfigured

_log = structlog.get_logger()

_LOOK = 1.0
"""Seconds between two looks at the files."""

Sign = tuple[str, int, int, int]


class Renewal:
    """Looks at files, and has another engine made when they change or somebody says so."""

    def __init__(
        self,
        current: Current,
        make: Callable[[Engine], Engine],
        watched: Sequence[Path],
        told: asyncio.Event,
        farewell: float,
    ) -> None:
        """`make` reads the files and returns an engine in the place of another.

        It is called in a thread. Of folders, the TOML files in them are looked at. An engine that was replaced is kept
        for `farewell` seconds, and for as long as it is at work.
        """
        self._current = current
        self._make = make
        self._watched = watched
        self._told = told
        self._farewell = farewell
        self._seen = self._signs()
        self._leaving: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Look no more; close what was replaced, and the sources of the engine that answers now."""
        tasks = [*self._leaving, *([self._task] if self._task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._current.engine.hub.sources.aclose()

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._told.wait()
            seen = self._signs()
            if self._told.is_set() or seen != self._seen:
                self._told.clear()
                self._seen = seen  # what is written while it is read is seen at the next look
                await self._renew()

    async def _renew(self) -> None:
        try:
            made = await asyncio.to_thread(self._make, self._current.engine)
        except (SourcesMisconfigured, SchemeMisconfigured, OSError, UnicodeDecodeError) as error:
            _log.error("configuration.unusable", problem=str(error), instead="what was read before holds")
            return
        except Exception as error:
            _log.error("configuration.unusable", exc_info=error, instead="what was read before holds")
            return
        made.hub.sources.stand_in()
        before = self._current.replace(made)
        _log.info("configuration.changed", files=[str(path) for path in self._watched])
        task = asyncio.create_task(self._leave(before))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _leave(self, before: Engine) -> None:
        try:
            await self._current.idle(before, self._farewell)
        finally:
            await before.hub.sources.aclose()

    def _signs(self) -> list[Sign]:
        return [sign for path in self._watched for one in _files(path) if (sign := _sign(one))]


def _files(path: Path) -> Iterator[Path]:
    return iter(sorted(path.glob("*.toml"))) if path.is_dir() else iter((path,))


def _sign(path: Path) -> Sign | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_mtime_ns, found.st_size, found.st_ino
