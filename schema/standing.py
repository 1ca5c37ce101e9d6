"""How an enterprise stands: qualifications, people, capital and what was invested in it, risk."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import strawberry

from codes.access import DataGroup, Mask
from schema.access import data
from schema.amount import AmountBand, banded
from schema.enums import Level, QualificationKind, RiskKind
from schema.node import Disputable


@strawberry.type(
    description="Qualification 资质: a dated fact; it may be valid at one time and not at another.",
    directives=data(DataGroup.QUALIFICATIONS),
)
class Qualification(Disputable):
    """Qualification."""

    kind: QualificationKind | None
    certificate_number: str | None
    issuer: str | None
    level: Level | None
    granted_on: date | None
    valid_from: date | None
    valid_to: date | None = strawberry.field(description="Last day of validity; null if open-ended.")
    withdrawn_on: date | None


@strawberry.type(description="Insured workforce 参保人员 of a month.", directives=data(DataGroup.WORKFORCE))
class Workforce(Disputable):
    """Insured workforce of a month."""

    period: str | None = strawberry.field(description="Month, YYYYMM.")
    headcount: int | None = strawberry.field(description="Insured staff 参保人数.")
    rd_staff: int | None = strawberry.field(description="R&D staff 研发人员.")
    postgraduates: int | None = strawberry.field(description="Staff with a master's degree or higher 硕士及以上.")
    graduates_hired: int | None = strawberry.field(description="Fresh graduates hired this year 吸纳应届毕业生.")


@strawberry.type(
    description="Somebody on the staff who holds a title 人才称号. Who it is, is not told.",
    directives=data(DataGroup.WORKFORCE),
)
class Talent(Disputable):
    """Somebody on the staff who holds a title."""

    title: str | None = strawberry.field(description="人才称号.")
    level: Level | None
    year: int | None = strawberry.field(description="Since when.")


@strawberry.type(description="Equity financing 股权融资 round.", directives=data(DataGroup.INVESTMENTS))
class Investment(Disputable):
    """Equity financing round."""

    round: str | None = strawberry.field(description="Such as angel 天使轮 or A A轮.")
    amount: Decimal | None = strawberry.field(description="CNY yuan.")
    investor: str | None
    announced_on: date | None
    qualified_institution: bool | None = strawberry.field(description="By a qualified institution 合格机构投资者.")
    paid_in: bool | None = strawberry.field(description="The money has been paid in 已实缴.")


@strawberry.type(description="Capital 出资 of the owners, CNY yuan.", directives=data(DataGroup.REGISTRATION))
class Capital(Disputable):
    """Capital of the owners."""

    subscribed: Decimal | None = strawberry.field(description="认缴出资额.")
    paid_in: Decimal | None = strawberry.field(description="实缴出资额.")


@strawberry.type(
    description="Pledge of intellectual property 知识产权质押 for a loan.", directives=data(DataGroup.INVESTMENTS)
)
class IpPledge(Disputable):
    """Pledge of intellectual property for a loan."""

    number: str = strawberry.field(description="Registration number 质权登记编号.")
    pledgee: str | None = strawberry.field(description="质权人.")
    amount: Decimal | None = strawberry.field(
        description="Debt that it secures 担保债权数额, CNY yuan.", directives=data(DataGroup.FILINGS, Mask.AMOUNT)
    )
    amount_band: AmountBand | None = banded("amount")
    registered_on: date | None
    released_on: date | None = strawberry.field(description="When it was released; null while it stands.")


@strawberry.type(
    description="Risk flag 风险标识: a list the enterprise is on, or was.", directives=data(DataGroup.RISK)
)
class RiskFlag(Disputable):
    """Risk flag."""

    number: str | None = strawberry.field(description="Number of the decision 决定文书号.")
    kind: RiskKind | None
    reason: str | None
    authority: str | None
    since: date | None
    until: date | None = strawberry.field(description="When it was lifted; null while it stands.")
