"""What every connector promises, check by check, over the records that its source holds (`connectors.testing`)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors.catalogue import FieldKind
from connectors.contract import Connector, Fetch, Key, Row, Rows, Scan
from connectors.errors import SourceFailure
from connectors.readers import Unreadable, reader

SLACK = 1.0
"""Seconds by which a deadline or a cancellation may be overrun on a loaded machine."""
_PATIENCE = 15.0
_PLAIN = (str, int, bool, Decimal, float, date, datetime, list, tuple, dict)
_STRANGE = ("nobody", "A1'; DROP TABLE things --", "%", "*", "𠮷無", "a" * 200)


class Nonconformity(AssertionError):
    """A connector does not keep a promise: which, what was seen, and why it matters."""

    def __init__(self, check: str, seen: str, why: str) -> None:
        self.check = check
        super().__init__(f"{check}: {seen}. {why}")


@dataclass
class Subject:
    """A connector under test, and the records that its source holds."""

    connector: Connector
    collection: str
    key: tuple[str, ...]
    """The source's columns that hold the key."""
    records: Sequence[Mapping[str, Any]]
    """What it should give: by column, a dot within a name as in a declaration."""
    types: Mapping[str, FieldKind] = field(default_factory=dict)
    """By column, the kind that a mapping would read it as."""
    secrets: tuple[str, ...] = ()
    """What no message may hold."""
    one_a_key: bool = False
    """Its look-up gives one record a key, whatever there is."""

    def __post_init__(self) -> None:
        """Take the columns and the keys from the records."""
        self.columns = tuple(dict.fromkeys(name for record in self.records for name in record if name not in self.key))
        by_key: dict[Key, list[Mapping[str, Any]]] = {}
        for record in self.records:
            by_key.setdefault(self.key_of(record), []).append(record)
        self.keys = [key for key, found in by_key.items() if len(found) == 1 or not self.one_a_key]
        self.by_key = by_key

    def key_of(self, record: Mapping[str, Any]) -> Key:
        """Return a record's key."""
        parts = tuple(str(record[name]) for name in self.key)
        return parts[0] if len(parts) == 1 else parts

    def strange(self, text: str) -> Key:
        """Return a key that nobody has."""
        return text if len(self.key) == 1 else (text,) * len(self.key)

    def expected(self, keys: Sequence[Key], columns: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        """Return the rows of some keys, as `plain` has them."""
        wanted = (*self.key, *columns)
        return plain([[tuple(r.get(c) for c in wanted) for r in self.by_key.get(key, ())] for key in keys])

    async def fetch(self, keys: Sequence[Key], columns: Sequence[str] | None = None, seconds: float = 10.0) -> Rows:
        """Ask for some keys."""
        asked = (*self.key, *(self.columns if columns is None else columns))
        found = await asyncio.wait_for(
            self.connector.fetch(Fetch(self.collection, keys, asked, time.monotonic() + seconds)), _PATIENCE
        )
        if not isinstance(found, Rows):
            raise Nonconformity(
                "contract", f"fetch answered a {type(found).__name__}", "It answers Rows, nothing else."
            )
        return found

    @property
    def most(self) -> int:
        """How many keys one fetch may have."""
        return self.connector.capabilities.most_keys(self.collection)

    @property
    def many(self) -> list[Key]:
        """As many keys as fit into one fetch."""
        return self.keys[: self.most]


def plain(groups: Sequence[Sequence[Row]]) -> list[list[tuple[Any, ...]]]:
    """Return rows with values as texts and nothing as None, each group in order: files know no other kinds."""
    return [
        sorted((tuple(None if v in (None, "") else str(v) for v in row) for row in group), key=str) for group in groups
    ]


Check = Callable[[Subject], Awaitable[None]]


async def alignment(subject: Subject) -> None:
    """Groups stand in the order of the keys, whatever that is, and each row carries its key."""
    for keys in (subject.many, subject.many[::-1], subject.many[:1]):
        found = await subject.fetch(keys)
        _require(
            "alignment",
            plain(found.groups) == subject.expected(keys, subject.columns) and not found.failures,
            f"the keys {_few(keys)} were answered with {_few(plain(found.groups))}",
            "One group for each key in the order asked for, or values appear under other enterprises.",
        )


async def unknown_keys(subject: Subject) -> None:
    """A key that nobody has gets an empty group, not an error, a guess, or its neighbour's record."""
    for text in _STRANGE:
        keys = [subject.strange(text), *subject.many[:1]][
            : subject.connector.capabilities.most_keys(subject.collection)
        ]
        found = await subject.fetch(keys)
        _require(
            "unknown_keys",
            plain(found.groups) == subject.expected(keys, subject.columns) and not found.failures,
            f"the key {text[:30]!r}, which nobody has, was answered with {_few(plain(found.groups)[:1])} "
            f"{[f.message for f in found.failures.values()]}",
            "An unknown key is an empty group; anything else is shown as a fact or as a failure.",
        )


async def duplicate_keys(subject: Subject) -> None:
    """A key that is asked twice in one batch is answered twice or refused, never with one group."""
    keys = [subject.keys[0], subject.keys[0]]
    if subject.most < 2:
        return
    try:
        found = await subject.fetch(keys)
    except SourceFailure:
        return
    _require(
        "duplicate_keys",
        len(found.groups) == 2 and plain(found.groups) == subject.expected(keys, subject.columns),
        f"a key that was asked twice got {len(found.groups)} groups",
        "Fewer groups than keys shift all that follow.",
    )


async def projection(subject: Subject) -> None:
    """Rows have exactly the columns asked for, in their order, those of the key first."""
    keys = subject.many[:2]
    for columns in ((), *((one,) for one in subject.columns), subject.columns[::-1]):
        found = await subject.fetch(keys, columns)
        _require(
            "projection",
            plain(found.groups) == subject.expected(keys, columns),
            f"asked for the columns {columns}, it answered {_few(plain(found.groups))}",
            "What was not asked for may not be seen, and what moved stands under another name.",
        )


async def empty_batch(subject: Subject) -> None:
    """No keys, no groups."""
    found = await subject.fetch([])
    _require(
        "empty_batch",
        len(found.groups) == 0,
        f"no keys were answered with {len(found.groups)} groups",
        "No keys are no reason to fail or to read everything.",
    )


async def huge_batch(subject: Subject) -> None:
    """It takes as many keys at a time as it says."""
    most = min(subject.most, 3000)
    keys = [*(subject.strange(f"nobody-{number}") for number in range(most - 1)), subject.keys[0]]
    found = await subject.fetch(keys)
    _require(
        "huge_batch",
        plain(found.groups) == subject.expected(keys, subject.columns),
        f"of {most} keys the last was answered with {_few(plain(found.groups)[-1:])} in {len(found.groups)} groups",
        "The hub fills batches up to max_keys; say fewer if the source takes fewer.",
    )


async def deadline(subject: Subject) -> None:
    """A deadline that is over is kept: an answer or a failure comes at once, not when the source likes."""
    for seconds in (0.0, 0.05):
        started = time.monotonic()
        with suppress(SourceFailure, TimeoutError):
            await subject.fetch(subject.many[:1], seconds=seconds)
        took = time.monotonic() - started
        _require(
            "deadline",
            took <= seconds + SLACK or not subject.connector.capabilities.punctual,
            f"a fetch that had {seconds:g} s took {took:.2f} s, and its capabilities say `punctual`",
            "Who is punctual is not watched over: the whole request would wait.",
        )


async def cancellation(subject: Subject) -> None:
    """A fetch that is cancelled ends at once, and the connector is as good as before."""
    for pause in (0, 0, 0.001, 0.02):
        task = asyncio.ensure_future(subject.fetch(subject.many, seconds=0.4))
        await asyncio.sleep(pause)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=SLACK)
        _require(
            "cancellation",
            bool(done),
            f"a cancelled fetch was still running after {SLACK:g} s",
            "Readers that leave would hold connections for ever.",
        )
    found = await subject.fetch(subject.many)
    _require(
        "cancellation",
        plain(found.groups) == subject.expected(subject.many, subject.columns),
        "after cancelled fetches it answers otherwise than before",
        "A cancelled call may not spoil the next.",
    )


async def errors(subject: Subject) -> None:
    """What goes wrong is a SourceFailure that names no secret; what a source lacks is one, or empty."""
    try:
        found = await subject.fetch(subject.many[:1], ("no_such_column",))
    except SourceFailure as failure:
        told = [secret for secret in subject.secrets if secret in str(failure)]
        _require("errors", not told, "the message of a failure holds a secret", "Messages go to readers and logs.")
        return
    except Exception as error:
        raise Nonconformity(
            "errors",
            f"a column that it does not have raised {type(error).__name__}",
            "Raise a SourceFailure that says what to do; anything else is a fault without a reason.",
        ) from error
    values = [row[-1] for group in found.groups for row in group]
    _require(
        "errors",
        not any(values),
        f"a column that it does not have was answered with {_few(values)}",
        "What a source does not have is refused or empty.",
    )


async def concurrency(subject: Subject) -> None:
    """Fetches at the same time get their own answers."""
    asked = [[key] for key in (subject.keys * 20)[:20]]
    answers = await asyncio.gather(*(subject.fetch(keys) for keys in asked))
    for keys, found in zip(asked, answers, strict=True):
        _require(
            "concurrency",
            plain(found.groups) == subject.expected(keys, subject.columns),
            f"asked for {_few(keys)} beside others, it answered {_few(plain(found.groups))}",
            "Requests run side by side; state of one may not be seen by another.",
        )


async def paging(subject: Subject) -> None:
    """A scan loses and repeats nothing, at any size of page, and goes on behind a position."""
    if not subject.connector.capabilities.scan:
        return
    whole = sorted(
        plain([[tuple(r.get(c) for c in (*subject.key, *subject.columns)) for r in subject.records]])[0], key=str
    )
    for size in (1, 2, 100):
        pages = await _scanned(subject, size, None)
        _require(
            "paging",
            _flat(pages) == whole,
            f"pages of {size} held {len(_flat(pages))} of {len(whole)}",
            "What a scan loses is not found; what it repeats is counted twice.",
        )
        for place, page in enumerate(pages[:-1][:3]):
            _require(
                "paging",
                page.position is not None,
                "a page before the last has no position",
                "A long reading could not go on where it broke off.",
            )
            after = await _scanned(subject, size, page.position)
            _require(
                "paging",
                _flat(after) == _flat(pages[place + 1 :]),
                f"behind {page.position!r} came other records",
                "What goes on has to go on there.",
            )


async def unicode(subject: Subject) -> None:
    """Text comes as it is, whatever it is written in."""
    found = await subject.fetch(subject.many)
    seen = {value for rows in plain(found.groups) for row in rows for value in row if value}
    wanted = {v for rows in subject.expected(subject.many, subject.columns) for row in rows for v in row if v}
    lost = sorted(value for value in wanted - seen if not value.isascii())
    _require("unicode", not lost, f"instead of {lost[:2]} came {sorted(seen - wanted)[:2]}", "Names are lost.")


async def types(subject: Subject) -> None:
    """Values are plain, and are read as the kind that is declared."""
    found = await subject.fetch(subject.many)
    for key, group in zip(subject.many, found.groups, strict=False):
        for row in group:
            for column, value in zip((*subject.key, *subject.columns), row, strict=False):
                _require(
                    "types",
                    value is None or type(value) in _PLAIN,
                    f"{column} of {key!r} is a {type(value).__name__}",
                    "The hub reads str, int, bool, Decimal, float, date, datetime, lists and dicts, and nothing else.",
                )
                if (kind := subject.types.get(column)) is not None and value not in (None, ""):
                    _read_as(kind, column, value)


def _read_as(kind: FieldKind, column: str, value: Any) -> None:
    try:
        reader(kind)(value)
    except Unreadable as error:
        raise Nonconformity(
            "types", f"{column} is {value!r}, which cannot be read as {kind}", "It would be shown as UNREADABLE."
        ) from error


async def health(subject: Subject) -> None:
    """It says that it is well, within its time."""
    try:
        found = await asyncio.wait_for(subject.connector.check(), _PATIENCE)
    except Exception as error:
        raise Nonconformity(
            "health", f"check raised {type(error).__name__}", "It answers a Health, whatever is wrong."
        ) from error
    _require(
        "health",
        found.ok,
        f"check answered {found!r}",
        "The source is there, as this run shows.",
    )


async def closing(subject: Subject) -> None:
    """It can be closed, and closed again."""
    for _ in range(2):
        try:
            await asyncio.wait_for(subject.connector.aclose(), _PATIENCE)
        except Exception as error:
            raise Nonconformity(
                "closing", f"aclose raised {type(error).__name__}", "A hub that ends has to end."
            ) from error


CHECKS: Mapping[str, Check] = {
    one.__name__: one
    for one in (
        alignment,
        unknown_keys,
        duplicate_keys,
        projection,
        empty_batch,
        huge_batch,
        deadline,
        cancellation,
        errors,
        concurrency,
        paging,
        unicode,
        types,
        health,
        closing,
    )
}


async def _scanned(subject: Subject, size: int, after: str | None) -> list[Rows]:
    found: list[Rows] = []
    async with asyncio.timeout(_PATIENCE):
        async for page in subject.connector.scan(
            Scan(subject.collection, (*subject.key, *subject.columns), size, after)
        ):
            found.append(page)
            if len(found) > 10 * len(subject.records) + 10:
                raise Nonconformity("paging", "the scan does not end", "A reading of the whole would never be done.")
    return found


def _flat(pages: Sequence[Rows]) -> list[tuple[Any, ...]]:
    return sorted((row for page in pages for group in plain(page.groups) for row in group), key=str)


def _require(check: str, kept: bool, seen: str, why: str) -> None:
    if not kept:
        raise Nonconformity(check, seen, why)


def _few(values: Sequence[Any]) -> str:
    shown = ", ".join(str(value)[:80] for value in values[:2])
    return f"{shown}{' …' if len(values) > 2 else ''}" or "nothing"
