"""How an enterprise stands: qualifications, workforce, investment, risk."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.enums import Level, QualificationKind, RiskKind
from schema.node import Sourced


@strawberry.type(
    description="Qualification 资质: a dated fact; it may be valid at one time and not at another.",
    directives=data(DataGroup.QUALIFICATIONS),
)
class Qualification(Sourced):
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
class Workforce(Sourced):
    """Insured workforce of a month."""

    period: str | None = strawberry.field(description="Month, YYYYMM.")
    headcount: int | None = strawberry.field(description="Insured staff 参保人数.")
    rd_staff: int | None = strawberry.field(description="R&D staff 研发人员.")
    postgraduates: int | None = strawberry.field(description="Staff with a master's degree or higher 硕士及以上.")
    graduates_hired: int | None = strawberry.field(description="Fresh graduates hired this year 吸纳应届毕业生.")


@strawberry.type(description="Equity financing 股权融资 round.", directives=data(DataGroup.INVESTMENTS))
class Investment(Sourced):
    """Equity financing round."""

    round: str | None = strawberry.field(description="Such as angel 天使轮 or A A轮.")
    amount: Decimal | None = strawberry.field(description="CNY yuan.")
    investor: str | None
    announced_on: date | None


@strawberry.type(
    description="Risk flag 风险标识: a list the enterprise is on, or was.", directives=data(DataGroup.RISK)
)
class RiskFlag(Sourced):
    """Risk flag."""

    kind: RiskKind | None
    reason: str | None
    authority: str | None
    since: date | None
    until: date | None = strawberry.field(description="When it was lifted; null while it stands.")
