"""Matches 匹配: whether an enterprise meets conditions, each with what it was held to and where that is from."""

from __future__ import annotations

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed
from schema.enums import ConditionKind, Fit, Truth
from schema.node import Sourced
from schema.offers import Fund, LoanProduct


@strawberry.type(
    description="A condition 条件, held to what the reader may see of the enterprise. `source`, `asOf` and `synthetic` "
    "are those of the record that it was held to.",
    directives=[*data(DataGroup.PUBLIC), *costing(0)],
)
class MatchCondition(Sourced):
    """A condition."""

    kind: ConditionKind
    truth: Truth
    required: list[str] = strawberry.field(description="One of these.")
    actual: str | None = strawberry.field(description="What is known of the enterprise.")
    reason: str | None = strawberry.field(
        description="Why it is unknown: the code of an error or an absence; CANNOT_BE_TOLD if what is known does not "
        "decide it."
    )
    hint: str | None = strawberry.field(description="What would help.")


@strawberry.type(
    description="Whether an enterprise is one that a fund says it invests in.", directives=data(DataGroup.PUBLIC)
)
class FundMatch:
    """Whether an enterprise is one that a fund says it invests in."""

    fund: Fund | None
    fit: Fit
    conditions: list[MatchCondition] = strawberry.field(
        description="Those that the fund states; what it does not state is no condition.", directives=listed(3)
    )


@strawberry.type(
    description="Whether an enterprise is one that a loan product is for 贷款产品匹配, by what the reader may see.",
    directives=data(DataGroup.PUBLIC),
)
class LoanProductMatch:
    """Whether an enterprise is one that a loan product is for."""

    product: LoanProduct | None
    fit: Fit
    conditions: list[MatchCondition] = strawberry.field(
        description="Those that the product states; what it does not state is no condition. What it says in words only "
        "(IN_WORDS) is unknown.",
        directives=listed(5),
    )
