"""The cultivation ladder: an enterprise's place from its qualifications, and a zone's month from the directory."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from codes.kinds import QualificationKind
from codes.ladder import (
    RUNG_OF,
    RUNGS,
    ZONES,
    Crossing,
    LadderRung,
    Membership,
    crossings,
    next_rung,
    rung_on,
)
from connectors.errors import SourceFailure
from connectors.outcomes import Absent, Incomplete
from resolvers.binding import Batch
from resolvers.enterprise import held_days
from resolvers.fetching import facets, is_record
from resolvers.pages import MOST_PAGE
from resolvers.request import Ask, BadInput
from schema.ladder import LadderCount, LadderCrossing, LadderMembership, LadderMonth, LadderPosition, LadderStep
from schema.scalars import Uscc

_KINDS = tuple(kind.value for kind in RUNG_OF)
_SCHEMES: Mapping[LadderRung, str] = {LadderRung.TECHNOLOGY_SME: "technology-sme"}
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


async def _positions(ask: Ask) -> Sequence[Any]:
    residences = await facets(ask, "residence", frozenset(("zone_id",)))
    held = await facets(ask, "qualifications", frozenset(("kind", "valid_from", "valid_to", "withdrawn_on")))
    today = ask.hub.today()
    return [
        _position(residence, qualifications, parent.as_of_date or today)
        for parent, residence, qualifications in zip(ask.parents, residences, held, strict=True)
    ]


def _position(residence: Any, qualifications: Any, day: date) -> Any:
    """Return where an enterprise stands; why that is not known, or NOT_DELIVERED where its zone publishes no ladder."""
    if not is_record(residence):
        return residence
    if isinstance(residence.zone_id, Absent | SourceFailure):
        return residence.zone_id
    if residence.zone_id not in ZONES:
        return Absent.NOT_DELIVERED
    if not is_record(qualifications):
        return qualifications
    if isinstance(qualifications, Incomplete):
        return Absent.INCOMPLETE
    memberships = sorted((m for q in qualifications if (m := _membership(q))), key=lambda m: (m.first, m.rung.value))
    rung = rung_on(memberships, day)
    above = next_rung(rung)
    return LadderPosition(
        rung=rung,
        memberships=[LadderMembership(rung=m.rung, first=m.first, last=m.last) for m in memberships],
        next=LadderStep(rung=above, missing=_missing(above), scheme=_SCHEMES.get(above)) if above else None,
    )


def _membership(qualification: Any) -> Membership | None:
    rung = RUNG_OF.get(qualification.kind) if isinstance(qualification.kind, QualificationKind) else None
    days = held_days(qualification)
    return Membership(rung, *days) if rung and days else None


def _missing(rung: LadderRung) -> list[str]:
    """Return the qualifications of which one leads to a rung."""
    return [kind.term for kind, leads in RUNG_OF.items() if leads is rung]


async def _months(ask: Ask, month: str | None = None) -> Sequence[Any]:
    first, last = _days(month, ask.hub.today())
    return [await _month(ask, parent.id, first, last) for parent in ask.parents]


async def _month(ask: Ask, zone: str, first: date, last: date) -> Any:
    if zone not in ZONES:
        return Absent.NOT_DELIVERED
    by_code: dict[str, list[Membership]] = {}
    for code, kind, since, until in await ask.hub.directory.qualified(zone, _KINDS):
        by_code.setdefault(code, []).append(Membership(RUNG_OF[QualificationKind(kind)], since, until))
    found = sorted(
        ((code, one) for code, held in by_code.items() for one in crossings(held, first, last)),
        key=lambda pair: (pair[1].on, pair[0]),
    )
    highest = [rung_on(held, last) for held in by_code.values()]
    return LadderMonth(
        month=f"{first:%Y-%m}",
        members=sum(rung is not None for rung in highest),
        counts=[
            LadderCount(
                rung=rung,
                holders=sum(any(m.rung is rung and m.covers(last) for m in held) for held in by_code.values()),
                highest=highest.count(rung),
            )
            for rung in RUNGS
        ],
        crossings=[_crossing(code, one) for code, one in found[:MOST_PAGE]],
        crossings_total=len(found),
    )


def _crossing(code: str, one: Crossing) -> LadderCrossing:
    return LadderCrossing(uscc=Uscc(code), on=one.on, before=one.before, after=one.after, upwards=one.upwards)


def _days(month: str | None, today: date) -> tuple[date, date]:
    """Return the first and last day of a month, of the current one if none is given, up to today."""
    if month is None:
        first = today.replace(day=1)
    elif found := _MONTH.fullmatch(month):
        first = date(max(1, int(found[1])), int(found[2]), 1)
    else:
        raise BadInput(f"{month[:20]!r} is no month; write it as 2023-06.")
    if first > today:
        raise BadInput(f"{month!r} has not begun; ask for a month up to this one.")
    return first, min(first + timedelta(calendar.monthrange(first.year, first.month)[1] - 1), today)


BATCHES: Mapping[str, Batch] = {
    "Enterprise.ladder": Batch(_positions, reads=("residence", "qualifications")),
    "Zone.ladder": Batch(_months, frozenset(("id",)), indexed={"": ("residence", "qualifications")}),
}
