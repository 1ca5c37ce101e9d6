"""Introduction requests 对接申请 to technology managers, as the graph shows and takes them."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from codes.access import DataGroup, Mask
from schema.access import data
from schema.changes import HistoryEntry
from schema.cost import listed
from schema.enums import IntroductionAction, IntroductionState
from schema.network import TechnologyManager
from schema.scalars import Uscc
from schema.user_error import UserError

ID = strawberry.ID


@strawberry.type(
    description="How to reach a technology manager: whole for the organisation that asked for the introduction, while "
    "it is accepted or met; masked otherwise.",
    directives=data(DataGroup.PEOPLE),
)
class ManagerContact:
    """How to reach a technology manager."""

    name: str | None = strawberry.field(directives=data(DataGroup.PEOPLE, Mask.NAME))
    phone: str | None = strawberry.field(directives=data(DataGroup.PEOPLE, Mask.PHONE))
    email: str | None = strawberry.field(directives=data(DataGroup.PEOPLE, Mask.EMAIL))


@strawberry.type(
    description="A request to be introduced to a technology manager 对接申请, which the manager's network answers. "
    "It is seen by the enterprise, the officers of its zone and the network.",
    directives=data(DataGroup.INTRODUCTIONS),
)
class Introduction:
    """A request to be introduced to a technology manager."""

    id: ID
    version: int = strawberry.field(description="Counts its changes; edits name the version that they change.")
    state: IntroductionState
    allowed_actions: list[IntroductionAction] = strawberry.field(description="What the reader may do about it now.")
    uscc: Uscc = strawberry.field(description="The enterprise that it is for.")
    author: str = strawberry.field(description="The organisation that asked: the enterprise's own, or an officer's.")
    about: str = strawberry.field(description="What is sought.")
    reason: str | None = strawberry.field(description="Why it was declined or closed.")
    met_on: date | None
    created_at: datetime
    changed_at: datetime
    manager: TechnologyManager | None = strawberry.field(
        description="Null once the person has withdrawn from the network."
    )
    contact: ManagerContact | None = strawberry.field(
        description="How to reach the manager; null once the person has withdrawn.",
        directives=data(DataGroup.INTRODUCTIONS),
    )
    history: list[HistoryEntry] | None = strawberry.field(
        description="What was done, the oldest first.", directives=[*data(DataGroup.INTRODUCTIONS), *listed(4)]
    )


@strawberry.input(description="Who is to be introduced to whom, and what for.", directives=data(DataGroup.PUBLIC))
class RequestIntroductionInput:
    """Who is to be introduced to whom."""

    enterprise: Uscc = strawberry.field(description="The own enterprise, or one of an officer's zones.")
    manager: ID = strawberry.field(description="The technology manager.")
    about: str = strawberry.field(description="What is sought, in 1 to 2,000 characters.")


@strawberry.input(description="What is to be done about an introduction request.", directives=data(DataGroup.PUBLIC))
class AdvanceIntroductionInput:
    """What is to be done about an introduction request."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")
    action: IntroductionAction
    reason: str | None = strawberry.field(
        default=None, description="Why it is declined (needed) or closed, in at most 2,000 characters."
    )
    met_on: date | None = strawberry.field(default=None, description="When they met (needed for MEET), today at most.")


@strawberry.type(description="What became of an introduction request.", directives=data(DataGroup.PUBLIC))
class IntroductionPayload:
    """What became of an introduction request."""

    introduction: Introduction | None
    user_errors: list[UserError] = strawberry.field(directives=listed(1))
