"""A source tried for real: its keys, batches, types, units and coverage on a sample, field by field."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from commands.linking.seen import is_code
from connectors.alignment import check_alignment
from connectors.catalogue import FieldKind, Members, Money, Records, Texts
from connectors.contract import Fetch, Key, Row, Rows, Scan
from connectors.errors import SourceError, SourceFailure, SourceNotScanned
from connectors.intake import Intake, mapping_of
from connectors.mapping import Delivery
from connectors.outcomes import Absent
from connectors.sources import Source
from connectors.testing import Subject

_SAMPLE = 50
_MOST = 2_000
_UNKNOWN = "000000000000000000"
"""A key that nobody has."""
_OK, _EMPTY, _IN_PART, _UNREADABLE, _MISSING = "ok", "empty", "unreadable in part", "unreadable", "missing"


@dataclass(frozen=True)
class FieldTried:
    """What came of a field: its verdict, how many records have it, and a raw value beside what it was read as."""

    field: str
    column: str
    expected: str
    verdict: str
    coverage: float = 0.0
    raw: str = ""
    read: str = ""

    @property
    def fails(self) -> bool:
        """Whether the field is not to be had like this."""
        return self.verdict in (_UNREADABLE, _MISSING)


@dataclass(frozen=True)
class Tried:
    """What came of a collection of a source."""

    source: str
    collection: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    keys: int = 0
    records: int = 0
    milliseconds: float = 0.0
    fields: tuple[FieldTried, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the collection can be used as it is configured."""
        return not self.problems and not any(one.fails for one in self.fields)


@dataclass
class _Trial:
    source: Source
    intake: Intake
    columns: tuple[str, ...]
    certain: bool
    """The keys that it is tried with have records."""
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        return len(self.intake.config.key.columns)


async def tried(source: Source, collection: str, keys: Sequence[str] = (), *, certain: bool = False) -> Tried:
    """Try one collection of an open source with a sample of its own, or with these keys where it cannot be scanned.

    That these have records is `certain`, or may turn out.
    """
    intake = source.feeds[collection].intake
    mapping = mapping_of(source.config, intake.config)
    trial = _Trial(source, intake, mapping.projection(frozenset(intake.config.fields)).columns, certain)
    missing: Mapping[str, str] = {}
    try:
        found = await _sample(trial, keys)
    except SourceFailure as failure:
        missing = await _missing(trial, keys)
        if not missing:
            return Tried(source.config.name, collection, (failure.message,))
        trial.columns = tuple(one for one in trial.columns if one not in missing)
        found = await _sample(trial, keys)
    if not found:
        trial.notes.append("is not tried: it cannot be scanned, and no keys are known; give some with --keys")
        return Tried(source.config.name, collection, tuple(trial.problems), tuple(trial.notes))
    rows, milliseconds = await _asked(trial, found)
    _check_keys(trial, found)
    fields = tuple(_field(trial, name, rows, missing) for name in intake.config.fields)
    return Tried(
        source.config.name, collection, tuple(trial.problems), tuple(trial.notes), len(found), len(rows),
        milliseconds, fields,
    )  # fmt: skip


async def subject_of(source: Source, collection: str, keys: Sequence[str] = ()) -> Subject | None:
    """Return a collection as a subject of the conformance suite, with what it gives; None if it is empty."""
    intake = source.feeds[collection].intake
    columns = mapping_of(source.config, intake.config).projection(frozenset(intake.config.fields)).columns
    trial = _Trial(source, intake, columns, certain=False)
    whole = await _whole(trial) or []
    if not whole:
        found, _ = await _fetched(trial, list(keys), columns)
        whole = [row for group in found.groups for row in group]
    if not whole:
        return None
    kinds = {
        wanted.column: kind
        for name, wanted in intake.config.fields.items()
        if not wanted.values and not wanted.constant and (kind := intake.config.collection.kind(name)) is not None
    }
    records = [dict(zip(columns, row, strict=True)) for row in whole]
    return Subject(intake.connector, collection, columns[: trial.width], records, kinds, one_a_key=not intake.many)


async def _whole(trial: _Trial) -> list[Row]:
    """Return all rows of a collection that can be scanned, if there are not too many for the suite."""
    rows: list[Row] = []
    if not trial.intake.connector.capabilities.scan:
        return rows
    try:
        async for page in trial.intake.connector.scan(Scan(trial.intake.name, trial.columns, 1000)):
            rows += [row for group in page.groups for row in group]
            if len(rows) > _MOST:
                message = f"holds more than {_MOST:,} records; run the suite where it holds fewer, as on a test system"
                raise SourceError(trial.source.config.name, message)
    except SourceNotScanned:
        return []
    return rows


async def _sample(trial: _Trial, keys: Sequence[Key]) -> list[Key]:
    """Return some of the source's own keys."""
    connector, name = trial.intake.connector, trial.intake.name
    found: dict[Key, None] = {}
    if connector.capabilities.scan:
        try:
            async with aclosing(connector.scan(Scan(name, trial.columns, _SAMPLE))) as pages:  # type: ignore[type-var]  # they are generators
                async for page in pages:
                    for row in (row for group in page.groups for row in group):
                        key = tuple(map(_text, row[: trial.width]))
                        if all(key):
                            found.setdefault(key[0] if trial.width == 1 else key)
                    if len(found) >= _SAMPLE:
                        break
        except SourceNotScanned:
            pass
        except SourceFailure as failure:
            if not keys:
                raise
            trial.notes.append(f"cannot be scanned: {failure.message}")
    trial.certain = trial.certain or bool(found)
    return list(found)[:_SAMPLE] or [*keys][:_SAMPLE]


async def _fetched(trial: _Trial, keys: Sequence[Key], columns: tuple[str, ...]) -> tuple[Rows, float]:
    started = time.monotonic()
    ask = Fetch(trial.intake.name, keys, columns, started + max(10.0, trial.source.config.timeout))
    rows = await trial.intake.connector.fetch(ask)
    return rows, (time.monotonic() - started) * 1000


async def _asked(trial: _Trial, keys: list[Key]) -> tuple[list[Row], float]:
    """Return the rows of the keys, asked in one batch with a key that nobody has; note what is wrong with that."""
    unknown: Key = _UNKNOWN if trial.width == 1 else (_UNKNOWN,) * trial.width
    most = trial.intake.connector.capabilities.most_keys(trial.intake.name)
    batch = [*keys[: max(1, most - 1)], *([unknown] if most > 1 else [])]
    try:
        found, milliseconds = await _fetched(trial, batch, trial.columns)
    except SourceFailure as failure:
        trial.problems.append(f"a batch of {len(batch)} keys: {failure.message}")
        return [], 0.0
    for place, refused in list(found.failures.items())[:3]:
        if batch[place] != unknown:
            trial.problems.append(f"key {batch[place]!r}: {refused.message}")
    try:
        check_alignment(
            trial.source.config.name, trial.width, Fetch(trial.intake.name, batch, trial.columns, 0.0), found
        )
    except SourceFailure as failure:
        trial.problems.append(failure.message)
    timeout = trial.source.config.timeout
    if milliseconds > timeout * 1000:
        trial.problems.append(f"took {milliseconds:,.0f} ms; timeout is {timeout:g} s. Raise that.")
    if unknown in batch and found.groups[-1]:
        trial.problems.append("a key that nobody has was answered with a record; check the look-up's parameter")
    rows = [row for group in found.groups for row in group]
    if not rows and not trial.problems:
        _note_silence(trial, len(batch) - (unknown in batch))
    if len(batch) > 2 and len({row[: trial.width] for row in rows}) == 1:
        trial.notes.append("of all keys only one was answered; check the style of the batch")
    many = max((len(group) for group in found.groups), default=0)
    if many > 1 and not trial.intake.many:
        trial.problems.append(f"a key has up to {many} records, and the collection one; choose one with `many`")
    return rows, milliseconds


def _note_silence(trial: _Trial, keys: int) -> None:
    if trial.certain:
        trial.problems.append(
            f"{keys} keys that have records were answered with none; check `key` (of a database also `key_type`) and "
            "the style of the batch"
        )
    else:
        trial.notes.append(f"none of {keys} keys has a record; give some that have one with --keys")


async def _missing(trial: _Trial, keys: Sequence[str]) -> Mapping[str, str]:
    """Return the columns that the source refuses, each asked for alone, and its words."""
    found: dict[str, str] = {}
    whole, own = trial.columns, trial.columns[: trial.width]
    for column in whole[trial.width :]:
        trial.columns = (*own, column)
        try:
            await _sample(trial, keys) if trial.intake.connector.capabilities.scan else await _fetched(
                trial, list(keys)[:1] or [_UNKNOWN], trial.columns
            )
        except SourceFailure as failure:
            found[column] = failure.message
    trial.columns = whole
    return found if len(found) < len(whole) - trial.width or len(found) == 1 else {}


def _check_keys(trial: _Trial, keys: Sequence[Key]) -> None:
    if trial.intake.config.collection.key != "uscc" or not trial.intake.plain:
        return
    readable = sum(map(is_code, keys))
    if readable * 2 < len(keys):
        trial.problems.append(
            f"{len(keys) - readable} of {len(keys)} keys are no credit codes, such as {keys[0]!r}; name another column "
            "as `key`, or say by which identifier it goes (docs/sources.md, Keys)"
        )
    elif readable < len(keys):
        trial.notes.append(f"{len(keys) - readable} of {len(keys)} keys are no credit codes; nobody finds them")


def _field(trial: _Trial, name: str, rows: Sequence[Row], missing: Mapping[str, str]) -> FieldTried:
    wanted, collection = trial.intake.config.fields[name], trial.intake.config.collection
    expected = named(collection.kind(name) or str) + (f" in {wanted.unit}" if wanted.unit else "")
    if wanted.column in missing:
        return FieldTried(name, wanted.column, expected, _MISSING, read=missing[wanted.column])
    projection = mapping_of(trial.source.config, trial.intake.config).projection(frozenset((name,)))
    places = [trial.columns.index(column) for column in projection.columns]
    chosen = [tuple(row[place] for place in places) for row in rows]
    delivery = Delivery(trial.source.config.name, datetime.now(UTC), trial.source.config.synthetic)
    values = [getattr(one, name) for one in projection.records(chosen, [_text(row[0]) for row in rows], delivery)]
    raw = [row[trial.columns.index(wanted.column)] if wanted.constant is None else wanted.constant for row in rows]
    read = [(r, v) for r, v in zip(raw, values, strict=True) if v is not None and not isinstance(v, Absent)]
    unread = [r for r, v in zip(raw, values, strict=True) if v is Absent.UNREADABLE]
    told = FieldTried(name, wanted.column, expected, _OK, len(read) / len(rows) if rows else 0.0)
    if unread:
        return replace(told, verdict=_IN_PART if read else _UNREADABLE, raw=_shown(unread[0]), read=f"no {expected}")
    if not read:
        return replace(told, verdict=_EMPTY)
    return replace(told, raw=_shown(read[0][0]), read=_shown(read[0][1]))


def named(kind: FieldKind) -> str:
    """Return what a kind is called in docs/collections.md."""
    if isinstance(kind, Members):
        return f"several of {kind.of.__name__}"
    if isinstance(kind, Records):
        return "records"
    if issubclass(kind, Enum):
        return f"one of {kind.__name__}"
    if kind is Money:
        return "amount"
    if kind is Texts:
        return "several texts"
    return {"str": "text", "int": "whole number", "bool": "yes or no", "Decimal": "number", "float": "number",
            "date": "date", "datetime": "moment"}[kind.__name__]  # fmt: skip


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _shown(value: Any) -> str:
    text = value.value if isinstance(value, Enum) else value
    return (repr(text) if isinstance(text, str) else str(text))[:60]
