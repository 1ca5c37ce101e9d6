"""What lenders say a loan product is, checked: what cannot be used is named with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from codes.listings import ListingTerms, ScoreGate
from codes.problems import Problem
from resolvers.changing import invalid
from resolvers.fetching import local_id
from resolvers.given import LONGEST, LONGEST_LINE, amount_problems, number_problems, text_problems, yuan
from resolvers.scores.registry import Schemes
from schema.listings import ListingTermsInput, LoanScoreGateInput

PLACE = ("input", "terms")
_MOST = 50
_MOST_TERM = 600
MOST_RATE = Decimal(36)
_REGION = re.compile(r"\d{2,6}")
_INDUSTRY = re.compile(r"[A-T](\d{1,4})?|\d{2,4}")
_MOST_POINTS = 1_000_000


def terms_of(given: ListingTermsInput) -> ListingTerms:
    """Return what is kept of an input that was checked."""
    texts = ("branch", "rate_basis", "gate", "note")
    plain = ("amount_min", "amount_max", "rate_min", "rate_max", "term_months_min", "term_months_max")
    days = ("turnaround_days", "valid_from", "valid_to", "revolving", "synthetic")
    said: dict[str, Any] = {name: getattr(given, name) for name in (*plain, *days)}
    said |= {name: value.strip() if (value := getattr(given, name)) is not None else None for name in texts}
    said |= {name: yuan(said[name]) for name in ("amount_min", "amount_max") if said[name] is not None}
    several = ("guarantee_kinds", "regions", "industries", "qualifications", "documents", "risk_sharing")
    said |= {name: tuple(dict.fromkeys(getattr(given, name) or ())) for name in several}
    return ListingTerms(
        name=given.name.strip(),
        lender_name=given.lender_name.strip(),
        zones=tuple(dict.fromkeys(local_id("Zone", one) for one in given.zones or ())),
        scores=tuple(_gate(one) for one in given.scores or ()),
        **said,
    )


def problems_of(given: ListingTermsInput, schemes: Schemes) -> Iterator[Problem]:
    """Give what is wrong with what a product is to say, but for its zones."""
    yield from _texts(given)
    yield from _money(given)
    yield from number_problems(given.term_months_max, 1, _MOST_TERM, *PLACE, "term_months_max")
    if given.term_months_min is not None:
        yield from number_problems(given.term_months_min, 1, given.term_months_max, *PLACE, "term_months_min")
    if given.turnaround_days is not None:
        yield from number_problems(given.turnaround_days, 0, 366, *PLACE, "turnaround_days")
    if not given.guarantee_kinds:
        yield invalid("Name at least one; CREDIT is without security.", *PLACE, "guarantee_kinds")
    if given.valid_to is not None and given.valid_to < given.valid_from:
        yield invalid("It ends before it begins.", *PLACE, "valid_to")
    yield from _codes(given.regions or (), _REGION, "Give 2 to 6 digits of GB/T 2260.", "regions")
    yield from _codes(given.industries or (), _INDUSTRY, "Give a code of GB/T 4754, such as C39 or 39.", "industries")
    for number, gate in enumerate(given.scores or ()):
        yield from _gate_problems(gate, schemes, (*PLACE, "scores", str(number)))


def _texts(given: ListingTermsInput) -> Iterator[Problem]:
    for name in ("name", "lender_name"):
        yield from text_problems(getattr(given, name), *PLACE, name, most=LONGEST_LINE)
    for name, most in (("branch", LONGEST_LINE), ("rate_basis", LONGEST_LINE), ("gate", LONGEST), ("note", LONGEST)):
        if (text := getattr(given, name)) is not None:
            yield from text_problems(text, *PLACE, name, most=most)
    for name in ("documents", "risk_sharing"):
        for number, text in enumerate(getattr(given, name) or ()):
            yield from text_problems(text, *PLACE, name, str(number), most=LONGEST_LINE)
    for name in ("zones", "regions", "industries", "qualifications", "scores", "documents", "risk_sharing"):
        if len(getattr(given, name) or ()) > _MOST:
            yield invalid(f"Give {_MOST} at most.", *PLACE, name)


def _money(given: ListingTermsInput) -> Iterator[Problem]:
    yield from amount_problems(given.amount_max, *PLACE, "amount_max")
    if given.amount_min is not None:
        yield from amount_problems(given.amount_min, *PLACE, "amount_min")
        if given.amount_min > given.amount_max:
            yield invalid("It is more than the largest amount.", *PLACE, "amount_min")
    rates = [(name, rate) for name in ("rate_min", "rate_max") if (rate := getattr(given, name)) is not None]
    for name, rate in rates:
        if not is_rate(rate):
            yield invalid(f"Give per cent a year from 0 to {MOST_RATE}, with at most 4 decimals.", *PLACE, name)
    if len(rates) == 2 and rates[0][1] > rates[1][1]:
        yield invalid("It is more than the highest rate.", *PLACE, "rate_min")
    if rates and given.rate_basis is None:
        yield invalid("Say what the rate is reckoned from.", *PLACE, "rate_basis")


def is_rate(rate: Decimal) -> bool:
    """Say whether a yearly rate in per cent can be."""
    return rate.is_finite() and 0 <= rate <= MOST_RATE and rate == round(rate, 4)


def _codes(codes: Sequence[str], form: re.Pattern[str], message: str, name: str) -> Iterator[Problem]:
    for number, code in enumerate(codes):
        if not form.fullmatch(code):
            yield invalid(message, *PLACE, name, str(number))


def _gate_problems(given: LoanScoreGateInput, schemes: Schemes, place: tuple[str, ...]) -> Iterator[Problem]:
    code, _, version = given.scheme.partition("@")
    scheme = schemes.find(code, version) if version else None
    if scheme is None:
        known = ", ".join(f"{one.id}@{one.version}" for one in schemes.all())
        yield invalid(
            f"There is no scheme {given.scheme[:60]!r} with its version; there are: {known}.", *place, "scheme"
        )
        return
    bound = given.at_least
    if bound is None and not given.stages:
        yield invalid("Give a score or stages.", *place, "at_least")
    if bound is not None and not (bound.is_finite() and 0 <= bound <= _MOST_POINTS):
        yield invalid(f"Give points from 0 to {_MOST_POINTS:,}.", *place, "at_least")
    stages = [stage.names.id for stage in scheme.stages.stages] if scheme.stages else []
    for number, one in enumerate(given.stages or ()):
        if one not in stages:
            known = ", ".join(stages) or "none"
            yield invalid(f"{given.scheme} has no stage {one[:60]!r}; it has: {known}.", *place, "stages", str(number))


def _gate(given: LoanScoreGateInput) -> ScoreGate:
    return ScoreGate(scheme=given.scheme, at_least=given.at_least, stages=tuple(dict.fromkeys(given.stages or ())))
