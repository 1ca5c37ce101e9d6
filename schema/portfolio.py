"""A bank's portfolio 授信客户组合: what has changed of many enterprises since a day, and the lists that it keeps."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import listed
from schema.declaring import answered, declared
from schema.edition import Edition
from schema.expiries import Expiries
from schema.filing import Filing
from schema.scalars import Uscc
from schema.score_changes import ScoreChange
from schema.standing import Qualification, RiskFlag
from schema.user_error import UserError

if TYPE_CHECKING:
    from schema.enterprise import Enterprise

ID = strawberry.ID
_SCORE = data(DataGroup.SCORE)
_OWN = data(DataGroup.PORTFOLIO)


@strawberry.type(
    description="How an enterprise's published score has changed since a day, within one scheme and version.",
    directives=_SCORE,
)
class PortfolioScore:
    """How an enterprise's published score has changed since a day."""

    edition: Edition | None = strawberry.field(description="The newest that it is in.", directives=_SCORE)
    since: Edition | None = strawberry.field(
        description="The newest of the same scheme and version that was published by the day.", directives=_SCORE
    )
    change: ScoreChange | None = strawberry.field(
        description="From that to the newest; null where none was published since the day, or none before.",
        directives=_SCORE,
    )


@strawberry.type(
    description="What has changed of an enterprise since a day. Each part comes from its own sources: one that does "
    "not answer costs that part, and says why.",
    directives=data(DataGroup.PUBLIC),
)
class PortfolioEntry:
    """What has changed of an enterprise since a day."""

    uscc: Uscc
    enterprise: Annotated[Enterprise, strawberry.lazy("schema.enterprise")] | None
    score: PortfolioScore | None
    flags: list[RiskFlag] | None = strawberry.field(
        description="Raised or lifted since the day, and those whose days are not known.", directives=listed(1)
    )
    qualifications: list[Qualification] | None = strawberry.field(
        description="Begun, ended or withdrawn since the day, and those whose days are not known.",
        directives=listed(1),
    )
    filings: list[Filing] | None = strawberry.field(
        description="With an `asOf` after the day, and those of which it is not known.", directives=listed(1)
    )

    @declared("What of it runs out within so many days of today 到期预警, whatever the day since which is asked.")
    def expiries(self, within: int = 180) -> Expiries | None:
        """What of it runs out before long."""
        answered()


@strawberry.type(description="A list of enterprises that an organisation keeps for itself 关注名单.", directives=_OWN)
class PortfolioList:
    """A list of enterprises that an organisation keeps for itself."""

    id: ID
    version: int = strawberry.field(description="Counts its changes; edits name the version that they change.")
    name: str
    count: int
    usccs: list[Uscc]
    created_at: datetime
    changed_at: datetime


@strawberry.input(
    description="Who is on a list of the own organisation from now on.", directives=data(DataGroup.PUBLIC)
)
class SetPortfolioListInput:
    """Who is on a list from now on."""

    name: str = strawberry.field(description="1 to 100 printable characters.")
    usccs: list[Uscc] = strawberry.field(description="All that are on it from now on, 5,000 at most; none empties it.")
    version: int | None = strawberry.field(
        default=None, description="The version that was read; of a list that is new, none."
    )


@strawberry.type(description="What became of a list.", directives=data(DataGroup.PUBLIC))
class PortfolioListPayload:
    """What became of a list."""

    portfolio_list: PortfolioList | None
    user_errors: list[UserError] = strawberry.field(directives=listed(3))
