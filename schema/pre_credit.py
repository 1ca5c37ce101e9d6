"""Pre-credit 预授信 in batches, as a lender sees and makes it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.changes import HistoryEntry
from schema.cost import costing, listed
from schema.enums import PreCreditAction, PreCreditReason, PreCreditState
from schema.scalars import Uscc
from schema.user_error import UserError

ID = strawberry.ID
_HELD = data(DataGroup.LENDING)


@strawberry.type(
    description="How many were left out for a reason. CONSENT_REQUIRED: they have not agreed that the lender sees "
    "their scores for this purpose; nothing else is looked at of them.",
    directives=[*_HELD, *costing(0)],
)
class PreCreditLeftOut:
    """How many were left out for a reason."""

    reason: PreCreditReason
    count: int
    usccs: list[Uscc] | None = strawberry.field(description="Of the codes that the lender gave itself.")


@strawberry.type(
    description="A line that a lender holds out to each of many enterprises of an edition, until a day 预授信. It "
    "binds nobody; who wants it applies. For the lender; an enterprise sees its own in `creditSummary`.",
    directives=_HELD,
)
class PreCreditBatch:
    """A line that a lender holds out to each of many enterprises."""

    id: ID
    version: int
    state: PreCreditState
    allowed_actions: list[PreCreditAction] = strawberry.field(description="What the reader may do about it now.")
    lender: str
    edition: ID
    product: ID | None
    line: Decimal = strawberry.field(description="For each, CNY yuan.")
    total: Decimal = strawberry.field(description="For all of them, CNY yuan.")
    expires_on: date = strawberry.field(description="The last day of it.")
    score_at_least: Decimal | None
    stage: ID | None
    offered: int = strawberry.field(description="To how many.")
    usccs: list[Uscc] | None = strawberry.field(description="To whom.")
    left_out: list[PreCreditLeftOut] = strawberry.field(directives=[*_HELD, *listed(3)])
    created_at: datetime
    changed_at: datetime
    history: list[HistoryEntry] | None = strawberry.field(
        description="What was done, the oldest first.", directives=[*_HELD, *listed(2)]
    )


@strawberry.input(
    description="To which enterprises of an edition a line is held out: those of a list, those from a score on, or "
    "both; only to those whose consent lets the lender see their scores.",
    directives=data(DataGroup.PUBLIC),
)
class OfferPreCreditInput:
    """To which enterprises of an edition a line is held out."""

    edition: ID = strawberry.field(description="A published edition of scores.")
    line: Decimal = strawberry.field(description="For each, CNY yuan, in whole fen.")
    expires_on: date = strawberry.field(description="Today at the earliest, in a year at the latest.")
    usccs: list[Uscc] | None = strawberry.field(default=None, description="All of the edition if not given.")
    score_at_least: Decimal | None = strawberry.field(
        default=None, description="In points of the edition's scheme; needed if no codes are given."
    )
    stage: ID | None = strawberry.field(default=None, description="`id` of a stage within the edition's scheme.")
    product: ID | None = strawberry.field(default=None, description="The loan product that it is for.")


@strawberry.input(description="Which offers are withdrawn.", directives=data(DataGroup.PUBLIC))
class WithdrawPreCreditInput:
    """Which offers are withdrawn."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")


@strawberry.type(description="What became of offers of pre-credit.", directives=data(DataGroup.PUBLIC))
class PreCreditBatchPayload:
    """What became of offers of pre-credit."""

    pre_credit_batch: PreCreditBatch | None
    user_errors: list[UserError] = strawberry.field(directives=listed(5))
