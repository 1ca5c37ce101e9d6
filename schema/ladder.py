"""The cultivation ladder 梯度培育库: where an enterprise stands, what its next rung is, and who came to another."""

from __future__ import annotations

from datetime import date

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed
from schema.enums import LadderRung, RegistrationStatus, Truth
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
    description="Something that a rung asks for, and whether the enterprise has it; what is not known is not unmet.",
    directives=[*_WITHIN, *costing(0)],
)
class LadderRequirement:
    """Something that a rung asks for."""

    what: str
    truth: Truth
    reason: str | None = strawberry.field(description="Why it is unknown: the code of the error or the absence.")
    document: str | None = strawberry.field(description="Where it is published; null: the rung itself says so.")
    synthetic: bool = strawberry.field(description="By an invented scheme 合成数据.")


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
    requirements: list[LadderRequirement] = strawberry.field(
        description="What it asks for that is published: one of the qualifications, and the evaluation, held to what "
        "is known of the enterprise now. The evaluation is unknown to who may not see its score.",
        directives=[*costing(20), *listed(2)],
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


@strawberry.type(
    description="An enterprise on a zone's roster that the registry has elsewhere now.",
    directives=[*data(DataGroup.REGISTRATION), *costing(0)],
)
class Departure:
    """An enterprise on a zone's roster that the registry has elsewhere now."""

    uscc: Uscc
    district_before: str | None = strawberry.field(description="Code of GB/T 2260 on the day.")
    district_after: str | None = strawberry.field(description="The same today.")
    address_before: str | None
    address_after: str | None
    status: RegistrationStatus | None = strawberry.field(description="Today: MOVED_OUT if the registry says so itself.")


@strawberry.type(
    description="Who of a zone's roster has moved out since a day 迁出, by the registry's history.",
    directives=data(DataGroup.REGISTRATION),
)
class Departures:
    """Who of a zone's roster has moved out since a day."""

    since: date
    looked: int = strawberry.field(description="Enterprises of the roster that were looked at, 10,000 at most.")
    unknown: int = strawberry.field(description="Of these, those of whom the registry does not tell both days.")
    departures: list[Departure] = strawberry.field(description="By code, at most a thousand.", directives=listed(20))
