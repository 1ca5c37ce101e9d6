"""One collection from one source as a request sees it: fetched once a request, reused while fresh."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from codes.kinds import Sharing
from connectors import cache
from connectors.cache import Cache, CacheKey, Held
from connectors.errors import SourceFailure
from connectors.intake import Intake, ScannedPage
from connectors.outcomes import Absent, Outcome, Record
from connectors.session import Session

_NEGATIVE_SECONDS = 30.0
"""An unknown key may be registered any moment: its absence is not reused for as long as a record is."""

_WHOLE = "*"
"""The place of a whole collection in memo and cache; no key of a record is written so."""


@dataclass(frozen=True)
class Feed:
    """One collection from one source, with the request's memo and the process's cache in front of it."""

    intake: Intake
    shared: Cache

    def gives(self, name: str) -> bool:
        """Say whether this source has the field."""
        return self.intake.mapping.gives(name)

    async def fetch(
        self, session: Session, keys: Sequence[str], fields: frozenset[str], as_of: date | None
    ) -> list[Outcome]:
        """Return the outcome of each key, aligned; each key is fetched at most once a request."""
        if absence := self._never(as_of):
            return [absence] * len(keys)
        wanted = self.intake.mapping.projection(fields).fields
        found: dict[str, Outcome] = {}
        missing = self._recall(session, dict.fromkeys(keys), wanted, as_of, found)
        while missing:
            await self._fetch_or_wait(session, missing, wanted, as_of)
            missing = self._recall(session, missing, wanted, as_of, found)
        return [found[key] for key in keys]

    async def whole(self, session: Session, fields: frozenset[str]) -> tuple[Record, ...]:
        """Return every record of a small collection; raise SourceFailure if the source does not give them all."""
        if self._never(None):
            return ()
        found: dict[str, Outcome] = {}
        wanted = self.intake.mapping.projection(fields).fields
        while self._recall(session, (_WHOLE,), wanted, None, found):
            held = await self._scanned(session, wanted)
            cache.keep(session.memo, self._place(_WHOLE, None), held)
            self._share(self._place(_WHOLE, None), held)
        outcome = found[_WHOLE]
        if isinstance(outcome, SourceFailure):
            raise outcome
        return outcome if isinstance(outcome, tuple) else ()

    def pages(self, fields: frozenset[str], after: str | None, page_size: int) -> AsyncIterator[ScannedPage]:
        """Yield the whole collection page by page, past memo and cache."""
        return self.intake.pages(fields, after, page_size)

    def _never(self, as_of: date | None) -> Absent | None:
        if self.intake.source.sharing is Sharing.NEVER:
            return Absent.NOT_SHARED
        if as_of and self.intake.config.collection.name not in self.intake.connector.capabilities.as_of:
            return Absent.NO_HISTORY
        return None

    def _place(self, key: str, as_of: date | None) -> CacheKey:
        return (self.intake.source.name, self.intake.config.collection.name, key, as_of)

    def _recall(
        self,
        session: Session,
        keys: Iterable[str],
        fields: frozenset[str],
        as_of: date | None,
        found: dict[str, Outcome],
    ) -> list[str]:
        """Put what is held into `found`; return the keys of which nothing is."""
        missing: list[str] = []
        usage = session.of(self.intake.source.name)
        for key in keys:
            place = self._place(key, as_of)
            held = cache.find(session.memo, place, fields)
            if held is None and (held := self._cached(session, place, fields)):
                usage.cache_hits += 1
                cache.keep(session.memo, place, held)
            if held is None:
                missing.append(key)
            else:
                usage.saw(held.delivered, time.monotonic() - held.fetched)
                found[key] = Absent.STALE if session.refuses(held.fetched) else held.outcome
        return missing

    def _cached(self, session: Session, place: CacheKey, fields: frozenset[str]) -> Held | None:
        held = cache.find(self.shared, place, fields)
        return None if held and session.is_older_than_wanted(held.fetched) else held

    async def _fetch_or_wait(
        self, session: Session, keys: list[str], fields: frozenset[str], as_of: date | None
    ) -> None:
        """Fetch the keys that nobody in this request is fetching; wait for those that somebody is."""
        others: set[asyncio.Future[None]] = set()
        mine: list[str] = []
        for key in keys:
            if other := session.under_way(self._place(key, as_of), fields):
                others.add(other)
            else:
                mine.append(key)
        if mine:
            with session.fetching([self._place(key, as_of) for key in mine], fields):
                await self._fetch(session, mine, fields, as_of)
        if others:
            await asyncio.wait(others)

    async def _fetch(self, session: Session, keys: list[str], fields: frozenset[str], as_of: date | None) -> None:
        for taken in await self.intake.take(session, keys, fields, as_of):
            fetched = _fetched(taken.delivered)
            for key, outcome in taken.outcomes.items():
                held = Held(fields, outcome, taken.delivered, fetched)
                cache.keep(session.memo, self._place(key, as_of), held)
                self._share(self._place(key, as_of), held)

    async def _scanned(self, session: Session, fields: frozenset[str]) -> Held:
        usage = session.of(self.intake.source.name)
        usage.calls += 1
        started = time.monotonic()
        records: list[Record] = []
        delivered = datetime.now(UTC)
        try:
            async with asyncio.timeout(min(self.intake.source.timeout, max(0.0, session.deadline - started))):
                async for page in self.intake.pages(fields, None, 1000):
                    records += page.records
                    delivered = min(delivered, page.delivered)
            outcome: Outcome = tuple(records)
        except Exception as error:
            outcome = usage.failure = self.intake.failure(error)
        usage.records += len(records)
        usage.milliseconds += (time.monotonic() - started) * 1000
        return Held(fields, outcome, delivered, _fetched(delivered))

    def _share(self, place: CacheKey, held: Held) -> None:
        seconds = self.intake.config.cache
        if isinstance(held.outcome, Absent):
            seconds = min(seconds, _NEGATIVE_SECONDS)
        if seconds and not isinstance(held.outcome, SourceFailure):
            cache.keep(self.shared, place, held.until(time.monotonic() + seconds))


def _fetched(delivered: datetime) -> float:
    """The time of delivery on the clock of time.monotonic."""
    return time.monotonic() - max(0.0, (datetime.now(UTC) - delivered).total_seconds())
