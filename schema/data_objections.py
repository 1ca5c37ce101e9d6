"""Objections to data 数据异议, as the graph shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.changes import HistoryEntry
from schema.cost import listed
from schema.enums import DataObjectionAction, DataObjectionOutcome, DataObjectionState
from schema.scalars import Uscc
from schema.user_error import UserError

if TYPE_CHECKING:
    from schema.source import Source

ID = strawberry.ID

_OWN = data(DataGroup.DATA_OBJECTIONS)


@strawberry.type(
    description="Objection to a datum 数据异议: an enterprise says that what a source has of it is wrong, and the "
    "source's owner answers. It is seen by the enterprise, the officers of its zone and that owner.",
    directives=_OWN,
)
class DataObjection:
    """An enterprise says that what a source has of it is wrong."""

    id: ID
    version: int = strawberry.field(description="Counts its changes; edits name the version that they change.")
    state: DataObjectionState
    allowed_actions: list[DataObjectionAction] = strawberry.field(description="What the reader may do about it now.")
    uscc: Uscc
    collection: str = strawberry.field(description="Name of the collection, as in `Source.feeds`.")
    record: str | None = strawberry.field(description="Which record of it, such as the year; null: there is only one.")
    field: str = strawberry.field(description="Name of the field in the graph.")
    source: Annotated[Source, strawberry.lazy("schema.source")] | None = strawberry.field(
        description="The source that gave it.", directives=_OWN
    )
    owner: str = strawberry.field(description="The organisation that answers for the source.")
    value: str | None = strawberry.field(description="What the source gave then, as text; null: nothing.")
    claim: str | None = strawberry.field(description="What it should be, in the enterprise's words.")
    reason: str = strawberry.field(description="Why, in the enterprise's words.")
    outcome: DataObjectionOutcome | None
    answer: str | None = strawberry.field(description="What will be corrected, or why nothing will.")
    created_at: datetime
    changed_at: datetime
    history: list[HistoryEntry] | None = strawberry.field(
        description="What was done, the oldest first.", directives=[*_OWN, *listed(3)]
    )


@strawberry.input(description="What an enterprise says is wrong.", directives=data(DataGroup.PUBLIC))
class ObjectToDatumInput:
    """What an enterprise says is wrong."""

    enterprise: Uscc = strawberry.field(description="The own enterprise.")
    collection: str = strawberry.field(description="Name of the collection, as in `Source.feeds`.")
    record: str | None = strawberry.field(
        default=None, description="Which record: its year, number or what else tells it from the enterprise's others."
    )
    field: str = strawberry.field(description="Name of the field in the graph, as `rdExpense`.")
    claim: str | None = strawberry.field(default=None, description="What it should be, in at most 2,000 characters.")
    reason: str = strawberry.field(description="Why, in 1 to 2,000 characters.")


@strawberry.input(description="What is to be done about an objection to a datum.", directives=data(DataGroup.PUBLIC))
class AdvanceDataObjectionInput:
    """What is to be done about an objection to a datum."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")
    action: DataObjectionAction
    answer: str | None = strawberry.field(
        default=None,
        description="What will be corrected (UPHOLD), or why nothing will (REJECT): needed there, in 1 to 2,000 "
        "characters.",
    )


@strawberry.type(description="What became of an objection to a datum.", directives=data(DataGroup.PUBLIC))
class DataObjectionPayload:
    """What became of an objection to a datum."""

    data_objection: DataObjection | None
    user_errors: list[UserError] = strawberry.field(directives=listed(1))
