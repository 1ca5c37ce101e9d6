"""The cultivation ladder: an enterprise's place from its qualifications, and a zone's month from the directory."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from codes.access import DataGroup
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
from codes.matching import Truth
from codes.scores import Verdict as Passed
from connectors.errors import SourceFailure
from connectors.outcomes import Absent, Incomplete
from resolvers.binding import Batch
from resolvers.enterprise import held_days
from resolvers.enterprise_key import EnterpriseKey
from resolvers.fetching import facets, is_record
from resolvers.guarded_parts import GIVEN
from resolvers.pages import MOST_PAGE
from resolvers.request import Ask, BadInput
from resolvers.scores.live import live_scores
from resolvers.scores.seeing import verdicts_of
from schema.ladder import (
    LadderCount,
    LadderCrossing,
    LadderMembership,
    LadderMonth,
    LadderPosition,
    LadderRequirement,
)
from schema.scalars import Uscc
from scoring.scheme import Scheme

_KINDS = tuple(kind.value for kind in RUNG_OF)
_SCHEMES: Mapping[LadderRung, str] = {LadderRung.TECHNOLOGY_SME: "technology-sme"}
_TRUTHS: Mapping[Passed, Truth] = {
    Passed.YES: Truth.SATISFIED,
    Passed.NO: Truth.UNMET,
    Passed.UNKNOWN: Truth.UNKNOWN,
}
_UNDECIDED = "CANNOT_BE_TOLD"
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Step:
    """The rung above, and whose it would be."""

    rung: LadderRung
    missing: Sequence[str]
    scheme: str | None
    uscc: str
    as_of_date: date | None


async def _positions(ask: Ask) -> Sequence[Any]:
    residences = await facets(ask, "residence", frozenset(("zone_id",)))
    held = await facets(ask, "qualifications", frozenset(("kind", "valid_from", "valid_to", "withdrawn_on")))
    today = ask.hub.today()
    return [
        _position(parent, residence, qualifications, today)
        for parent, residence, qualifications in zip(ask.parents, residences, held, strict=True)
    ]


def _position(enterprise: EnterpriseKey, residence: Any, qualifications: Any, today: date) -> Any:
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
    rung = rung_on(memberships, enterprise.as_of_date or today)
    above = next_rung(rung)
    return LadderPosition(
        rung=rung,
        memberships=[LadderMembership(rung=m.rung, first=m.first, last=m.last) for m in memberships],
        next=Step(above, _missing(above), _SCHEMES.get(above), enterprise.uscc, enterprise.as_of_date)  # type: ignore[arg-type]  # shown by its parts
        if above
        else None,
    )


def _membership(qualification: Any) -> Membership | None:
    rung = RUNG_OF.get(qualification.kind) if isinstance(qualification.kind, QualificationKind) else None
    days = held_days(qualification)
    return Membership(rung, *days) if rung and days else None


def _missing(rung: LadderRung) -> list[str]:
    """Return the qualifications of which one leads to a rung."""
    return [kind.term for kind, leads in RUNG_OF.items() if leads is rung]


async def _requirements(ask: Ask) -> Sequence[Any]:
    """Return what each next rung asks for; evaluations are made of those whose score the reader may see."""
    evaluated = await _evaluated(ask)
    return [
        [
            LadderRequirement(
                what=" / ".join(step.missing), truth=Truth.UNMET, reason=None, document=None, synthetic=False
            ),
            *([evaluated[place]] if place in evaluated else []),
        ]
        for place, step in enumerate(ask.parents)
    ]


async def _evaluated(ask: Ask) -> Mapping[int, LadderRequirement]:
    """Return by place what comes of the official evaluation, where the hub has it."""
    found: dict[int, LadderRequirement] = {}
    for named in dict.fromkeys(step.scheme for step in ask.parents if step.scheme):
        scheme = ask.hub.schemes.find(named, day=ask.hub.today())
        places = [place for place, step in enumerate(ask.parents) if step.scheme == named]
        if scheme is None:
            continue
        verdicts = await verdicts_of(ask, [ask.parents[place].uscc for place in places])
        own = [place for place in places if verdicts[ask.parents[place].uscc] in GIVEN]
        ask.request.access.saw(DataGroup.SCORE, [ask.parents[place].uscc for place in own])
        scores = await live_scores(Ask(ask.request, [ask.parents[place] for place in own], ask.selection), scheme, None)
        passed = {place: score.passed for place, score in zip(own, scores, strict=True)}
        for place in places:
            withheld = None if place in passed else verdicts[ask.parents[place].uscc].value
            found[place] = _held_to(scheme, passed.get(place, Passed.UNKNOWN), withheld)
    return found


def _held_to(scheme: Scheme, passed: Passed, withheld: str | None) -> LadderRequirement:
    return LadderRequirement(
        what=scheme.title_zh,
        truth=_TRUTHS[passed],
        reason=withheld or (_UNDECIDED if passed is Passed.UNKNOWN else None),
        document=scheme.document,
        synthetic=scheme.synthetic,
    )


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
    "LadderStep.requirements": Batch(_requirements),
    "Zone.ladder": Batch(_months, frozenset(("id",)), indexed={"": ("residence", "qualifications")}),
}
