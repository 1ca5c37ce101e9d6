"""Technology managers suggested for an enterprise, with the reasons."""

from __future__ import annotations

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed
from schema.enums import SuggestionReasonKind
from schema.network import TechnologyManager


@strawberry.type(
    description="Why a technology manager is suggested.", directives=[*data(DataGroup.PUBLIC), *costing(0)]
)
class SuggestionReason:
    """Why a technology manager is suggested."""

    kind: SuggestionReasonKind
    of_manager: str = strawberry.field(description="What of the manager: a speciality, or the region.")
    of_enterprise: str = strawberry.field(description="What of the enterprise: its industry, a word, or the place.")


@strawberry.type(
    description="A technology manager suggested for an enterprise. Which industries and words point to which "
    "speciality is the hub's own choice, no norm's.",
    directives=data(DataGroup.PUBLIC),
)
class ManagerSuggestion:
    """A technology manager suggested for an enterprise."""

    manager: TechnologyManager | None
    reasons: list[SuggestionReason] = strawberry.field(directives=listed(2))
