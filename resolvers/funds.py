"""Funds held to an enterprise: stage, region and field, each satisfied, unmet or unknown, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from codes.access import DataGroup
from codes.district import is_province, names_of, place_of
from codes.fields import field_of as pointers_to
from codes.fields import is_listed
from codes.financing import is_in_stage
from codes.industry import digits_of
from codes.matching import ConditionKind, Fit, Truth, any_of, fit
from connectors.outcomes import Absent
from resolvers.binding import Batch
from resolvers.facts import HINTS, Unknown, facts, first_unknown
from resolvers.fetching import whole
from resolvers.pages import check_size
from resolvers.request import Ask

_FOCUS = frozenset(("id", "name", "focus_regions", "focus_stages", "focus_fields"))
_PROVENANCE = frozenset(("source", "as_of", "synthetic"))
_REGISTRATION = _PROVENANCE | {"name", "address", "district_code", "industry_code", "industry_text"}
_ROUNDS = _PROVENANCE | {"round", "announced_on"}
_UNDECIDED = "CANNOT_BE_TOLD"
_ORDER = tuple(Fit)


class Condition(msgspec.Struct, frozen=True):
    """A condition, the value that it was held to, and where that is from."""

    kind: ConditionKind
    truth: Truth
    required: Sequence[str]
    actual: str | None = None
    reason: str | None = None
    hint: str | None = None
    source: str | None = None
    as_of: datetime | None = None
    synthetic: bool | None = None


class Match(msgspec.Struct, frozen=True):
    """A fund and its conditions."""

    fund: Any
    fit: Fit
    conditions: Sequence[Condition]


async def _matches(ask: Ask, first: int = 10) -> Sequence[Any]:
    check_size("first", first)
    funds = await whole(ask, "funds", ask.selection.at("FundMatch", "fund").needs("Fund") | _FOCUS)
    if isinstance(funds, Absent):
        return [funds] * len(ask.parents)
    registrations = await facts(ask, DataGroup.REGISTRATION, "registration", _REGISTRATION)
    rounds = await facts(ask, DataGroup.INVESTMENTS, "investments", _ROUNDS)
    return [
        _held(funds, registration, financed)[:first]
        for registration, financed in zip(registrations, rounds, strict=True)
    ]


def _held(funds: Sequence[Any], registration: Any, financed: Any) -> list[Match]:
    found: list[Match] = []
    for fund in funds:
        conditions = list(_conditions(fund, registration, financed))
        found.append(Match(fund, fit([one.truth for one in conditions]), conditions))
    return sorted(found, key=lambda one: (_ORDER.index(one.fit), str(one.fund.name), str(one.fund.id)))


def _conditions(fund: Any, registration: Any, financed: Any) -> Iterator[Condition]:
    """Give the conditions that a fund states."""
    last = _last(financed)
    for kind, required, record, held in (
        (ConditionKind.STAGE, fund.focus_stages, last, _stage),
        (ConditionKind.REGION, fund.focus_regions, registration, _region),
        (ConditionKind.FIELD, fund.focus_fields, registration, _field),
    ):
        if isinstance(required, Sequence) and required:
            yield _condition(kind, [str(one) for one in required], record, held)


Told = tuple[str | None, Callable[[str], Truth]]
"""What is known of the enterprise, and whether that is one of what is required; by itself None: nothing is known."""


def _condition(kind: ConditionKind, required: Sequence[str], record: Any, held: Callable[[Any], Told]) -> Condition:
    if isinstance(record, Unknown):
        return Condition(kind, Truth.UNKNOWN, required, reason=record.reason, hint=_HINTS.get(record.reason))
    actual, is_met = held(record)
    truth = any_of([is_met(one) for one in required]) if actual is not None else Truth.UNKNOWN
    reason = None
    if truth is Truth.UNKNOWN:
        reason = _UNDECIDED if actual is not None else first_unknown(*_values(kind, record))
    provenance = {name: value for name in _PROVENANCE if not isinstance(value := getattr(record, name), Absent)}
    return Condition(kind, truth, required, actual, reason, _HINTS.get(reason or ""), **provenance)


def _values(kind: ConditionKind, record: Any) -> Sequence[Any]:
    if kind is ConditionKind.STAGE:
        return (record.round,)
    return (record.district_code,) if kind is ConditionKind.REGION else (record.industry_code, record.industry_text)


def _last(financed: Any) -> Any:
    """Return the last financing round; Unknown where none is known: that there was none is told by no source."""
    if isinstance(financed, Unknown):
        return financed
    dated = [one for one in financed if isinstance(one.announced_on, date) and isinstance(one.round, str)]
    return max(dated, key=lambda one: (one.announced_on, one.round), default=Unknown(Absent.NOT_FOUND.value))


def _stage(last: Any) -> Told:
    def is_met(stage: str) -> Truth:
        inside = is_in_stage(last.round, stage)
        return Truth.UNKNOWN if inside is None else Truth.SATISFIED if inside else Truth.UNMET

    return last.round, is_met


def _region(registration: Any) -> Told:
    code = registration.district_code if isinstance(registration.district_code, str) else ""
    names = names_of(code) if code else ()
    address = registration.address if isinstance(registration.address, str) else ""
    whole = place_of(code).name is not None if code else False

    def is_met(region: str) -> Truth:
        if region in "".join(names) or region in address:
            return Truth.SATISFIED
        # Where only the province is known, a place within it cannot be told.
        return Truth.UNMET if names and (whole or is_province(region)) else Truth.UNKNOWN

    return " ".join(names) or address or None, is_met


def _field(registration: Any) -> Told:
    code = registration.industry_code if isinstance(registration.industry_code, str) else ""
    texts = [text for text in (registration.name, registration.industry_text) if isinstance(text, str)]

    def is_met(name: str) -> Truth:
        pointers = pointers_to(name)
        if any(word in text for word in pointers.words for text in texts):
            return Truth.SATISFIED
        if not (code and is_listed(name)):
            return Truth.UNKNOWN
        return Truth.SATISFIED if digits_of(code)[:2] in pointers.divisions else Truth.UNMET

    shown = " ".join(part for part in (code, registration.industry_text if len(texts) > 1 else "") if part)
    return shown or (texts[0] if texts else None), is_met


_HINTS: Mapping[str, str] = {**HINTS, _UNDECIDED: "Ask the fund: what the hub knows does not decide it."}

BATCHES: Mapping[str, Batch] = {"Enterprise.fundMatches": Batch(_matches, reads=("funds",))}
