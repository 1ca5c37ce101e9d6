"""What the hub has of one collection of one source: kept answers, and fetches that several requests share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.cache import WHOLE, Cache, CacheKey, Held, standing_in
from connectors.common_cache import CommonCache
from connectors.errors import SourceFailure
from connectors.flights import Flight, Flights
from connectors.intake import Intake
from connectors.outcomes import Absent, Outcome
from connectors.session import Batch, Place, Session

_NEGATIVE_SECONDS = 30.0
"""An unknown key may be registered any moment: its absence is not reused for as long as a record is."""
_RENEWING = 0.1
"""An answer whose time is up by no more than this share of it is given once more while a newer one is fetched."""


@dataclass(frozen=True)
class Reuse:
    """Kept answers and shared fetches of a collection; `cache = 0` switches both off, a personal source has neither."""

    intake: Intake
    cache: Cache
    flights: Flights
    common: CommonCache | None = None
    """What is kept for other processes too."""

    def recalled(
        self, session: Session, place: Place, keys: list[str], fields: frozenset[str], found: dict[str, Outcome]
    ) -> list[str]:
        """Put what is kept and fresh into `found`; return the keys of which there is nothing fresh."""
        if not self.intake.cache:
            return keys
        usage = session.of(self.intake.source)
        missing: list[str] = []
        ending: list[str] = []
        batches: dict[tuple[frozenset[str], datetime, float], dict[str, Outcome]] = {}
        late = 0.0 if session.freshness or session.unhurried else self.intake.cache * _RENEWING
        for key in keys:
            held = self.cache.fresh(self._key(place, key), fields, late)
            if held is None or session.is_older_than_wanted(held.fetched):
                missing.append(key)
                continue
            if late and held.fresh_until < time.monotonic():
                ending.append(key)
            usage.cache_hits += 1
            usage.saw(held.delivered, time.monotonic() - held.fetched)
            found[key] = held.outcome
            batches.setdefault((held.fields, held.delivered, held.fetched), {})[key] = held.outcome
        for (covered, delivered, fetched), outcomes in batches.items():
            session.remember(place, Batch(covered, outcomes, delivered, fetched))
        if ending:
            self._renew(place, ending, fields)
        return missing

    async def obtained(
        self, session: Session, place: Place, keys: Sequence[str], fields: frozenset[str]
    ) -> Sequence[Batch]:
        """Return what a fetch brings: one that is under way, and one's own for what nobody else is fetching."""
        if not self.intake.cache or session.freshness or session.unhurried or session.fleeting:
            return await self._fetched(session, place, keys, fields)
        deadline = min(session.deadline, time.monotonic() + self.intake.source.timeout)
        return await self._shared(session, place, keys, fields, deadline)

    async def _shared(
        self, session: Session, place: Place, keys: Sequence[str], fields: frozenset[str], deadline: float
    ) -> Sequence[Batch]:
        joined = self.flights.joinable(place, keys, fields, deadline)
        landing = {flight: flight.join() for flight in joined.values()}
        batches: list[Batch] = []
        if own := [key for key in keys if key not in joined]:
            batches += await self._flown(session, place, self.flights.begin(place, own, fields, deadline))
        for flight, landed in landing.items():
            await asyncio.wait((landed,), timeout=max(0.0, deadline - time.monotonic()))
            mine = [key for key, by in joined.items() if by is flight]
            if landed.cancelled():  # whoever fetched has left: one of those who wait does it in his place
                batches += await self._shared(session, place, mine, fields, deadline)
            elif landed.done():
                session.of(self.intake.source).cache_hits += len(mine)
                batches += landed.result()
            else:
                batches += await self._flown(session, place, self.flights.begin(place, mine, fields, deadline))
        return batches

    async def _flown(self, session: Session, place: Place, flight: Flight) -> Sequence[Batch]:
        """Carry out a fetch that others may have joined."""
        batches: Sequence[Batch] | None = None
        try:
            batches = await self._brought(session, place, flight.keys, flight.fields)
            return batches
        finally:
            self.flights.end(place, flight, batches)

    async def _brought(
        self, session: Session, place: Place, keys: Sequence[str], fields: frozenset[str]
    ) -> Sequence[Batch]:
        """Return what another process has fetched, and fetch the rest."""
        if self.common is None or place[2] is not None:
            return await self._fetched(session, place, keys, fields)
        began, usage = time.monotonic(), session.of(self.intake.source)
        found = await self.common.find(self.intake.source.edition, place[1], keys, fields)
        for key, held in found.items():
            self.cache.keep(self._key(place, key), held, began)
            usage.cache_hits += 1
            usage.saw(held.delivered, time.monotonic() - held.fetched)
        batches = [Batch(held.fields, {key: held.outcome}, held.delivered, held.fetched) for key, held in found.items()]
        if rest := [key for key in keys if key not in found]:
            batches += await self._fetched(session, place, rest, fields)
        return batches

    async def _fetched(
        self, session: Session, place: Place, keys: Sequence[str], fields: frozenset[str]
    ) -> Sequence[Batch]:
        """Fetch, and keep what comes; in the place of what fails stands what was kept before."""
        began = time.monotonic()
        epoch = self.common.epoch(place[0], place[1]) if self.common else None
        if WHOLE in keys:
            batches = [await self.intake.whole(session, fields)]
        else:
            batches = await self.intake.take(session, keys, fields, place[2])
        if not self.intake.cache:
            return batches
        if not session.fleeting:
            for batch in batches:
                self._keep(place, batch, began, epoch)
        return (
            await self._with_kept(session, place, fields, batches) if session.of(self.intake.source).error else batches
        )

    async def _with_kept(
        self, session: Session, place: Place, fields: frozenset[str], batches: Sequence[Batch]
    ) -> Sequence[Batch]:
        """Return the batches and, behind them, what was kept of keys that failed."""
        instead: list[Batch] = []
        stale = self.intake.config.stale  # it may have been kept for another time
        failed = [key for batch in batches for key, one in batch.outcomes.items() if isinstance(one, SourceFailure)]
        held = {key: kept for key in failed if (kept := self.cache.kept(self._key(place, key), fields))}
        if self.common and place[2] is None and (rest := [key for key in failed if key not in held]):
            held |= await self.common.find(self.intake.source.edition, place[1], rest, fields, stale=True)
        for key in failed:
            kept = held.get(key)
            if kept and time.monotonic() < kept.fresh_until + standing_in(kept.outcome, stale):
                session.of(self.intake.source).stale += 1
                instead.append(Batch(kept.fields, {key: kept.outcome}, kept.delivered, kept.fetched))
        return [*batches, *instead]

    def _keep(self, place: Place, batch: Batch, began: float, epoch: str | None) -> None:
        """Keep what a fetch brought that began at this moment, under this epoch of what is kept for all."""
        config, lasts, now = self.intake.config, self.intake.cache, time.monotonic()
        kept: dict[str, Held] = {}
        for key, outcome in batch.outcomes.items():
            if isinstance(outcome, SourceFailure):
                continue
            fresh_until = now + (min(lasts, _NEGATIVE_SECONDS) if isinstance(outcome, Absent) else lasts)
            kept_until = fresh_until + standing_in(outcome, config.stale)
            held = Held(batch.fields, outcome, batch.delivered, batch.fetched, fresh_until, kept_until)
            if self.cache.keep(self._key(place, key), held, began):
                kept[key] = held
        if self.common and place[2] is None:
            self.common.keep(self.intake.source.edition, place[1], kept, epoch)

    def _renew(self, place: Place, keys: list[str], fields: frozenset[str]) -> None:
        """Fetch once more what is about to end, with nobody waiting for it."""
        deadline = time.monotonic() + self.intake.source.timeout
        under_way = self.flights.joinable(place, keys, fields, deadline)
        if wanted := [key for key in keys if key not in under_way]:
            flight = self.flights.begin(place, wanted, fields, deadline)
            session = Session.lasting(self.intake.source.timeout)
            self.flights.in_the_background(self._flown(session, place, flight))

    def _key(self, place: Place, key: str) -> CacheKey:
        return (self.intake.source.edition, place[1], key, place[2])
