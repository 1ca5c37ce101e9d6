"""What a reader may narrow and order by."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.enums import (
    Direction,
    GuaranteeKind,
    InstitutionKind,
    Level,
    ManagerGrade,
    QualificationKind,
    RegistrationStatus,
)


@strawberry.input(
    description="Which enterprises; all conditions hold together.", directives=data(DataGroup.REGISTRATION)
)
class EnterpriseFilter:
    """Which enterprises."""

    zone: list[strawberry.ID] | None = strawberry.field(
        default=None, description="On the roster of one of these zones."
    )
    district: str | None = strawberry.field(default=None, description="Prefix of the GB/T 2260 code: 4201 is Wuhan.")
    industry: str | None = strawberry.field(default=None, description="Prefix of the GB/T 4754 code: C39, or 39.")
    status: list[RegistrationStatus] | None = None
    qualification: list[QualificationKind] | None = strawberry.field(
        default=None,
        description="Holds all of these, valid on `qualificationValidOn`.",
        directives=data(DataGroup.QUALIFICATIONS),
    )
    qualification_valid_on: date | None = strawberry.field(default=None, description="Today if not given.")
    founded_from: date | None = None
    founded_to: date | None = None
    registered_capital_min: Decimal | None = strawberry.field(default=None, description="CNY yuan.")
    registered_capital_max: Decimal | None = strawberry.field(default=None, description="CNY yuan.")
    synthetic: bool | None = strawberry.field(default=None, description="Only made-up records, or only real ones.")


@strawberry.enum(description="What enterprises are ordered by.")
class EnterpriseOrderField(Enum):
    """What enterprises are ordered by."""

    RELEVANCE = "RELEVANCE"
    NAME = "NAME"
    USCC = "USCC"
    FOUNDED_ON = "FOUNDED_ON"
    REGISTERED_CAPITAL = "REGISTERED_CAPITAL"


@strawberry.input(
    description="Order of enterprises; without it by relevance of a search, otherwise by name.",
    directives=data(DataGroup.REGISTRATION),
)
class EnterpriseOrder:
    """Order of enterprises."""

    field: EnterpriseOrderField
    direction: Direction = Direction.ASCENDING


@strawberry.input(description="Which policies.", directives=data(DataGroup.PUBLIC))
class PolicyFilter:
    """Which policies."""

    zone: strawberry.ID | None = strawberry.field(default=None, description="Made for this zone, or for none.")
    level: list[Level] | None = None
    valid_on: date | None = None


@strawberry.input(description="Which loan products.", directives=data(DataGroup.PUBLIC))
class LoanProductFilter:
    """Which loan products."""

    zone: strawberry.ID | None = strawberry.field(default=None, description="Offered in this zone, or everywhere.")
    lender: str | None = strawberry.field(default=None, description="Part of the lender's name.")
    guarantee_kind: list[GuaranteeKind] | None = strawberry.field(default=None, description="Offers one of these.")
    amount: Decimal | None = strawberry.field(default=None, description="Lends at least so much, CNY yuan.")
    lender_id: str | None = strawberry.field(default=None, description="The lender's organisation.")
    term_months: int | None = strawberry.field(default=None, description="Lends for at least so many months.")
    qualification: list[QualificationKind] | None = strawberry.field(
        default=None, description="Is for those who hold one of these, or asks for none."
    )
    listed_on: date | None = strawberry.field(default=None, description="Was on offer that day.")


@strawberry.input(description="Which funds.", directives=data(DataGroup.PUBLIC))
class FundFilter:
    """Which funds."""

    region: str | None = None
    stage: str | None = None
    field: str | None = None


@strawberry.input(description="Which technology managers.", directives=data(DataGroup.MANAGERS))
class TechnologyManagerFilter:
    """Which technology managers."""

    network: strawberry.ID | None = None
    institution_kind: list[InstitutionKind] | None = None
    grade: list[ManagerGrade] | None = None
    region: str | None = strawberry.field(default=None, description="Part of the region's name.")
    country: str | None = None
    speciality: str | None = strawberry.field(default=None, description="Part of a speciality's name.")
    language: str | None = None
    service: str | None = strawberry.field(default=None, description="Part of a service's name.")
