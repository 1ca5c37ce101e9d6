"""The cultivation ladder 梯度培育库: where an enterprise stands, what its next rung is, and who came to another."""

from __future__ import annotations

from datetime import date

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed
from schema.enums import LadderRung
from schema.scalars import Uscc

_WITHIN = data(DataGroup.PUBLIC)
"""They are led to by fields that hold qualifications."""


@strawberry.type(description="A rung that an enterprise holds, or held.", directives=[*_WITHIN, *costing(0)])
class LadderMembership:
    """A rung that an enterprise holds, or held."""

    rung: LadderRung
    first: date
    last: date | None = strawberry.field(description="Included; null: open-ended.")


@strawberry.type(
    description="The plan for one enterprise 一企一策: the rung above, and what is missing for it.",
    directives=[*_WITHIN, *costing(0)],
)
class LadderStep:
    """The plan for one enterprise."""

    rung: LadderRung
    missing: list[str] = strawberry.field(description="What it has to be granted.")
    scheme: str | None = strawberry.field(
        description="The official evaluation by which that is granted, if the hub has it; otherwise what it asks of "
        "an enterprise is not published."
    )


@strawberry.type(description="Where an enterprise stands on its zone's ladder.", directives=_WITHIN)
class LadderPosition:
    """Where an enterprise stands on its zone's ladder."""

    rung: LadderRung | None = strawberry.field(description="The highest that it holds; null: none.")
    memberships: list[LadderMembership] = strawberry.field(description="The earliest first.", directives=listed(3))
    next: LadderStep | None = strawberry.field(description="Null on the highest rung.")


@strawberry.type(description="How many hold a rung at the end of a month.", directives=[*_WITHIN, *costing(0)])
class LadderCount:
    """How many hold a rung."""

    rung: LadderRung
    holders: int = strawberry.field(description="Who hold it, whatever they hold besides.")
    highest: int = strawberry.field(description="Of whom it is the highest.")


@strawberry.type(description="An enterprise that came to another rung.", directives=[*_WITHIN, *costing(0)])
class LadderCrossing:
    """An enterprise that came to another rung."""

    uscc: Uscc
    on: date
    before: LadderRung | None = strawberry.field(description="Null: it was on none.")
    after: LadderRung | None = strawberry.field(description="Null: it is on none.")
    upwards: bool


@strawberry.type(description="A zone's ladder in a month, by the hub's directory.", directives=_WITHIN)
class LadderMonth:
    """A zone's ladder in a month."""

    month: str
    members: int = strawberry.field(description="Enterprises on some rung at its end.")
    counts: list[LadderCount] = strawberry.field(directives=listed(5))
    crossings: list[LadderCrossing] = strawberry.field(
        description="By day and code, at most a thousand.", directives=listed(100)
    )
    crossings_total: int
