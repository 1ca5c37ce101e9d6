"""All sources together: which of them answers what, side by side, and their parts joined to one record."""

from __future__ import annotations

import asyncio
import os
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from connectors.cache import Cache
from connectors.catalogue import IMPLICIT
from connectors.common_cache import EVERY_SOURCE, CommonCache
from connectors.config import RESIDENCE, SourceConfig, SourcesConfig, secrets
from connectors.contract import CollectionDeclaration, Connector, ConnectorFactory, SourceDeclaration
from connectors.disagreement import Disagreements
from connectors.errors import SourceFailure, SourcesMisconfigured
from connectors.feed import Feed
from connectors.flights import Flights
from connectors.forgetting import Forget
from connectors.intake import Intake, ScannedPage, is_personal, mapping_of
from connectors.joining import Join
from connectors.outcomes import Absent, Incomplete, Outcome, Record
from connectors.patience import Patience
from connectors.recent import Recent
from connectors.replicas import Replicas
from connectors.reuse import Reuse
from connectors.session import Session, Usage
from connectors.sharing import shared
from connectors.steward import Steward
from connectors.tally import SourceState

_BASE64 = "whsec_"
_SHORTEST_SECRET = 24
CACHE_BYTES = 256 * 1024 * 1024
_COUNTED_AT_A_TIME = 256


def installed_kinds() -> dict[str, ConnectorFactory]:
    """Return the factory of every connector kind that is installed, ours and strangers' alike."""
    return {point.name: point.load() for point in entry_points(group="innograph.connectors")}


@dataclass(frozen=True)
class Source:
    """A source that is open: its configuration, its connector, and what the hub has seen of it."""

    config: SourceConfig
    connector: Connector
    state: SourceState
    steward: Steward
    feeds: Mapping[str, Feed]
    secret: bytes | None = None
    """By which it signs what it tells."""

    @property
    def unreadable(self) -> int:
        """Values that could not be read since the start."""
        return sum(feed.intake.mapping.unreadable.total() for feed in self.feeds.values())


@dataclass(frozen=True)
class Whole:
    """A whole collection from all its sources; `failures` are the sources whose part is missing."""

    records: tuple[Record, ...]
    failures: tuple[SourceFailure, ...]
    absent: Absent | None = None
    """Why there is no collection at all: no source feeds it, or none that is shared."""


@dataclass(frozen=True, slots=True)
class Told:
    """The outcome of each key, and what each source by itself had to say of it."""

    outcomes: list[Outcome]
    parts: tuple[tuple[Feed, Sequence[Outcome]], ...]
    """The feeds that were asked, each with an outcome for each key."""


class Sources:
    """Every source of the configuration, open."""

    def __init__(
        self,
        config: SourcesConfig,
        *,
        environment: Mapping[str, str] = os.environ,
        kinds: Mapping[str, ConnectorFactory] | None = None,
        cache_bytes: int = CACHE_BYTES,
        before: Sources | None = None,
        common: CommonCache | None = None,
    ) -> None:
        """Open every source of a checked configuration; nothing is read or connected yet.

        About so many bytes of what they answer are kept. In the place of sources that were open `before`, what is kept
        and known of those stays whose answers are declared as they were. `common` keeps answers for other processes
        too; whoever gives it closes it.
        """
        self.config = config
        self.shared = shared(config)
        self.cache: Cache = before.cache if before else Cache(cache_bytes)
        self.disagreements: Disagreements = before.disagreements if before else Disagreements()
        self._flights = Flights()
        self._standing_in: dict[tuple[str, str], float] = {}
        """By edition and collection, for how long what is kept stands in if that is another time than before."""
        if common:
            common.packer.know(config.catalogue)
        self._patience = Patience()
        self._uncounted: list[Mapping[str, Usage]] = []
        found = installed_kinds() if kinds is None else kinds
        resolve = secrets(config.path, environment)
        self.sources: dict[str, Source] = {}
        for entry in config.sources.values():
            connector = _connect(config, entry, found, resolve)
            known = before.sources.get(entry.name) if before else None
            if known and known.config.edition == entry.edition:
                state = known.state
                self._standing_in |= {
                    (entry.edition, name): collection.stale
                    for name, collection in entry.collections.items()
                    if collection.stale != known.config.collections[name].stale
                }
                is_asked_alike = (known.config.policy, known.config.timeout) == (entry.policy, entry.timeout)
                steward = known.steward if is_asked_alike else Steward(entry.name, entry.policy, entry.timeout)
                if isinstance(connector, Replicas) and isinstance(known.connector, Replicas):
                    connector.take_over(known.connector)
            else:
                state, steward = SourceState(), Steward(entry.name, entry.policy, entry.timeout)
            feeds: dict[str, Feed] = {}
            for name, collection in entry.collections.items():
                intake = Intake(entry, collection, connector, state, self._look_up, self._patience, steward)
                feeds[name] = Feed(intake, Reuse(intake, self.cache, self._flights, common))
            self.sources[entry.name] = Source(entry, connector, state, steward, feeds, _secret(entry, resolve))
        self.personal = any(is_personal(source.connector) for source in self.sources.values())
        self._concerned_by: Recent[tuple[str, frozenset[str]], tuple[Feed, ...]] = Recent(4096)
        self._feeds = {name: self._by_precedence(name) for name in config.catalogue}

    def feeds(self, collection: str) -> tuple[Feed, ...]:
        """Return the feeds of a collection, the one that goes first in front."""
        return self._feeds[collection]

    def at_once(
        self, session: Session, collection: str, keys: Sequence[str], fields: frozenset[str], as_of: date | None = None
    ) -> list[Outcome] | None:
        """Return the outcome of each key where that needs no waiting; None where it does."""
        feeds = self._concerned_by.get((collection, fields)) or self.concerned(collection, fields)
        return feeds[0].at_once(session, keys, fields, as_of) if len(feeds) == 1 else None

    async def fetch(
        self, session: Session, collection: str, keys: Sequence[str], fields: frozenset[str], as_of: date | None = None
    ) -> list[Outcome]:
        """Return the outcome of each key, aligned; one fetch for each source that gives any of the fields."""
        feeds = self.concerned(collection, fields)
        if len(feeds) == 1:
            return await self._of_one(feeds[0], session, keys, fields, as_of)
        return (await self.told(session, collection, keys, fields, as_of)).outcomes

    async def told(
        self, session: Session, collection: str, keys: Sequence[str], fields: frozenset[str], as_of: date | None = None
    ) -> Told:
        """Return the same as `fetch`, with what each source had to say by itself.

        A source of several that fails may have had records of which nothing is to be seen in the outcome.
        """
        feeds = self.concerned(collection, fields)
        if len(feeds) == 1:
            parts = [await self._of_one(feeds[0], session, keys, fields, as_of)]
        else:
            record_key = self.config.catalogue[collection].record_key
            asked = fields | {record_key} if record_key else fields
            zones, *parts = await asyncio.gather(
                self.zones(session, collection, keys), *(feed.fetch(session, keys, asked, as_of) for feed in feeds)
            )
            return self.joined(collection, fields, feeds, parts, len(keys), zones)
        return self.joined(collection, fields, feeds, parts, len(keys))

    async def zones(self, session: Session, collection: str, keys: Sequence[str]) -> list[Outcome]:
        """Return the zone of each key if another source goes first by zone in a collection; otherwise nothing.

        An absence or a failure stands for a zone that is not known.
        """
        if collection not in self.config.zone_precedence:
            return []
        return await self._look_up(session, RESIDENCE, keys)

    async def _of_one(
        self, feed: Feed, session: Session, keys: Sequence[str], fields: frozenset[str], as_of: date | None
    ) -> list[Outcome]:
        found = feed.at_once(session, keys, fields, as_of)
        return found if found is not None else await feed.fetch(session, keys, fields, as_of)

    def joined(
        self, collection: str, fields: frozenset[str], feeds: Sequence[Feed], parts: Sequence[Sequence[Outcome]],
        size: int, zones: Sequence[Outcome] = (),
    ) -> Told:  # fmt: skip
        """Return what `told` would have if these feeds had answered so, of as many keys in these `zones`."""
        if not feeds:
            return Told([Absent.NOT_DELIVERED] * size, ())
        if len(feeds) == 1:
            return Told(list(parts[0]), ((feeds[0], parts[0]),))
        of_zones = self.config.zone_precedence.get(collection, {})

        @cache
        def join(first: Sequence[str]) -> Join:
            by_field = self.config.field_precedence.get(collection, {})
            return Join(self.config.catalogue[collection], feeds, fields, self.disagreements, by_field, first)

        of_keys = zip(*parts, strict=True)
        if zones:
            firsts = (of_zones.get(zone, ()) if isinstance(zone, str) else () for zone in zones)
            outcomes = [join(first).outcomes(of_key) for first, of_key in zip(firsts, of_keys, strict=True)]
        else:
            outcomes = list(map(join(()).outcomes, of_keys))
        return Told(outcomes, tuple(zip(feeds, parts, strict=True)))

    async def whole(self, session: Session, collection: str, fields: frozenset[str]) -> Whole:
        """Return a whole small collection from all its sources; a source that fails costs its own records only."""
        feeds = self.feeds(collection)
        if not any(feed.is_shared for feed in feeds):
            return Whole((), (), Absent.NOT_SHARED if feeds else Absent.NOT_DELIVERED)
        wanted = fields | {self.config.catalogue[collection].key}
        answers = await asyncio.gather(*(feed.whole(session, wanted) for feed in feeds), return_exceptions=True)
        failures = tuple(answer for answer in answers if isinstance(answer, SourceFailure))
        if unexpected := [a for a in answers if isinstance(a, BaseException) and not isinstance(a, SourceFailure)]:
            raise unexpected[0]
        key = self.config.catalogue[collection].key
        records: dict[str, Record] = {}
        for answer in answers:
            if not isinstance(answer, BaseException):
                for record in answer:
                    records.setdefault(getattr(record, key), record)
        known = tuple(records.values())
        return Whole(Incomplete(known, tuple(f.source for f in failures)) if failures else known, failures)

    async def scan(
        self, collection: str, source: str, fields: frozenset[str], after: str | None = None, page_size: int = 2000
    ) -> AsyncIterator[ScannedPage]:
        """Yield one source's part of a collection page by page, for the hub's own index."""
        async for page in self.sources[source].feeds[collection].pages(fields, after, page_size):
            yield page

    def forget(self, what: Forget) -> None:
        """Forget what this process has fetched of a source, or of all; what is on its way is not kept."""
        source = None if what.source == EVERY_SOURCE else what.source
        self.cache.forget(source, what.collection, what.keys or None)
        self._flights.outdate(source, what.collection)

    def stand_in(self) -> None:
        """Have what was kept before these sources stand in for one that fails as long as is declared now."""
        if self._standing_in:
            self.cache.stand_in(self._standing_in)

    def count(self, usage: Mapping[str, Usage]) -> None:
        """Count what a request took from each source: with others, or when `add_up` is asked for."""
        self._uncounted.append(usage)
        if len(self._uncounted) >= _COUNTED_AT_A_TIME:
            self.add_up()

    def add_up(self) -> None:
        """Have the tallies of the sources hold what all requests took that are done."""
        taken: dict[str, list[Usage]] = {name: [] for name in self.sources}
        done, self._uncounted = self._uncounted, []
        for usage in done:
            for name, of_source in usage.items():
                taken[name].append(of_source)
        for name, source in self.sources.items():
            source.state.tally.take(taken[name])

    async def aclose(self) -> None:
        """Give back the connections of every source."""
        await self._flights.aclose()
        self.add_up()
        await self._patience.settle()
        await asyncio.gather(*(source.connector.aclose() for source in self.sources.values()))

    def _by_precedence(self, collection: str) -> tuple[Feed, ...]:
        listed = self.config.precedence.get(collection, ())
        feeds = [source.feeds[collection] for source in self.sources.values() if collection in source.feeds]
        rank = {name: place for place, name in enumerate(listed)}
        return tuple(sorted(feeds, key=lambda feed: rank.get(feed.intake.source.name, len(rank))))

    def concerned(self, collection: str, fields: frozenset[str]) -> tuple[Feed, ...]:
        """Return the feeds that give any of what is wanted; if only common fields are, all of them."""
        concerned = self._concerned_by.get((collection, fields))
        if concerned is None:
            concerned = self._concerned_by[collection, fields] = self._feeds_of(collection, fields)
        return concerned

    def _feeds_of(self, collection: str, fields: frozenset[str]) -> tuple[Feed, ...]:
        feeds = self._feeds[collection]
        common = {*IMPLICIT, self.config.catalogue[collection].key, self.config.catalogue[collection].record_key}
        own = fields - common
        return tuple(feed for feed in feeds if any(feed.gives(name) for name in own)) if own else feeds

    async def _look_up(self, session: Session, through: str, keys: Sequence[str]) -> list[Outcome]:
        collection, _, name = through.partition(".")
        found = await self.fetch(session, collection, keys, frozenset((name,)))
        return [value if isinstance(value, Absent | SourceFailure) else getattr(value, name) for value in found]


def _secret(source: SourceConfig, resolve: Callable[[str], str]) -> bytes | None:
    if source.webhook is None:
        return None
    where = f"{source.where}.webhook"
    if not source.webhook.startswith(("env:", "file:")):
        raise SourcesMisconfigured(where, "is a secret written out", "Refer to it: env:NAME or file:PATH.")
    text = resolve(source.webhook)
    try:
        secret = b64decode(text.removeprefix(_BASE64), validate=True) if text.startswith(_BASE64) else text.encode()
    except ValueError as error:
        raise SourcesMisconfigured(where, f"the secret is no base64 behind {_BASE64}", "Take it over whole.") from error
    if len(secret) < _SHORTEST_SECRET:
        problem = f"the secret has fewer than {_SHORTEST_SECRET} bytes"
        raise SourcesMisconfigured(where, problem, "Make one, as by: openssl rand -base64 32.")
    return secret


def _connect(
    config: SourcesConfig, source: SourceConfig, kinds: Mapping[str, ConnectorFactory], resolve: Any
) -> Connector:
    factory = kinds.get(source.kind)
    if factory is None:
        raise SourcesMisconfigured(
            f"{source.where}.kind",
            f"no connector of kind {source.kind!r} is installed",
            f"Installed are: {', '.join(sorted(kinds))}.",
        )
    collections = {}
    for name, entry in source.collections.items():
        mapping = mapping_of(source, entry)
        collections[name] = CollectionDeclaration(
            name,
            entry.key.columns,
            entry.collection.many,
            entry.options,
            entry.where,
            mapping.whole_shape(),
            mapping.whole().columns,
        )

    def connected(options: Mapping[str, Any]) -> Connector:
        return factory(
            SourceDeclaration(
                source.name, options, collections, source.timeout, source.where, str(config.path.parent), resolve
            )
        )

    if source.urls is None:
        return connected(source.options)
    replicas = [connected({**source.options, "url": url}) for url in source.urls]
    return Replicas(source.name, replicas, source.policy.ejection, source.timeout)
