"""Mutation: what can be done through the graph."""

from __future__ import annotations

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.consent import ConsentPayload, GrantConsentInput
from schema.declaring import answered, declared
from schema.introductions import AdvanceIntroductionInput, IntroductionPayload, RequestIntroductionInput

ID = strawberry.ID


@strawberry.type(description="What can be done through the graph.", directives=data(DataGroup.PUBLIC))
class Mutation:
    """What can be done through the graph."""

    @declared("Let an organisation see groups of the own enterprise's fields; only for readers who are an enterprise.")
    def grant_consent(self, input: GrantConsentInput) -> ConsentPayload | None:
        """Let an organisation see groups of the own enterprise's fields."""
        answered()

    @declared("Withdraw a consent of the own enterprise, in effect within a second.")
    def revoke_consent(self, id: ID) -> ConsentPayload | None:
        """Withdraw a consent of the own enterprise."""
        answered()

    @declared(
        "Ask a technology manager's network for an introduction; for the enterprise itself and officers of its zone."
    )
    def request_introduction(self, input: RequestIntroductionInput, idempotency_key: str) -> IntroductionPayload | None:
        """Ask for an introduction."""
        answered()

    @declared("Do the next step of an introduction request; its `allowedActions` say which there are.")
    def advance_introduction(self, input: AdvanceIntroductionInput, idempotency_key: str) -> IntroductionPayload | None:
        """Do the next step of an introduction request."""
        answered()
