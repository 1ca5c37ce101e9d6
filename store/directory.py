"""The directory: the hub's own index of enterprises, in which a reader finds them by name, code and kind."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import date
from enum import Enum
from typing import Any, overload

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from store.searching import Search
from store.tables import UNKNOWN_CAPITAL, UNKNOWN_DATE, enterprise, qualification

_PARAMETERS = 500
"""Codes in one statement: databases bound their number."""


class BadCursor(ValueError):
    """A cursor that is damaged, or of another list."""


@dataclass(frozen=True, slots=True)
class Held:
    """A qualification that an enterprise holds, and from when to when."""

    kind: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the directory knows of an enterprise; capital in whole CNY yuan."""

    uscc: str
    name: str | None
    former_names: tuple[str, ...] = ()
    zone_id: str | None = None
    district_code: str | None = None
    industry_code: str | None = None
    status: str | None = None
    qualifications: tuple[Held, ...] = ()
    founded_on: date | None = None
    registered_capital: int | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Which enterprises; all conditions hold together."""

    zone_ids: tuple[str, ...] | None = None
    district_prefix: str | None = None
    industry_prefix: str | None = None
    statuses: tuple[str, ...] | None = None
    qualifications: tuple[str, ...] = ()
    valid_on: date | None = None
    founded_from: date | None = None
    founded_to: date | None = None
    capital_min: int | None = None
    capital_max: int | None = None
    synthetic: bool | None = None


class OrderField(Enum):
    """What the directory is ordered by."""

    RELEVANCE = "RELEVANCE"
    NAME = "NAME"
    USCC = "USCC"
    FOUNDED_ON = "FOUNDED_ON"
    REGISTERED_CAPITAL = "REGISTERED_CAPITAL"


@dataclass(frozen=True, slots=True)
class Order:
    """Order of a list; the code decides between equals. What is not known comes first in ascending order."""

    field: OrderField = OrderField.NAME
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Which page: the first so many after a cursor, or the last so many before one."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Cursors(Sequence[str]):
    """The cursors of a page, made for who asks for them."""

    _digest: str
    _keys: Sequence[Sequence[Any]]
    """What each enterprise is ordered by."""

    def __len__(self) -> int:
        """Return how many enterprises there are on the page."""
        return len(self._keys)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        """Return the cursor of an enterprise."""
        if isinstance(place, slice):
            return Cursors(self._digest, self._keys[place])
        return _encode(self._digest, self._keys[place])


@dataclass(frozen=True, slots=True)
class Page:
    """A page of credit codes, with the cursor of each."""

    codes: tuple[str, ...]
    cursors: Sequence[str]
    has_next_page: bool
    has_previous_page: bool


@dataclass(frozen=True)
class Directory:
    """The directory in a store."""

    engine: AsyncEngine
    _dialect: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_dialect", self.engine.dialect.name)

    async def qualified(self, zone: str, kinds: Sequence[str]) -> list[tuple[str, str, date, date | None]]:
        """Return what enterprises on a zone's roster hold, or held, of some kinds: code, kind, first and last day."""
        q = qualification.c
        wanted = (
            select(q.uscc, q.kind, q.valid_from, q.valid_to)
            .join_from(qualification, enterprise, q.uscc == enterprise.c.uscc)
            .where(enterprise.c.zone_id == zone, q.kind.in_(kinds))
            .order_by(q.uscc, q.valid_from, q.kind)
        )
        async with self.engine.connect() as connection:
            return [(*row,) for row in await connection.execute(wanted)]

    async def roster(self, zone: str) -> list[tuple[str, str | None]]:
        """Return who is on a zone's roster, and in which district."""
        e = enterprise.c
        wanted = select(e.uscc, e.district_code).where(e.zone_id == zone).order_by(e.uscc)
        async with self.engine.connect() as connection:
            return [(*row,) for row in await connection.execute(wanted)]

    async def page(self, search: str | None, filter: Filter, order: Order, window: Window) -> Page:
        """Return a page of what is found; raise BadCursor for a cursor that is not of this list."""
        found = Search.of(search)
        if found is None and order.field is OrderField.RELEVANCE:
            order = replace(order, field=OrderField.NAME)
        keys = _sort_keys(order, found)
        digest = _digest(search, filter, order)
        backward = window.last is not None
        size = (window.last if backward else window.first) or 0
        # Nothing else is read: mostly an index has all of it.
        statement = select(*(key.label(f"key{n}") for n, key in enumerate(keys)))
        statement = statement.where(*self._conditions(found, filter))
        if window.after:
            statement = statement.where(_beyond(keys, _decode(window.after, digest, keys), order.descending))
        if window.before:
            statement = statement.where(_beyond(keys, _decode(window.before, digest, keys), not order.descending))
        falling = order.descending is not backward
        statement = statement.order_by(*(key.desc() if falling else key.asc() for key in keys)).limit(size + 1)
        async with self.engine.connect() as connection:
            rows = (await connection.execute(statement)).all()
        more, rows = len(rows) > size, rows[:size]
        if backward:
            rows = rows[::-1]
        return Page(
            tuple([row[-1] for row in rows]),
            Cursors(digest, rows),
            has_next_page=window.before is not None if backward else more,
            has_previous_page=more if backward else window.after is not None,
        )

    async def within(self, codes: Sequence[str], zone_ids: Collection[str]) -> frozenset[str]:
        """Return which of these enterprises are on the roster of one of the zones."""
        found: set[str] = set()
        async with self.engine.connect() as connection:
            for start in range(0, len(codes), _PARAMETERS):
                some = enterprise.c.uscc.in_(codes[start : start + _PARAMETERS])
                rows = await connection.execute(
                    select(enterprise.c.uscc).where(some, enterprise.c.zone_id.in_(sorted(zone_ids)))
                )
                found.update(row.uscc for row in rows)
        return frozenset(found)

    async def zones_of(self, codes: Sequence[str]) -> dict[str, str]:
        """Return on which zone's roster enterprises are, of those that are on one."""
        found: dict[str, str] = {}
        c = enterprise.c
        async with self.engine.connect() as connection:
            for start in range(0, len(codes), _PARAMETERS):
                some = c.uscc.in_(codes[start : start + _PARAMETERS])
                rows = await connection.execute(select(c.uscc, c.zone_id).where(some, c.zone_id.is_not(None)))
                found.update((row.uscc, row.zone_id) for row in rows)
        return found

    async def count(self, search: str | None, filter: Filter) -> int:
        """Return how many are found."""
        statement = select(func.count()).select_from(enterprise).where(*self._conditions(Search.of(search), filter))
        async with self.engine.connect() as connection:
            return int((await connection.execute(statement)).scalar_one())

    def _conditions(self, search: Search | None, wanted: Filter) -> list[ColumnElement[bool]]:
        conditions = _conditions(wanted)
        return [*conditions, search.condition(self._dialect)] if search else conditions


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    c = enterprise.c
    found: list[ColumnElement[bool]] = []
    if wanted.zone_ids is not None:
        found.append(c.zone_id.in_(wanted.zone_ids))
    if wanted.statuses is not None:
        found.append(c.status.in_(wanted.statuses))
    if wanted.district_prefix is not None:
        found.append(c.district_code.startswith(wanted.district_prefix, autoescape=True))
    if wanted.industry_prefix is not None:
        found.append(_in_industry(wanted.industry_prefix.strip().upper()))
    if wanted.founded_from is not None:
        found.append(c.founded_on >= wanted.founded_from)
    if wanted.founded_to is not None:
        found += [c.founded_on <= wanted.founded_to, c.founded_on > UNKNOWN_DATE]
    if wanted.capital_min is not None:
        found += [c.registered_capital >= wanted.capital_min, c.registered_capital > UNKNOWN_CAPITAL]
    if wanted.capital_max is not None:
        found += [c.registered_capital <= wanted.capital_max, c.registered_capital > UNKNOWN_CAPITAL]
    if wanted.synthetic is not None:
        found.append(c.synthetic.is_(wanted.synthetic))
    return found + [_holds(kind, wanted.valid_on) for kind in wanted.qualifications]


def _in_industry(prefix: str) -> ColumnElement[bool]:
    """Say whether an industry code starts so; many registries leave the section's letter out."""
    c = enterprise.c
    if prefix[:1].isdigit():
        return c.industry_digits.startswith(prefix, autoescape=True)
    coded = c.industry_code.startswith(prefix, autoescape=True)
    if not prefix[1:]:
        return coded
    unlettered = c.industry_code == c.industry_digits
    return coded | (unlettered & c.industry_digits.startswith(prefix[1:], autoescape=True))


def _holds(kind: str, day: date | None) -> ColumnElement[bool]:
    q = qualification.c
    conditions = [q.uscc == enterprise.c.uscc, q.kind == kind]
    if day is not None:
        conditions += [q.valid_from <= day, or_(q.valid_to.is_(None), q.valid_to >= day)]
    return exists(select(1).where(*conditions))


def _sort_keys(order: Order, search: Search | None) -> list[ColumnElement[Any]]:
    c = enterprise.c
    if order.field is OrderField.RELEVANCE and search:
        return [search.rank(), c.name, c.uscc]
    first: dict[OrderField, ColumnElement[Any]] = {
        OrderField.NAME: c.name,
        OrderField.FOUNDED_ON: c.founded_on,
        OrderField.REGISTERED_CAPITAL: c.registered_capital,
    }
    return [*([first[order.field]] if order.field in first else []), c.uscc]


def _beyond(keys: Sequence[ColumnElement[Any]], values: Sequence[Any], descending: bool) -> ColumnElement[bool]:
    """Return the condition that a row comes after these values, in ascending or descending order."""
    key, value = keys[0], values[0]
    further = key < value if descending else key > value
    return or_(further, and_(key == value, _beyond(keys[1:], values[1:], descending))) if len(keys) > 1 else further


def _digest(search: str | None, wanted: Filter, order: Order) -> str:
    """What a cursor belongs to; not the day on which qualifications are judged, so that midnight breaks no list."""
    parts = repr((search, astuple(replace(wanted, valid_on=None)), order.field.value, order.descending))
    return hashlib.blake2s(parts.encode(), digest_size=6).hexdigest()


def _encode(digest: str, values: Sequence[Any]) -> str:
    text = json.dumps([digest, *values], default=str, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str, digest: str, keys: Sequence[ColumnElement[Any]]) -> list[Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise BadCursor(f"{cursor[:40]!r} is no cursor; take one from the list's edges.") from error
    if not isinstance(found, list) or len(found) != len(keys) + 1 or found[0] != digest:
        raise BadCursor("The cursor belongs to another list: search, filter and order must be the same.")
    try:
        return [_as_column(key, value) for key, value in zip(keys, found[1:], strict=True)]
    except (TypeError, ValueError) as error:
        raise BadCursor(f"{cursor[:40]!r} is no cursor; take one from the list's edges.") from error


def _as_column(key: ColumnElement[Any], value: Any) -> Any:
    kind = key.type.python_type
    if kind is date:
        return date.fromisoformat(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    if (kind is str and "\0" in value) or (kind is int and not -(2**63) <= value < 2**63):
        raise ValueError(f"{value!r} is nothing that a list is ordered by")
    return value
