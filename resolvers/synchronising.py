"""The directory filled from the sources: registration, residence and qualifications of every enterprise.

A run that breaks off goes on where it stopped; a run that is repeated changes nothing. Only a run that has seen
everything removes what the sources no longer have.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from codes.kinds import QualificationKind, RegistrationStatus
from connectors.sources import Sources
from store.directory import Entry, Held
from store.filling import Filling

T = TypeVar("T")

Progress = Callable[[str, int], None]
"""Told the stage and how many records it has read."""

_PAGE = 2000
_REGISTRATION = frozenset(
    (
        "name", "former_names", "status", "registered_capital", "founded_on", "district_code", "industry_code",
        "synthetic",
    )
)  # fmt: skip

_QUALIFICATION = frozenset(("kind", "valid_from", "valid_to", "withdrawn_on"))


async def synchronise(sources: Sources, filling: Filling, progress: Progress, page_size: int = _PAGE) -> int:
    """Bring the directory up to date; return how many enterprises it holds."""
    zones = await _by_enterprise(sources, "residence", frozenset(("zone_id",)), progress)
    held = await _by_enterprise(sources, "qualifications", _QUALIFICATION, progress)
    run = await filling.begin()
    async for keys, records, position in _pages(sources, "registration", _REGISTRATION, run.position, page_size):
        entries = [
            _entry(key, record, zones.get(key, ()), held.get(key, ()))
            for key, record in zip(keys, records, strict=True)
        ]
        run = await filling.put(run, entries, position)
        progress("registration", run.count)
    await filling.finish(run)
    return await filling.size()


async def _by_enterprise(
    sources: Sources, collection: str, fields: frozenset[str], progress: Progress
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    count = 0
    async for keys, records, _ in _pages(sources, collection, fields, None):
        for key, record in zip(keys, records, strict=True):
            found.setdefault(key, []).append(record)
        count += len(records)
        progress(collection, count)
    return found


async def _pages(
    sources: Sources, collection: str, fields: frozenset[str], after: str | None, page_size: int = _PAGE
) -> AsyncIterator[tuple[Sequence[str], Sequence[Any], str | None]]:
    """Every page of a collection from all its sources; the position is of the first source alone."""
    for place, feed in enumerate(sources.feeds(collection)):
        async for page in feed.pages(fields, after if place == 0 else None, page_size):
            yield page.keys, page.records, page.position if place == 0 else None


def _entry(uscc: str, record: Any, residences: Sequence[Any], qualifications: Sequence[Any]) -> Entry:
    capital = _value(record, "registered_capital", Decimal)
    status = _value(record, "status", RegistrationStatus)
    return Entry(
        uscc=uscc,
        name=_value(record, "name", str),
        former_names=_value(record, "former_names", tuple) or (),
        zone_id=next((_value(residence, "zone_id", str) for residence in residences), None),
        district_code=_value(record, "district_code", str),
        industry_code=_value(record, "industry_code", str),
        status=status.value if status else None,
        qualifications=tuple(held for record in qualifications if (held := _held(record))),
        founded_on=_value(record, "founded_on", date),
        registered_capital=int(capital) if capital is not None else None,
        synthetic=record.synthetic is True,
    )


def _held(record: Any) -> Held | None:
    """A qualification whose kind or first day cannot be read is left to its source: the index never guesses."""
    kind, first = _value(record, "kind", QualificationKind), _value(record, "valid_from", date)
    if not kind or not first:
        return None
    last, withdrawn = _value(record, "valid_to", date), _value(record, "withdrawn_on", date)
    if withdrawn:
        last = min(last or date.max, withdrawn - timedelta(1))
    return Held(kind.value, first, last) if last is None or first <= last else None


def _value(record: Any, name: str, kind: type[T]) -> T | None:
    value = getattr(record, name, None)
    return value if isinstance(value, kind) else None
