"""What officers say of the policies and pools of their zone: the inputs of their mutations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.enums import Importance, Level

ID = strawberry.ID


@strawberry.input(description="A condition of a policy.", directives=data(DataGroup.PUBLIC))
class PolicyConditionInput:
    """A condition of a policy."""

    code: str
    text: str
    text_en: str
    fact: str
    importance: Importance = Importance.REQUIRED
    unit: str | None = None
    scheme: str | None = strawberry.field(default=None, description="Code and version: `east-lake-28-demo@1`.")
    one_of: list[str] | None = None
    none_of: list[str] | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    year: int | None = None
    valid_on: date | None = None


@strawberry.input(
    description="An amount, or per cent of a figure with a cap; CNY yuan.", directives=data(DataGroup.PUBLIC)
)
class PolicyBenefitInput:
    """What one enterprise receives."""

    amount: Decimal | None = None
    percent: Decimal | None = None
    of: str | None = None
    year: int | None = None
    cap: Decimal | None = None


@strawberry.input(description="From when on a case is of a higher risk.", directives=data(DataGroup.PUBLIC))
class PolicyRiskInput:
    """From when on a case is of a higher risk."""

    level: int
    condition: PolicyConditionInput


@strawberry.input(description="All that a policy says.", directives=data(DataGroup.PUBLIC))
class PolicyContentInput:
    """All that a policy says."""

    title: str
    issuer: str
    level: Level
    tool: str
    valid_from: date
    benefit_text: str
    benefit: PolicyBenefitInput
    conditions: list[PolicyConditionInput]
    pool: ID
    title_en: str | None = None
    document_number: str | None = None
    valid_to: date | None = None
    summary: str | None = None
    excludes: list[ID] | None = None
    stacks: bool = True
    yearly_cap: Decimal | None = None
    confirm_days: int = 30
    review_above: Decimal | None = None
    risks: list[PolicyRiskInput] | None = None
    synthetic: bool = strawberry.field(default=False, description="Made up for demonstration, not real.")


@strawberry.input(description="A policy of a zone, to be drafted.", directives=data(DataGroup.PUBLIC))
class DraftPolicyInput:
    """A policy of a zone, to be drafted."""

    zone: ID
    content: PolicyContentInput


@strawberry.input(description="What a policy is to say next.", directives=data(DataGroup.PUBLIC))
class EditPolicyInput:
    """What a policy is to say next."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")
    content: PolicyContentInput


@strawberry.input(description="A policy that is to be published or withdrawn.", directives=data(DataGroup.PUBLIC))
class AdvancePolicyInput:
    """A policy that is to be published or withdrawn."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")


@strawberry.input(description="A budget pool of a zone.", directives=data(DataGroup.PUBLIC))
class OpenBudgetPoolInput:
    """A budget pool of a zone."""

    zone: ID
    name: str
    total: Decimal = strawberry.field(description="CNY yuan.")


@strawberry.input(description="What a budget pool is to hold.", directives=data(DataGroup.PUBLIC))
class ChangeBudgetPoolInput:
    """What a budget pool is to hold."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")
    total: Decimal = strawberry.field(description="CNY yuan; not less than what is reserved and paid.")
