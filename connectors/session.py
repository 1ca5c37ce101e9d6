"""One request's dealings with the sources: its deadline, what it has fetched, and what that took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING

import msgspec

from connectors.contract import Caller
from connectors.errors import SourceFailure
from connectors.outcomes import Outcome

if TYPE_CHECKING:
    from connectors.config import SourceConfig

Place = tuple[str, str, date | None]
"""Source, collection, as-of date."""


class Failed(msgspec.Struct, frozen=True, gc=False):
    """That a source failed, as readers are told."""

    code: str
    message: str


class Usage(msgspec.Struct, rename="camel", gc=False):
    """What one request took from one source, as readers are told; what is left to do when it is told, all would pay."""

    source: str
    calls: int = 0
    keys: int = 0
    records: int = 0
    cache_hits: int = 0
    """Keys that were answered from what the process had, or by a fetch of another request."""
    stale: int = 0
    """Keys that were answered from what the process had kept beyond its time, as the source failed."""
    milliseconds: float = 0.0
    """Of all fetches, one added to the other, in tenths."""
    oldest_as_of: str | None = None
    """When the oldest record used was delivered."""
    age: float = 0.0
    """Seconds since then, as they were when it was used, in tenths that have begun."""
    synthetic: bool = False
    error: Failed | None = None
    older_than_asked: bool | msgspec.UnsetType = msgspec.UNSET

    def saw(self, delivered: datetime, age: float) -> None:
        """Note when an answer was delivered."""
        if age > self.age:
            self.oldest_as_of = _written(delivered)
            self.age = ceil(age * 10) / 10
        elif self.oldest_as_of is None:
            self.oldest_as_of = _written(delivered)

    def waited(self, seconds: float) -> None:
        """Note how long a fetch took."""
        self.milliseconds = round(self.milliseconds + seconds * 1000, 1)

    def failed(self, failure: SourceFailure) -> None:
        """Note that the source failed."""
        self.error = Failed(failure.code, failure.message)


@lru_cache(maxsize=256)
def _written(delivered: datetime) -> str:
    return delivered.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How many seconds ago the source may have given an answer, and whether an older one is refused or flagged."""

    max_age: float
    refuse: bool = False


class Batch(msgspec.Struct, frozen=True):
    """What one fetch brought: the outcome of each key, the fields that it holds, when it was delivered."""

    fields: frozenset[str]
    outcomes: Mapping[str, Outcome]
    delivered: datetime
    fetched: float
    """The time of delivery on the clock of time.monotonic."""


class Pending(msgspec.Struct, eq=False):
    """Keys that this request is fetching, and what those wait for who want them too."""

    fields: frozenset[str]
    keys: frozenset[str]
    done: asyncio.Future[None]


class Session(msgspec.Struct):
    """One request's dealings with the sources."""

    deadline: float
    """On the clock of time.monotonic."""
    freshness: Freshness | None = None
    unhurried: bool = False
    """Nobody waits for this answer: sources may take until the deadline, and not only as long as each usually has."""
    fleeting: bool = False
    """So many are looked at once that what is read of them is not kept: it would drive out what others ask for."""
    caller: Caller | None = None
    """For whom sources are asked that are told; None: for nobody but the hub itself."""
    memo: dict[Place, list[Batch]] = {}
    """What this request has fetched, newest first."""
    usage: dict[str, Usage] = {}
    _pending: dict[Place, list[Pending]] = {}

    @classmethod
    def lasting(
        cls,
        seconds: float,
        freshness: Freshness | None = None,
        *,
        unhurried: bool = False,
        caller: Caller | None = None,
    ) -> Session:
        """Return a session whose deadline is so many seconds away."""
        return cls(time.monotonic() + seconds, freshness, unhurried, caller=caller)

    def part(self) -> Session:
        """Return a session for a part of very many keys: what it has fetched is forgotten with it, its usage counts."""
        return msgspec.structs.replace(self, fleeting=True, memo={}, _pending={})

    def of(self, source: SourceConfig) -> Usage:
        """Return the usage of a source, new if it has not been used."""
        usage = self.usage.get(source.name)
        if usage is None:
            usage = self.usage[source.name] = Usage(source.name, synthetic=source.synthetic)
        return usage

    def remember(self, place: Place, batch: Batch) -> None:
        """Keep what a fetch brought for the rest of the request."""
        self.memo.setdefault(place, []).insert(0, batch)

    def is_older_than_wanted(self, fetched: float) -> bool:
        """Say whether something fetched at this moment is older than the reader wants."""
        return self.freshness is not None and time.monotonic() - fetched > self.freshness.max_age

    def refuses(self, fetched: float) -> bool:
        """Say whether the reader would rather have nothing than something fetched at this moment."""
        return self.freshness is not None and self.freshness.refuse and self.is_older_than_wanted(fetched)

    def under_way(
        self, place: Place, keys: list[str], fields: frozenset[str]
    ) -> tuple[list[str], set[asyncio.Future[None]]]:
        """Return the keys that nobody in this request is fetching, and what to wait for on behalf of the others."""
        waits: set[asyncio.Future[None]] = set()
        for pending in self._pending.get(place, ()):
            if fields <= pending.fields and not pending.keys.isdisjoint(keys):
                waits.add(pending.done)
                keys = [key for key in keys if key not in pending.keys]
        return keys, waits

    def begin(self, place: Place, keys: Sequence[str], fields: frozenset[str]) -> Pending:
        """Let others of this request wait while these are fetched."""
        pending = Pending(fields, frozenset(keys), asyncio.get_running_loop().create_future())
        self._pending.setdefault(place, []).append(pending)
        return pending

    def end(self, place: Place, pending: Pending) -> None:
        """Wake those who wait, however the fetch has ended."""
        self._pending[place].remove(pending)
        pending.done.set_result(None)
