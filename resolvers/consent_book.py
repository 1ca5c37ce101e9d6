"""What organisations have been allowed, at hand: read once, then only what has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from cachetools import LRUCache

from codes.access import DataGroup, Purpose
from resolvers.lookout import Lookout
from store.consents import Consent, Consents

_GRANTEES = 1000

Scope = tuple[DataGroup, Purpose, date]
"""What a consent is asked for."""


class Covering(dict[str, str | None]):
    """By enterprise, the consent by which a group is seen for a purpose on a day; found when first asked for.

    Enterprises that have agreed to nothing are not kept, or strangers' codes could fill the memory.
    """

    def __init__(self, by_code: Mapping[str, Mapping[str, Consent]], scope: Scope) -> None:
        """Know of none yet."""
        super().__init__()
        self._by_code = by_code
        self._scope = scope

    def __missing__(self, code: str) -> str | None:
        """Find an enterprise's consent."""
        consents = self._by_code.get(code)
        if consents is None:
            return None
        found = next((id for id, consent in consents.items() if consent.covers(*self._scope)), None)
        self[code] = found
        return found


@dataclass
class Allowed:
    """The consents to one organisation, by enterprise."""

    by_code: dict[str, dict[str, Consent]] = field(default_factory=dict)
    _coverings: dict[Scope, Covering] = field(default_factory=dict)
    _day: date = date.min

    def covering(self, group: DataGroup, purpose: Purpose, day: date) -> Covering:
        """Return by enterprise the consent by which the organisation sees a group for a purpose on a day."""
        if day != self._day:
            self._day, self._coverings = day, {}
        scope = (group, purpose, day)
        found = self._coverings.get(scope)
        if found is None:
            found = self._coverings[scope] = Covering(self.by_code, scope)
        return found

    def take(self, news: Sequence[Consent]) -> None:
        """Take over consents that were given or withdrawn."""
        for consent in news:
            self.by_code.setdefault(consent.uscc, {})[consent.id] = consent
            for covering in self._coverings.values():
                covering.pop(consent.uscc, None)


class ConsentBook:
    """The consents of a store, by the organisation that they are given to."""

    def __init__(self, consents: Consents, clock: Callable[[], float] = time.monotonic) -> None:
        """Read nothing yet."""
        self.consents = consents
        self._clock = clock
        self._known: LRUCache[str, tuple[Allowed, Lookout[Consent]]] = LRUCache(_GRANTEES)

    def at_hand(self, grantee: str) -> Allowed | None:
        """Return what an organisation is allowed; None if nobody has looked in the last half second."""
        known = self._known.get(grantee)
        return known[0] if known is not None and known[1].fresh else None

    async def allowed(self, grantee: str) -> Allowed:
        """Return what an organisation is allowed, as it was at most half a second ago."""
        known = self._known.get(grantee)
        if known is None:
            allowed = Allowed()
            lookout = Lookout(partial(self.consents.changed, grantee), allowed.take, self._clock)
            known = self._known[grantee] = allowed, lookout
        await known[1].look()
        return known[0]

    def forget(self, grantee: str) -> None:
        """Look again at once: something was changed here."""
        if known := self._known.get(grantee):
            known[1].forget()
