"""Editions 评价批次 as the graph shows them: one run of a scheme for a zone, its figures, and who is on its lists."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.connection import DEFAULT_PAGE, Connection
from schema.cost import costing, listed, paged, sized
from schema.declaring import answered, declared
from schema.enums import ChosenBy, EditionState, LeftOut, Missing
from schema.node import Node
from schema.objection import Objection
from schema.scalars import Uscc
from schema.scheme import Indicator, Scheme, SchemeList, Stage
from schema.source import Source
from schema.zone import Zone

if TYPE_CHECKING:
    from schema.enterprise import Enterprise

ID = strawberry.ID

_PART = [*data(DataGroup.PUBLIC), *costing(0)]
_RANKING = data(DataGroup.RANKING)

Within = Annotated[ID | None, strawberry.argument(directives=_RANKING)]
"""A stage or a list within a ranking."""


@strawberry.type(description="How many have points from one bound up to another.", directives=_PART)
class Bar:
    """How many have points from one bound up to another."""

    begin: Decimal = strawberry.field(description="Included.")
    end: Decimal = strawberry.field(description="Not included, unless it is the maximum.")
    count: int


@strawberry.type(description="Of how many a value is missing for one reason.", directives=_PART)
class MissingCount:
    """Of how many a value is missing for one reason."""

    reason: Missing
    count: int


@strawberry.type(description="How many of the evaluated have a value of an indicator 指标覆盖.", directives=_PART)
class IndicatorCoverage:
    """How many of the evaluated have a value of an indicator."""

    indicator: Indicator
    known: int
    missing: list[MissingCount] = strawberry.field(
        description="Of the others, by why; the most frequent reason first.", directives=listed(2)
    )


@strawberry.type(description="How many of a zone's roster an edition leaves out for one reason.", directives=_PART)
class LeftOutCount:
    """How many of a zone's roster an edition leaves out for one reason."""

    reason: LeftOut
    count: int
    resident: bool = strawberry.field(
        description="Counted among `residents`: these and the evaluated ones together are all of them."
    )


@strawberry.type(description="Figures of those who are ranked, overall or within a stage.", directives=_PART)
class EditionFigures:
    """Figures of those who are ranked."""

    stage: Stage | None = strawberry.field(description="Null: overall.")
    evaluated: int
    ranked: int
    passed: int
    undecided: int = strawberry.field(description="Whose passing depends on what is missing.")
    mean: Decimal | None = strawberry.field(description="Null where so few are ranked that it would tell of them.")
    quartiles: list[Decimal] = strawberry.field(description="Lower quartile, median, upper quartile; none of few.")
    bars: list[Bar] = strawberry.field(
        description="The distribution, for plots; put together so that none tells of a few.", directives=listed(20)
    )


@strawberry.type(description="An enterprise in the ranking of an edition.", directives=_RANKING)
class RankingEntry:
    """An enterprise in the ranking of an edition."""

    uscc: Uscc
    enterprise: Annotated[Enterprise, strawberry.lazy("schema.enterprise")] | None
    rank: int | None
    stage_rank: int | None
    stage: Stage | None = strawberry.field(directives=_RANKING)
    lists: list[SchemeList] = strawberry.field(directives=[*_RANKING, *listed(1)])
    total: Decimal | None = strawberry.field(directives=data(DataGroup.SCORE))


@strawberry.type(description="Who has come and who has left since the edition before.", directives=_RANKING)
class ListChanges:
    """Who has come and who has left since the edition before."""

    since: Annotated[Edition, strawberry.lazy("schema.edition")] | None = strawberry.field(
        description="The edition before; null if there is none.", directives=_RANKING
    )
    entered_count: int
    left_count: int
    entered: list[RankingEntry] = strawberry.field(description="Best first, by this edition.")
    left: list[RankingEntry] = strawberry.field(description="Best first, by the one before.")


@strawberry.type(
    description="Edition 评价批次: one run of a scheme for a zone and a period. Drafts are for the zone's officers.",
    directives=data(DataGroup.PUBLIC),
)
class Edition(Node):
    """One run of a scheme for a zone and a period."""

    code: ID = strawberry.field(description="Zone, scheme, version, period and number: what it is named by.")
    zone: Zone | None
    zone_id: ID
    scheme: Scheme | None = strawberry.field(description="The scheme as it was then.")
    scheme_code: ID
    version: str
    period: str = strawberry.field(description="What it is of, such as 2022 or 2023-04.")
    year: int = strawberry.field(description="From which the scheme's years are counted.")
    day: date = strawberry.field(description="As of which dated facts hold.")
    number: int
    state: EditionState
    chosen_by: ChosenBy
    residents: int = strawberry.field(
        description="Enterprises on the zone's roster on the day 入库企业; of an edition by a list, those of the list."
    )
    evaluated: int = strawberry.field(description="How many of these have a score in it 参评企业.")
    left_out: list[LeftOutCount] = strawberry.field(
        description="Who of the roster has none, and why; none of an edition by a list.", directives=listed(3)
    )
    maximum: Decimal = strawberry.field(description="The most points there are.")
    synthetic: bool = strawberry.field(description="By an invented scheme, or of made-up records 合成数据.")
    created_at: datetime
    published_at: datetime | None = strawberry.field(description="When its notice began.")
    notice_from: date | None = strawberry.field(description="First day on which enterprises may object 公示起.")
    notice_until: date | None = strawberry.field(description="Last day on which they may 公示止.")
    final_at: datetime | None
    parent: Annotated[Edition, strawberry.lazy("schema.edition")] | None = strawberry.field(
        description="The edition that it corrects."
    )
    reason: str | None = strawberry.field(description="Why it corrects that one.")
    corrected_by: Annotated[Edition, strawberry.lazy("schema.edition")] | None = strawberry.field(
        description="The edition that has taken its place."
    )
    previous: Annotated[Edition, strawberry.lazy("schema.edition")] | None = strawberry.field(
        description="The published edition of the same zone and scheme before it."
    )
    sources_down: list[Source] = strawberry.field(
        description="Sources that did not answer and were left out: their values are missing.", directives=listed(1)
    )
    figures: list[EditionFigures] = strawberry.field(description="Overall, then stage by stage.", directives=listed(4))
    coverage: list[IndicatorCoverage] = strawberry.field(
        description="How many have a value of each indicator, and why others have none; nothing where so few are "
        "evaluated that it would tell of them.",
        directives=[*costing(10), *listed(20)],
    )
    lists: list[SchemeList] = strawberry.field(directives=listed(3))
    inputs_digest: str = strawberry.field(description="SHA-256 of what it was made of.")
    results_digest: str = strawberry.field(description="SHA-256 of what came out.")
    objections: list[Objection] | None = strawberry.field(
        description="Of those whose scores the reader may see, the newest first.",
        directives=[*data(DataGroup.PUBLIC), *listed(5)],
    )

    @declared(
        "Who is on its lists, best first; with `all`, everyone who is ranked, for those who may see the zone's scores.",
        [*_RANKING, *costing(10), *paged(DEFAULT_PAGE)],
    )
    def ranking(
        self,
        stage: Within = None,
        list: Within = None,
        all: bool = False,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[RankingEntry] | None:
        """Who is on its lists, best first."""
        answered()

    @declared(
        "Who has come and who has left since the edition before, on one list or on any.",
        [*_RANKING, *costing(10), *sized("first", 20, "entered", "left")],
    )
    def changes(self, list: Within = None, stage: Within = None, first: int = 20) -> ListChanges | None:
        """Who has come and who has left since the edition before."""
        answered()
