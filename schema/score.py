"""Scores 积分 as the graph shows them: points with the reasons for each, as a scheme's version gives them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed
from schema.edition import Edition
from schema.enums import Missing, Verdict
from schema.objection import Objection
from schema.scheme import Indicator, IndicatorGroup, Scheme, SchemeList, Stage
from schema.source import Source

ID = strawberry.ID

_SCORE = data(DataGroup.SCORE)
_FIGURE = data(DataGroup.INDICATORS)
"""Of what tells the figures that points were earned with."""
_PART = [*_SCORE, *costing(0)]


@strawberry.type(description="Where the records of an indicator came from.", directives=_PART)
class InputSource:
    """Where the records of an indicator came from."""

    collection: str
    source: Source | None = strawberry.field(
        description="The source that delivered them; null where none did.", directives=_SCORE
    )
    as_of: datetime | None = strawberry.field(description="When the oldest of them was true 数据时点.")


@strawberry.type(
    description="The nearest value that earns more 下一档, and how far it is.", directives=[*_FIGURE, *costing(0)]
)
class NextTier:
    """The nearest value that earns more, and how far it is."""

    bound: Decimal = strawberry.field(description="In the indicator's unit.")
    distance: Decimal
    points: Decimal = strawberry.field(description="What the indicator would then earn.")
    tier: str = strawberry.field(description="The values in words.")
    tier_zh: str


@strawberry.type(description="What one indicator earned, and why 指标得分.", directives=_PART)
class IndicatorScore:
    """What one indicator earned, and why."""

    indicator: Indicator
    value: Decimal | None = strawberry.field(
        description="In `unit`; null if it is missing (but for NO_PEERS), a category, or replaced by a rule for "
        "denominators.",
        directives=_FIGURE,
    )
    category: str | None
    unit: str
    points: Decimal | None
    maximum: Decimal | None = strawberry.field(description="The most that it could earn; 0 where it is left out.")
    way: str | None = strawberry.field(description="Which of several ways counted.")
    tier: str | None = strawberry.field(
        description="The tier that was hit in words, or how else the points came about; null if the value is missing."
    )
    tier_zh: str | None
    next: NextTier | None = strawberry.field(
        description="The nearest value that earns more; null at the top and where there is no such value.",
        directives=_FIGURE,
    )
    missing: Missing | None = strawberry.field(description="Why there is no value 缺失原因.")
    counted: str | None = strawberry.field(description="How the missing value counts, in words.")
    counted_zh: str | None
    sources: list[InputSource] = strawberry.field(directives=listed(2))
    disputed_inputs: list[str] | None = strawberry.field(
        description="Data of which its value is made and that the enterprise disputes now: collection, field and "
        "record, as `filings.revenue 2022`.",
        directives=_FIGURE,
    )
    objections: list[Objection] | None = strawberry.field(
        description="Of the enterprise, against this indicator in its edition.", directives=[*_SCORE, *listed(1)]
    )


@strawberry.type(description="An indicator whose points differ.", directives=_PART)
class IndicatorMove:
    """An indicator whose points differ."""

    indicator: Indicator
    change: Decimal = strawberry.field(description="Below zero if it fell.")
    before: IndicatorScore
    after: IndicatorScore


@strawberry.type(description="What a group of indicators earned.", directives=_PART)
class GroupScore:
    """What a group of indicators earned."""

    group: IndicatorGroup
    points: Decimal | None
    maximum: Decimal | None


@strawberry.type(description="A floor, a veto or a direct way, and what became of it.", directives=_PART)
class RuleOutcome:
    """A floor, a veto or a direct way, and what became of it."""

    id: ID = strawberry.field(description="Of the rule; of a floor, that of the group or indicator.")
    name: str
    name_zh: str | None
    words: str | None = strawberry.field(description="What has to be reached.")
    verdict: Verdict = strawberry.field(
        description="Whether it is reached, hit or open; UNKNOWN where that depends on what is missing."
    )


@strawberry.type(description="A figure by which stages are told apart.", directives=_PART)
class StageFigure:
    """A figure by which stages are told apart."""

    name: str
    name_zh: str | None
    value: Decimal | None = strawberry.field(directives=_FIGURE)
    unit: str


@strawberry.type(
    description="Score 积分: of an enterprise, by a scheme's version, for a period. Not a credit report.",
    directives=_SCORE,
)
class Score:
    """Score of an enterprise."""

    scheme: Scheme | None = strawberry.field(description="Null where the hub does not have the scheme.")
    scheme_code: ID = strawberry.field(description="`code` of the scheme.")
    version: str
    period: str = strawberry.field(
        description="What it is of, such as 2022 or 2023-04; of a live score the period asked for, or the last year of "
        "which the enterprise's sources have delivered."
    )
    day: date | None = strawberry.field(description="Day as of which dated facts hold.")
    provisional: bool = strawberry.field(description="Computed now from the sources, not published 试算.")
    delivered: bool = strawberry.field(
        description="Finished by `source`, not computed by the hub: reasons are told as far as it gives them."
    )
    source: Source | None = strawberry.field(description="The source that delivered it.", directives=_SCORE)
    as_of: datetime | None = strawberry.field(
        description="When the oldest record that it rests on was true; of a delivered one, when it was."
    )
    edition_id: ID | None = strawberry.field(description="`code` of the edition that it belongs to.")
    edition: Edition | None = strawberry.field(
        description="The edition that it belongs to, or with which it was simulated.", directives=_SCORE
    )
    peers_of: Edition | None = strawberry.field(
        description="Of a live score: the published edition with whose enterprises it is compared, in points by "
        "percentile and in ranks, all others staying as they are; null where its zone has none by this scheme.",
        directives=_SCORE,
    )
    disputed: bool = strawberry.field(description="An objection against it is yet to be decided 异议中.")
    objections: list[Objection] | None = strawberry.field(
        description="Of the enterprise, against the score or an indicator in its edition.",
        directives=[*_SCORE, *listed(1)],
    )
    total: Decimal | None
    maximum: Decimal | None
    stage: Stage | None = strawberry.field(directives=_SCORE)
    stage_reason: str | None = strawberry.field(description="What the stage was told by, or why it is not known.")
    stage_figures: list[StageFigure] = strawberry.field(directives=listed(1))
    rank: int | None
    stage_rank: int | None = strawberry.field(description="Within its stage.")
    percentile: Decimal | None = strawberry.field(description="Share of the ranked that are not better, in %.")
    stage_percentile: Decimal | None
    passed: Verdict | None = strawberry.field(description="UNKNOWN where what is missing could decide it.")
    floors: list[RuleOutcome] = strawberry.field(directives=listed(2))
    vetoes: list[RuleOutcome] = strawberry.field(directives=listed(2))
    direct_ways: list[RuleOutcome] = strawberry.field(directives=listed(2))
    lists: list[SchemeList] = strawberry.field(description="The lists that it is on.", directives=[*_SCORE, *listed(1)])
    groups: list[GroupScore] = strawberry.field(directives=listed(4))
    indicators: list[IndicatorScore] = strawberry.field(directives=listed(20))
    synthetic: bool = strawberry.field(description="By an invented scheme, or of made-up records 合成数据.")
    note: str | None


@strawberry.type(
    description="A score as it is, and as it would be with some inputs changed 试算. Whoever may try out values may "
    "find out the true ones by it.",
    directives=[*_FIGURE, *costing(0)],
)
class Simulation:
    """A score as it is, and as it would be."""

    before: Score | None
    after: Score | None = strawberry.field(
        description="Provisional; ranks are those that it would have in the edition, all others staying as they are."
    )
    change: Decimal = strawberry.field(description="Of the total; below zero if it would fall.")
    moved: list[IndicatorMove] | None = strawberry.field(
        description="The indicators whose points differ, the largest difference first.",
        directives=[*_SCORE, *listed(5)],
    )
