"""Policies as they are made in the hub: structured conditions and benefits, and how enterprises match them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.changes import HistoryEntry
from schema.cost import costing, listed
from schema.declaring import answered, declared
from schema.enums import DataGroup as Group
from schema.enums import FactForm, Fit, Importance, Level, PolicyAction, PolicyState, Truth
from schema.node import Sourced
from schema.offers import Policy
from schema.user_error import UserError

ID = strawberry.ID


@strawberry.type(
    description="A fact over which conditions of policies are stated.",
    directives=[*data(DataGroup.PUBLIC), *costing(0)],
)
class PolicyFact:
    """A fact over which conditions are stated."""

    name: str = strawberry.field(description="As a condition writes it.")
    form: FactForm
    group: Group = strawberry.field(description="Who may not see this group is told of no condition over the fact.")
    title: str
    title_en: str
    unit: str | None
    units: list[str] = strawberry.field(description="In which a bound may be written.")
    members: list[str] = strawberry.field(description="The closed list that its words are of.")
    of_scheme: bool = strawberry.field(description="A condition names the scheme with its version.")
    of_year: bool
    dated: bool


@strawberry.type(
    description="A condition 条件 of a policy over one fact: one of these, none of these, or a number between bounds "
    "that are included.",
    directives=[*data(DataGroup.PUBLIC), *costing(0)],
)
class PolicyCondition:
    """A condition of a policy."""

    code: str = strawberry.field(description="Its name within the policy.")
    importance: Importance
    text: str
    text_en: str
    fact: str = strawberry.field(description="`policyFacts` lists them.")
    unit: str | None = strawberry.field(description="Of the bounds.")
    scheme: str | None = strawberry.field(description="Code and version.")
    one_of: list[str]
    none_of: list[str]
    at_least: Decimal | None
    at_most: Decimal | None
    year: int | None = strawberry.field(description="Of the filing; otherwise the last one.")
    valid_on: date | None = strawberry.field(description="Otherwise the day of the match.")


@strawberry.type(
    description="What one enterprise receives 支持标准: an amount, or per cent of a figure it filed, up to a cap.",
    directives=[*data(DataGroup.PUBLIC), *costing(0)],
)
class PolicyBenefit:
    """What one enterprise receives."""

    amount: Decimal | None = strawberry.field(description="CNY yuan.")
    percent: Decimal | None
    of: str | None = strawberry.field(description="The fact that the percentage is of.")
    year: int | None
    cap: Decimal | None = strawberry.field(description="CNY yuan.")


@strawberry.type(
    description="What a policy says in a form that can be held to enterprises.", directives=data(DataGroup.PUBLIC)
)
class PolicyRules:
    """What a policy says in a form that can be held to enterprises."""

    number: int = strawberry.field(description="Which published version this is.")
    published_at: datetime
    benefit: PolicyBenefit
    conditions: list[PolicyCondition] = strawberry.field(directives=listed(5))
    excludes: list[ID] = strawberry.field(description="Policies that nobody has together with it.")
    stacks: bool = strawberry.field(
        description="It may be had together with others that do not exclude it; otherwise with none of the same zone "
        "and year."
    )
    yearly_cap: Decimal | None = strawberry.field(
        description="Most that one enterprise receives in a calendar year of all policies of the zone, CNY yuan."
    )
    confirm_days: int = strawberry.field(description="Days after the notice within which an enterprise confirms.")


@strawberry.type(
    description="A condition held to what the reader may see of the enterprise. `source`, `asOf` and `synthetic` are "
    "those of the record that it was held to.",
    directives=[*data(DataGroup.PUBLIC), *costing(0)],
)
class PolicyMatchCondition(Sourced):
    """A condition held to what the reader may see of the enterprise."""

    condition: PolicyCondition
    truth: Truth
    required: list[str]
    actual: str | None = strawberry.field(description="What is known of the enterprise.")
    reason: str | None = strawberry.field(
        description="Why it is unknown: the code of an error or an absence; CANNOT_BE_TOLD if what is known does not "
        "decide it."
    )
    hint: str | None = strawberry.field(description="What would help.")


@strawberry.type(
    description="Whether an enterprise meets a policy 政策匹配, by what the reader may see of it.",
    directives=data(DataGroup.PUBLIC),
)
class PolicyMatch:
    """Whether an enterprise meets a policy."""

    policy: Policy | None
    fit: Fit
    structured: bool = strawberry.field(
        description="Its conditions can be held to facts. Those of other sources are text only: they are not matched."
    )
    number: int | None = strawberry.field(description="The version of the policy that it was held to.")
    conditions: list[PolicyMatchCondition] = strawberry.field(directives=listed(6))
    amount: Decimal | None = strawberry.field(description="What the enterprise would receive, CNY yuan.")
    reason: str | None = strawberry.field(
        description="TEXT_ONLY for a policy that is not matched; otherwise why the amount is unknown."
    )


@strawberry.type(
    description="A rule by which a case is of a higher risk 风险等级: when its condition is met, or cannot be told.",
    directives=data(DataGroup.POLICY_WORK),
)
class PolicyRisk:
    """A rule by which a case is of a higher risk."""

    level: int = strawberry.field(description="1 or 2: people look at it.")
    condition: PolicyCondition


@strawberry.type(description="All that a version of a policy says.", directives=data(DataGroup.POLICY_WORK))
class PolicyContent:
    """All that a version of a policy says."""

    title: str
    title_en: str | None
    issuer: str
    document_number: str | None
    level: Level
    tool: str
    valid_from: date
    valid_to: date | None
    summary: str | None
    benefit_text: str
    benefit: PolicyBenefit
    conditions: list[PolicyCondition] = strawberry.field(directives=listed(5))
    pool: ID = strawberry.field(description="The budget pool that it is paid from.")
    excludes: list[ID]
    stacks: bool
    yearly_cap: Decimal | None
    confirm_days: int
    review_above: Decimal | None = strawberry.field(description="Two officers approve what is more, CNY yuan.")
    risks: list[PolicyRisk] | None = strawberry.field(directives=[*data(DataGroup.POLICY_WORK), *listed(2)])
    synthetic: bool


@strawberry.type(
    description="How the enterprises of one district or stage match.",
    directives=[*data(DataGroup.POLICY_WORK), *costing(0)],
)
class PolicyTrialPart:
    """How the enterprises of one district or stage match."""

    key: str | None = strawberry.field(description="Code of the district, or stage; null where it is not known.")
    enterprises: int
    eligible: int
    nearly: int
    unknown: int
    not_eligible: int
    budget: Decimal = strawberry.field(description="For those that are eligible, CNY yuan.")


@strawberry.type(description="How one condition is met.", directives=[*data(DataGroup.POLICY_WORK), *costing(0)])
class PolicyTrialCondition:
    """How one condition is met."""

    code: str
    satisfied: int
    unmet: int
    unknown: int


@strawberry.type(
    description="What a policy would come to 政策仿真: how many it fits, and what it would cost, against its pool.",
    directives=data(DataGroup.POLICY_WORK),
)
class PolicyTrial:
    """What a policy would come to."""

    enterprises: int
    eligible: int
    nearly: int
    unknown: int
    not_eligible: int
    budget: Decimal = strawberry.field(description="For those that are eligible, CNY yuan.")
    amount_unknown: int = strawberry.field(description="Eligible ones whose benefit cannot be told.")
    pool_free: Decimal = strawberry.field(description="What is left in the pool, CNY yuan.")
    sufficient: bool = strawberry.field(description="The pool has so much left.")
    by_district: list[PolicyTrialPart] | None = strawberry.field(directives=[*data(DataGroup.POLICY_WORK), *listed(20)])
    by_stage: list[PolicyTrialPart] | None = strawberry.field(directives=[*data(DataGroup.POLICY_WORK), *listed(4)])
    conditions: list[PolicyTrialCondition] | None = strawberry.field(
        directives=[*data(DataGroup.POLICY_WORK), *listed(6)]
    )


@strawberry.type(
    description="A policy that a zone makes in the hub 园区政策: what is published of it, and what is drafted. Seen by "
    "the officers of the zone.",
    directives=data(DataGroup.POLICY_WORK),
)
class ZonePolicy:
    """A policy that a zone makes in the hub."""

    id: ID
    version: int = strawberry.field(description="Counts its changes; edits name the version that they change.")
    state: PolicyState
    allowed_actions: list[PolicyAction] = strawberry.field(description="What the reader may do about it now.")
    zone_id: ID
    author: str = strawberry.field(description="The organisation that made it.")
    number: int = strawberry.field(description="Counts what was published.")
    published: PolicyContent | None = strawberry.field(directives=data(DataGroup.POLICY_WORK))
    draft: PolicyContent | None = strawberry.field(
        description="What will be published next.", directives=data(DataGroup.POLICY_WORK)
    )
    policy: Policy | None = strawberry.field(description="As everybody sees it; null before it is published.")
    published_at: datetime | None
    withdrawn_on: date | None
    created_at: datetime
    changed_at: datetime

    @declared(
        "What the draft would come to, otherwise what is published: tried on the enterprises of an edition, or on all "
        "that are on the roster of the zone.",
        [*data(DataGroup.POLICY_WORK), *costing(500)],
    )
    def dry_run(self, edition: ID | None = None) -> PolicyTrial | None:
        """What the draft would come to."""
        answered()

    history: list[HistoryEntry] | None = strawberry.field(
        description="What was done, the oldest first.", directives=[*data(DataGroup.POLICY_WORK), *listed(4)]
    )


@strawberry.type(
    description="Money from which policies of a zone are paid 资金池, CNY yuan. Seen by the officers of the zone.",
    directives=data(DataGroup.POLICY_WORK),
)
class BudgetPool:
    """Money from which policies of a zone are paid."""

    id: ID
    version: int
    zone_id: ID
    name: str
    total: Decimal
    reserved: Decimal = strawberry.field(description="For benefits that were confirmed and are not paid.")
    paid: Decimal
    free: Decimal
    used_percent: Decimal = strawberry.field(description="What is reserved and paid, of the total.")
    warning: int | None = strawberry.field(
        description="70 or 90, once so many per cent are used; 100: nothing is free."
    )
    created_at: datetime
    changed_at: datetime
    history: list[HistoryEntry] | None = strawberry.field(
        description="What officers did to it, and the warnings.",
        directives=[*data(DataGroup.POLICY_WORK), *listed(4)],
    )


@strawberry.type(description="What became of a policy.", directives=data(DataGroup.PUBLIC))
class ZonePolicyPayload:
    """What became of a policy."""

    zone_policy: ZonePolicy | None
    user_errors: list[UserError] = strawberry.field(directives=listed(1))


@strawberry.type(description="What became of a budget pool.", directives=data(DataGroup.PUBLIC))
class BudgetPoolPayload:
    """What became of a budget pool."""

    budget_pool: BudgetPool | None
    user_errors: list[UserError] = strawberry.field(directives=listed(1))
