"""Loan applications 贷款申请, as the graph shows and takes them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.changes import HistoryEntry
from schema.cost import costing, listed
from schema.enums import GuaranteeKind, LoanAction, LoanState, MovementKind
from schema.offers import LoanProduct
from schema.scalars import Uscc
from schema.user_error import UserError

if TYPE_CHECKING:
    from schema.enterprise import Enterprise

ID = strawberry.ID
_HELD = data(DataGroup.APPLICATIONS)


@strawberry.type(
    description="A loan product as it was when it was applied for; later versions change nothing of it.",
    directives=[*_HELD, *costing(0)],
)
class AppliedProduct:
    """A loan product as it was when it was applied for."""

    id: ID
    version: int | None = strawberry.field(
        description="Of a product that was listed in the hub; what a source delivers has none, `asOf` tells."
    )
    name: str | None
    lender: str | None
    branch: str | None
    amount_min: Decimal | None = strawberry.field(description="CNY yuan.")
    amount_max: Decimal | None = strawberry.field(description="CNY yuan.")
    rate_min: Decimal | None = strawberry.field(description="Lowest yearly rate, per cent.")
    rate_text: str | None
    term_months_max: int | None
    revolving: bool | None = strawberry.field(description="What was repaid can be drawn again; null: not said.")
    guarantee_kinds: list[GuaranteeKind]
    gate: str | None
    as_of: datetime | None
    synthetic: bool | None = strawberry.field(description="Made up for demonstration, not real. 合成数据")


@strawberry.type(description="Money that was drawn or repaid 放款与还款.", directives=[*_HELD, *costing(0)])
class LoanMovement:
    """Money that was drawn or repaid."""

    kind: MovementKind
    amount: Decimal = strawberry.field(description="CNY yuan.")
    day: date
    reference: str | None = strawberry.field(description="The lender's own reference 借据号.")
    at: datetime = strawberry.field(description="When the lender told the hub.")


@strawberry.type(
    description="What is between the enterprise and the lender alone: a guarantee company that is party to the "
    "application does not see it.",
    directives=[*_HELD, *costing(0)],
)
class LoanTerms:
    """What is between the enterprise and the lender alone."""

    rate: Decimal | None = strawberry.field(description="Yearly, per cent.")
    rate_basis: str | None = strawberry.field(description="What the rate is reckoned from, such as LPR + 20 bp.")
    reason: str | None = strawberry.field(description="Why it was rejected or withdrawn.")
    movements: list[LoanMovement] | None = strawberry.field(
        description="What was drawn and repaid, the first first.", directives=[*_HELD, *listed(5)]
    )


@strawberry.type(
    description="An enterprise's application for a loan product 贷款申请. The enterprise and the lender see all of it, "
    "a guarantee company that the enterprise has named all but `terms`, nobody else anything.",
    directives=_HELD,
)
class LoanApplication:
    """An enterprise's application for a loan product."""

    id: ID
    version: int = strawberry.field(description="Counts its changes; edits name the version that they change.")
    state: LoanState
    allowed_actions: list[LoanAction] = strawberry.field(description="What the reader may do about it now.")
    uscc: Uscc
    enterprise: Annotated[Enterprise, strawberry.lazy("schema.enterprise")] | None
    lender: str = strawberry.field(description="The organisation that lends, as `me { organisation }` of its readers.")
    guarantor: str | None = strawberry.field(description="The guarantee company that the enterprise has named.")
    demand: ID = strawberry.field(description="The financing demand that it was made of.")
    demand_version: int
    product: AppliedProduct = strawberry.field(description="As it was when it was applied for.", directives=_HELD)
    product_now: LoanProduct | None = strawberry.field(
        description="The same product as it is offered now.", directives=_HELD
    )
    amount: Decimal = strawberry.field(description="What is asked for, CNY yuan.")
    term_months: int
    about: str
    guarantee_kinds: list[GuaranteeKind]
    line: Decimal | None = strawberry.field(description="What was granted 授信额度, CNY yuan; null until it is.")
    line_expires_on: date | None = strawberry.field(description="The last day to sign and to draw.")
    signed_on: date | None
    drawn: Decimal = strawberry.field(description="What was paid out of the line so far 已用信, CNY yuan.")
    repaid: Decimal = strawberry.field(description="What was paid back, CNY yuan.")
    balance: Decimal = strawberry.field(description="What is still owed 余额, CNY yuan.")
    available: Decimal | None = strawberry.field(
        description="What of the line can still be drawn, CNY yuan; null where there is none."
    )
    revolving: bool = strawberry.field(
        description="The line revolves 循环授信: what was repaid can be drawn again. Otherwise it cannot."
    )
    terms: LoanTerms | None = strawberry.field(directives=_HELD)
    created_at: datetime
    changed_at: datetime
    history: list[HistoryEntry] | None = strawberry.field(
        description="What was done, the oldest first.", directives=[*_HELD, *listed(6)]
    )


@strawberry.input(
    description="Which demand of the own enterprise is put to which product.", directives=data(DataGroup.PUBLIC)
)
class ApplyForLoanInput:
    """Which demand is put to which product."""

    demand: ID
    product: ID = strawberry.field(description="A loan product on offer whose `lenderId` is known.")
    guarantor: str | None = strawberry.field(
        default=None,
        description="The guarantee company's organisation, where the demand offers GUARANTEE_COMPANY; it sees what is "
        "shared of the application.",
    )


@strawberry.input(
    description="What is to be done about a loan application, money apart.", directives=data(DataGroup.PUBLIC)
)
class AdvanceLoanInput:
    """What is to be done about a loan application."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")
    action: LoanAction = strawberry.field(description="DRAW and REPAY go by `recordLoanMovement`.")
    reason: str | None = strawberry.field(
        default=None, description="Why it is rejected (needed) or withdrawn, in at most 2,000 characters."
    )
    line: Decimal | None = strawberry.field(default=None, description="What is granted (needed for APPROVE), CNY yuan.")
    rate: Decimal | None = strawberry.field(
        default=None, description="Yearly, per cent, 0 to 36 (needed for APPROVE), with at most 4 decimals."
    )
    rate_basis: str | None = strawberry.field(
        default=None, description="What the rate is reckoned from (needed for APPROVE), in at most 200 characters."
    )
    line_expires_on: date | None = strawberry.field(
        default=None, description="The last day to sign and to draw (needed for APPROVE), today at the earliest."
    )
    revolving: bool | None = strawberry.field(
        default=None, description="With APPROVE: whether the line revolves; as the product does, if it is not said."
    )
    signed_on: date | None = strawberry.field(default=None, description="Needed for SIGN, today at most.")


@strawberry.input(
    description="Money that was drawn or repaid. It names no version: movements of one line do not get into each "
    "other's way, and never exceed it.",
    directives=data(DataGroup.PUBLIC),
)
class RecordLoanMovementInput:
    """Money that was drawn or repaid."""

    application: ID
    kind: MovementKind
    amount: Decimal = strawberry.field(description="CNY yuan, above zero, in whole fen.")
    day: date = strawberry.field(description="Today at most, and not before it was signed.")
    reference: str | None = strawberry.field(default=None, description="The lender's own, in at most 200 characters.")


@strawberry.type(description="What became of a loan application.", directives=data(DataGroup.PUBLIC))
class LoanApplicationPayload:
    """What became of a loan application."""

    loan_application: LoanApplication | None
    user_errors: list[UserError] = strawberry.field(directives=listed(5))
