"""One request's dealings with the sources: its deadline, what it has fetched, and what that took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from connectors.cache import CacheKey, Held
from connectors.errors import SourceFailure

_Pending = tuple[frozenset[str], asyncio.Future[None]]


@dataclass(slots=True)
class Usage:
    """What one request took from one source; milliseconds are summed over its fetches."""

    calls: int = 0
    keys: int = 0
    records: int = 0
    cache_hits: int = 0
    milliseconds: float = 0.0
    oldest: datetime | None = None
    """When the oldest record used was delivered."""
    age: float = 0.0
    """Seconds since then, as they were when it was used."""
    failure: SourceFailure | None = None

    def saw(self, delivered: datetime, age: float) -> None:
        """Note when an answer was delivered."""
        self.oldest = min(delivered, self.oldest or delivered)
        self.age = max(age, self.age)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How many seconds ago the source may have given an answer, and whether an older one is refused or flagged."""

    max_age: float
    refuse: bool = False


@dataclass(slots=True)
class Session:
    """One request's dealings with the sources."""

    deadline: float
    """On the clock of time.monotonic."""
    freshness: Freshness | None = None
    memo: dict[CacheKey, tuple[Held, ...]] = field(default_factory=dict)
    usage: dict[str, Usage] = field(default_factory=dict)
    _pending: dict[CacheKey, list[_Pending]] = field(default_factory=dict)

    @classmethod
    def lasting(cls, seconds: float, freshness: Freshness | None = None) -> Session:
        """Return a session whose deadline is so many seconds away."""
        return cls(time.monotonic() + seconds, freshness)

    def of(self, source: str) -> Usage:
        """Return the usage of a source, new if it has not been used."""
        return self.usage.setdefault(source, Usage())

    def is_older_than_wanted(self, fetched: float) -> bool:
        """Say whether something fetched at this moment is older than the reader wants."""
        return self.freshness is not None and time.monotonic() - fetched > self.freshness.max_age

    def refuses(self, fetched: float) -> bool:
        """Say whether the reader would rather have nothing than something fetched at this moment."""
        return self.freshness is not None and self.freshness.refuse and self.is_older_than_wanted(fetched)

    def under_way(self, place: CacheKey, fields: frozenset[str]) -> asyncio.Future[None] | None:
        """Return what to wait for if this request is already fetching at least these fields."""
        return next((done for covered, done in self._pending.get(place, ()) if fields <= covered), None)

    @contextmanager
    def fetching(self, places: Sequence[CacheKey], fields: frozenset[str]) -> Iterator[None]:
        """Let others of this request wait while these are fetched; they wake however it ends, cancelled included."""
        entry: _Pending = (fields, asyncio.get_running_loop().create_future())
        for place in places:
            self._pending.setdefault(place, []).append(entry)
        try:
            yield
        finally:
            for place in places:
                self._pending[place].remove(entry)
            entry[1].set_result(None)
