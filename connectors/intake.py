"""One collection taken in from one source: key derivation, deadline, alignment and mapping around the connector."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import structlog

from codes import uscc as uscc_code
from codes.kinds import Sharing
from connectors.alignment import check_alignment, check_records
from connectors.cache import WHOLE
from connectors.config import CollectionConfig, SourceConfig
from connectors.contract import Caller, Connector, Fetch, Held, InMemory, Key, Rows, Scan
from connectors.errors import SourceCallLimit, SourceError, SourceFailure, SourceTimeout, SourceUnavailable
from connectors.holding import Mapped
from connectors.mapping import CollectionMapping, Delivery, Projection
from connectors.outcomes import Absent, Outcome, Record
from connectors.patience import Patience
from connectors.session import Batch, Session, Usage
from connectors.steward import Steward
from connectors.tally import SourceState
from connectors.together import Together
from telemetry import metrics, traces
from telemetry.durations import Durations

_PAGE = 1000
"""Records of a scan's page."""

_log = structlog.get_logger()

LookUp = Callable[[Session, str, Sequence[str]], Awaitable[list[Outcome]]]
"""A field of another collection for each key, as `identifiers.taxpayer_number`: the key that the source wants."""

_Pair = tuple[str, Key]
"""The hub's key and the source's."""


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page of a scan: the hub's keys, their records, and where to continue."""

    keys: list[str]
    records: list[Record]
    position: str | None
    delivered: datetime
    nameless: list[Record]
    """Those of which the key cannot be read as the hub's."""


def mapping_of(source: SourceConfig, config: CollectionConfig) -> CollectionMapping:
    """Return the mapping of one collection of one source."""
    return CollectionMapping(config.collection, config.key.columns, config.fields, source.empty, config.exact)


def is_personal(connector: Connector) -> bool:
    """Say whether what a connector answers depends on who asks; one of an older contract's shape does not say."""
    return bool(getattr(connector.capabilities, "personal", False))


@cache
def _durations(source: str) -> Durations:
    """Return the durations of a source's calls: the same whichever configuration names it."""
    return Durations(metrics.SOURCE_SECONDS.labels(source))


@dataclass
class Intake:
    """One collection of one source, from the hub's question to the hub's records."""

    source: SourceConfig
    config: CollectionConfig
    connector: Connector
    state: SourceState
    look_up: LookUp
    patience: Patience
    steward: Steward
    name: str = field(init=False)
    """The collection's."""
    many: bool = field(init=False)
    """The collection has several records of a key."""
    mapping: CollectionMapping = field(init=False)
    asked: int = field(default=0, init=False)
    """Keys that the source was asked for since the start."""
    held: int = field(default=0, init=False)
    """Those of them of which it had a record."""
    plain: bool = field(init=False)
    """The source's keys are the hub's, as they are."""
    in_memory: InMemory | None = field(init=False)
    """The connector, if it has whole collections at hand that can be looked into by the hub's keys."""

    def __post_init__(self) -> None:
        self.name = self.config.collection.name
        self.many = self.config.collection.many
        self.mapping = mapping_of(self.source, self.config)
        self._whole = self.mapping.whole()
        self._took = _durations(self.source.name)
        self._most_keys = self.connector.capabilities.most_keys(self.name)
        self._punctual = self.connector.capabilities.punctual
        self.personal = is_personal(self.connector)
        self.cache = 0.0 if self.personal else self.config.cache
        self._together = Together(self._through, self.steward.spare, self._most_keys)
        self._under_way = 0
        """Calls that the connector is at work on."""
        shape = self.mapping.whole_shape()
        self._typed_fields = frozenset(shape.__struct_fields__ if shape else ())
        self._mapped: Mapped | None = None
        key = self.config.key
        self.plain = len(key.columns) == 1 and not key.through and key.form == key.case == "same"
        shared = self.plain and self.source.sharing is not Sharing.NEVER and not self.personal
        self.in_memory = self.connector if shared and isinstance(self.connector, InMemory) else None

    async def take(
        self, session: Session, keys: Sequence[str], fields: frozenset[str], as_of: date | None
    ) -> list[Batch]:
        """Fetch the keys in as few calls as the source allows, side by side; a failed call costs its own keys."""
        started = time.monotonic()
        deadline = session.deadline if session.unhurried else min(session.deadline, started + self.source.timeout)
        usage = session.of(self.source)
        projection = self.mapping.projection(fields)
        underivable: Mapping[str, Outcome] = {}
        pairs: Sequence[_Pair]
        if self.plain:
            pairs = [(key, key) for key in keys]
        else:
            pairs, underivable = await self._source_keys(session, keys)
        size = self._most_keys
        parts = [pairs[start : start + size] for start in range(0, len(pairs), size)]
        room = len(parts) if session.unhurried else max(0, self.steward.policy.calls - usage.calls)
        if len(parts) == 1 and room:
            taken = [await self._call(session, pairs, projection, as_of, deadline)]
        else:
            asked = (self._call(session, part, projection, as_of, deadline) for part in parts[:room])
            taken = await asyncio.gather(*asked)
        if refused := [pair for part in parts[room:] for pair in part]:
            taken.append(self._beyond(usage, refused, projection))
        usage.waited(time.monotonic() - started)
        return [*taken, self.batch(fields, underivable)] if underivable else taken

    def batch(
        self, fields: frozenset[str], outcomes: Mapping[str, Outcome], delivered: datetime | None = None
    ) -> Batch:
        """Return what a fetch brought, with the time of delivery on both clocks; None: just now."""
        now = datetime.now(UTC)
        if delivered is None:
            return Batch(fields, outcomes, now, time.monotonic())
        return Batch(fields, outcomes, delivered, time.monotonic() - max(0.0, (now - delivered).total_seconds()))

    def holding(self, held: Held, fields: frozenset[str]) -> Mapping[str, Outcome]:
        """Return the outcomes of a collection in memory that have at least these fields, typed if they can be."""
        if held.records is not None and fields <= self._typed_fields:
            return held.records
        projection = self._whole if fields <= self._whole.fields else self.mapping.projection(fields)
        if self._mapped is None or self._mapped.held is not held or self._mapped.projection is not projection:
            self._mapped = Mapped(self, held, projection)
        return self._mapped

    def mapped(self, held: Held, projection: Projection, key: str) -> Outcome | None:
        """Return one key's outcome from a collection in memory; None if it is unknown."""
        delivery = Delivery(self.source.name, held.delivered_at, self.source.synthetic)
        rows = held.rows(key)
        if not rows:
            return None
        places = [self._whole.columns.index(column) for column in projection.columns]
        chosen = [tuple([row[place] for place in places]) for row in rows]
        return self.outcome(projection.records(chosen, [key] * len(rows), delivery), None)

    async def pages(
        self, fields: frozenset[str], after: str | None, page_size: int, caller: Caller | None = None
    ) -> AsyncIterator[ScannedPage]:
        """Yield the whole collection; records without a readable key are counted and left out."""
        projection = self.mapping.projection(fields)
        ask = Scan(self.name, projection.columns, page_size, after, caller=caller if self.personal else None)
        try:
            async for rows in self.connector.scan(ask):
                yield self._page(projection, rows)
        except Exception as error:
            raise self.failure(error) from error

    async def whole(self, session: Session, fields: frozenset[str]) -> Batch:
        """Return the whole of a small collection, as if it were the records of one key."""
        usage, started = session.of(self.source), time.monotonic()
        usage.calls += 1
        delivered: datetime | None = None
        try:
            pages = await self._scanned(fields, min(session.deadline, started + self.source.timeout), session.caller)
            records = tuple(record for page in pages for record in page.records)
            delivered = min((page.delivered for page in pages), default=None)
            usage.records += len(records)
            outcome: Outcome = records
        except Exception as error:
            outcome = failure = self.failure(error)
            usage.failed(failure)
        usage.waited(time.monotonic() - started)
        return self.batch(fields, {WHOLE: outcome}, delivered)

    async def _scanned(self, fields: frozenset[str], deadline: float, caller: Caller | None) -> list[ScannedPage]:
        """Return the whole of a small collection before the deadline (time.monotonic); raise if it cannot be had."""

        async def read() -> list[ScannedPage]:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                return [page async for page in self.pages(fields, None, _PAGE, caller)]

        return await self.steward.through(deadline, read)

    def covered(self, asked: int, held: int) -> None:
        """Count keys that the source was asked for, and those of which it had a record."""
        self.asked += asked
        self.held += held

    def failure(self, error: Exception) -> SourceFailure:
        """Return what a connector raised as a typed failure, noted in the source's state."""
        if isinstance(error, SourceFailure):
            failure = error
        elif isinstance(error, TimeoutError):
            failure = SourceTimeout(self.source.name, "did not answer in time")
        else:
            _log.error("source.unexpected", source=self.source.name, exc_info=error)
            failure = SourceError(self.source.name, "failed unexpectedly; the hub's log has the details")
        # It is kept, and what led to it holds frames that hold it: rubbish in cycles, at every call that fails.
        failure.__traceback__ = failure.__cause__ = failure.__context__ = None
        self.state.failed(failure)
        self.state.tally.failure(failure.code)
        return failure

    async def _source_keys(self, session: Session, keys: Sequence[str]) -> tuple[list[_Pair], dict[str, Outcome]]:
        """Pair the hub's keys with the source's; a key that cannot be derived gets its outcome at once."""
        config = self.config.key
        if config.through:
            found = await self.look_up(session, config.through, keys)
            pairs: list[_Pair] = [
                (key, other) for key, other in zip(keys, found, strict=True) if isinstance(other, str)
            ]
            underivable: dict[str, Outcome] = {
                key: other if isinstance(other, SourceFailure) or other is Absent.NOT_SHARED else Absent.NOT_DELIVERED
                for key, other in zip(keys, found, strict=True)
                if not isinstance(other, str)
            }
            return pairs, underivable
        if config.form == "organisation_code":
            return [(key, uscc_code.organisation_code(key)) for key in keys], {}
        if config.case == "any":
            return [(key, variant) for key in keys for variant in dict.fromkeys((key, key.lower()))], {}
        return [(key, key) for key in keys], {}

    async def _call(
        self, session: Session, pairs: Sequence[_Pair], projection: Projection, as_of: date | None, deadline: float
    ) -> Batch:
        usage = session.of(self.source)
        usage.calls += 1
        usage.keys += len(pairs)
        keys = list(dict.fromkeys([key for _, key in pairs]))
        shape = projection.shape if self.plain else None
        caller = session.caller if self.personal else None
        ask = Fetch(self.name, keys, projection.columns, deadline, as_of, shape, caller)
        started = time.monotonic()
        with traces.span(
            f"source {self.source.name}", {"collection": self.name, "keys": len(keys)}, outgoing=True
        ) as span:
            try:
                is_met = self._under_way and caller is None and self.steward.policy.together
                rows = await (self._together.answered(ask) if is_met else self._through(ask))
                if rows.records is not None:
                    return self._typed(usage, projection, ask, rows, rows.records)
                return self._taken(usage, projection, ask, pairs, rows)
            except Exception as error:
                failure = self.failure(error)
                usage.failed(failure)
                traces.failed(span, failure.code)
                return self.batch(projection.fields, dict.fromkeys((key for key, _ in pairs), failure))
            finally:
                self._waited(started)

    def _waited(self, started: float) -> None:
        seconds = time.monotonic() - started
        self._took.note(int(seconds * 1e9))
        self.state.tally.wait(seconds * 1000)

    def _through(self, ask: Fetch) -> Awaitable[Rows]:
        """Put a question, repeated if need be, as far as the source may be asked."""
        return self.steward.through(ask.deadline, lambda: self._answered(ask))

    async def _answered(self, ask: Fetch) -> Rows:
        """Return the connector's answer; raise if the source was there for no key."""
        answering = self.connector.fetch(ask)
        self._under_way += 1
        try:
            rows = await (answering if self._punctual else self.patience.until(ask.deadline, answering))
        finally:
            self._under_way -= 1
        if rows.failures and len(rows.failures) == len(ask.keys):
            # A source may fail for what is the matter with a key; that it is not there it says of every key.
            failures = list(rows.failures.values())
            if all(isinstance(failure, SourceUnavailable | SourceTimeout) for failure in failures):
                raise failures[0]
        return rows

    def _beyond(self, usage: Usage, pairs: Sequence[_Pair], projection: Projection) -> Batch:
        """Return the failure of keys for which the operation would have to ask once too often."""
        most = self.steward.policy.calls
        message = f"is asked at most {most} times by one operation, with {self._most_keys} keys each; ask for less"
        failure = SourceCallLimit(self.source.name, message)
        usage.failed(failure)
        self.state.tally.refusal(failure.code)
        return self.batch(projection.fields, dict.fromkeys((key for key, _ in pairs), failure))

    def _typed(self, usage: Usage, projection: Projection, ask: Fetch, rows: Rows, records: Sequence[Any]) -> Batch:
        """Take typed records in; there is nothing to map, only the alignment to make sure of."""
        collection = self.config.collection
        check_records(self.source.name, collection.key, ask.keys, records)
        unknown: Outcome = () if collection.many else Absent.NOT_AS_OF if ask.as_of else Absent.NOT_FOUND
        outcomes: list[Outcome] = [unknown if record is None else record for record in records]
        missing = sum(record is None for record in records)
        for place, failure in rows.failures.items():
            outcomes[place] = failure
            usage.failed(failure)
            self.state.failed(failure)
        usage.records += sum(len(r or ()) for r in records) if collection.many else len(records) - missing
        self.covered(len(records), len(records) - missing)
        batch = self.batch(projection.fields, dict(zip(ask.keys, outcomes, strict=True)), rows.delivered_at)  # type: ignore[arg-type]  # plain keys are texts
        self.state.succeeded(batch.delivered)
        return batch

    def _taken(self, usage: Usage, projection: Projection, ask: Fetch, pairs: Sequence[_Pair], rows: Rows) -> Batch:
        check_alignment(self.source.name, projection.key_width, ask, rows)
        delivered = rows.delivered_at or datetime.now(UTC)
        place = {key: index for index, key in enumerate(ask.keys)}
        owned = [(hub, row) for hub, key in pairs for row in rows.groups[place[key]]]
        grouped: dict[str, list[Record]] = {}
        for (hub, _), record in zip(owned, self._records(projection, owned, delivered), strict=True):
            grouped.setdefault(hub, []).append(record)
        outcomes = dict.fromkeys((hub for hub, _ in pairs), self.outcome([], ask.as_of))
        self.covered(len(outcomes), len(grouped))
        outcomes.update((hub, self.outcome(group, ask.as_of)) for hub, group in grouped.items())
        for hub, key in pairs:
            if failure := rows.failures.get(place[key]):
                outcomes[hub] = failure
                usage.failed(failure)
                self.state.failed(failure)
        usage.records += len(owned)
        self.state.succeeded(delivered)
        return self.batch(projection.fields, outcomes, delivered)

    def outcome(self, group: list[Record], as_of: date | None = None) -> Outcome:
        """Return what the records of one key come to: one record or several, an absence, or a contradiction."""
        if self.many:
            return tuple(group)
        if not group:
            return Absent.NOT_AS_OF if as_of else Absent.NOT_FOUND
        if all(other == group[0] for other in group[1:]):
            return group[0]
        return SourceError(
            self.source.name, f"has {len(group)} contradicting records of one key, where one is expected"
        )

    def _page(self, projection: Projection, rows: Rows) -> ScannedPage:
        page = [(self._hub_key(row[: projection.key_width]), row) for group in rows.groups for row in group]
        readable = [(key, row) for key, row in page if key is not None]
        nameless = [("", row) for key, row in page if key is None]
        self.state.unmatched += len(nameless)
        delivered = rows.delivered_at or datetime.now(UTC)
        self.state.succeeded(delivered)
        records = self._records(projection, readable, delivered)
        unknown = self._records(projection, nameless, delivered)
        return ScannedPage([key for key, _ in readable], records, rows.position, delivered, unknown)

    def _records(
        self, projection: Projection, owned: Sequence[tuple[str, tuple[object, ...]]], delivered: datetime
    ) -> list[Record]:
        delivery = Delivery(self.source.name, delivered, self.source.synthetic)
        return projection.records([row for _, row in owned], [key for key, _ in owned], delivery)

    def _hub_key(self, columns: tuple[object, ...]) -> str | None:
        if len(columns) != 1 or columns[0] is None:
            return None
        text = str(columns[0]).strip()
        if self.config.collection.key != "uscc":
            return text or None
        try:
            return uscc_code.normalise(text)
        except uscc_code.MalformedUscc:
            return None
