"""Outcomes as bytes and back, for a cache outside the process. Nothing in the bytes is ever executed, only read.

MessagePack, with extensions for what it does not know: amounts, days, moments, members of closed lists, absences,
records. The values come back as their own kinds; records as those of `record_type`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec

from connectors.catalogue import Catalogue, FieldKind, Members, Records
from connectors.outcomes import Absent, Outcome, record_type

_AMOUNT, _DAY, _MOMENT, _ABSENT, _MEMBER, _RECORD = range(1, 7)
_AS_IT_IS = (str, int, float, bool, type(None))
_RECORD_SUFFIX = "_record"

_encode = msgspec.msgpack.Encoder().encode


class Unpackable(ValueError):
    """The outcome holds what cannot be put into bytes, or the bytes hold what is no outcome."""


class Packer:
    """Packs and unpacks outcomes of one catalogue's collections."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Know the closed lists of these collections."""
        self._members: dict[str, type[Enum]] = {}
        self.know(catalogue)
        self._decoder = msgspec.msgpack.Decoder(ext_hook=self._extended)

    def know(self, catalogue: Catalogue) -> None:
        """Know the closed lists of these collections too."""
        for collection in catalogue.values():
            self._members.update((kind.__name__, kind) for kind in _lists(collection.fields))

    def pack(self, collection: str, outcome: Outcome) -> bytes:
        """Return an outcome of a collection as bytes; raise Unpackable."""
        try:
            return _encode(self._plain(collection, outcome))
        except (OverflowError, UnicodeEncodeError) as error:
            raise Unpackable(str(error)) from error

    def unpack(self, content: bytes) -> Outcome:
        """Return the outcome; raise Unpackable."""
        try:
            return _untied(self._decoder.decode(content))
        except (msgspec.DecodeError, ValueError, TypeError, KeyError, ArithmeticError) as error:
            raise Unpackable(str(error)) from error

    def _plain(self, name: str, value: Any) -> Any:
        kind = type(value)
        if kind in _AS_IT_IS:
            return value
        if kind is Decimal:
            return _extension(_AMOUNT, str(value))
        if kind is datetime:
            return _extension(_MOMENT, value.isoformat())
        if kind is date:
            return _extension(_DAY, value.isoformat())
        if kind is Absent:
            return _extension(_ABSENT, value.value)
        if kind is tuple or kind is list:
            return [self._plain(name, one) for one in value]
        if isinstance(value, Enum) and self._members.get(kind.__name__) is kind:
            return _extension(_MEMBER, f"{kind.__name__}.{value.name}")
        if isinstance(value, msgspec.Struct):
            return self._record(name, value)
        raise Unpackable(f"a {kind.__name__} cannot be packed")

    def _record(self, name: str, record: msgspec.Struct) -> msgspec.msgpack.Ext:
        kind = type(record)
        own = kind.__name__.removesuffix(_RECORD_SUFFIX) if kind.__name__.endswith(_RECORD_SUFFIX) else name
        values = [self._plain(name, getattr(record, field)) for field in kind.__struct_fields__]
        return msgspec.msgpack.Ext(_RECORD, _encode((own, kind.__struct_fields__, values)))

    def _extended(self, code: int, content: memoryview) -> Any:
        if code == _RECORD:
            name, fields, values = self._decoder.decode(content)
            return record_type(name, tuple(fields))(*map(_untied, values))
        text = bytes(content).decode()
        if code == _AMOUNT:
            return Decimal(text)
        if code == _DAY:
            return date.fromisoformat(text)
        if code == _MOMENT:
            return datetime.fromisoformat(text)
        if code == _ABSENT:
            return Absent(text)
        if code == _MEMBER:
            kind, _, member = text.partition(".")
            return self._members[kind][member]
        raise Unpackable(f"there is no extension {code}")


def _extension(code: int, text: str) -> msgspec.msgpack.Ext:
    return msgspec.msgpack.Ext(code, text.encode())


def _untied(value: Any) -> Any:
    """Return lists as the tuples that they were."""
    return tuple(map(_untied, value)) if isinstance(value, list) else value


def _lists(fields: Mapping[str, FieldKind]) -> Iterator[type[Enum]]:
    for kind in fields.values():
        if isinstance(kind, Records):
            yield from _lists(kind.fields)
        elif isinstance(kind, Members):
            yield kind.of
        elif issubclass(kind, Enum):
            yield kind
