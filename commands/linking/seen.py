"""What was seen of a system that is to become a source: where its records lie, their columns, and some values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from codes.uscc import MalformedUscc, normalise

_NUMBER = re.compile(r"^[+-]?\d{1,3}(,\d{3})*(\.\d+)?$|^[+-]?\d+(\.\d+)?$")
_AMOUNT = re.compile(r"^[+-]?[\d,，.]+\s*(万|亿)?元$")
_DATE = re.compile(r"^\d{4}([-/])\d{1,2}\1\d{1,2}$|^\d{4}年\d{1,2}月\d{1,2}日$")
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
SAMPLE = 200
"""Records that are looked at."""


class NotSeen(Exception):
    """A system cannot be looked at: what, why, and what to do."""


@dataclass(frozen=True)
class Column:
    """A column of a source, and what is in it."""

    name: str
    values: tuple[Any, ...] = ()
    kind: str | None = None
    """By the system's own word, one of the kinds of declared fields."""
    note: str = ""

    @property
    def guessed(self) -> str:
        """What its values are, by the system's word or by their look."""
        return self.kind or kind_of(self.values)

    @property
    def codes(self) -> float:
        """Share of its values that are credit codes."""
        present = [value for value in self.values if value not in (None, "")]
        return sum(map(is_code, present)) / len(present) if present else 0.0


@dataclass(frozen=True)
class Place:
    """Where records lie: a table, a path, a field, a file."""

    name: str
    options: Mapping[str, Any]
    """Of the collection, as the kind of the source has them."""
    columns: tuple[Column, ...]
    keys: tuple[str, ...] = ()
    """Columns that the system itself takes for the key."""
    sample: tuple[str, ...] = ()
    """Keys that are known to have records."""
    with_key: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Further options, by the column that is taken as the key."""


@dataclass(frozen=True)
class Seen:
    """A system that has been looked at."""

    kind: str
    options: Mapping[str, Any]
    places: Sequence[Place] = field(default_factory=tuple)


def is_code(value: Any) -> bool:
    """Say whether a value is a credit code."""
    try:
        return bool(normalise(str(value)))
    except MalformedUscc:
        return False


def kind_of(values: Iterable[Any]) -> str:
    """Return what some values are, by their look: one of the kinds of declared fields."""
    kinds = {_kind(value) for value in values if value not in (None, "", "-", "无")}
    if len(kinds) == 1:
        return kinds.pop()
    if kinds and kinds <= {"integer", "number"}:
        return "number"
    if kinds and kinds <= {"integer", "number", "amount"}:
        return "amount"
    return "text"


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float | Decimal):
        return "number"
    if isinstance(value, datetime):
        return "moment"
    if isinstance(value, date):
        return "date"
    if isinstance(value, list):
        return "texts"
    text = str(value).strip()
    if _MOMENT.match(text):
        return "moment"
    if _DATE.match(text):
        return "date"
    if _AMOUNT.match(text):
        return "amount"
    if _NUMBER.match(text) and not (text.isdigit() and len(text) > 1 and (text[0] == "0" or len(text) > 12)):
        return "integer" if text.lstrip("+-").isdigit() else "number"
    return "text"


def columns_of(records: Sequence[Mapping[str, Any]], notes: Mapping[str, str] | None = None) -> tuple[Column, ...]:
    """Return the columns of some records; objects within them by a dot."""
    flat = [dict(_flat(record)) for record in records]
    names = dict.fromkeys(name for record in flat for name in record)
    notes = notes or {}
    return tuple(Column(n, tuple(r.get(n) for r in flat), note=notes.get(n, "")) for n in names)


def _flat(record: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif not (isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value)):
            yield above + name, value
