"""Objections 异议 as the graph shows them, and how an enterprise files one and an officer decides it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import listed
from schema.enums import ObjectionState
from schema.scalars import Uscc
from schema.scheme import Indicator
from schema.user_error import UserError

if TYPE_CHECKING:
    from schema.edition import Edition

ID = strawberry.ID

_SCORE = data(DataGroup.SCORE)


@strawberry.type(description="Objection 异议: an enterprise says that its score is wrong.", directives=_SCORE)
class Objection:
    """An enterprise says that its score is wrong."""

    id: ID
    uscc: Uscc
    edition: Annotated[Edition, strawberry.lazy("schema.edition")] | None = strawberry.field(directives=_SCORE)
    indicator: Indicator | None = strawberry.field(description="What is wrong; null: the score.", directives=_SCORE)
    text: str = strawberry.field(description="Why, in the enterprise's words.")
    filed_at: datetime
    state: ObjectionState
    decision: str | None = strawberry.field(description="Why it was decided so, in the officer's words.")
    decided_at: datetime | None


@strawberry.input(description="What an enterprise objects to.", directives=data(DataGroup.PUBLIC))
class FileObjectionInput:
    """What an enterprise objects to."""

    edition: ID
    indicator: ID | None = strawberry.field(default=None, description="`id` of the indicator; null: the score.")
    text: str = strawberry.field(description="Why, in 1 to 2,000 characters.")


@strawberry.type(description="What became of an objection.", directives=data(DataGroup.PUBLIC))
class ObjectionPayload:
    """What became of an objection."""

    objection: Objection | None = strawberry.field(directives=data(DataGroup.PUBLIC))
    user_errors: list[UserError] = strawberry.field(directives=listed(1))
