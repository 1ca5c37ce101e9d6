"""UserError: what a caller of a mutation may mend, told as data."""

from __future__ import annotations

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.enums import ProblemCode


@strawberry.type(
    description="What is wrong with a change that was asked for; nothing was changed.",
    directives=data(DataGroup.PUBLIC),
)
class UserError:
    """What is wrong with a change that was asked for."""

    field: list[str] = strawberry.field(description="Where in the arguments it is.")
    message: str
    code: ProblemCode = ProblemCode.INVALID
