"""What organisations have been allowed, at hand: read once, then only what has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from cachetools import LRUCache

from codes.access import DataGroup, Purpose
from store.consents import Consent, Consents

_FRESH = 0.5
"""Seconds for which nobody looks for changes: a withdrawal is in effect everywhere within a second."""
_GRANTEES = 1000


@dataclass
class Allowed:
    """The consents to one organisation, by enterprise."""

    change: int = 0
    looked: float = float("-inf")
    by_code: dict[str, dict[str, Consent]] = field(default_factory=dict)

    def covering(self, code: str, group: DataGroup, purpose: Purpose, day: date) -> str | None:
        """Return the consent by which an enterprise lets the organisation see a group for a purpose on a day."""
        found: Mapping[str, Consent] = self.by_code.get(code, {})
        return next((id for id, consent in found.items() if consent.covers(group, purpose, day)), None)


class ConsentBook:
    """The consents of a store, by the organisation that they are given to."""

    def __init__(self, consents: Consents, clock: Callable[[], float] = time.monotonic) -> None:
        """Read nothing yet."""
        self.consents = consents
        self._clock = clock
        self._known: LRUCache[str, Allowed] = LRUCache(_GRANTEES)

    async def allowed(self, grantee: str) -> Allowed:
        """Return what an organisation is allowed, as it was at most half a second ago."""
        known = self._known.get(grantee)
        if known is None:
            known = self._known[grantee] = Allowed()
        now = self._clock()
        if now - known.looked >= _FRESH:
            change, news = await self.consents.changed(grantee, known.change)
            if change >= known.change:  # unless another request has read on meanwhile
                for consent in news:
                    known.by_code.setdefault(consent.uscc, {})[consent.id] = consent
                known.change, known.looked = change, now
        return known

    def forget(self, grantee: str) -> None:
        """Look again at once: something was changed here."""
        if known := self._known.get(grantee):
            known.looked = float("-inf")
