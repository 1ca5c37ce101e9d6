"""What has been fetched already: outcomes by key, each with the fields it holds and the time it was fetched.

The same shape serves one request (the memo, which never expires and is thrown away with it) and the process (the TTL
cache): an outcome answers a later question if it holds at least the fields that are wanted.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import inf

from cachetools import TLRUCache

from connectors.outcomes import Outcome

CacheKey = tuple[str, str, str, date | None]
"""Source, collection, the hub's key, as-of date."""

_SHAPES = 4
"""How many different sets of fields are kept for one key before the oldest goes."""


@dataclass(frozen=True, slots=True)
class Held:
    """An outcome, the fields it holds, when the source delivered it (also on the monotonic clock), and its end."""

    fields: frozenset[str]
    outcome: Outcome
    delivered: datetime
    fetched: float
    expires: float = inf

    def until(self, expires: float) -> Held:
        """Return the same with another end."""
        return replace(self, expires=expires)


Cache = MutableMapping[CacheKey, tuple[Held, ...]]


def find(store: Cache, key: CacheKey, fields: frozenset[str]) -> Held | None:
    """Return what is held of a key, if it covers the fields and has not ended."""
    shapes = store.get(key)
    if not shapes:
        return None
    now = time.monotonic()
    return next((held for held in shapes if fields <= held.fields and now < held.expires), None)


def keep(store: Cache, key: CacheKey, held: Held) -> None:
    """Put an outcome in front; those whose fields it covers go."""
    others = tuple(other for other in store.get(key, ()) if not other.fields <= held.fields)
    store[key] = (held, *others)[:_SHAPES]


def ttl_cache(entries: int) -> Cache:
    """Return a cache of so many keys; each lives as long as its longest-lived shape."""
    return TLRUCache(entries, ttu=lambda _key, shapes, _now: max(held.expires for held in shapes), timer=time.monotonic)
