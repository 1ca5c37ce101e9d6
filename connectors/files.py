"""files: delivered CSV, JSON, JSON Lines and folders of TOML; read anew when they change, never half-read."""

from __future__ import annotations

import asyncio
import codecs
import csv
import sys
import time
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import orjson
from pydantic import field_validator, model_validator

from connectors.contract import (
    Capabilities,
    CollectionDeclaration,
    Fetch,
    Health,
    Held,
    Rows,
    Scan,
    SourceDeclaration,
    align,
)
from connectors.errors import SourceError, SourceFailure, SourceUnavailable
from connectors.nested import row_reader
from connectors.options import Options, checked
from connectors.typed import typed_by_key

_LOOK_EVERY = 0.5
"""Seconds between two looks at the disk."""


class _Source(Options):
    folder: str


class _Collection(Options):
    file: str | None = None
    folder: str | None = None
    encoding: str = "utf-8-sig"

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.file is None) is (self.folder is None):
            raise ValueError("give either `file` (CSV, JSON, JSON Lines) or `folder` (TOML files)")
        if self.file and Path(self.file).suffix not in _PARSERS:
            raise ValueError(f"{self.file} is none of {', '.join(_PARSERS)}")
        if "encoding" in self.model_fields_set and not (self.file or "").endswith(".csv"):
            raise ValueError("only of a CSV file is there a choice of `encoding`; the others are UTF-8")
        return self

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str) -> str:
        try:
            found = codecs.lookup(encoding).name
        except LookupError as error:
            raise ValueError(f"there is no encoding {encoding!r}; write utf-8 or gb18030") from error
        return "utf-8-sig" if found == "utf-8" else found


@dataclass(frozen=True)
class _Delivery:
    """What a file or folder held when it was last read whole."""

    mark: tuple[Any, ...]
    delivered_at: datetime
    records: Sequence[Mapping[str, Any]]
    by_key: dict[Any, list[Mapping[str, Any]]]
    columns: frozenset[str]
    skipped: int
    whole: Held | None
    """All of it in one; None if it lacks a column that the configuration names."""


@dataclass
class _Collected:
    """One collection's delivery, kept until a newer one has been read whole."""

    source: str
    declaration: CollectionDeclaration
    path: Path
    encoding: str
    delivery: _Delivery | None = None
    broken: SourceFailure | None = None
    looked: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def flat(self) -> bool:
        """Its records are lines of a CSV file."""
        return self.path.suffix == ".csv"

    def is_current(self) -> bool:
        """Say whether the delivery is still the newest; this looks at the disk now and then, and reads nothing."""
        now = time.monotonic()
        if now - self.looked < _LOOK_EVERY:
            return self.delivery is not None
        try:
            same = self.delivery is not None and _mark(self.path) == self.delivery.mark
        except OSError:
            return False
        if same:
            self.looked = now
        return same

    async def current(self) -> _Delivery:
        """Return the newest delivery that could be read; raise if there has been none."""
        async with self.lock:
            if time.monotonic() - self.looked >= _LOOK_EVERY:
                await asyncio.to_thread(self._look)
                self.looked = time.monotonic()
        if self.delivery is None:
            raise self.broken or SourceUnavailable(self.source, f"{self.path.name} has not been delivered")
        return self.delivery

    def _look(self) -> None:
        try:
            mark = _mark(self.path)
            if self.delivery is None or mark != self.delivery.mark:
                fresh = self._read(mark)
                if _mark(self.path) == mark:
                    self.delivery = fresh
            self.broken = None
        except FileNotFoundError:
            self.broken = SourceUnavailable(self.source, f"{self.path.name} has not been delivered")
        except (OSError, UnicodeDecodeError, ValueError, TypeError, csv.Error) as error:
            self.broken = SourceError(self.source, f"{self.path.name} cannot be read ({type(error).__name__}: {error})")

    def _read(self, mark: tuple[Any, ...]) -> _Delivery:
        records, skipped = _PARSERS.get(self.path.suffix, _toml)(self.path, self.encoding)
        self._intern(records)
        key_of = row_reader(self.declaration.key, flat=self.flat)
        by_key: dict[Any, list[Mapping[str, Any]]] = {}
        for record in records:
            key = key_of(record)
            by_key.setdefault(str(key[0]).strip() if len(key) == 1 else key, []).append(record)
        # Only a CSV file has a header; in the other forms a record simply leaves out what it does not have.
        columns = frozenset(records[0]) if records and self.flat else frozenset()
        newest = datetime.fromtimestamp(max(entry[1] for entry in mark) / 1e9, UTC)
        whole = None
        if not columns or columns.issuperset(self.declaration.columns):
            row = row_reader(self.declaration.columns, flat=self.flat)
            typed = typed_by_key(self.declaration, records)
            whole = Held(
                newest,
                time.monotonic() - (datetime.now(UTC) - newest).total_seconds(),
                lambda key: [row(record) for record in by_key.get(key, ())],
                typed,
            )
        return _Delivery(mark, newest, records, by_key, columns, skipped, whole)

    def _intern(self, records: Sequence[dict[str, Any]]) -> None:
        """Let all collections have the same texts as keys: a look-up by one then need not read it."""
        if len(self.declaration.key) == 1:
            (column,) = self.declaration.key
            for record in records:
                if type(key := record.get(column)) is str:
                    record[column] = sys.intern(key)


class FilesConnector:
    """Files that others deliver into a folder."""

    capabilities = Capabilities(max_keys=100_000, scan=True)

    def __init__(self, name: str, collected: Mapping[str, _Collected]) -> None:
        """Read nothing yet."""
        self._name = name
        self._collected = collected

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the records of the keys."""
        delivery = await self._delivery(ask.collection, ask.columns)
        row = row_reader(ask.columns, flat=self._collected[ask.collection].flat)
        width = len(self._collected[ask.collection].declaration.key)
        rows = [row(record) for key in dict.fromkeys(ask.keys) for record in delivery.by_key.get(key, ())]
        groups = align(self._name, ask.keys, range(width), rows)
        return Rows(groups, delivered_at=delivery.delivered_at)

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield every record, page by page, of one and the same delivery."""
        delivery = await self._delivery(ask.collection, ask.columns)
        row = row_reader(ask.columns, flat=self._collected[ask.collection].flat)
        for start in range(int(ask.after or 0), len(delivery.records), ask.page_size):
            page = delivery.records[start : start + ask.page_size]
            position = str(start + len(page))
            yield Rows([[row(record) for record in page]], delivered_at=delivery.delivered_at, position=position)

    def held(self, collection: str) -> Held | None:
        """Return a collection, unless a newer delivery has to be read."""
        collected = self._collected[collection]
        delivery = collected.delivery
        return delivery.whole if delivery is not None and collected.is_current() else None

    async def check(self) -> Health:
        """Say whether every collection has been delivered and could be read."""
        started = time.monotonic()
        problems: list[str] = []
        for name, collected in self._collected.items():
            try:
                delivery = await collected.current()
            except SourceFailure as failure:
                problems.append(f"{name}: {failure.message}")
                continue
            if collected.broken:
                problems.append(f"{name}: {collected.broken.message}; the delivery before it is served")
            if delivery.skipped:
                problems.append(f"{name}: {delivery.skipped} unreadable lines left out")
        good = all(c.delivery is not None and c.broken is None for c in self._collected.values())
        return Health(good, "; ".join(problems) or "all delivered", (time.monotonic() - started) * 1000)

    async def aclose(self) -> None:
        """Have nothing to give back."""

    async def _delivery(self, collection: str, columns: tuple[str, ...]) -> _Delivery:
        delivery = await self._collected[collection].current()
        strange = [column for column in columns if column not in delivery.columns]
        if strange and delivery.columns:
            known = ", ".join(sorted(delivery.columns))
            raise SourceError(self._name, f"{collection} has no column {strange[0]!r}; it has {known}")
        return delivery


def connect(declaration: SourceDeclaration) -> FilesConnector:
    """Open the source of a declaration."""
    options = checked(_Source, declaration.options, declaration.where)
    folder = Path(declaration.folder, declaration.secret(options.folder))
    collected = {}
    for name, collection in declaration.collections.items():
        found = checked(_Collection, collection.options, collection.where)
        path = folder / str(found.file or found.folder)
        collected[name] = _Collected(declaration.name, collection, path, found.encoding)
    return FilesConnector(declaration.name, collected)


def _mark(path: Path) -> tuple[Any, ...]:
    """What changes when a delivery does: name, time, size and inode of each file."""
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    marks = [(file.name, (found := file.stat()).st_mtime_ns, found.st_size, found.st_ino) for file in files]
    if not marks:
        raise FileNotFoundError(path)
    return tuple(marks)


def _csv(path: Path, encoding: str) -> tuple[list[dict[str, Any]], int]:
    """Read a CSV file; a line with too few or too many columns is left out and counted."""
    with path.open(encoding=encoding, newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        records: list[dict[str, Any]] = []
        skipped = 0
        for line in lines:
            if len(line) == len(header):
                records.append(dict(zip(header, line, strict=True)))
            elif line:
                skipped += 1
        return records, skipped


def _json(path: Path, _utf_8: str) -> tuple[list[dict[str, Any]], int]:
    """Read a JSON file that holds one list; what is no object in it is left out and counted."""
    found = orjson.loads(path.read_bytes())
    if not isinstance(found, list):
        raise TypeError("it holds no list")
    records: list[dict[str, Any]] = [record for record in found if isinstance(record, dict)]
    return records, len(found) - len(records)


def _json_lines(path: Path, _utf_8: str) -> tuple[list[dict[str, Any]], int]:
    """Read a JSON Lines file; a line that is no JSON object is left out and counted."""
    records: list[dict[str, Any]] = []
    skipped = 0
    for line in path.read_bytes().splitlines():
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            record = None
        if isinstance(record, dict):
            records.append(record)
        else:
            skipped += 1
    return records, skipped


def _toml(path: Path, _utf_8: str) -> tuple[list[dict[str, Any]], int]:
    """Read a folder of TOML files, one record each; a file that is no TOML is left out and counted."""
    records: list[dict[str, Any]] = []
    skipped = 0
    for file in sorted(path.glob("*.toml")):
        try:
            records.append(tomllib.loads(file.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            skipped += 1
    return records, skipped


_PARSERS: Mapping[str, Callable[[Path, str], tuple[list[dict[str, Any]], int]]] = {
    ".csv": _csv,
    ".json": _json,
    ".jsonl": _json_lines,
}
