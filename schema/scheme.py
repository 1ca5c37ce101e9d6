"""Schemes 评价方案: indicator systems, with their stages, indicators and the sources that they are meant to draw on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed
from schema.enums import Better, Earning, Take
from schema.node import Node
from schema.source import Source

ID = strawberry.ID

_PART = [*data(DataGroup.PUBLIC), *costing(0)]
"""Of what lies within a scheme."""

_NAMED = "Within its scheme."
_RECALLED = "The name is remembered or second-hand, not read in the official document."


@strawberry.type(description="Stage of life 发展阶段: one of its scheme's own.", directives=_PART)
class Stage:
    """Stage of life."""

    id: ID = strawberry.field(description=_NAMED)
    name: str
    name_zh: str | None
    recalled: bool = strawberry.field(description=_RECALLED)
    criteria: str | None = strawberry.field(
        description="Which enterprises are in it, in words; null where that is not published."
    )


@strawberry.type(description="The most points there are, at one stage or at all.", directives=_PART)
class StagePoints:
    """The most points there are, at one stage or at all."""

    stage: Stage | None = strawberry.field(description="Null: whatever the stage.")
    points: Decimal


@strawberry.type(description="Group of indicators 一级指标.", directives=_PART)
class IndicatorGroup:
    """Group of indicators."""

    id: ID = strawberry.field(description=_NAMED)
    name: str
    name_zh: str | None
    recalled: bool = strawberry.field(description=_RECALLED)
    points: list[StagePoints] = strawberry.field(directives=listed(3))
    bonus: bool = strawberry.field(description="Its points come on top of the base 加分项.")
    capped: bool = strawberry.field(description="Its indicators could earn more than it gives.")


@strawberry.type(description="A source that a scheme is meant to draw on 数据来源.", directives=_PART)
class DataSource:
    """A source that a scheme is meant to draw on."""

    id: ID = strawberry.field(description="Its name in the scheme and among the sources of a hub.")
    title_zh: str
    department: str = strawberry.field(description="Who is responsible for it 责任单位.")
    collections: list[str] = strawberry.field(description="What it feeds.")
    source: Source | None = strawberry.field(description="The hub's own source of that name, if it has one.")


@strawberry.type(description="Values that earn certain points 分档.", directives=_PART)
class Tier:
    """Values that earn certain points."""

    tier: str = strawberry.field(description="The values in words, or the category.")
    tier_zh: str
    points: list[StagePoints] = strawberry.field(directives=listed(3))


@strawberry.type(
    description="A way to an indicator's points: a measure and what its values earn. Of several the best counts.",
    directives=_PART,
)
class Way:
    """A way to an indicator's points."""

    name: str
    name_zh: str | None
    unit: str
    earning: Earning
    inputs: list[ID] = strawberry.field(description="Inputs of the scheme that its value is made of.")
    tiers: list[Tier] = strawberry.field(
        description="Tiers or categories, by value; none where points are in proportion.", directives=listed(5)
    )


@strawberry.type(description="Indicator 指标.", directives=_PART)
class Indicator:
    """Indicator."""

    id: ID = strawberry.field(description=_NAMED)
    name: str
    name_zh: str | None
    recalled: bool = strawberry.field(description=_RECALLED)
    group: IndicatorGroup | None
    unit: str = strawberry.field(description="Unit of its value, by the first way.")
    points: list[StagePoints] = strawberry.field(description="The most that it earns.", directives=listed(3))
    better: Better | None
    ways: list[Way] = strawberry.field(directives=listed(1))
    missing: str | None = strawberry.field(description="How it counts where its value is missing, in words.")
    sources: list[DataSource] = strawberry.field(
        description="The sources that it is meant to draw on: the indicators' row in the matrix of sources.",
        directives=listed(2),
    )


@strawberry.type(description="Points that have to be reached to pass 最低分要求.", directives=_PART)
class Floor:
    """Points that have to be reached to pass."""

    group: IndicatorGroup | None = strawberry.field(description="What has to reach them, if that is a group.")
    indicator: Indicator | None = strawberry.field(description="What has to reach them, if that is an indicator.")
    least: Decimal
    words: str


@strawberry.type(
    description="What decides without points: a veto 一票否决, or a direct way to pass 直接认定.", directives=_PART
)
class SchemeRule:
    """What decides without points."""

    id: ID = strawberry.field(description=_NAMED)
    name: str
    name_zh: str | None
    conditions: list[str] = strawberry.field(description="All of which must hold, in words.")
    unranks: bool = strawberry.field(description="A veto that also keeps from ranks and lists.")


@strawberry.type(description="A list of the best 榜单.", directives=_PART)
class SchemeList:
    """A list of the best."""

    id: ID = strawberry.field(description=_NAMED)
    name: str
    name_zh: str | None
    within_stage: bool = strawberry.field(description="There is one for each stage.")
    first: int | None = strawberry.field(description="How many are on it, if it goes by number.")
    beyond_percent: Decimal | None = strawberry.field(description="Those beyond this share of the ranked,")
    up_to_percent: Decimal | None = strawberry.field(description="and up to this one, if it goes by share.")


@strawberry.type(
    description="What a scheme is applied to: what is taken of which records. `simulateScore` may change it.",
    directives=_PART,
)
class SchemeInput:
    """What a scheme is applied to."""

    id: ID = strawberry.field(description=_NAMED)
    collection: str
    field: str | None = strawberry.field(description="What is taken; null where records are counted.")
    take: Take
    first_year: int | None = strawberry.field(description="Years of the records, counted from that of the score,")
    last_year: int | None = strawberry.field(description="from first to last; null: of any year.")
    categories: list[str] = strawberry.field(description="The values of a category, besides `other`.")


@strawberry.type(
    description="Scheme 评价方案: a versioned indicator system. Scores mean something by scheme and version only.",
    directives=data(DataGroup.PUBLIC),
)
class Scheme(Node):
    """Scheme: a versioned indicator system."""

    code: ID = strawberry.field(description="What it is named by, in all of its versions.")
    version: str
    title: str
    title_zh: str
    issuer: str = strawberry.field(description="发布单位.")
    document: str | None = strawberry.field(description="Number of the official document 文号.")
    valid_from: date | None
    valid_to: date | None
    synthetic: bool = strawberry.field(description="A demonstration: weights and tiers are invented.")
    note: str | None
    maximum: Decimal = strawberry.field(description="The most points there are, the bonus included.")
    bonus: Decimal = strawberry.field(description="How many of them come on top of the base.")
    passing: Decimal | None = strawberry.field(
        description="Points that have to be reached to pass, if there is a mark."
    )
    stages: list[Stage] = strawberry.field(directives=listed(4))
    groups: list[IndicatorGroup] = strawberry.field(directives=listed(4))
    indicators: list[Indicator] = strawberry.field(directives=listed(20))
    inputs: list[SchemeInput] = strawberry.field(directives=listed(20))
    floors: list[Floor] = strawberry.field(directives=listed(2))
    vetoes: list[SchemeRule] = strawberry.field(directives=listed(2))
    direct_ways: list[SchemeRule] = strawberry.field(description="Ways to pass without points.", directives=listed(2))
    lists: list[SchemeList] = strawberry.field(directives=listed(3))
    sources: list[DataSource] = strawberry.field(
        description="The sources that it is meant to draw on.", directives=listed(20)
    )
