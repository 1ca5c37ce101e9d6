"""Typed records: Struct classes that an exact source's answers are decoded into, so that nothing is left to check.

A class is made for each set of fields of a collection. Its fields are written under the source's own names, as they
are read; what the class says of a value is sure, and the engine sends it on without looking.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any

import msgspec
import structlog

from connectors.catalogue import Collection, FieldKind, Records
from connectors.contract import CollectionDeclaration, Fetch, Row, align
from connectors.errors import SourceError, SourceFailure
from connectors.outcomes import Typed

_log = structlog.get_logger()

Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]

Decoder = Callable[[bytes], Any]

_PLAIN: Mapping[Any, Any] = {str: str, int: Int32, float: float, bool: bool, date: date, Decimal: Decimal}


def annotation(kind: FieldKind | None) -> Any:
    """Return the type that a kind's values are decoded into; None for kinds that need more than decoding."""
    if isinstance(kind, Records):
        return list[_nested(kind)]  # type: ignore[misc]  # a class made for the kind
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return _PLAIN.get(kind)


def typed_record(collection: Collection, columns: Mapping[str, str]) -> type[Typed] | None:
    """Return the class of records of these fields, written as the source's columns; None if a kind needs more.

    The key comes first, whether it is among the fields or not.
    """
    return _typed_record(collection, tuple(columns.items()))


@lru_cache(maxsize=1024)
def _typed_record(collection: Collection, columns: tuple[tuple[str, str], ...]) -> type[Typed] | None:
    fields: list[Any] = []
    optional: list[Any] = []
    if len(dict(columns).values()) != len(set(dict(columns).values())):
        return None
    for name, _ in columns:
        kind = annotation(collection.kind(name) or (str if name == collection.key else None))
        if kind is None:
            return None
        if name == collection.key or name in collection.required:
            fields.append((name, kind))
        else:
            optional.append((name, kind | None, None))
    return _struct(f"{collection.name}_record", [*fields, *optional], dict(columns))


@lru_cache(maxsize=256)
def _nested(kind: Records) -> type[Typed]:
    fields: list[Any] = [(name, annotation(kind.fields[name])) for name in kind.fields if name in kind.required]
    fields += [(n, annotation(kind.fields[n]) | None, None) for n in kind.fields if n not in kind.required]
    return _struct(kind.name, fields, "camel")


def _struct(name: str, fields: list[Any], rename: Any) -> type[Typed]:
    made: Any = msgspec.defstruct(name, fields, bases=(Typed,), rename=rename, frozen=True, gc=False)
    kind: type[Typed] = made
    return kind


def typed_by_key(collection: CollectionDeclaration, records: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return raw records as typed ones by their key; None if the source is not exact, or one record does not fit."""
    if collection.shape is None:
        return None
    every: Any = list[collection.shape]  # type: ignore[name-defined]  # a class made for the collection
    try:
        typed: list[Any] = msgspec.convert(records, every)
    except msgspec.ValidationError as error:
        _log.warning("source.inexact", place=collection.where, problem=str(error))
        return None
    key = collection.shape.__struct_fields__[0]
    if not collection.many:
        by_key = {getattr(record, key): record for record in typed}
        return by_key if len(by_key) == len(typed) else None
    lists: dict[str, list[Any]] = {}
    for record in typed:
        lists.setdefault(getattr(record, key), []).append(record)
    return lists


def from_rows(kind: type[Typed], columns: Sequence[str], rows: Sequence[Row]) -> list[Any] | None:
    """Return rows of these columns as typed records; None if one of them is not what the class says."""
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    try:
        return msgspec.convert(named, list[kind])  # type: ignore[valid-type]  # a class made for the collection
    except msgspec.ValidationError as error:
        _log.warning("source.inexact", records=kind.__name__, problem=str(error))
        return None


def list_decoder(kind: type[Typed], rows: str) -> Decoder:
    """Return the decoder of a list of these records, which lies at the end of a path of objects."""
    wanted: Any = list[kind]  # type: ignore[valid-type]  # a class made for the collection
    names = rows.split(".") if rows else []
    for name in reversed(names):
        wanted = msgspec.defstruct("Around", [("within", wanted)], rename={"within": name})
    decode = msgspec.json.Decoder(wanted).decode
    if not names:
        return decode

    def decode_within(body: bytes) -> Any:
        found = decode(body)
        for _ in names:
            found = found.within
        return found

    return decode_within


def align_records(
    source: str, ask: Fetch, many: bool, records: Sequence[Any]
) -> tuple[Sequence[Any], Mapping[int, SourceFailure]]:
    """Return the typed records of each key, by the key that each record carries, and what failed by its place."""
    key = ask.shape.__struct_fields__[0]
    if not many:
        by_key = {getattr(record, key): record for record in records}
        aligned = list(map(by_key.get, ask.keys))
        if len(by_key) == len(records) == len(aligned) - aligned.count(None):
            return aligned, {}
    groups = align(source, ask.keys, (0,), [(getattr(record, key), record) for record in records])
    lists = [[record for _, record in group] for group in groups]
    if many:
        return lists, {}
    failures: dict[int, SourceFailure] = {
        place: SourceError(source, f"has {len(group)} contradicting records of one key, where one is expected")
        for place, group in enumerate(lists)
        if any(other != group[0] for other in group[1:])
    }
    return [group[0] if group else None for group in lists], failures
