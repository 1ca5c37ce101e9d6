"""The contract of a connector: the one door through which every source enters, ours or a stranger's.

A connector speaks one protocol in the source's own words: its column names, its form of the key, its raw values.
Names, units, dates and code lists of the hub are applied outside it (`connectors.mapping`), as are cache, memo and
deadline (`connectors.sources`), so that a connector stays small enough to be right.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable

import msgspec

from connectors.errors import SourceError, SourceFailure

Key = str | tuple[str, ...]
Row = tuple[Any, ...]
"""The values of one record, in the order of the columns that were asked for."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can do; what is off is never asked of it."""

    max_keys: int = 500
    """Most keys in one fetch; the hub splits a longer list."""
    keys_per_fetch: Mapping[str, int] = field(default_factory=dict)
    """The same for single collections, where they differ."""
    scan: bool = False
    """`scan` reads a whole collection."""
    changes: bool = False
    """`scan` can leave out what has not changed since a moment."""
    as_of: frozenset[str] = frozenset()
    """Collections that can be read as they were on a date."""
    personal: bool = False
    """What it answers depends on who asks: it is told (`caller`), and nothing of it is kept or shared."""
    max_bytes: int | None = None
    """Most bytes of an answer, unpacked; beyond: SourceTooLarge. None if it has no such bound."""
    punctual: bool = False
    """It keeps a fetch's deadline and stops at once when cancelled, so that the hub need not watch over it."""

    def most_keys(self, collection: str) -> int:
        """Return the most keys that one fetch of a collection may have."""
        return self.keys_per_fetch.get(collection, self.max_keys)


class Caller(Protocol):
    """For whom the hub asks."""

    @property
    def organisation(self) -> str:
        """The reader's organisation; empty for the anonymous reader."""

    @property
    def purpose(self) -> str | None:
        """What it asks for, as `PRE_LOAN`; None if it does not say."""

    @property
    def operation(self) -> str:
        """SHA-256 of the text of its operation, hexadecimal."""

    @property
    def token(self) -> str | None:
        """The token that its issuer gave it, a secret; None without."""


class Fetch(msgspec.Struct, frozen=True):
    """A batch of keys of one collection, and the columns wanted of each record."""

    collection: str
    keys: Sequence[Key]
    """Distinct, in the source's own form."""
    columns: tuple[str, ...]
    """The source's names; the columns of the key always come first. A dot leads into a nested object."""
    deadline: float
    """On the clock of time.monotonic; the hub cancels the fetch when it has passed."""
    as_of: date | None = None
    shape: Any = None
    """For an exact source: a Struct class that a connector may decode each record into (then it answers `records`)."""
    caller: Caller | None = None
    """For whom it is, if the connector is `personal`; None: for nobody but the hub itself."""

    def remaining(self) -> float:
        """Seconds until the deadline, never negative."""
        return max(0.0, self.deadline - time.monotonic())


@dataclass(frozen=True, slots=True)
class Scan:
    """A whole collection, page by page, or what has changed of it since a moment."""

    collection: str
    columns: tuple[str, ...]
    """The source's names; the columns of the key always come first."""
    page_size: int = 1000
    after: str | None = None
    """Continue behind the page whose Rows carried this position."""
    since: datetime | None = None
    caller: Caller | None = None
    """For whom it is, if the connector is `personal`; None: for nobody but the hub itself."""


class Rows(msgspec.Struct, frozen=True):
    """Records aligned with the keys of a Fetch: for each key a list, empty where the key is unknown.

    A failed key has its reason in `failures`, under its place, and an empty list. For a Scan, `groups` is one list: the
    page.
    """

    groups: Sequence[Sequence[Row]]
    failures: Mapping[int, SourceFailure] = {}
    records: Sequence[Any] | None = None
    """Instead of `groups`, aligned with the keys: each key's record of the Fetch's shape, or None (a list: many)."""
    delivered_at: datetime | None = None
    """When the source handed these records over, if that was before this fetch (a delivered file); None: just now."""
    position: str | None = None
    """Of a Scan's page: where to continue behind it; None if this source can only start again."""


@dataclass(frozen=True, slots=True)
class Held:
    """A whole collection that a connector has in memory; the same object until a newer one has been delivered."""

    delivered_at: datetime
    delivered: float
    """The same on the clock of time.monotonic."""
    rows: Callable[[str], Sequence[Row]]
    """The rows of a key, in the order of the columns that were declared; empty for an unknown key."""
    records: Mapping[str, Any] | None = None
    """By key, if it is exact: the record in its whole shape; for a collection of many, a list."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a source can be used at this moment."""

    ok: bool
    detail: str
    milliseconds: float


class Connector(Protocol):
    """One source, spoken to in its own protocol. Raise a SourceFailure, or let the protocol's own exception out."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the records of the keys, aligned with them, with exactly the columns asked for.

        It may be cancelled at any moment, and is not waited for then.
        """
        ...

    def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield the whole collection, page by page, without loss or repeat."""
        ...

    async def check(self) -> Health:
        """Say whether the source can be used, without reading its records."""
        ...

    async def aclose(self) -> None:
        """Give back connections and files."""
        ...


@runtime_checkable
class InMemory(Protocol):
    """What a connector also is if it holds whole collections in this process."""

    def held(self, collection: str) -> Held | None:
        """Return a collection without waiting; None if it has to be fetched."""
        ...


@runtime_checkable
class SelfDescribing(Protocol):
    """What a connector also is if its source tells what it has, as a schema that can be asked for."""

    async def lacking(self) -> Sequence[str]:
        """Return the names of what is used of the source and is not there; raise SourceFailure if it does not tell."""
        ...


@dataclass(frozen=True, slots=True)
class CollectionDeclaration:
    """What a connector is told of one collection: where it lies, in the options that the connector's kind defines."""

    name: str
    key: tuple[str, ...]
    """The source's columns that hold the key; several for a composite key."""
    many: bool
    """Several records a key are normal."""
    options: Mapping[str, Any]
    where: str
    """The place in the configuration, for messages."""
    shape: Any = None
    """For an exact source: the Struct class of its whole records."""
    columns: tuple[str, ...] = ()
    """Every column that the configuration names, those of the key first."""


@dataclass(frozen=True, slots=True)
class SourceDeclaration:
    """What a connector is told of its source; secrets are resolved, the rest is as written in the configuration."""

    name: str
    options: Mapping[str, Any]
    collections: Mapping[str, CollectionDeclaration]
    timeout: float
    """Seconds that one fetch may take."""
    where: str
    folder: str
    """Relative paths in the options start here: the folder of the configuration."""
    secret: Callable[[str], str]
    """Resolve `env:NAME` or `file:PATH`; any other text is returned as it is."""


ConnectorFactory = Callable[[SourceDeclaration], Connector]


def align(source: str, keys: Sequence[Key], key_places: Sequence[int], rows: Sequence[Row]) -> list[list[Row]]:
    """Return the rows of each key, by the key that each row itself carries; never by position.

    Case and surrounding spaces of a carried key may differ from the key asked for (databases compare so). A row whose
    key was not asked for means that the source answered another question: SourceError.
    """
    asked, groups = frozenset(keys), dict[Key, list[Row]]()
    folded: dict[Key, Key] = {}
    single = key_places[0] if len(key_places) == 1 else None
    for row in rows:
        key: Key = row[single] if single is not None else tuple(row[place] for place in key_places)
        if key not in asked:
            folded = folded or {_fold(one): one for one in keys}
            key = folded.get(_fold(key), key)
        if key not in asked:
            raise SourceError(source, f"answered with a record of key {str(key)[:40]!r}, which was not asked for")
        groups.setdefault(key, []).append(row)
    nothing: list[Row] = []  # one for all of which there is nothing, who may be many; nobody changes it
    return [groups.get(key, nothing) for key in keys]


def _fold(key: Key) -> Key:
    return tuple(str(part).strip().upper() for part in key) if isinstance(key, tuple) else str(key).strip().upper()
