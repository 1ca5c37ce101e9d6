"""What a run reads of the sources: whole collections page by page, or by keys, kept so that the run can go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connectors.errors import SourceError, SourceFailure
from connectors.feed import Feed
from connectors.outcomes import Absent, Outcome
from connectors.session import Freshness, Session
from connectors.sources import Sources, Told
from resolvers.scores.kept import Page, unpacked
from resolvers.scores.reading import Need
from resolvers.scores.shown_parts import Origin
from store.edition_runs import KeptPage, Run, Runs

Progress = Callable[[str, int, int | None], None]
"""Told a source with its collection, how many records or enterprises were read, and of how many if that is known."""

_PAGE = 2000
_AT_ONCE = 8
"""Sources that are read side by side."""
_FETCHES = 4
"""Fetches of a source that are made for one batch of keys."""
_BATCH_SECONDS = 30.0
"""A batch is waited for so long: a source that is asked one key at a time needs longer for hundreds than for a page."""
_READ_ALONG = frozenset(("as_of", "synthetic"))


class RunRefused(Exception):
    """A run is not done as it was asked for; the message says why, and what to do instead."""


class SourcesDown(RunRefused):
    """Sources did not answer: nothing was made of what the others said."""

    def __init__(self, failures: Sequence[SourceFailure]) -> None:
        self.failures = tuple(failures)
        accepting = " ".join(f"--accept-missing {name}" for name in sorted({one.source for one in failures}))
        super().__init__(
            f"{'; '.join(str(failure) for failure in failures)}. No edition was made. What was read is kept: run the "
            f"same again once they answer, or with {accepting} (in the graph: acceptMissing), which scores all without "
            "them and says so."
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one step of a run needs of a collection."""

    step: str
    need: Need

    @property
    def collection(self) -> str:
        """The collection's name."""
        return self.need.collection.name

    @property
    def fields(self) -> frozenset[str]:
        """The fields that are read: what is needed, and what tells an enterprise's records apart."""
        record_key = self.need.collection.record_key
        return self.need.fields | {record_key} if record_key else self.need.fields


@dataclass(frozen=True, slots=True)
class Answers:
    """What a collection's sources said of each code, together and one by one."""

    codes: Sequence[str]
    told: Told
    origins: tuple[Origin, ...]
    nameless: Sequence[object]
    """Records of which nobody can tell whose they are; none where sources were asked for codes."""


@dataclass
class Collecting:
    """The reading of one run."""

    sources: Sources
    runs: Runs
    run: Run
    accepted: frozenset[str]
    """Sources without which the run goes on if they do not answer."""
    progress: Progress
    down: dict[str, SourceFailure] = field(default_factory=dict)
    """Those that did not."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Pages are kept one after the other: writers that wait for SQLite itself are served in no order, some never."""

    async def read(self, wanted: Sequence[Wanted], codes: Sequence[str] | None) -> None:
        """Read collections of some enterprises, or of all that there are; raise SourcesDown, with all that failed."""
        by_source: dict[str, list[tuple[Wanted, Feed]]] = {}
        for want in wanted:
            for feed in self._feeds(want):
                if feed.is_shared:
                    by_source.setdefault(feed.intake.source.name, []).append((want, feed))
        limit = asyncio.Semaphore(_AT_ONCE)

        async def source(pairs: Sequence[tuple[Wanted, Feed]]) -> SourceFailure | None:
            async with limit:
                try:
                    for want, feed in pairs:
                        await self._feed(want, feed, codes)
                except SourceFailure as failure:
                    return failure
            return None

        failures = [f for f in await asyncio.gather(*(source(pairs) for pairs in by_source.values())) if f]
        if refused := [failure for failure in failures if failure.source not in self.accepted]:
            raise SourcesDown(refused)
        self.down.update((failure.source, failure) for failure in failures)

    async def answers(self, want: Wanted, codes: Sequence[str] | None) -> Answers:
        """Return what was read, joined where several sources give parts; of all codes in order if none are named."""
        feeds = self._feeds(want)
        pages = [await self._pages(want, feed) for feed in feeds]
        if codes is None:
            codes = sorted({row[0] for of_feed in pages for page in of_feed for row in page.rows})
        parts = [self._part(want, feed, found, codes) for feed, found in zip(feeds, pages, strict=True)]
        origins = tuple(_origin(feed, found) for feed, found in zip(feeds, pages, strict=True) if found)
        nobody = [
            record
            for of_feed in pages
            for page in of_feed
            for _, record in page.records(want.collection, nameless=True)
        ]
        zones = await self._zones(want, codes) if len(feeds) > 1 else []
        told = self.sources.joined(want.collection, want.fields, feeds, parts, len(codes), zones)
        return Answers(codes, told, origins, nobody)

    async def _zones(self, want: Wanted, codes: Sequence[str]) -> list[Outcome]:
        """Return the enterprises' zones if it is by zone who goes first; raise SourceFailure if they are not told."""
        session = Session.lasting(_BATCH_SECONDS, Freshness(0.0), unhurried=True)
        zones = await self.sources.zones(session, want.collection, codes)
        if zones and (failure := _failure(zones)):
            raise failure
        return zones

    def _feeds(self, want: Wanted) -> tuple[Feed, ...]:
        return self.sources.concerned(want.collection, want.fields)

    async def _feed(self, want: Wanted, feed: Feed, codes: Sequence[str] | None) -> None:
        if codes is None or (feed.scans and len(codes) > feed.most_keys):
            if not feed.scans:
                raise RunRefused(
                    f"{feed.intake.source.name} does not give {want.collection} as a whole, so who is in it is not "
                    "known. Name the enterprises: --usccs FILE."
                )
            await self._scan(want, feed, codes)
        else:
            await self._fetch(want, feed, codes)

    async def _scan(self, want: Wanted, feed: Feed, codes: Sequence[str] | None) -> None:
        """Read the whole collection, behind the last page that was kept if the source can go on there."""
        name, names = _name(want, feed), tuple(sorted(want.fields))
        place, after = 0, None
        if newest := await self.runs.newest(self.run, name):
            place, after, last = newest
            if last:
                return
            place += 1
            if after is None:
                await self.runs.forget_feed(self.run, name)
                place = 0
        among, count = None if codes is None else frozenset(codes), 0
        async for scanned in feed.pages(want.fields | _READ_ALONG, after, _PAGE):
            page = Page(names, [])
            for code, record in zip(scanned.keys, scanned.records, strict=True):
                if among is None or code in among:
                    page.add(code, record)
            for record in scanned.nameless if among is None else ():
                page.add_nameless(record)
            count += len(scanned.keys)
            await self._keep(name, KeptPage(place, scanned.position, False, page.packed()), count)
            place += 1
            self.progress(name, count, None)
        await self._keep(name, KeptPage(place, None, True, Page(names, []).packed()))

    async def _fetch(self, want: Wanted, feed: Feed, codes: Sequence[str]) -> None:
        """Read the enterprises one batch after the other, behind the last one that was kept."""
        name, names = _name(want, feed), tuple(sorted(want.fields))
        size = min(feed.most_keys * _FETCHES, _PAGE)
        newest = await self.runs.newest(self.run, name)
        place, begin = (newest[0] + 1, int(newest[1] or 0)) if newest else (0, 0)
        for start in range(begin, len(codes), size):
            some = codes[start : start + size]
            session = Session.lasting(_BATCH_SECONDS, Freshness(0.0), unhurried=True).part()
            outcomes = await feed.fetch(session, some, want.fields | _READ_ALONG, None)
            if failure := _failure(outcomes):
                raise failure
            page = Page(names, [])
            for code, outcome in zip(some, outcomes, strict=True):
                page.take(code, outcome)
            end = start + len(some)
            kept = KeptPage(place, str(end), end == len(codes), page.packed())
            await self._keep(name, kept, end, len(codes))
            place += 1
            self.progress(name, end, len(codes))

    async def _keep(self, name: str, page: KeptPage, read: int | None = None, total: int | None = None) -> None:
        async with self.turn:
            await self.runs.keep(self.run, name, page, read, total)

    async def _pages(self, want: Wanted, feed: Feed) -> list[Page]:
        if not feed.is_shared or feed.intake.source.name in self.down:
            return []
        return [unpacked(page.bytes) for page in await self.runs.pages(self.run, _name(want, feed))]

    def _part(self, want: Wanted, feed: Feed, pages: Sequence[Page], codes: Sequence[str]) -> list[Outcome]:
        """Return what one source said of each code."""
        source = feed.intake.source.name
        if not feed.is_shared:
            return [Absent.NOT_SHARED] * len(codes)
        if source in self.down:
            return [self.down[source]] * len(codes)
        grouped: dict[str, list[object]] = {}
        told: dict[str, Outcome] = {}
        for page in pages:
            for code, record in page.records(want.collection):
                grouped.setdefault(code, []).append(record)
            told.update((code, Absent(reason)) for code, reason in page.absent.items())
            told.update((code, SourceError(source, message)) for code, message in page.wrong.items())
        told.update((code, feed.intake.outcome(records)) for code, records in grouped.items())
        nothing = feed.intake.outcome([])
        return [told.get(code, nothing) for code in codes]


def _name(want: Wanted, feed: Feed) -> str:
    return f"{want.step}: {feed.intake.source.name}.{want.collection}"


def _origin(feed: Feed, pages: Sequence[Page]) -> Origin:
    moments = [page.as_of for page in pages if page.as_of]
    return Origin(feed.intake.source.name, min(moments, default=None), any(page.synthetic for page in pages))


def _failure(outcomes: Sequence[Outcome]) -> SourceFailure | None:
    """Return why a source is taken to be down: it did not answer, or answered nothing that can be used."""
    failures = [outcome for outcome in outcomes if isinstance(outcome, SourceFailure)]
    if len(failures) == len(outcomes):
        return failures[0]
    return next((failure for failure in failures if type(failure) is not SourceError), None)
