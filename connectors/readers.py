"""From a source's raw value to the hub's: one reader per field, which never guesses.

A reader returns None for "no value" and raises Unreadable for what it cannot read. Text conventions come from what real
registries deliver: units in the text, thousands separators, open ends written `9999-9-9`, Chinese dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from codes import registration_status
from codes.kinds import RegistrationStatus
from connectors.catalogue import FieldKind, Members, Money, Records, Texts
from connectors.outcomes import Absent, record_type

Read = Callable[[Any], Any]

UNITS: Mapping[str, Decimal] = {"元": Decimal(1), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
EMPTY = ("", "\\n", "\n", "-", "NULL", "无")

_AMOUNT = re.compile(r"^([+-]?[\d,，]*+(?:\.\d++)?(?<=\d))\s*(亿|万)?\s*(元|人民币|CNY)?$")
"""Digits are gone through once, however many: whoever writes a source's records may write a million of them."""
_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?$|^(\d{4})(\d{2})(\d{2})$")
_CENT = Decimal("0.01")
_TRUE = frozenset(("1", "true", "y", "yes", "是"))
_FALSE = frozenset(("0", "false", "n", "no", "否"))


class Unreadable(ValueError):
    """The raw value cannot be read as a value of the field's kind."""


def reader(
    kind: FieldKind, *, unit: str | None = None, values: Mapping[str, str] | None = None, split: str = ";"
) -> Read:
    """Return the reader of a field's kind; `unit` scales amounts, `values` translates texts before anything else."""
    read = _plain_reader(kind, UNITS[unit] if unit else None, split)
    if not values:
        return read

    def translated(raw: Any) -> Any:
        return read(values.get(str(raw), raw))

    return translated


def _plain_reader(kind: FieldKind, factor: Decimal | None, split: str) -> Read:
    if isinstance(kind, Members):
        members = _members(kind.of)
        return lambda raw: tuple(members(text) for text in _split(raw, split))
    if isinstance(kind, Records):
        return _records(kind)
    if kind is Texts:
        return lambda raw: _split(raw, split)
    if kind in (Money, Decimal):
        return lambda raw: _number(raw, factor, money=kind is Money)
    if issubclass(kind, Enum):
        return _members(kind)
    return _SIMPLE[kind]


def _text(raw: Any) -> str:
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, int | Decimal | date):
        return str(raw)
    raise Unreadable(raw)


def _integer(raw: Any) -> int:
    if isinstance(raw, bool):
        raise Unreadable(raw)
    if isinstance(raw, int):
        return raw
    number = _number(raw, None, money=False)
    if number != number.to_integral_value():
        raise Unreadable(raw)
    return int(number)


def _number(raw: Any, factor: Decimal | None, *, money: bool) -> Decimal:
    scale = factor or Decimal(1)
    if isinstance(raw, str):
        match = _AMOUNT.match(raw.strip())
        if match is None:
            raise Unreadable(raw)
        if match[2] or match[3]:
            scale = UNITS[(match[2] or "") + "元"]
        raw = match[1].replace(",", "").replace("，", "")
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        raise Unreadable(raw)
    try:
        number = Decimal(str(raw)) * scale
        number = number.quantize(_CENT) if money else number
    except InvalidOperation as error:
        raise Unreadable(raw) from error
    if not number.is_finite():
        raise Unreadable(raw)
    return number


def _float(raw: Any) -> float:
    return float(_number(raw, None, money=False))


def _records(kind: Records) -> Read:
    """Read a list of objects; a value within one that cannot be read is an absence there."""
    readers = {name: _plain_reader(inner, None, ";") for name, inner in kind.fields.items()}
    names = {name: to_camel(name) for name in kind.fields}
    record = record_type(kind.name, tuple(kind.fields))

    def read(raw: Any) -> tuple[Any, ...]:
        if not isinstance(raw, list | tuple) or not all(isinstance(item, Mapping) for item in raw):
            raise Unreadable(raw)
        return tuple(record(*(_within(readers[n], item.get(names[n])) for n in readers)) for item in raw)

    return read


def _within(read: Read, raw: Any) -> Any:
    if raw is None:
        return None
    try:
        return read(raw)
    except Unreadable:
        return Absent.UNREADABLE


def to_camel(name: str) -> str:
    """Return a field's name as objects within a source's record write it."""
    first, *others = name.split("_")
    return first + "".join(part.title() for part in others)


def _boolean(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    text = str(raw).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise Unreadable(raw)


def _date(raw: Any) -> date | None:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return None if raw.year == 9999 else raw
    match = _DATE.match(str(raw).strip())
    if match is None:
        raise Unreadable(raw)
    year, month, day = (int(part) for part in match.groups() if part is not None)
    if year == 9999:
        return None
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Unreadable(raw) from error


def _moment(raw: Any) -> datetime | None:
    if isinstance(raw, datetime):
        return raw if raw.tzinfo else raw.replace(tzinfo=UTC)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return datetime.fromtimestamp(raw, UTC)
    if isinstance(raw, str):
        try:
            return _moment(datetime.fromisoformat(raw.strip()))
        except ValueError:
            pass
    day = _date(raw)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None


def _split(raw: Any, separator: str) -> tuple[str, ...]:
    parts = raw if isinstance(raw, list | tuple) else re.split(f"[{re.escape(separator)}]", _text(raw))
    return tuple(text for part in parts if (text := _text(part)))


def _members(kind: type[Enum]) -> Read:
    by_name = {member.value: member for member in kind}
    by_name.update({member.value.casefold(): member for member in kind})

    def member(raw: Any) -> Enum:
        if isinstance(raw, kind):
            return raw
        text = _text(raw)
        found = by_name.get(text) or by_name.get(text.casefold())
        if found is None and kind is RegistrationStatus:
            found = registration_status.parse(text)
        if found is None:
            raise Unreadable(raw)
        return found

    return member


_SIMPLE: Mapping[type, Read] = {
    str: _text,
    int: _integer,
    float: _float,
    bool: _boolean,
    date: _date,
    datetime: _moment,
}
