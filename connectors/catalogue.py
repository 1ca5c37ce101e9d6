"""The collections that the hub knows: what a source may offer, with the hub's names, kinds and units.

Money is CNY yuan as Decimal. Every collection also has the fields `as_of` (when the record was true), `source` (who
delivered it) and `synthetic` (made up for the demo); a mapping may give them, otherwise the hub fills them in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from codes import kinds
from codes.scores import Missing, Verdict


class Money(Decimal):
    """An amount in CNY yuan; a mapping may name the source's unit. Values are plain Decimals."""


class Texts(list[str]):
    """Several texts; a mapping may name the separator. Values are plain tuples of str."""


@dataclass(frozen=True, slots=True)
class Members:
    """Several members of a closed list, as a tuple."""

    of: type[Enum]


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Several records within a record, such as the indicators of a score, as a tuple."""

    name: str
    fields: Mapping[str, FieldKind]
    required: frozenset[str] = frozenset()


FieldKind = type | Members | Records

IMPLICIT: Mapping[str, FieldKind] = {"as_of": datetime, "source": str, "synthetic": bool}


@dataclass(frozen=True, eq=False)
class Collection:
    """A keyed set of records: one record a key, or many, then told apart by `record_key`."""

    name: str
    fields: Mapping[str, FieldKind]
    key: str = "uscc"
    many: bool = False
    record_key: str | None = None
    """The field that tells a key's records apart where several sources each give a part of them."""
    required: frozenset[str] = frozenset()
    """Fields that an exact source must give in every record."""

    def kind(self, field: str) -> FieldKind | None:
        """Return the kind of a field, the implicit ones included; None if there is no such field."""
        return self.fields.get(field) or IMPLICIT.get(field)


_ENTERPRISE = (
    Collection(
        "registration",
        {
            "name": str, "name_en": str, "former_names": Texts, "status": kinds.RegistrationStatus, "status_text": str,
            "legal_representative": str, "registered_capital": Money, "founded_on": date, "founded_text": str,
            "district_code": str, "address": str, "industry_code": str, "industry_text": str,
        },
    ),
    Collection(
        "identifiers",
        {
            "organisation_code": str, "registration_number": str, "taxpayer_number": str, "former_code": str,
            "name": str,
        },
    ),
    Collection("residence", {"zone_id": str, "since": date}),
    Collection(
        "filings",
        {
            "year": int, "revenue": Money, "rd_expense": Money, "high_tech_revenue": Money, "profit": Money,
            "net_assets": Money, "total_assets": Money, "liabilities": Money, "super_deduction": Money,
            "total_cost": Money, "main_business_revenue": Money,
        },
        many=True,
        record_key="year",
    ),
    Collection(
        "intellectual_property",
        {
            "inventions_granted": int, "invention_applications": int, "pct_applications": int, "utility_models": int,
            "designs": int, "software_copyrights": int, "trademarks": int,
        },
    ),
    Collection(
        "patents",
        {
            "number": str, "title": str, "kind": kinds.PatentKind, "status": kinds.PatentStatus, "filed_on": date,
            "granted_on": date, "main_product": bool, "high_value": bool, "self_developed": bool,
        },
        many=True,
        record_key="number",
    ),
    Collection(
        "workforce",
        {"period": str, "headcount": int, "rd_staff": int, "postgraduates": int, "graduates_hired": int},
    ),
    Collection(
        "technology_contracts",
        {"year": int, "contracts": int, "turnover": Money, "technology_turnover": Money},
    ),
    Collection(
        "awards",
        {
            "name": str, "level": kinds.Level, "grade": str, "year": int, "issuer": str, "among_first_three": bool,
        },
        many=True,
        record_key="name",
    ),
    Collection(
        "platforms",
        {"name": str, "level": kinds.Level, "kind": str, "approved_on": date},
        many=True,
        record_key="name",
    ),
    Collection(
        "projects",
        {"name": str, "programme": str, "level": kinds.Level, "year": int, "funding": Money},
        many=True,
        record_key="name",
    ),
    Collection(
        "qualifications",
        {
            "kind": kinds.QualificationKind, "certificate_number": str, "issuer": str, "level": kinds.Level,
            "granted_on": date, "valid_from": date, "valid_to": date, "withdrawn_on": date,
        },
        many=True,
        record_key="certificate_number",
    ),
    Collection(
        "investments",
        {
            "round": str, "amount": Money, "investor": str, "announced_on": date, "qualified_institution": bool,
            "paid_in": bool,
        },
        many=True,
        record_key="round",
    ),
    Collection(
        "risk_flags",
        {
            "number": str, "kind": kinds.RiskKind, "reason": str, "authority": str, "since": date, "until": date,
        },
        many=True,
        record_key="number",
    ),
    Collection(
        "evaluation_applications",
        {"period": str, "applied_on": date, "withdrawn_on": date},
        many=True,
        record_key="period",
    ),
)

_SCORED = Records(
    "score_group", {"id": str, "name": str, "name_zh": str, "points": Decimal, "maximum": Decimal}, frozenset(("id",))
)
_MEASURED = Records(
    "score_indicator",
    {
        "id": str, "name": str, "name_zh": str, "unit": str, "value": Decimal, "category": str, "points": Decimal,
        "maximum": Decimal, "tier": str, "missing": Missing,
    },
    frozenset(("id",)),
)  # fmt: skip

_SCORES = (
    Collection(
        "scores",
        {
            "id": str, "scheme": str, "version": str, "period": str, "day": date, "total": Decimal, "maximum": Decimal,
            "stage": str, "stage_name": str, "rank": int, "stage_rank": int, "percentile": Decimal,
            "stage_percentile": Decimal, "passed": Verdict, "lists": Texts, "groups": _SCORED, "indicators": _MEASURED,
            "note": str,
        },
        many=True,
        record_key="id",
    ),
)

_STANDING = (
    Collection(
        "main_products", {"name": str, "field": str, "strategic_industry": bool}, many=True, record_key="name"
    ),
    Collection(
        "standards",
        {"number": str, "title": str, "level": kinds.StandardLevel, "leading": bool, "year": int},
        many=True,
        record_key="number",
    ),
    Collection(
        "talents",
        {"certificate_number": str, "title": str, "level": kinds.Level, "year": int},
        many=True,
        record_key="certificate_number",
    ),
    Collection("capital", {"subscribed": Money, "paid_in": Money}),
    Collection(
        "credits",
        {
            "id": str, "lender": str, "product": str, "line": Money, "drawn": Money, "balance": Money, "rate": Decimal,
            "granted_on": date, "expires_on": date, "note": str,
        },
        many=True,
        record_key="id",
    ),
    Collection(
        "ip_pledges",
        {"number": str, "pledgee": str, "amount": Money, "registered_on": date, "released_on": date},
        many=True,
        record_key="number",
    ),
)

_BY_YEAR = tuple(
    Collection(name, {"year": int, **fields}, many=True, record_key="year")
    for name, fields in (
        ("tax_payments", {"paid": Money}),
        ("social_insurance", {"paid": Money}),
        ("utilities", {"paid": Money}),
        ("housing_fund", {"members": int}),
        ("workforce_years", {"headcount": int, "rd_staff": int, "postgraduates": int, "graduates_hired": int}),
        ("tax_credit", {"grade": kinds.TaxCreditGrade}),
        ("environmental_credit", {"grade": kinds.EnvironmentalGrade}),
        ("credit_evaluations", {"score": Decimal, "grade": str}),
    )
)

_OFFERS = (
    Collection(
        "policies",
        {
            "title": str, "title_en": str, "issuer": str, "document_number": str, "level": kinds.Level, "zone_id": str,
            "tool": str, "published_on": date, "valid_from": date, "valid_to": date, "benefit": str,
            "amount_max": Money, "summary": str, "number": int, "withdrawn_on": date,
        },
        key="id",
    ),
    Collection(
        "loan_products",
        {
            "name": str, "lender": str, "lender_id": str, "version": int, "branch": str, "zone_ids": Texts,
            "amount_min": Money, "amount_max": Money, "rate_min": Decimal, "rate_max": Decimal, "rate_text": str,
            "term_months_min": int, "term_months_max": int, "guarantee_kinds": Members(kinds.GuaranteeKind),
            "regions": Texts, "industries": Texts, "qualifications": Members(kinds.QualificationKind),
            "documents": Texts, "turnaround_days": int, "risk_sharing": Texts, "gate": str,
            "listed_on": date, "withdrawn_on": date, "note": str, "revolving": bool,
        },
        key="id",
    ),
    Collection(
        "funds",
        {
            "name": str, "name_en": str, "manager": str, "custodian": str, "investors": Texts,
            "first_tranche": Money, "size": Money, "announced_on": date, "registered_in": str, "term_years_min": int,
            "governance": str, "strategy_committee": Texts, "followed_up_by": Texts,
            "focus_regions": Texts, "focus_stages": Texts, "focus_fields": Texts,
        },
        key="id",
    ),
    Collection(
        "fund_investments",
        {
            "number": str, "uscc": str, "name": str, "round": str, "amount": Money, "invested_on": date,
            "exited_on": date,
        },
        key="fund_id",
        many=True,
        record_key="number",
    ),
)

_PLACES_AND_PEOPLE = (
    Collection(
        "zones",
        {
            "name": str, "name_en": str, "level": kinds.Level, "city": str, "district_code": str, "summary": str,
            "pilot_since": str, "functional_areas": Texts, "industry_focus": Texts,
        },
        key="id",
    ),
    Collection(
        "zone_figures",
        {"name": str, "name_en": str, "value": Decimal, "unit": str, "period": str, "note": str},
        key="zone_id",
        many=True,
        record_key="name",
    ),
    Collection(
        "zone_credits",
        {
            "name": str, "name_en": str, "lender": str, "product": str, "enterprises": int, "line": Money,
            "drawn": Money, "balance": Money, "pre_credit": Money, "period": str, "note": str,
        },
        key="zone_id",
        many=True,
        record_key="name",
    ),
    Collection(
        "networks",
        {
            "name": str, "name_en": str, "founded_on": date, "nature": str, "guided_by": Texts, "services": Texts,
            "members_total": int, "members_domestic": int, "members_overseas": int,
        },
        key="id",
    ),
    Collection(
        "network_member_counts",
        {"institution_kind": kinds.InstitutionKind, "members": int},
        key="network_id",
        many=True,
        record_key="institution_kind",
    ),
    Collection(
        "technology_managers",
        {
            "name": str, "network_id": str, "institution": str, "institution_kind": kinds.InstitutionKind,
            "region": str, "country": str, "grade": kinds.ManagerGrade, "certificate_number": str,
            "specialities": Texts, "services": Texts, "languages": Texts, "member_since": date, "phone": str,
            "email": str, "withdrawn_on": date,
        },
        key="id",
    ),
)

Catalogue = Mapping[str, Collection]

COLLECTIONS: Catalogue = {
    c.name: c for c in (*_ENTERPRISE, *_STANDING, *_BY_YEAR, *_SCORES, *_OFFERS, *_PLACES_AND_PEOPLE)
}
