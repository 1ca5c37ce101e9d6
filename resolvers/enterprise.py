"""Enterprise: its registration as one group, each facet from the source that owns it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from strawberry.utils.str_converters import to_snake_case

from codes.district import place_of
from codes.industry import division_of
from connectors.outcomes import like
from resolvers.binding import Answered, Batch, Entry, Group, Part
from resolvers.enterprise_key import EnterpriseKey
from resolvers.fetching import by_keys, checked, existing, facet, facets, facets_at_once, foreseen, is_record
from resolvers.pages import check_size
from resolvers.request import Ask, Request
from resolvers.source import source_part
from schema.place import District, Industry

_MOST_YEARS = 20
_YEAR = attrgetter("year")


def enterprise(ask: Ask, uscc: Any, as_of: date | None = None) -> Answered:
    """Answer Query.enterprise."""
    codes = [checked(uscc)]
    return foreseen(codes, as_of, existing(ask, codes, as_of))


def enterprises_by_uscc(ask: Ask, usccs: list[Any]) -> Answered:
    """Answer Query.enterprisesByUscc."""

    async def listed() -> Sequence[Any]:
        return [await existing(ask, usccs, None)]

    return foreseen(usccs, None, listed())


def _registration(ask: Ask, fields: frozenset[str]) -> Answered:
    found = facets_at_once(ask, "registration", fields)
    return found if found is not None else facets(ask, "registration", fields)


def _by_year(collection: str, type_name: str) -> Batch:
    """Return the resolver of a facet that has a record a year, the newest first."""

    def resolve(ask: Ask, years: int = 3) -> Answered:
        check_size("years", years, most=_MOST_YEARS)
        fields = ask.selection.needs(type_name) | {"year"}
        found = facets_at_once(ask, collection, fields)
        if found is not None:
            return _latest(found, years)

        async def fetched() -> Sequence[Any]:
            return _latest(await facets(ask, collection, fields), years)

        return fetched()

    return Batch(resolve, reads=(collection,))


def _latest(found: Sequence[Any], years: int) -> Sequence[Any]:
    """Return each enterprise's records of the newest years; those whose year is not known come last."""
    try:
        return [like(f, sorted(f, key=_YEAR, reverse=True)[:years]) if is_record(f) else f for f in found]
    except TypeError:
        return [like(f, sorted(f, key=_year, reverse=True)[:years]) if is_record(f) else f for f in found]


def _year(record: Any) -> int:
    return record.year if isinstance(record.year, int) else 0


async def _qualifications(ask: Ask, valid_on: date | None = None) -> Sequence[Any]:
    dates = frozenset(("valid_from", "valid_to", "withdrawn_on")) if valid_on else frozenset()
    found = await facets(ask, "qualifications", ask.selection.needs("Qualification") | dates)
    if valid_on is None:
        return found
    return [like(f, [q for q in f if is_valid(q, valid_on)]) if is_record(f) else f for f in found]


def is_valid(qualification: Any, day: date) -> bool:
    """Say whether a qualification was valid on a day; one without a readable first day is not taken for valid."""
    days = held_days(qualification)
    return days is not None and days[0] <= day and (days[1] is None or day <= days[1])


def held_days(qualification: Any) -> tuple[date, date | None] | None:
    """Return the days on which a qualification is held, both included, or None for none."""
    first, last, withdrawn = qualification.valid_from, qualification.valid_to, qualification.withdrawn_on
    if not isinstance(first, date) or not isinstance(last, date | None) or not isinstance(withdrawn, date | None):
        return None
    if withdrawn is not None:
        last = min(last or date.max, withdrawn - timedelta(1))
    return (first, last) if last is None or first <= last else None


async def _zone(ask: Ask) -> Sequence[Any]:
    residences = await facets(ask, "residence", frozenset(("zone_id",)))
    zone_ids = [found.zone_id if is_record(found) else found for found in residences]
    return await by_keys(ask, "zones", zone_ids, ask.selection.needs("Zone"))


async def _patents(ask: Ask, first: int = 10, kind: Any = None) -> Sequence[Any]:
    check_size("first", first)
    wanted = ask.selection.needs("Patent") | {"filed_on", "number", "kind"}
    keys = [EnterpriseKey.of(parent.uscc) for parent in ask.parents]
    found = await facets(Ask(ask.request, keys, ask.selection), "patents", wanted)
    return [like(f, _newest(f, first, kind)) if is_record(f) else f for f in found]


def _newest(patents: Sequence[Any], first: int, kind: Any) -> list[Any]:
    chosen = [patent for patent in patents if kind is None or patent.kind is kind]
    return sorted(chosen, key=lambda p: (p.filed_on if isinstance(p.filed_on, date) else date.min, p.number))[
        : -first - 1 : -1
    ]


def district_of(_request: Request, code: str | None) -> Any:
    """Return the district of a code, or None."""
    return District(code=code, **place_of(code)._asdict()) if code else None


def _industry_of(_request: Request, code: str | None, text: str | None) -> Any:
    if not code and not text:
        return None
    division = division_of(code) if code else None
    return Industry(
        code=code,
        text=text,
        section=division.section if division else None,
        division=division.name if division else None,
    )


_AS_WRITTEN = (
    "name", "nameEn", "formerNames", "status", "statusText", "legalRepresentative", "registeredCapital", "foundedOn",
    "foundedText", "address", "asOf", "synthetic",
)  # fmt: skip

REGISTRATION = Group(
    "registration",
    _registration,
    {
        **{name: Part((to_snake_case(name),)) for name in _AS_WRITTEN},
        "district": Part(("district_code",), district_of),
        "industry": Part(("industry_code", "industry_text"), _industry_of),
        "source": source_part(),
    },
    reads=("registration",),
)

BATCHES: Mapping[str, Batch] = {
    "Query.enterprise": Batch(enterprise, reads=("registration",), entry=Entry("uscc", "Enterprise")),
    "Query.enterprisesByUscc": Batch(enterprises_by_uscc, reads=("registration",), entry=Entry("usccs", "Enterprise")),
    "Enterprise.filings": _by_year("filings", "Filing"),
    "Enterprise.taxPayments": _by_year("tax_payments", "TaxPayment"),
    "Enterprise.socialInsurance": _by_year("social_insurance", "SocialInsurance"),
    "Enterprise.utilities": _by_year("utilities", "Utilities"),
    "Enterprise.housingFund": _by_year("housing_fund", "HousingFund"),
    "Enterprise.taxCredit": _by_year("tax_credit", "TaxCredit"),
    "Enterprise.environmentalCredit": _by_year("environmental_credit", "EnvironmentalCredit"),
    "Enterprise.creditEvaluations": _by_year("credit_evaluations", "CreditEvaluation"),
    "Enterprise.qualifications": Batch(_qualifications, reads=("qualifications",)),
    "Enterprise.zone": Batch(_zone, reads=("residence", "zones")),
    "Enterprise.intellectualProperty": facet("intellectual_property", "IntellectualProperty"),
    "Enterprise.workforce": facet("workforce", "Workforce"),
    "Enterprise.technologyContracts": facet("technology_contracts", "TechnologyContracts"),
    "Enterprise.awards": facet("awards", "Award"),
    "Enterprise.platforms": facet("platforms", "Platform"),
    "Enterprise.projects": facet("projects", "Project"),
    "Enterprise.mainProducts": facet("main_products", "MainProduct"),
    "Enterprise.standards": facet("standards", "Standard"),
    "Enterprise.talents": facet("talents", "Talent"),
    "Enterprise.capital": facet("capital", "Capital"),
    "Enterprise.investments": facet("investments", "Investment"),
    "Enterprise.ipPledges": facet("ip_pledges", "IpPledge"),
    "Enterprise.flags": facet("risk_flags", "RiskFlag"),
    "IntellectualProperty.patents": Batch(_patents, frozenset(("uscc",)), ("patents",)),
}
