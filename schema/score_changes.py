"""Scores over time: an enterprise's history, what changed between two editions and by what, and what would change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed
from schema.edition import Edition
from schema.enums import Verdict
from schema.scalars import Uscc
from schema.scheme import Stage
from schema.score import IndicatorMove

if TYPE_CHECKING:
    from schema.enterprise import Enterprise

ID = strawberry.ID

_SCORE = data(DataGroup.SCORE)


@strawberry.type(
    description="A score in an enterprise's history. Points of different schemes are never compared.",
    directives=_SCORE,
)
class ScorePoint:
    """A score in an enterprise's history."""

    edition: Edition | None = strawberry.field(directives=_SCORE)
    scheme_code: ID
    version: str
    period: str
    day: date
    total: Decimal
    maximum: Decimal
    stage_id: ID | None = strawberry.field(description="`id` of the stage within its scheme.")
    rank: int | None
    stage_rank: int | None
    percentile: Decimal | None
    stage_percentile: Decimal | None
    passed: Verdict


@strawberry.type(
    description="How a score changed between two editions, and by which indicators.", directives=data(DataGroup.PUBLIC)
)
class ScoreChange:
    """How a score changed between two editions."""

    uscc: Uscc
    enterprise: Annotated[Enterprise, strawberry.lazy("schema.enterprise")] | None
    before: Decimal | None = strawberry.field(description="The total in the earlier edition.", directives=_SCORE)
    after: Decimal | None = strawberry.field(directives=_SCORE)
    change: Decimal | None = strawberry.field(description="Below zero if it fell.", directives=_SCORE)
    stage_before: Stage | None = strawberry.field(directives=_SCORE)
    stage_after: Stage | None = strawberry.field(directives=_SCORE)
    rank_before: int | None = strawberry.field(directives=_SCORE)
    rank_after: int | None = strawberry.field(directives=_SCORE)
    stage_rank_before: int | None = strawberry.field(directives=_SCORE)
    stage_rank_after: int | None = strawberry.field(directives=_SCORE)
    moved: list[IndicatorMove] | None = strawberry.field(
        description="The indicators whose points differ, the largest difference first.",
        directives=[*_SCORE, *listed(5)],
    )


@strawberry.type(description="What changed between two editions of a scheme.", directives=data(DataGroup.PUBLIC))
class ScoreChanges:
    """What changed between two editions of a scheme."""

    edition: Edition
    since: Edition
    count: int = strawberry.field(description="How many changed so, of those whose scores the reader may see.")
    changes: list[ScoreChange] | None = strawberry.field(
        description="The largest fall first.", directives=data(DataGroup.PUBLIC)
    )
    withheld: list[Uscc] = strawberry.field(
        description="Of the codes that were asked for, those whose scores the reader may not see.",
        directives=costing(0),
    )


@strawberry.input(
    description="An input of the scheme, or the value of an indicator, as it might be: a value or a category; with "
    "neither, it is missing.",
    directives=data(DataGroup.PUBLIC),
)
class IndicatorChange:
    """An input of the scheme, or the value of an indicator, as it might be."""

    input: ID | None = strawberry.field(
        default=None,
        description="`id` of the input, as `scheme { inputs }` lists them: all that is made of it changes.",
    )
    year: int | None = strawberry.field(
        default=None, description="The year of which the input is meant, if the scheme counts the same of several."
    )
    indicator: ID | None = strawberry.field(
        default=None,
        description="`id` of the indicator, instead of an input: only its value changes, by its first way.",
    )
    value: Decimal | None = strawberry.field(
        default=None,
        description="Of an input in yuan, or of a period in months, a count or a number as it is; of an indicator in "
        "its unit.",
    )
    category: str | None = strawberry.field(default=None, description="One of the categories, or `other`.")
