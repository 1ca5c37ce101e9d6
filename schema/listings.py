"""Loan products that lenders list themselves 自主上架, as their lender sees and makes them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.changes import HistoryEntry
from schema.cost import listed
from schema.enums import GuaranteeKind, ListingAction, ListingState, QualificationKind
from schema.offers import LoanProduct, LoanScoreGate
from schema.user_error import UserError

ID = strawberry.ID
_HELD = data(DataGroup.LISTINGS)


@strawberry.type(description="All that a version of a loan product says.", directives=_HELD)
class ListingTerms:
    """All that a version of a loan product says."""

    name: str
    lender_name: str
    branch: str | None
    amount_min: Decimal | None
    amount_max: Decimal
    rate_min: Decimal | None
    rate_max: Decimal | None
    rate_basis: str | None
    term_months_min: int | None
    term_months_max: int
    revolving: bool
    guarantee_kinds: list[GuaranteeKind]
    zones: list[str] = strawberry.field(description="Ids; none: in every zone.")
    regions: list[str]
    industries: list[str]
    qualifications: list[QualificationKind]
    scores: list[LoanScoreGate] = strawberry.field(directives=[*_HELD, *listed(1)])
    documents: list[str]
    turnaround_days: int | None
    risk_sharing: list[str]
    gate: str | None
    valid_from: date
    valid_to: date | None
    note: str | None
    synthetic: bool


@strawberry.type(
    description="A loan product that a lender lists in the hub 自主上架. For the lender; everybody finds it among "
    "`loanProducts` once it is listed. Each edit is a new version; applications keep the one they were made for.",
    directives=_HELD,
)
class LoanListing:
    """A loan product that a lender lists in the hub."""

    id: ID
    version: int = strawberry.field(description="Counts its changes; edits name the version that they change.")
    state: ListingState = strawberry.field(description="EXPIRED once its last day is over.")
    allowed_actions: list[ListingAction] = strawberry.field(description="What the reader may do about it now.")
    lender: str
    terms: ListingTerms = strawberry.field(directives=_HELD)
    product: LoanProduct | None = strawberry.field(description="As everybody sees it; null before it is listed.")
    listed_at: datetime | None
    withdrawn_on: date | None
    created_at: datetime
    changed_at: datetime
    history: list[HistoryEntry] | None = strawberry.field(
        description="What was done, the oldest first.", directives=[*_HELD, *listed(4)]
    )


@strawberry.input(
    description="By which score a product may be had, in one version of one scheme.", directives=data(DataGroup.PUBLIC)
)
class LoanScoreGateInput:
    """By which score a product may be had."""

    scheme: str = strawberry.field(description="Code and version: `east-lake-28-demo@1`.")
    at_least: Decimal | None = None
    stages: list[str] | None = None


@strawberry.input(description="All that a loan product says.", directives=data(DataGroup.PUBLIC))
class ListingTermsInput:
    """All that a loan product says."""

    name: str
    lender_name: str = strawberry.field(description="The lender, as people know it.")
    amount_max: Decimal = strawberry.field(description="CNY yuan, in whole fen.")
    term_months_max: int
    guarantee_kinds: list[GuaranteeKind]
    valid_from: date
    branch: str | None = None
    amount_min: Decimal | None = None
    rate_min: Decimal | None = strawberry.field(default=None, description="Yearly, per cent, with at most 4 decimals.")
    rate_max: Decimal | None = None
    rate_basis: str | None = strawberry.field(
        default=None, description="What the rate is reckoned from; needed where a rate is given."
    )
    term_months_min: int | None = None
    revolving: bool = strawberry.field(default=False, description="What was repaid can be drawn again 循环授信.")
    zones: list[ID] | None = None
    regions: list[str] | None = strawberry.field(default=None, description="2 to 6 digits each.")
    industries: list[str] | None = strawberry.field(default=None, description="Such as C39, or 39.")
    qualifications: list[QualificationKind] | None = None
    scores: list[LoanScoreGateInput] | None = None
    documents: list[str] | None = None
    turnaround_days: int | None = None
    risk_sharing: list[str] | None = None
    gate: str | None = None
    valid_to: date | None = None
    note: str | None = None
    synthetic: bool = strawberry.field(default=False, description="Made up for demonstration, not real.")


@strawberry.input(
    description="A loan product of the own organisation, to be drafted.", directives=data(DataGroup.PUBLIC)
)
class DraftLoanProductInput:
    """A loan product to be drafted."""

    terms: ListingTermsInput


@strawberry.input(description="What a loan product says from now on.", directives=data(DataGroup.PUBLIC))
class EditLoanProductInput:
    """What a loan product says from now on."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")
    terms: ListingTermsInput


@strawberry.input(description="A loan product that is to be listed or withdrawn.", directives=data(DataGroup.PUBLIC))
class AdvanceLoanProductInput:
    """A loan product that is to be listed or withdrawn."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")


@strawberry.type(description="What became of a loan product.", directives=data(DataGroup.PUBLIC))
class LoanListingPayload:
    """What became of a loan product."""

    loan_listing: LoanListing | None
    user_errors: list[UserError] = strawberry.field(directives=listed(10))
