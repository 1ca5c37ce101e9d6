"""What the metrics are told of sources, cache and audit: taken from where it is counted anyway, now and then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import Counter

from codes.kinds import BreakerState
from connectors.sources import Source
from resolvers.request import Hub
from resolvers.source import is_late
from telemetry import metrics

_BREAKER: Mapping[BreakerState, int] = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}


class Measuring:
    """Readings of one hub."""

    def __init__(self, hub: Callable[[], Hub]) -> None:
        """Count from nothing; the hub's configuration may be another each time."""
        self._hub = hub
        self._told: dict[tuple[Any, ...], int] = {}

    def take(self) -> None:
        """Take the readings."""
        hub = self._hub()
        hub.sources.add_up()
        for name, source in hub.sources.sources.items():
            self._source(name, source)
        cache = hub.sources.cache
        metrics.CACHE_BYTES.set(cache.size)
        metrics.CACHE_KEYS.set(len(cache))
        if hub.auditor:
            waiting, seconds = hub.auditor.behind
            metrics.AUDIT_WAITING.set(waiting)
            metrics.AUDIT_LAG.set(seconds)

    def _source(self, name: str, source: Source) -> None:
        tally, steward, newest = source.state.tally, source.steward, source.state.newest_as_of
        self._count(metrics.SOURCE_CALLS, tally.answered, name, "answered")
        for code, times in tally.failed.items():
            self._count(metrics.SOURCE_CALLS, times, name, code)
        self._count(metrics.SOURCE_KEYS, tally.keys, name)
        self._count(metrics.SOURCE_RECORDS, tally.records, name)
        self._count(metrics.SOURCE_CACHED, tally.cached, name)
        self._count(metrics.SOURCE_STALE, tally.stale, name)
        self._count(metrics.SOURCE_REPEATED, steward.repeated, name)
        metrics.SOURCE_BREAKER.labels(name).set(_BREAKER[steward.breaker.state])
        metrics.SOURCE_BUSY.labels(name).set(steward.busy)
        metrics.SOURCE_WAITING.labels(name).set(steward.waiting)
        if newest is not None:
            metrics.SOURCE_NEWEST.labels(name).set(newest.timestamp())
            metrics.SOURCE_LATE.labels(name).set(bool(is_late(source)))

    def _count(self, counter: Counter, total: int, *labels: str) -> None:
        """Add what has come since the last time; a source that was declared anew counts from nothing."""
        told = self._told.get((counter, *labels))
        if told != total:
            counter.labels(*labels).inc(total - told if told and told < total else total)
            self._told[counter, *labels] = total
