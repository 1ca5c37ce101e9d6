"""Mutation: what can be done through the graph."""

from __future__ import annotations

from datetime import date

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.consent import ConsentPayload, GrantConsentInput
from schema.data_objections import AdvanceDataObjectionInput, DataObjectionPayload, ObjectToDatumInput
from schema.declaring import answered, declared
from schema.edition_work import CorrectEditionInput, EditionPayload, RunEditionInput
from schema.introductions import AdvanceIntroductionInput, IntroductionPayload, RequestIntroductionInput
from schema.objection import FileObjectionInput, ObjectionPayload

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
        "Run an edition of scores 评价批次 of up to 1,000 enterprises, as a draft; only for officers of the zone. "
        "If it takes longer than a request may, the same again goes on with it.",
    )
    def run_edition(self, input: RunEditionInput) -> EditionPayload | None:
        """Run an edition of scores, as a draft."""
        answered()

    @declared(
        "Put a draft up for public notice 公示, to be objected to; or let a notice run longer. Only for officers of "
        "the zone."
    )
    def open_notice(self, edition: ID, until: date, first: date | None = None) -> EditionPayload | None:
        """Put a draft up for public notice."""
        answered()

    @declared("Make an edition final once its notice is over; only for officers of the zone.")
    def publish_edition(self, edition: ID) -> EditionPayload | None:
        """Make an edition final once its notice is over."""
        answered()

    @declared("Run a correction of a published edition, as a draft; only for officers of the zone.")
    def correct_edition(self, input: CorrectEditionInput) -> EditionPayload | None:
        """Run a correction of a published edition, as a draft."""
        answered()

    @declared("Object to the own score in an edition under notice 提出异议; only for readers who are an enterprise.")
    def file_objection(self, input: FileObjectionInput) -> ObjectionPayload | None:
        """Object to the own score in an edition under notice."""
        answered()

    @declared("Decide an objection 异议处理; only for officers of the edition's zone.")
    def decide_objection(self, id: ID, accepted: bool, text: str) -> ObjectionPayload | None:
        """Decide an objection."""
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

    @declared("Object to a datum that a source has of the own enterprise 提出数据异议; its owner answers.")
    def object_to_datum(self, input: ObjectToDatumInput, idempotency_key: str) -> DataObjectionPayload | None:
        """Object to a datum."""
        answered()

    @declared("Do the next step of an objection to a datum; its `allowedActions` say which there are.")
    def advance_data_objection(
        self, input: AdvanceDataObjectionInput, idempotency_key: str
    ) -> DataObjectionPayload | None:
        """Do the next step of an objection to a datum."""
        answered()
