"""How officers make editions of scores and bring them from draft to final."""

from __future__ import annotations

from datetime import date

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import listed
from schema.edition import Edition
from schema.scalars import Uscc
from schema.user_error import UserError

ID = strawberry.ID

_PUBLIC = data(DataGroup.PUBLIC)


@strawberry.input(description="An edition to be run: who is scored, by what, as of when.", directives=_PUBLIC)
class RunEditionInput:
    """An edition to be run."""

    zone: ID
    scheme: ID = strawberry.field(description="Code of the scheme, or code@version.")
    period: str = strawberry.field(description="2022, 2023-04 or 2023-Q2.")
    day: date | None = strawberry.field(
        default=None, description="As of which dated facts hold; the period's last day if not given, at most today."
    )
    year: int | None = strawberry.field(
        default=None, description="From which the scheme's years are counted; the period's, or the one before a part."
    )
    usccs: list[Uscc] | None = strawberry.field(
        default=None, description="Who is evaluated; if not given, whom the scheme means, or everyone in the zone."
    )
    accept_missing: list[ID] | None = strawberry.field(
        default=None, description="Sources without which it is made if they do not answer."
    )
    anew: bool = strawberry.field(default=False, description="Read everything again, even what a broken run has kept.")


@strawberry.input(description="A correction of a published edition.", directives=_PUBLIC)
class CorrectEditionInput:
    """A correction of a published edition."""

    edition: ID
    reason: str = strawberry.field(description="Why it is corrected, for everybody to read.")
    scheme: ID | None = strawberry.field(default=None, description="Another version of the scheme, as code@version.")
    day: date | None = strawberry.field(default=None, description="That of the edition if not given.")
    year: int | None = strawberry.field(default=None, description="That of the edition if not given.")
    usccs: list[Uscc] | None = strawberry.field(
        default=None,
        description="Who is evaluated; if not given, as in a run, and of an edition by a list those who are in it.",
    )
    accept_missing: list[ID] | None = None
    anew: bool = False


@strawberry.type(description="What became of an edition.", directives=_PUBLIC)
class EditionPayload:
    """What became of an edition."""

    edition: Edition | None
    user_errors: list[UserError] = strawberry.field(directives=listed(1))
