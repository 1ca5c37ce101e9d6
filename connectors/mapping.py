"""From a source's rows to the hub's records: names, kinds, units and publicity, column by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connectors.catalogue import Collection
from connectors.contract import Row
from connectors.outcomes import Absent, Record, Typed, record_type
from connectors.readers import EMPTY, Read, Unreadable, reader
from connectors.recent import Recent
from connectors.typed import from_rows, typed_record


@dataclass(frozen=True)
class PublicIf:
    """The value of a record is shared only if another of its columns says so."""

    column: str
    equals: str


@dataclass(frozen=True)
class FieldMapping:
    """Where a field of the hub lies in the source, and how it is written there."""

    column: str
    unit: str | None = None
    values: Mapping[str, str] | None = None
    split: str = ";"
    public_if: PublicIf | None = None
    constant: str | int | bool | None = None
    unpublished: bool = False
    """The value whatever `public_if` says."""


_UNPUBLISHED = "unpublished_"


def unpublished(field: str) -> str:
    """Return the name under which a field is given whether its record publishes it or not.

    It is a field of its own, so that nothing that asks for the field itself, and no cache of it, ever holds more.
    """
    return _UNPUBLISHED + field


@dataclass(frozen=True)
class Delivery:
    """What is true of a whole batch: who gave it, and as of when its records count if they do not say it themselves."""

    source: str
    as_of: datetime
    synthetic: bool


Column = Sequence[Any]
ColumnReader = Callable[[Mapping[str, Column], int, Delivery], Column]


@dataclass
class CollectionMapping:
    """The mapping of one collection of one source, compiled once for each set of fields that is asked for."""

    collection: Collection
    key: tuple[str, ...]
    fields: Mapping[str, FieldMapping]
    empty: tuple[str, ...] = EMPTY
    exact: bool = False
    unreadable: Counter[str] = field(default_factory=Counter)
    """How many values of each field could not be read since the start."""
    _projections: Recent[frozenset[str], Projection] = field(default_factory=lambda: Recent(256))

    def __post_init__(self) -> None:
        """Give each field that a record may publish or not under a second name too."""
        flagged = {name: mapping for name, mapping in self.fields.items() if mapping.public_if}
        whole = {unpublished(name): replace(mapping, unpublished=True) for name, mapping in flagged.items()}
        self.fields = {**self.fields, **whole}

    def projection(self, fields: frozenset[str]) -> Projection:
        """Return the compiled projection of these fields; those that this source does not give are NOT_DELIVERED."""
        found = self._projections.get(fields)
        if found is None:
            found = self._projections[fields] = Projection(self, tuple(sorted(fields)))
        return found

    def shape(self, names: Sequence[str]) -> type[Typed] | None:
        """Return the typed class of an exact source's records with these fields; None where they must be mapped."""
        if not self.exact or len(self.key) != 1:
            return None
        columns = {self.collection.key: self.key[0]}
        for name in names:
            wanted = self.fields.get(name)
            if name == self.collection.key and wanted is None:
                continue
            if wanted is None or wanted != FieldMapping(wanted.column, split=wanted.split):
                return None
            columns[name] = wanted.column
        return typed_record(self.collection, columns)

    def whole(self) -> Projection:
        """Return the projection of everything that this source gives, and of what the hub fills in."""
        return self.projection(frozenset((self.collection.key, *self.fields, *_FILLED_IN)))

    def whole_shape(self) -> type[Typed] | None:
        """Return the typed class of an exact source's whole records; None where they must be mapped."""
        return self.shape(tuple(self.fields))

    def gives(self, name: str) -> bool:
        """Say whether this source has the field, or the hub fills it in."""
        return name in self.fields or name in _FILLED_IN or name == self.collection.key


class Projection:
    """The columns to ask for and the way from rows to records, for one set of fields."""

    def __init__(self, mapping: CollectionMapping, names: tuple[str, ...]) -> None:
        self.key_width = len(mapping.key)
        self._readers = [_column_reader(mapping, name) for name in names]
        needed = [column for name in names if name in mapping.fields for column in _columns(mapping.fields[name])]
        self.columns: tuple[str, ...] = (*mapping.key, *dict.fromkeys(c for c in needed if c not in mapping.key))
        self._record = record_type(mapping.collection.name, names)
        self.fields = frozenset(names)
        self.shape = mapping.shape(names)
        """The typed class of these records, if the source is exact; then nothing needs mapping."""

    def records(self, rows: Sequence[Row], keys: Sequence[str], delivery: Delivery) -> list[Record]:
        """Return one record for each row; `keys` are the hub's keys of the rows."""
        if not rows:
            return []
        if self.shape and (typed := from_rows(self.shape, self.columns, rows)) is not None:
            return typed
        columns: dict[str, Column] = dict(zip(self.columns, zip(*rows, strict=True), strict=True))
        columns[_HUB_KEY] = keys
        values = [read(columns, len(rows), delivery) for read in self._readers]
        return list(map(self._record, *values)) if values else [self._record() for _ in rows]


_HUB_KEY = " key"
_FILLED_IN: Mapping[str, Callable[[Delivery], Any]] = {
    "as_of": lambda delivery: delivery.as_of,
    "source": lambda delivery: delivery.source,
    "synthetic": lambda delivery: delivery.synthetic,
}


def _columns(mapping: FieldMapping) -> list[str]:
    if mapping.constant is not None:
        return []
    return [mapping.column, *([mapping.public_if.column] if mapping.public_if else [])]


def _column_reader(mapping: CollectionMapping, name: str) -> ColumnReader:
    if name == mapping.collection.key and name not in mapping.fields:
        return lambda columns, _rows, _delivery: columns[_HUB_KEY]
    wanted = mapping.fields.get(name)
    if not mapping.gives(name):
        return lambda _columns, rows, _delivery: [Absent.NOT_DELIVERED] * rows
    if wanted is None:
        fill = _FILLED_IN[name]
        return lambda _columns, rows, delivery: [fill(delivery)] * rows
    kind = mapping.collection.kind(name.removeprefix(_UNPUBLISHED) if wanted.unpublished else name)
    assert kind is not None, f"{mapping.collection.name}.{name} was accepted without being in the catalogue"
    read = reader(kind, unit=wanted.unit, values=wanted.values, split=wanted.split)
    if mapping.exact and kind is str and not wanted.values:
        read = _untrimmed
    if wanted.constant is not None:
        constant = read(wanted.constant)
        return lambda _columns, rows, _delivery: [constant] * rows
    return _source_column(mapping, name, wanted, read)


def _untrimmed(raw: Any) -> str:
    """Read a text of an exact source, which means what it says."""
    if isinstance(raw, str):
        return raw
    raise Unreadable(raw)


def _source_column(mapping: CollectionMapping, name: str, wanted: FieldMapping, read: Read) -> ColumnReader:
    empty: frozenset[str | None] = frozenset((None,) if mapping.exact else (*mapping.empty, None))
    fill = _FILLED_IN.get(name)

    def readable(raw: Any) -> Any:
        try:
            return read(raw)
        except Unreadable:
            mapping.unreadable[name] += 1
            return Absent.UNREADABLE

    def column(columns: Mapping[str, Column], rows: int, delivery: Delivery) -> Column:
        values = [None if _is_empty(raw, empty) else readable(raw) for raw in columns[wanted.column]]
        if fill:
            values = [fill(delivery) if value is None else value for value in values]
        if (public := wanted.public_if) and not wanted.unpublished:
            flags = columns[public.column]
            values = [
                value if str(flag) == public.equals else Absent.NOT_SHARED
                for value, flag in zip(values, flags, strict=True)
            ]
        return values

    return column


def _is_empty(raw: Any, empty: frozenset[str | None]) -> bool:
    return raw is None or (isinstance(raw, str) and len(empty) > 1 and (raw in empty or raw.strip() in empty))
