"""What all things have in common that are changed by mutations."""

from __future__ import annotations

from datetime import datetime

import strawberry

from codes.access import DataGroup, Mask
from schema.access import data
from schema.enums import Purpose


@strawberry.type(
    description="A version of a thing 变更记录: when it came about, by whom, and by what action.",
    directives=data(DataGroup.PUBLIC),
)
class HistoryEntry:
    """A version of a thing."""

    version: int
    at: datetime
    action: str
    state: str | None = strawberry.field(description="The state that it came into.")
    organisation: str = strawberry.field(description="Who did it.")
    subject: str | None = strawberry.field(
        description="The person or machine of the organisation.", directives=data(DataGroup.PEOPLE, Mask.NAME)
    )
    purpose: Purpose | None
