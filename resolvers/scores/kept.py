"""What a run has read of a source, as bytes: records with the names of their fields, absences, where they are from."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec
from msgspec.msgpack import Decoder, Encoder, Ext

from connectors.errors import SourceError
from connectors.outcomes import Absent, Outcome, Record, record_type

_DECIMAL, _DATE, _MOMENT, _ABSENT = 1, 2, 3, 4
_LARGEST = 2**31
_PLAIN = frozenset((str, int, float, bool, type(None)))
"""Types of values that are kept as they are: most."""


class Page(msgspec.Struct, array_like=True):
    """Some records of one source: rows of a code and of the values of the named fields."""

    names: tuple[str, ...]
    rows: list[list[Any]]
    absent: dict[str, str] = {}
    """Codes that the source has nothing of, and why."""
    wrong: dict[str, str] = {}
    """Codes of which the source answered something that cannot be used, and what."""
    as_of: datetime | None = None
    """When the oldest record was true."""
    synthetic: bool = False
    """A record is made up."""
    nameless: list[list[Any]] = []
    """Rows of records of which nobody can tell whose they are: an empty code, and the values of the named fields."""

    def add(self, code: str, record: Record) -> None:
        """Take a record in."""
        self.rows.append(self._row(code, record))
        moment = record.as_of
        if isinstance(moment, datetime) and (self.as_of is None or moment < self.as_of):
            self.as_of = moment
        self.synthetic = self.synthetic or record.synthetic is True

    def take(self, code: str, outcome: Outcome) -> None:
        """Take in what a source answered for one code."""
        if isinstance(outcome, Absent):
            self.absent[code] = outcome.value
        elif isinstance(outcome, SourceError):
            self.wrong[code] = outcome.message
        else:
            for record in outcome if isinstance(outcome, list | tuple) else (outcome,):
                self.add(code, record)

    def add_nameless(self, record: Record) -> None:
        """Take a record in of which nobody can tell whose it is."""
        self.nameless.append(self._row("", record))

    def records(self, collection: str, *, nameless: bool = False) -> Sequence[tuple[str, Record]]:
        """Return the records, each with its code; or those that are nobody's."""
        make = record_type(collection, self.names)
        return [(row[0], make(*row[1:])) for row in (self.nameless if nameless else self.rows)]

    def _row(self, code: str, record: Record) -> list[Any]:
        return [code, *(_kept(getattr(record, name)) for name in self.names)]

    def packed(self) -> bytes:
        """Return the page as bytes."""
        return zlib.compress(_encoder.encode(self), 1)


def unpacked(kept: bytes) -> Page:
    """Return the page that was packed."""
    return _decoder.decode(zlib.decompressobj().decompress(kept, _LARGEST))


def _kept(value: Any) -> Any:
    """Return a value as it is kept, the members of closed lists by name."""
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, Absent):
        return Ext(_ABSENT, value.value.encode())
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return Ext(_DECIMAL, str(value).encode())
    if isinstance(value, datetime):
        return Ext(_MOMENT, value.isoformat().encode())
    if isinstance(value, date):
        return Ext(_DATE, value.isoformat().encode())
    return [_kept(one) for one in value] if isinstance(value, list | tuple) else value


_READ: Mapping[int, Any] = {
    _ABSENT: Absent,
    _DECIMAL: Decimal,
    _MOMENT: datetime.fromisoformat,
    _DATE: date.fromisoformat,
}


def _read(code: int, kept: memoryview) -> Any:
    return _READ[code](bytes(kept).decode())


_encoder = Encoder()
_decoder = Decoder(Page, ext_hook=_read)
