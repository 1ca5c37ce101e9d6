"""What is offered to enterprises: policies, loan products, funds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed, sliced
from schema.declaring import answered, declared
from schema.enums import EntitlementState, GuaranteeKind, Level, QualificationKind
from schema.node import Node, Sourced
from schema.zone import Zone

if TYPE_CHECKING:
    from schema.enterprise import Enterprise
    from schema.entitlements import Entitlement
    from schema.policies import PolicyRules


@strawberry.type(description="Policy 政策.", directives=data(DataGroup.PUBLIC))
class Policy(Node, Sourced):
    """Policy."""

    title: str | None
    title_en: str | None
    issuer: str | None = strawberry.field(description="发文机构.")
    document_number: str | None = strawberry.field(description="发文字号.")
    level: Level | None
    tool: str | None = strawberry.field(description="Kind of support 支持方式.")
    published_on: date | None
    valid_from: date | None
    valid_to: date | None
    benefit: str | None
    amount_max: Decimal | None = strawberry.field(description="Most that one enterprise receives, CNY yuan.")
    summary: str | None
    zone: Zone | None = strawberry.field(description="The zone it is made for; null if it is not bound to one.")
    number: int | None = strawberry.field(
        description="Which of its published versions this is, from 1; of those made in the hub."
    )
    withdrawn_on: date | None = strawberry.field(description="It is in no list any more from that day on.")
    rules: Annotated[PolicyRules, strawberry.lazy("schema.policies")] | None = strawberry.field(
        description="What it says in a form that can be held to enterprises. Null with NOT_DELIVERED for policies of "
        "other sources: these have conditions as text only."
    )

    @declared(
        "Benefits of it that come to enterprises without application 免申即享, newest first; of these states, or all. "
        "For the officers of its zone.",
        [*data(DataGroup.ENTITLEMENTS), *sliced("first")],
    )
    def entitlements(
        self, first: int = 20, state: list[EntitlementState] | None = None
    ) -> list[Annotated[Entitlement, strawberry.lazy("schema.entitlements")]] | None:
        """Benefits of it that come to enterprises without application."""
        answered()


@strawberry.type(
    description="Whom a loan product is for by a score: in this version of this scheme; points of others are not "
    "compared with it.",
    directives=[*data(DataGroup.PUBLIC), *costing(0)],
)
class LoanScoreGate:
    """Whom a loan product is for by a score."""

    scheme: str = strawberry.field(description="Code and version.")
    at_least: Decimal | None = strawberry.field(description="Points of the scheme.")
    stages: list[str] = strawberry.field(description="`id` of stages of the scheme; none: all.")


@strawberry.type(
    description="Loan product 贷款产品 of the tech-finance supermarket 科技金融超市.", directives=data(DataGroup.PUBLIC)
)
class LoanProduct(Node, Sourced):
    """Loan product."""

    name: str | None
    lender: str | None
    lender_id: str | None = strawberry.field(
        description="The organisation that lends, as `me { organisation }` of its readers; applications go to it. "
        "Null: it takes none through the hub."
    )
    version: int | None = strawberry.field(description="Of a product that was listed in the hub.")
    branch: str | None
    amount_min: Decimal | None = strawberry.field(description="CNY yuan.")
    amount_max: Decimal | None = strawberry.field(description="CNY yuan.")
    rate_min: Decimal | None = strawberry.field(description="Lowest yearly rate, per cent.")
    rate_max: Decimal | None = strawberry.field(description="Highest yearly rate, per cent.")
    rate_text: str | None = strawberry.field(description="What the rate is reckoned from, or what is said of it.")
    term_months_min: int | None
    term_months_max: int | None
    revolving: bool | None = strawberry.field(
        description="What was repaid can be drawn again 循环授信; null: it is not said."
    )
    guarantee_kinds: list[GuaranteeKind] | None = strawberry.field(description="担保方式.")
    regions: list[str] | None = strawberry.field(
        description="Beginnings of the GB/T 2260 codes of where it is offered; none: everywhere."
    )
    industries: list[str] | None = strawberry.field(
        description="Beginnings of the GB/T 4754 codes of those that it is for; none: all."
    )
    qualifications: list[QualificationKind] | None = strawberry.field(description="One of them is needed; none: none.")
    scores: list[LoanScoreGate] | None = strawberry.field(
        description="By which score it may be had: one of them is needed. Of products that are listed in the hub.",
        directives=listed(1),
    )
    documents: list[str] | None = strawberry.field(description="What has to be handed in 所需材料.")
    turnaround_days: int | None = strawberry.field(description="Working days until it is decided 办理时限.")
    risk_sharing: list[str] | None = strawberry.field(description="Who shares the risk 风险分担.")
    gate: str | None = strawberry.field(description="Who may have it, in words 准入条件.")
    listed_on: date | None
    withdrawn_on: date | None
    note: str | None
    zones: list[Zone | None] | None = strawberry.field(
        description="Zones it is offered in; empty: everywhere.", directives=listed(3)
    )


@strawberry.type(
    description="An investment of a fund 基金投资, as the fund or whoever publishes it tells.",
    directives=data(DataGroup.PUBLIC),
)
class FundInvestment(Sourced):
    """An investment of a fund."""

    number: str = strawberry.field(description="Its name among the fund's investments, in its source.")
    uscc: str | None = strawberry.field(description="Code of the enterprise, if it is told.")
    name: str | None = strawberry.field(description="The enterprise, as it is told.")
    enterprise: Annotated[Enterprise, strawberry.lazy("schema.enterprise")] | None
    round: str | None = strawberry.field(description="Such as angel 天使轮 or A A轮.")
    amount: Decimal | None = strawberry.field(description="CNY yuan.")
    invested_on: date | None
    exited_on: date | None = strawberry.field(description="When the fund left 退出; null while it holds a part.")


@strawberry.type(description="Fund 基金 that invests in technology enterprises.", directives=data(DataGroup.PUBLIC))
class Fund(Node, Sourced):
    """Fund."""

    name: str | None
    name_en: str | None
    manager: str | None
    custodian: str | None
    investors: list[str] | None
    first_tranche: Decimal | None = strawberry.field(description="First tranche 首期规模, CNY yuan; not the total.")
    size: Decimal | None = strawberry.field(description="Total size where it is known, CNY yuan.")
    announced_on: date | None
    registered_in: str | None
    term_years_min: int | None = strawberry.field(description="The term is longer than so many years.")
    governance: str | None
    strategy_committee: list[str] | None = strawberry.field(
        description="Who has set up the strategy committee 战略委员会, which guides and evaluates it."
    )
    followed_up_by: list[str] | None = strawberry.field(description="Who follows it up 后续推进.")
    focus_regions: list[str] | None
    focus_stages: list[str] | None
    focus_fields: list[str] | None
    investments: list[FundInvestment] | None = strawberry.field(
        description="What it has invested in, as far as a source tells. 投资项目", directives=listed(10)
    )
