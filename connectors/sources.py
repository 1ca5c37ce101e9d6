"""All sources together: which of them answers what, side by side, and their parts joined to one record."""

from __future__ import annotations

import asyncio
import os
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import entry_points
from typing import Any

from connectors.cache import Cache
from connectors.catalogue import IMPLICIT, Collection
from connectors.common_cache import EVERY_SOURCE, CommonCache
from connectors.config import SourceConfig, SourcesConfig, secrets
from connectors.contract import CollectionDeclaration, Connector, ConnectorFactory, SourceDeclaration
from connectors.disagreement import AMOUNTS, Disagreements
from connectors.errors import SourceFailure, SourcesMisconfigured
from connectors.feed import Feed
from connectors.flights import Flights
from connectors.forgetting import Forget
from connectors.intake import Intake, ScannedPage, mapping_of
from connectors.outcomes import Absent, Incomplete, Outcome, Record, record_type
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
        and known of those stays that are declared as they were. `common` keeps answers for other processes too; whoever
        gives it closes it.
        """
        self.config = config
        self.shared = shared(config)
        self.cache: Cache = before.cache if before else Cache(cache_bytes)
        self.disagreements: Disagreements = before.disagreements if before else Disagreements()
        self._flights = Flights()
        if common:
            common.packer.know(config.catalogue)
        self._patience = Patience()
        found = installed_kinds() if kinds is None else kinds
        resolve = secrets(config.path, environment)
        self.sources: dict[str, Source] = {}
        for entry in config.sources.values():
            connector = _connect(config, entry, found, resolve)
            known = before.sources.get(entry.name) if before else None
            if known and known.config == entry:
                state, steward = known.state, known.steward
            else:
                state, steward = SourceState(), Steward(entry.name, entry.policy, entry.timeout)
            feeds: dict[str, Feed] = {}
            for name, collection in entry.collections.items():
                intake = Intake(entry, collection, connector, state, self._look_up, self._patience, steward)
                feeds[name] = Feed(intake, Reuse(intake, self.cache, self._flights, common))
            self.sources[entry.name] = Source(entry, connector, state, steward, feeds, _secret(entry, resolve))
        self._concerned_by: Recent[tuple[str, frozenset[str]], tuple[Feed, ...]] = Recent(4096)
        self._feeds = {name: self._by_precedence(name) for name in config.catalogue}

    def feeds(self, collection: str) -> tuple[Feed, ...]:
        """Return the feeds of a collection, the one that goes first in front."""
        return self._feeds[collection]

    def at_once(
        self, session: Session, collection: str, keys: Sequence[str], fields: frozenset[str], as_of: date | None = None
    ) -> list[Outcome] | None:
        """Return the outcome of each key where that needs no waiting; None where it does."""
        feeds = self.concerned(collection, fields)
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
            parts = await asyncio.gather(*(feed.fetch(session, keys, asked, as_of) for feed in feeds))
        return self.joined(collection, fields, feeds, parts, len(keys))

    async def _of_one(
        self, feed: Feed, session: Session, keys: Sequence[str], fields: frozenset[str], as_of: date | None
    ) -> list[Outcome]:
        found = feed.at_once(session, keys, fields, as_of)
        return found if found is not None else await feed.fetch(session, keys, fields, as_of)

    def joined(
        self, collection: str, fields: frozenset[str], feeds: Sequence[Feed], parts: Sequence[Sequence[Outcome]],
        size: int,
    ) -> Told:  # fmt: skip
        """Return what `told` would have if these feeds had answered so, of as many keys."""
        if not feeds:
            return Told([Absent.NOT_DELIVERED] * size, ())
        if len(feeds) == 1:
            return Told(list(parts[0]), ((feeds[0], parts[0]),))
        join = _Join(
            self.config.catalogue[collection],
            feeds,
            fields,
            self.disagreements,
            self.config.field_precedence.get(collection, {}),
        )
        outcomes = [join.outcomes(of_key) for of_key in zip(*parts, strict=True)]
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

    def count(self, usage: Mapping[str, Usage]) -> None:
        """Count what a request took from each source."""
        for name, taken in usage.items():
            self.sources[name].state.tally.take(taken)

    async def aclose(self) -> None:
        """Give back the connections of every source."""
        await self._flights.aclose()
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


class _Join:
    """The parts of one record that several sources give, joined; the source that goes first wins each field."""

    def __init__(
        self,
        collection: Collection,
        feeds: Sequence[Feed],
        fields: frozenset[str],
        disagreements: Disagreements,
        first: Mapping[str, Sequence[str]],
    ) -> None:
        """Join these feeds, in their order; of single fields, those that go `first` in them before the others."""
        self._collection = collection
        self._fields = tuple(sorted(fields))
        self._record = record_type(collection.name, self._fields)
        self._names = [feed.intake.source.name for feed in feeds]
        self._columns = [(name, self._givers(name, feeds, first.get(name, ()))) for name in self._fields]
        self._amounts = [
            (name, givers)
            for name, givers in self._columns
            if len(givers) > 1 and name != collection.record_key and collection.kind(name) in AMOUNTS
        ]
        self._disagreements = disagreements

    def _givers(self, name: str, feeds: Sequence[Feed], first: Sequence[str]) -> list[int]:
        """Return the places of the feeds that give a field, the one that goes first in it in front."""
        rank = {source: place for place, source in enumerate(first)}
        givers = [place for place, feed in enumerate(feeds) if feed.gives(name)]
        return sorted(givers, key=lambda place: rank.get(self._names[place], len(rank)))

    def outcomes(self, parts: Sequence[Outcome]) -> Outcome:
        """Return one key's outcome from the outcomes of all feeds, in their order.

        That there is no record is said only where every feed said so.
        """
        if not any(parts) and all(type(part) is tuple for part in parts):
            return ()
        if all(isinstance(part, SourceFailure | Absent) for part in parts):
            return next((part for part in parts if isinstance(part, SourceFailure)), parts[0])
        if not self._collection.many:
            return self._joined(parts)
        silent = [place for place, part in enumerate(parts) if isinstance(part, SourceFailure) or _is_untold(part)]
        if silent and not any(isinstance(part, tuple) and part for part in parts):
            return next((part for part in parts if isinstance(part, SourceFailure)), parts[silent[0]])
        record_key = self._collection.record_key
        assert record_key is not None, f"{self._collection.name} has several records a key and no record_key"
        by_record: dict[Any, list[Outcome]] = {}
        for place, part in enumerate(parts):
            for record in part if isinstance(part, tuple) else ():
                empty: list[Outcome] = [p if not isinstance(p, tuple) else Absent.NOT_DELIVERED for p in parts]
                by_record.setdefault(getattr(record, record_key), empty)[place] = record
        records = map(self._joined, by_record.values())
        return Incomplete(records, tuple(self._names[place] for place in silent)) if silent else tuple(records)

    def _joined(self, parts: Sequence[Outcome]) -> Record:
        for name, givers in self._amounts:
            self._compare(name, [place for place in givers if not isinstance(parts[place], _NO_RECORD)], parts)
        return self._record(*(self._value(name, givers, parts) for name, givers in self._columns))

    def _compare(self, name: str, givers: Sequence[int], parts: Sequence[Outcome]) -> None:
        if len(givers) > 1:
            sources, values = [self._names[p] for p in givers], [getattr(parts[p], name) for p in givers]
            self._disagreements.compare(self._collection.name, name, sources, values)

    def _value(self, name: str, givers: Sequence[int], parts: Sequence[Outcome]) -> Any:
        for place in givers:  # nearly always the first of them has it
            value = parts[place]
            if not isinstance(value, _NO_RECORD):
                value = getattr(value, name)
                if value is not None and not isinstance(value, _NO_RECORD):
                    return value
        return self._why_not(name, [parts[place] for place in givers])

    def _why_not(self, name: str, parts: Sequence[Outcome]) -> Any:
        """Return what stands where none of the parts has a value: None if one left it empty, or the first reason."""
        values = [part if isinstance(part, SourceFailure | Absent) else getattr(part, name) for part in parts]
        if None in values:  # left empty by a source that has the record, whoever else does not know it
            values = [value for value in values if value is not None and value not in _NOT_KNOWN]
        return next(iter(values), None)


_NO_RECORD = (SourceFailure, Absent)
_NOT_KNOWN = (Absent.NOT_DELIVERED, Absent.NOT_FOUND)
_UNTOLD = (Absent.NOT_SHARED, Absent.STALE, Absent.NO_HISTORY, Absent.UNREADABLE, Absent.NOT_DELIVERED)


def _is_untold(part: Outcome) -> bool:
    """Say whether a source that gives nothing of a key with many records may have some nevertheless.

    It has delivered nothing of a key that is not known by its own name there: it was not asked.
    """
    return isinstance(part, Absent) and part in _UNTOLD


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
    collections = {
        name: CollectionDeclaration(
            name,
            entry.key.columns,
            entry.collection.many,
            entry.options,
            entry.where,
            mapping_of(source, entry).whole_shape(),
            mapping_of(source, entry).whole().columns,
        )
        for name, entry in source.collections.items()
    }

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
