"""What sources.toml says of others, held to what these say themselves: behind the start, and then once in a while.

Nobody waits for it, and it takes nothing out of service: a field that a partner has dropped fails by itself when it is
asked for. It is known before, and by name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from connectors.config import ZONES
from connectors.contract import SelfDescribing
from connectors.errors import SourceFailure
from connectors.session import Session
from connectors.sources import Source, Sources

_log = structlog.get_logger()

_LOOK = 1.0
"""Seconds between two looks at whether the configuration is another."""
_SECONDS = 3600.0
"""Seconds after which sources are asked again."""
_PATIENCE = 10.0
"""Seconds in which all zones are told."""


class Assurance:
    """Asks the sources of a hub in the background."""

    def __init__(self, sources: Callable[[], Sources], seconds: float = _SECONDS) -> None:
        """Ask those that are in service then, at once and after so many seconds each time."""
        self._sources = sources
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Ask no more."""
        if self._task:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _run(self) -> None:
        while True:
            asked, again = self._sources(), time.monotonic() + self._seconds
            try:
                await assure(asked)
            except Exception as error:
                _log.error("sources.not_assured", exc_info=error)
            while self._sources() is asked and time.monotonic() < again:  # noqa: ASYNC110 - nobody tells when it is renewed
                await asyncio.sleep(_LOOK)


async def assure(sources: Sources) -> None:
    """Find out what is used of sources and is not there any longer; note it in their states, and log what is new."""
    await asyncio.gather(*map(_assure, sources.sources.values()))
    for zone in await unknown_zones(sources):
        _log.warning("sources.unknown_zone", zone=zone, instead="the general precedence holds")


async def unknown_zones(sources: Sources) -> Sequence[str]:
    """Return the zones by which precedence is told and of which nobody has heard; none if not all zones are told."""
    named = {zone for zones in sources.config.zone_precedence.values() for zone in zones}
    if not named:
        return ()
    told = await sources.whole(Session.lasting(_PATIENCE), ZONES, frozenset())
    if told.failures or told.absent:
        return ()
    return sorted(named - {record.id for record in told.records})


async def _assure(source: Source) -> None:
    if not isinstance(source.connector, SelfDescribing):
        return
    name, state = source.config.name, source.state
    try:
        lacking = tuple(await source.connector.lacking())
    except SourceFailure as failure:
        _log.info("source.not_described", source=name, problem=failure.message)
        return
    if lacking and lacking != state.lacking:
        _log.warning("source.lacking", source=name, missing=lacking, instead="these fields fail; change the mapping")
    state.lacking = lacking
