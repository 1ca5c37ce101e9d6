"""One collection from one source as a request sees it: fetched once a request, reused while fresh."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date

from codes.kinds import Sharing
from connectors.cache import WHOLE
from connectors.errors import SourceFailure
from connectors.intake import Intake, ScannedPage
from connectors.outcomes import Absent, Outcome, Record
from connectors.reuse import Reuse
from connectors.session import Place, Session


@dataclass(frozen=True)
class Feed:
    """One collection from one source, with the request's memo and what the process holds of it in front."""

    intake: Intake
    reuse: Reuse

    def gives(self, name: str) -> bool:
        """Say whether this source has the field."""
        return self.intake.mapping.gives(name)

    def at_once(
        self, session: Session, keys: Sequence[str], fields: frozenset[str], as_of: date | None
    ) -> list[Outcome] | None:
        """Return the outcome of each key if the whole collection is in memory; None if it has to be fetched."""
        intake = self.intake
        if intake.in_memory is None or as_of or session.freshness:
            return None
        held = intake.in_memory.held(intake.name)
        if held is None:
            return None
        holding = intake.holding(held, fields)
        had = asked = len(keys)
        try:
            found: list[Outcome] = [holding[key] for key in keys]
        except KeyError:
            had -= sum(key not in holding for key in keys)
            absent: Outcome = () if intake.many else Absent.NOT_FOUND
            found = [holding.get(key, absent) for key in keys]
        records = had
        if intake.many:
            had, records = sum(map(bool, found)), sum(map(len, found))  # type: ignore[arg-type]  # lists
        usage = session.of(intake.source)
        usage.calls += 1
        usage.keys += asked
        usage.records += records
        intake.asked += asked
        intake.held += had
        now = time.monotonic()
        intake.state.gave(held, now)
        usage.saw(held.delivered_at, now - held.delivered)
        return found

    async def fetch(
        self, session: Session, keys: Sequence[str], fields: frozenset[str], as_of: date | None
    ) -> list[Outcome]:
        """Return the outcome of each key, aligned; each key is fetched at most once a request."""
        if absence := self._never(as_of):
            return [absence] * len(keys)
        place = self._place(as_of)
        wanted = self.intake.mapping.projection(fields).fields
        found: dict[str, Outcome] = {}
        missing = list(dict.fromkeys(keys))
        if place in session.memo:
            missing = self._recall(session, place, missing, wanted, found)
        if missing:
            missing = self.reuse.recalled(session, place, missing, wanted, found)
        while missing:
            await self._fetch_or_wait(session, place, missing, wanted)
            missing = self._recall(session, place, missing, wanted, found)
        return [found[key] for key in keys]

    async def whole(self, session: Session, fields: frozenset[str]) -> tuple[Record, ...]:
        """Return every record of a small collection; raise SourceFailure if the source does not give them all."""
        if self._never(None):
            return ()
        found: dict[str, Outcome] = {}
        place = self._place(None)
        wanted = self.intake.mapping.projection(fields).fields
        missing = self._recall(session, place, [WHOLE], wanted, found)
        if missing:
            missing = self.reuse.recalled(session, place, missing, wanted, found)
        while missing:
            await self._fetch_or_wait(session, place, missing, wanted)
            missing = self._recall(session, place, missing, wanted, found)
        outcome = found[WHOLE]
        if isinstance(outcome, SourceFailure):
            raise outcome
        return outcome if isinstance(outcome, tuple) else ()

    async def pages(self, fields: frozenset[str], after: str | None, page_size: int) -> AsyncIterator[ScannedPage]:
        """Yield the whole collection page by page, past memo and cache; nothing of a source that is never shared."""
        if self.is_shared:
            async for page in self.intake.pages(fields, after, page_size):
                yield page

    @property
    def scans(self) -> bool:
        """Whether the whole collection can be read, each record under the hub's own key."""
        key = self.intake.config.key
        plain = len(key.columns) == 1 and key.through is None and key.form == "same"
        return plain and self.intake.connector.capabilities.scan

    @property
    def most_keys(self) -> int:
        """Most keys that the source takes at a time."""
        return self.intake.connector.capabilities.most_keys(self.intake.config.collection.name)

    @property
    def is_shared(self) -> bool:
        """Whether the source may be asked at all."""
        return self.intake.source.sharing is not Sharing.NEVER

    def _never(self, as_of: date | None) -> Absent | None:
        if not self.is_shared:
            return Absent.NOT_SHARED
        if as_of and self.intake.name not in self.intake.connector.capabilities.as_of:
            return Absent.NO_HISTORY
        return None

    def _place(self, as_of: date | None) -> Place:
        return (self.intake.source.name, self.intake.name, as_of)

    def _recall(
        self, session: Session, place: Place, keys: list[str], fields: frozenset[str], found: dict[str, Outcome]
    ) -> list[str]:
        """Put what this request has fetched already into `found`; return the keys of which it has nothing."""
        for batch in session.memo.get(place, ()):
            if keys and fields <= batch.fields:
                known = [key for key in keys if key in batch.outcomes]
                if known:
                    session.of(self.intake.source).saw(batch.delivered, time.monotonic() - batch.fetched)
                    stale = session.refuses(batch.fetched)
                    found.update((key, Absent.STALE if stale else batch.outcomes[key]) for key in known)
                    keys = [key for key in keys if key not in batch.outcomes]
        return keys

    async def _fetch_or_wait(self, session: Session, place: Place, keys: list[str], fields: frozenset[str]) -> None:
        """Fetch the keys that nobody in this request is fetching; wait for those that somebody is."""
        mine, others = session.under_way(place, keys, fields)
        if mine:
            pending = session.begin(place, mine, fields)
            try:
                for batch in await self.reuse.obtained(session, place, mine, fields):
                    session.remember(place, batch)
            finally:
                session.end(place, pending)
        if others:
            await asyncio.wait(others)
