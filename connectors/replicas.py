"""One source at several addresses: a call goes to one that is well, and those that fail are left out for a while.

Only for reading, as everything here is. Behind the steward: it sees a failure only where no replica could be had.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import structlog

from connectors.contract import Connector, Fetch, Health, Rows, Scan
from connectors.errors import SourceCrowded, SourceFailure, SourceUnavailable
from connectors.policy import EjectionPolicy

_log = structlog.get_logger()

_FAIR_SHARE = 0.5
"""A call that had less of its usual time than this, and was not answered in it, says nothing of a replica."""
_LONGEST = 30
"""A replica that fails again and again is left out for as many times as long, at most."""


@dataclass(eq=False)
class Replica:
    """One address, and what is known of it."""

    number: int
    """Its place among the addresses, from 1."""
    connector: Connector
    calls: int = 0
    """Under way."""
    asked: int = 0
    failures: int = 0
    """In a row."""
    ejections: int = 0
    out_until: float = 0.0

    @property
    def seconds_left(self) -> float:
        """Seconds for which it is still left out; 0 if it is not."""
        return max(0.0, self.out_until - time.monotonic())


class Replicas:
    """A connector over others that give the same."""

    def __init__(self, source: str, connectors: Sequence[Connector], policy: EjectionPolicy, seconds: float) -> None:
        """A call usually has so many seconds."""
        self._source = source
        self.replicas = [Replica(number, connector) for number, connector in enumerate(connectors, 1)]
        self._policy = policy
        self._seconds = seconds
        self.capabilities = connectors[0].capabilities

    def take_over(self, before: Replicas) -> None:
        """Leave out what was left out before, of as many addresses in the same order."""
        for replica, former in zip(self.replicas, before.replicas, strict=True):
            replica.failures, replica.ejections = former.failures, former.ejections
            replica.out_until = former.out_until

    async def fetch(self, ask: Fetch) -> Rows:
        """Return what a replica answers; another is asked once if it was not available and there is time."""
        first = self._next()
        try:
            return await self._asked(first, ask)
        except SourceUnavailable:
            other = self._next(besides=first)
            if other is first or time.monotonic() >= ask.deadline:
                raise
            return await self._asked(other, ask)

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield the whole collection from one replica: others may page otherwise."""
        async for rows in self._next().connector.scan(ask):
            yield rows

    async def check(self) -> Health:
        """Ask all; the source can be used if one can."""
        found = await asyncio.gather(*(replica.connector.check() for replica in self.replicas))
        wrong = [f"replica {number}: {one.detail}" for number, one in enumerate(found, 1) if not one.ok]
        usable = [one for one in found if one.ok]
        detail = "; ".join([f"{len(usable)} of {len(found)} replicas answer", *wrong])
        return Health(bool(usable), detail, max(one.milliseconds for one in usable or found))

    async def aclose(self) -> None:
        """Give back the connections of all."""
        await asyncio.gather(*(replica.connector.aclose() for replica in self.replicas))

    def _next(self, besides: Replica | None = None) -> Replica:
        """Return who has the least to do of those that are not left out; `besides` itself if there is no other."""
        now = time.monotonic()
        others = [replica for replica in self.replicas if replica is not besides]
        able = [replica for replica in others if replica.out_until <= now]
        if able:
            return min(able, key=lambda replica: (replica.calls, replica.asked))
        if besides is not None:
            return besides
        return min(others, key=lambda replica: replica.out_until)

    async def _asked(self, replica: Replica, ask: Fetch) -> Rows:
        is_fair = ask.deadline - time.monotonic() >= self._seconds * _FAIR_SHARE
        replica.calls += 1
        replica.asked += 1
        try:
            rows = await replica.connector.fetch(ask)
        except asyncio.CancelledError:
            if is_fair and time.monotonic() >= ask.deadline:  # given up by the hub, not left by a reader
                self._failed(replica)
            raise
        except SourceUnavailable:
            self._failed(replica)
            raise
        except SourceFailure as failure:
            if is_fair and not isinstance(failure, SourceCrowded):
                self._failed(replica)
            raise
        finally:
            replica.calls -= 1
        replica.failures = replica.ejections = 0
        return rows

    def _failed(self, replica: Replica) -> None:
        """Note a failure; leave a replica out that fails in a row, as long as there is another."""
        now = time.monotonic()
        if now < replica.out_until:
            return
        replica.failures += 1
        if replica.failures < self._policy.failures:
            return
        if not any(other.out_until <= now for other in self.replicas if other is not replica):
            return
        replica.ejections += 1
        seconds = self._policy.seconds * min(replica.ejections, _LONGEST)
        replica.out_until = now + seconds
        replica.failures = self._policy.failures - 1  # once it is back, one failure is enough
        _log.warning("source.replica_left_out", source=self._source, replica=replica.number, seconds=seconds)
