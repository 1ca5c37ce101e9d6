"""What conditions are held to: facts about enterprises as the reader may see them, each with where it is from.

All enterprises are looked at together, each collection once for all conditions. What a reader may not see is asked of
no source, and is unknown to everything that is made of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec

from auth.rules import Verdict
from codes.access import DataGroup
from codes.policies import Condition
from codes.policy_facts import FACTS, Fact
from connectors.mapping import unpublished
from connectors.outcomes import Absent
from resolvers.access import Owner
from resolvers.enterprise import held_days
from resolvers.facts import Unknown, facts, first_unknown, given, known
from resolvers.request import Ask
from resolvers.score import latest_scores
from resolvers.scores.seeing import judgement_of_scores

UNDECIDED = "CANNOT_BE_TOLD"
"""The reason where something is known, and does not decide."""

_PROVENANCE = frozenset(("source", "as_of", "synthetic"))
_YEAR_DAYS = Decimal("365.25")


class Observed(msgspec.Struct, frozen=True):
    """A fact of one enterprise: its value, or why it is unknown; and the record that it is from."""

    value: Any = None
    """A number, a text, or the names of what is held."""
    reason: str | None = None
    title: str | None = None
    """What it is called where it is of a list of the source's own, as a stage."""
    record: Any = None

    @property
    def source(self) -> str | None:
        """The source's name."""
        found: str | None = self._told("source")
        return found

    @property
    def as_of(self) -> datetime | None:
        """When it was so."""
        found: datetime | None = self._told("as_of")
        return found

    @property
    def synthetic(self) -> bool | None:
        """Whether it is made up."""
        found: bool | None = self._told("synthetic")
        return found

    def _told(self, name: str) -> Any:
        said = None if self.record is None else known(getattr(self.record, name))
        return None if isinstance(said, Unknown) else said


class Fields:
    """A selection of these fields, and of nothing below."""

    def __init__(self, *names: str) -> None:
        """Select these."""
        self._names = frozenset(names)

    def needs(self, type_name: str) -> frozenset[str]:
        """Return them."""
        return self._names

    def part_needs(self, type_name: str, group: str) -> frozenset[str]:
        """Return nothing."""
        return frozenset()

    def at(self, type_name: str, *path: str) -> Fields:
        """Return the same."""
        return self


async def observed(ask: Ask, conditions: Sequence[Condition]) -> list[list[Observed]]:
    """Return for each condition the fact of every parent, an enterprise, that it is held to."""
    looked = _Looked(ask, frozenset(figure for one in conditions for figure in FACTS[one.fact].figures))
    return await asyncio.gather(*(_READ[one.fact](looked, FACTS[one.fact], one) for one in conditions))


class _Looked:
    """What was looked at for some enterprises, once for all conditions."""

    def __init__(self, ask: Ask, figures: frozenset[str]) -> None:
        self.ask = ask
        self._figures = figures
        self.days = [parent.as_of_date or ask.hub.today() for parent in ask.parents]
        self._found: dict[str, asyncio.Future[list[Any]]] = {}

    async def registration(self) -> list[Any]:
        fields = _PROVENANCE | {"industry_code", "district_code", "status", "founded_on"}
        return await self._once("registration", lambda: self._facts(DataGroup.REGISTRATION, "registration", fields))

    async def residence(self) -> list[Any]:
        fields = _PROVENANCE | {"zone_id"}
        return await self._once("residence", lambda: self._facts(DataGroup.REGISTRATION, "residence", fields))

    async def qualifications(self) -> list[Any]:
        fields = _PROVENANCE | {"kind", "valid_from", "valid_to", "withdrawn_on"}
        group = DataGroup.QUALIFICATIONS
        return await self._once("qualifications", lambda: self._facts(group, "qualifications", fields))

    async def flags(self) -> list[Any]:
        fields = _PROVENANCE | {"kind", "since", "until"}
        return await self._once("risk_flags", lambda: self._facts(DataGroup.RISK, "risk_flags", fields))

    async def filings(self) -> list[Any]:
        flagged = self.ask.hub.sources.shared.flagged.get("filings", frozenset()) & self._figures
        fields = _PROVENANCE | self._figures | {"year"} | {unpublished(name) for name in flagged}
        return await self._once("filings", lambda: self._facts(DataGroup.FILINGS, "filings", fields))

    async def scores(self, scheme: str) -> list[Any]:
        ask = Ask(self.ask.request, self.ask.parents, Fields("total", "stage", "source", "as_of", "synthetic"))
        judgement = judgement_of_scores(ask, Owner.ENTERPRISE)

        async def read() -> list[Any]:
            return await given(ask, DataGroup.SCORE, judgement, lambda seen: latest_scores(seen, scheme))

        return await self._once(f"scores {scheme}", read)

    def sees_unpublished(self, place: int) -> bool:
        """Say whether the reader may see what an enterprise's own filings do not publish."""
        access = self.ask.request.access
        if access.rights is None:
            return True
        code = self.ask.parents[place].uscc
        return access.rights.own[DataGroup.UNPUBLISHED] is Verdict.ALLOW and access.is_own(code)

    async def _facts(self, group: DataGroup, collection: str, fields: frozenset[str]) -> list[Any]:
        return await facts(self.ask, group, collection, fields)

    async def _once(self, name: str, read: Callable[[], Awaitable[list[Any]]]) -> list[Any]:
        if name not in self._found:
            self._found[name] = asyncio.ensure_future(read())
        return await self._found[name]


async def _registered(looked: _Looked, fact: Fact, condition: Condition) -> list[Observed]:
    name = {"industry": "industry_code", "district": "district_code", "registrationStatus": "status"}[fact.name]
    return [_plain(record, name) for record in await looked.registration()]


async def _zone(looked: _Looked, fact: Fact, condition: Condition) -> list[Observed]:
    return [_plain(record, "zone_id") for record in await looked.residence()]


async def _age(looked: _Looked, fact: Fact, condition: Condition) -> list[Observed]:
    found = [_plain(record, "founded_on") for record in await looked.registration()]
    return [
        msgspec.structs.replace(one, value=(day - one.value).days / _YEAR_DAYS) if isinstance(one.value, date) else one
        for one, day in zip(found, looked.days, strict=True)
    ]


async def _qualification(looked: _Looked, fact: Fact, condition: Condition) -> list[Observed]:
    held = await looked.qualifications()
    return [
        _held(records, condition.valid_on or day, held_days) for records, day in zip(held, looked.days, strict=True)
    ]


async def _flag(looked: _Looked, fact: Fact, condition: Condition) -> list[Observed]:
    held = await looked.flags()
    return [
        _held(records, condition.valid_on or day, _flagged_days) for records, day in zip(held, looked.days, strict=True)
    ]


async def _figure(looked: _Looked, fact: Fact, condition: Condition) -> list[Observed]:
    filed = await looked.filings()
    return [
        _filed(records, fact, condition.year, looked.sees_unpublished(place)) for place, records in enumerate(filed)
    ]


async def _score(looked: _Looked, fact: Fact, condition: Condition) -> list[Observed]:
    assert condition.scheme is not None, "it was checked when it was drafted"
    return [_scored(found, fact) for found in await looked.scores(condition.scheme)]


_REGISTERED = ("industry", "district", "registrationStatus")
_READ: Mapping[str, Callable[[_Looked, Fact, Condition], Awaitable[list[Observed]]]] = {
    **{name: _figure for name, fact in FACTS.items() if fact.figures},
    **dict.fromkeys(_REGISTERED, _registered),
    "zone": _zone,
    "yearsSinceFounding": _age,
    "qualification": _qualification,
    "riskFlag": _flag,
    "score": _score,
    "stage": _score,
}


def _plain(record: Any, name: str) -> Observed:
    if isinstance(record, Unknown):
        return Observed(reason=record.reason)
    value = getattr(record, name)
    if value is None or isinstance(known(value), Unknown):
        return _of(record, reason=first_unknown(value))
    return _of(record, value.value if isinstance(value, Enum) else value)


def _held(records: Any, day: date, days: Callable[[Any], tuple[date, date | None] | None]) -> Observed:
    """Return the names of what is held on a day; of what cannot be read, nothing is told."""
    if isinstance(records, Unknown):
        return Observed(reason=records.reason)
    names: set[str] = set()
    reason = None
    for one in records:
        lasting = days(one)
        if not isinstance(one.kind, Enum) or lasting is None:
            reason = first_unknown(one.kind) if not isinstance(one.kind, Enum) else Absent.UNREADABLE.value
        elif lasting[0] <= day and (lasting[1] is None or day <= lasting[1]):
            names.add(one.kind.value)
    return _of(records[0] if records else None, tuple(sorted(names)), reason)


def _flagged_days(flag: Any) -> tuple[date, date | None] | None:
    """Return the days of a risk flag; one without a first day is in force from ever on."""
    since, until = flag.since, flag.until
    if not isinstance(until, date | None) or not isinstance(since, date | None):
        return None
    return since or date.min, until


def _filed(records: Any, fact: Fact, year: int | None, whole: bool) -> Observed:
    if isinstance(records, Unknown):
        return Observed(reason=records.reason)
    years = {one.year: one for one in records if isinstance(one.year, int)}
    wanted = year if year is not None else max(years, default=None)
    record = years.get(wanted) if wanted is not None else None
    if record is None:
        return Observed(reason=Absent.NOT_FOUND.value)
    others = years.get(record.year - 1) if fact.grows else record
    if others is None:
        return _of(record, reason=Absent.NOT_FOUND.value)
    first = _amount(record, fact.figures[0], whole)
    second = _amount(others, fact.figures[-1], whole) if fact.grows or len(fact.figures) > 1 else None
    for one in (first, second):
        if isinstance(one, str):
            return _of(record, reason=one)
    if second is None:
        return _of(record, first)
    # A ratio to nothing, and a growth from a loss, say nothing.
    if second <= 0:  # type: ignore[operator]  # neither is a reason
        return _of(record, reason=UNDECIDED)
    share = 100 * (first - second if fact.grows else first) / second  # type: ignore[operator]  # neither is a reason
    return _of(record, share)


def _amount(record: Any, figure: str, whole: bool) -> Decimal | str:
    """Return a figure, or the reason why it is not known."""
    value = getattr(record, figure)
    if whole and not isinstance(value, Decimal):
        value = getattr(record, unpublished(figure), value)
    return value if isinstance(value, Decimal) else first_unknown(value)


def _scored(found: Any, fact: Fact) -> Observed:
    if isinstance(found, Unknown):
        return Observed(reason=found.reason)
    if fact.name == "score":
        total = known(found.total)
        if isinstance(total, Decimal):
            return _of(found, total)
        return _of(found, reason=first_unknown(total))
    stage = found.stage
    if stage is None or isinstance(known(stage), Unknown):
        return _of(found, reason=first_unknown(stage))
    return Observed(str(stage.id), title=stage.name_zh or stage.name, record=found)


def _of(record: Any, value: Any = None, reason: str | None = None) -> Observed:
    return Observed(value, reason, record=record)
