"""What has been fetched already, kept for the whole process: outcomes by key, with the fields they hold and their age.

An outcome answers a later question if it holds at least the fields that are wanted. It is fresh for a while; after
that it is kept a while longer, for when its source cannot be asked. What is kept is what the source gave, the same for
every reader: rights are applied to what is taken from here.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from sys import getsizeof
from typing import Any

import msgspec
from cachetools import TLRUCache

from connectors.outcomes import Absent, Outcome

CacheKey = tuple[str, str, str, date | None]
"""The edition of a source (SourceConfig.edition), collection, the hub's key, as-of date."""

_SHAPES = 4
"""How many different sets of fields are kept for one key before the oldest goes."""
_MARKED = 300.0
"""Seconds for which it is remembered what was forgotten: no fetch takes longer."""
_ENTRY = 600
"""Bytes of an entry without its values: its key, its place in the cache's order, what is told of its age."""


@dataclass(frozen=True, slots=True)
class Held:
    """An outcome, the fields it holds, when the source delivered it (also on the monotonic clock), and its end."""

    fields: frozenset[str]
    outcome: Outcome
    delivered: datetime
    fetched: float
    fresh_until: float
    kept_until: float


def standing_in(outcome: Outcome, stale: float) -> float:
    """Return for how many seconds after its time an outcome is given if the source fails, where records are so long."""
    # That there was nothing is not said again once it may have changed: nobody is shown to be clean by it.
    return 0.0 if isinstance(outcome, Absent) or outcome == () else stale


@dataclass(frozen=True, slots=True)
class _Mark:
    """What was forgotten, and when."""

    moment: float
    source: str | None
    collection: str | None
    keys: frozenset[str] | None

    def covers(self, key: CacheKey) -> bool:
        return (
            (self.source is None or key[0].partition("#")[0] == self.source)
            and (self.collection is None or key[1] == self.collection)
            and (self.keys is None or key[2] in self.keys or key[2] == WHOLE)
        )


class Cache:
    """Outcomes of all sources, the least recently used of which go first when there is no more room."""

    def __init__(self, most_bytes: int) -> None:
        """Hold at most about so many bytes."""
        self._held: TLRUCache[CacheKey, tuple[Held, ...]] = TLRUCache(
            most_bytes,
            ttu=lambda _key, shapes, _now: max(held.kept_until for held in shapes),
            timer=time.monotonic,
            getsizeof=_weight,
        )
        self._marks: list[_Mark] = []

    def __len__(self) -> int:
        """Return how many keys something is held of."""
        return len(self._held)

    @property
    def size(self) -> int:
        """About how many bytes are held."""
        return int(self._held.currsize)

    def fresh(self, key: CacheKey, fields: frozenset[str], late: float = 0.0) -> Held | None:
        """Return what is held of a key, if it covers the fields and is fresh, or has been so many seconds ago."""
        shapes = self._held.get(key)
        if not shapes:
            return None
        since = time.monotonic() - late
        return next((held for held in shapes if fields <= held.fields and since < held.fresh_until), None)

    def kept(self, key: CacheKey, fields: frozenset[str]) -> Held | None:
        """Return what is held of a key, if it covers the fields, fresh or not: the newest."""
        now = time.monotonic()
        return next((h for h in self._held.get(key, ()) if fields <= h.fields and now < h.kept_until), None)

    def keep(self, key: CacheKey, held: Held, began: float | None = None) -> bool:
        """Put an outcome in front; those whose fields it covers go. Say whether it was kept.

        It is not if it is larger than all the room, or if its fetch began (time.monotonic) before it was forgotten.
        """
        if began is not None and any(mark.moment >= began and mark.covers(key) for mark in self._marks):
            return False
        others = tuple(other for other in self._held.get(key, ()) if not other.fields <= held.fields)
        try:
            self._held[key] = (held, *others)[:_SHAPES]
        except ValueError:
            self._held.pop(key, None)
            return False
        return True

    def forget(
        self, source: str | None = None, collection: str | None = None, keys: Collection[str] | None = None
    ) -> int:
        """Forget what is held of all sources, of one, of one of its collections, or of some keys of that.

        What was asked for before, and has not come yet, is not kept when it comes. Return of how many entries.
        """
        mark = _Mark(time.monotonic(), source, collection, None if keys is None else frozenset(keys))
        self._marks = [old for old in self._marks if mark.moment - old.moment < _MARKED] + [mark]
        gone = [key for key in list(self._held) if mark.covers(key)]
        for key in gone:
            self._held.pop(key, None)
        return len(gone)

    def stand_in(self, stale: Mapping[tuple[str, str], float]) -> None:
        """Have what is held of some collections (edition, name) stand in for other times than it was kept for."""
        for key in [key for key in self._held if key[:2] in stale]:
            seconds = stale[key[:2]]
            self._held[key] = tuple(
                replace(held, kept_until=held.fresh_until + standing_in(held.outcome, seconds))
                for held in self._held.get(key, ())
            )


WHOLE = "*"
"""The place of a whole collection in memo and cache; no key of a record is written so."""


def _weight(shapes: Sequence[Held]) -> int:
    return sum(_ENTRY + _bytes(held.outcome) for held in shapes)


def _bytes(outcome: Any) -> int:
    if isinstance(outcome, tuple | list):
        return getsizeof(outcome) + sum(map(_bytes, outcome))
    return getsizeof(outcome) + (_of(msgspec.structs.astuple(outcome)) if isinstance(outcome, msgspec.Struct) else 0)


def _of(values: Iterable[Any]) -> int:
    return sum(map(getsizeof, values))
