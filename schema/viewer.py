"""Viewer: who asks, as the hub knows it, and what it may see."""

from __future__ import annotations

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed
from schema.enums import Purpose, Role
from schema.scalars import Uscc


@strawberry.type(
    description="What a reader may see of a group of fields.", directives=[*data(DataGroup.PUBLIC), *costing(0)]
)
class GroupRight:
    """What a reader may see of a group of fields."""

    group: DataGroup
    verdict: str = strawberry.field(
        description="ALLOW, MASK, or the error code that stands in the place of the group's fields."
    )
    own: str = strawberry.field(description="The same, of what is the reader's own.")


@strawberry.type(description="Who asks, as the hub knows it.", directives=[*data(DataGroup.PUBLIC), *costing(0)])
class Viewer:
    """Who asks."""

    subject: str
    organisation: str | None = strawberry.field(description="Whom it asks for; enterprises consent to organisations.")
    client: str | None = strawberry.field(description="The registered program through which it asks.")
    roles: list[Role]
    purposes: list[Purpose] = strawberry.field(description="Purposes that its client may ask for.")
    purpose: Purpose | None = strawberry.field(description="The purpose of this request, if it may have it.")
    enterprise: Uscc | None = strawberry.field(description="The enterprise that it is.")
    zones: list[strawberry.ID] = strawberry.field(description="Zones that it is an officer of.")
    rights: list[GroupRight] = strawberry.field(
        description="What it may see, asking for this purpose.", directives=listed(15)
    )
