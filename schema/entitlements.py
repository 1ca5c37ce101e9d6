"""Entitlements 免申即享: benefits of policies that come to enterprises without application."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup, Mask
from schema.access import data
from schema.changes import HistoryEntry
from schema.cost import listed
from schema.enums import EntitlementAction, EntitlementState, Fit, Truth
from schema.offers import Policy
from schema.policies import PolicyRules
from schema.scalars import Uscc
from schema.user_error import UserError

if TYPE_CHECKING:
    from schema.enterprise import Enterprise

ID = strawberry.ID


@strawberry.type(
    description="The account to which an enterprise wants to be paid 收款账户. Its number is whole for the officers of "
    "the zone that pays, from the confirmation until it is archived; everybody else sees the last four digits.",
    directives=data(DataGroup.ACCOUNTS),
)
class EntitlementAccount:
    """The account to which an enterprise wants to be paid."""

    holder: str
    bank: str
    number: str | None = strawberry.field(directives=data(DataGroup.ACCOUNTS, Mask.ACCOUNT))


@strawberry.type(
    description="How a condition was found when the enterprise was matched.", directives=data(DataGroup.ENTITLEMENTS)
)
class EntitlementFinding:
    """How a condition was found when the enterprise was matched."""

    code: str
    truth: Truth
    actual: str | None
    reason: str | None
    source: str | None = strawberry.field(description="The source's name.")
    as_of: datetime | None


@strawberry.type(description="An officer's approval 审核.", directives=data(DataGroup.ENTITLEMENTS))
class EntitlementApproval:
    """An officer's approval."""

    organisation: str
    at: datetime


@strawberry.type(
    description="A benefit of a policy that comes to an enterprise without application 免申即享. It is seen by the "
    "enterprise and the officers of the policy's zone.",
    directives=data(DataGroup.ENTITLEMENTS),
)
class Entitlement:
    """A benefit of a policy that comes to an enterprise without application."""

    id: ID
    version: int = strawberry.field(description="Counts its changes; edits name the version that they change.")
    state: EntitlementState
    allowed_actions: list[EntitlementAction] = strawberry.field(description="What the reader may do about it now.")
    uscc: Uscc
    number: int = strawberry.field(description="The version of the policy that counts for it, for good.")
    amount: Decimal = strawberry.field(description="CNY yuan.")
    risk: int = strawberry.field(description="Risk level 风险等级: 0 goes through, 1 and 2 are reviewed.")
    due_on: date | None = strawberry.field(description="The last day on which it can be confirmed.")
    reason: str | None = strawberry.field(description="Why it was declined or rejected.")
    payment_reference: str | None
    paid_on: date | None
    confirmed_at: datetime | None
    created_at: datetime
    changed_at: datetime
    policy: Policy | None
    rules: PolicyRules | None = strawberry.field(description="What the policy said in that version.")
    account: EntitlementAccount | None = strawberry.field(directives=data(DataGroup.ENTITLEMENTS))
    findings: list[EntitlementFinding] | None = strawberry.field(directives=[*data(DataGroup.ENTITLEMENTS), *listed(6)])
    approvals: list[EntitlementApproval] | None = strawberry.field(
        directives=[*data(DataGroup.ENTITLEMENTS), *listed(2)]
    )
    history: list[HistoryEntry] | None = strawberry.field(
        description="What was done, the oldest first.", directives=[*data(DataGroup.ENTITLEMENTS), *listed(6)]
    )


@strawberry.type(description="How many.", directives=data(DataGroup.ENTITLEMENTS))
class FitCount:
    """How many enterprises match so."""

    fit: Fit
    count: int


@strawberry.type(
    description="What came of holding a policy to the enterprises of its zone.",
    directives=data(DataGroup.ENTITLEMENTS),
)
class EntitlementRun:
    """What came of holding a policy to the enterprises of its zone."""

    id: ID
    number: int = strawberry.field(description="The version of the policy.")
    made: int = strawberry.field(description="Entitlements that were made.")
    already: int = strawberry.field(description="Eligible enterprises that had one of this policy before.")
    amount: Decimal = strawberry.field(description="Of those made, CNY yuan.")
    counts: list[FitCount] | None = strawberry.field(directives=[*data(DataGroup.ENTITLEMENTS), *listed(4)])
    created_at: datetime


@strawberry.type(
    description="Benefits of a zone's policies by policy, district or stage, and by state.",
    directives=data(DataGroup.ENTITLEMENTS),
)
class EntitlementFigure:
    """Benefits of a zone's policies."""

    key: str | None = strawberry.field(description="Identity of the policy, code of the district, or stage.")
    title: str | None
    state: EntitlementState
    count: int
    amount: Decimal = strawberry.field(description="CNY yuan.")


@strawberry.type(description="A benefit that was paid 惠企资金公示.", directives=data(DataGroup.PUBLIC))
class BenefitPaid:
    """A benefit that was paid."""

    id: ID
    policy: Policy | None
    number: int = strawberry.field(description="The version of the policy.")
    uscc: Uscc
    enterprise: Annotated[Enterprise, strawberry.lazy("schema.enterprise")] | None
    amount: Decimal = strawberry.field(description="CNY yuan.")
    risk: int
    paid_on: date
    synthetic: bool = strawberry.field(description="Of a policy that was made up for demonstration.")


@strawberry.input(
    description="A published policy, and the enterprises that it is held to: those named, or the whole roster of its "
    "zone.",
    directives=data(DataGroup.PUBLIC),
)
class MatchEntitlementsInput:
    """A published policy, and the enterprises that it is held to."""

    policy: ID
    usccs: list[Uscc] | None = None
    push: bool = strawberry.field(default=False, description="Tell the enterprises at once.")


@strawberry.input(description="The account to which to pay.", directives=data(DataGroup.PUBLIC))
class AccountInput:
    """The account to which to pay."""

    holder: str
    bank: str
    number: str = strawberry.field(description="8 to 32 digits; spaces are left out.")


@strawberry.input(description="An enterprise wants a benefit, and says where to.", directives=data(DataGroup.PUBLIC))
class ConfirmEntitlementInput:
    """An enterprise wants a benefit, and says where to."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")
    account: AccountInput


@strawberry.input(description="What is to be done about an entitlement.", directives=data(DataGroup.PUBLIC))
class AdvanceEntitlementInput:
    """What is to be done about an entitlement."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")
    action: EntitlementAction = strawberry.field(description="Any but CONFIRM.")
    reason: str | None = strawberry.field(default=None, description="With DECLINE, and needed with REJECT.")
    payment_reference: str | None = strawberry.field(default=None, description="Needed with FULFIL.")
    paid_on: date | None = strawberry.field(default=None, description="Needed with FULFIL; today at the latest.")


@strawberry.type(description="What became of an entitlement.", directives=data(DataGroup.PUBLIC))
class EntitlementPayload:
    """What became of an entitlement."""

    entitlement: Entitlement | None
    user_errors: list[UserError] = strawberry.field(directives=listed(1))


@strawberry.type(
    description="What became of each of several entitlements, in the order in which they were named.",
    directives=data(DataGroup.PUBLIC),
)
class EntitlementsPayload:
    """What became of each of several entitlements."""

    outcomes: list[EntitlementPayload] = strawberry.field(
        description="Each with what is wrong with it, which is no matter to the others; none if `userErrors` says why.",
        directives=listed(20),
    )
    user_errors: list[UserError] = strawberry.field(
        description="What is wrong with the call itself; then nothing was done.", directives=listed(1)
    )


@strawberry.type(description="What came of a match.", directives=data(DataGroup.PUBLIC))
class EntitlementRunPayload:
    """What came of a match."""

    entitlement_run: EntitlementRun | None
    user_errors: list[UserError] = strawberry.field(directives=listed(1))
