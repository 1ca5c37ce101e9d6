"""How authorities grade an enterprise, year by year: tax, environment, public credit."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.enums import EnvironmentalGrade, TaxCreditGrade
from schema.node import Disputable


@strawberry.type(description="Tax credit 纳税信用 of a year.", directives=data(DataGroup.CREDIT))
class TaxCredit(Disputable):
    """Tax credit of a year."""

    year: int
    grade: TaxCreditGrade | None


@strawberry.type(
    description="Environmental credit 环境信用 of a year; most enterprises are not graded.",
    directives=data(DataGroup.RISK),
)
class EnvironmentalCredit(Disputable):
    """Environmental credit of a year."""

    year: int
    grade: EnvironmentalGrade | None


@strawberry.type(description="Public credit evaluation 公共信用综合评价 of a year.", directives=data(DataGroup.CREDIT))
class CreditEvaluation(Disputable):
    """Public credit evaluation of a year."""

    year: int
    score: Decimal | None = strawberry.field(description="On the authority's own scale, mostly up to 100.")
    grade: str | None = strawberry.field(description="The authority's own words for it.")
