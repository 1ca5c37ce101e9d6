"""Subscription: what can be listened to; docs/live.md says how."""

from __future__ import annotations

from datetime import datetime

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, sized
from schema.data_objections import DataObjection
from schema.declaring import answered, declared
from schema.edition import Edition
from schema.introductions import Introduction
from schema.lending import LoanApplication
from schema.offers import Policy
from schema.scalars import Uscc
from schema.score_changes import ScoreChanges
from schema.source import Source

ID = strawberry.ID

_PUBLIC = data(DataGroup.PUBLIC)
"""Each event is an ordinary question: its values are decided by what they are, and by whose."""


@strawberry.type(description="How far the run of an edition has come.", directives=_PUBLIC)
class EditionProgress:
    """How far the run of an edition has come."""

    code: ID = strawberry.field(description="Zone, scheme, version and period: what the edition will be named by.")
    begun_at: datetime | None = strawberry.field(description="Null once the edition is there.")
    reading: str | None = strawberry.field(description="The source and collection that was read last.")
    read: int | None = strawberry.field(description="Records or enterprises that were read of it.")
    total: int | None = strawberry.field(description="Of how many, where that is known.")
    edition: Edition | None = strawberry.field(description="The edition, once it is there: a draft.")


@strawberry.type(
    description="What can be listened to, over WebSocket (graphql-transport-ws) or as server-sent events. What is told "
    "of an event is what the reader may see at that moment; it costs as much as the same question.",
    directives=_PUBLIC,
)
class Subscription:
    """What can be listened to."""

    @declared(
        "Tells when an edition has become final that changed the score of one of these enterprises, or a correction.",
        [*_PUBLIC, *costing(20), *sized("usccs", 10, "changes")],
    )
    def score_changed(self, usccs: list[Uscc]) -> ScoreChanges | None:
        """Tell when scores of these enterprises have changed."""
        answered()

    @declared("Tells of each change of an introduction request 对接申请 to its parties; of one, or of all.")
    def introduction_updated(self, id: ID | None = None) -> Introduction | None:
        """Tell of changes of introduction requests."""
        answered()

    @declared("Tells of each change of a loan application 贷款申请 to its parties; of one, or of all.")
    def application_updated(self, id: ID | None = None) -> LoanApplication | None:
        """Tell of changes of loan applications."""
        answered()

    @declared("Tells when the officers of a zone publish a policy 政策发布, or a new version of one.", _PUBLIC)
    def policy_published(self, zone: ID) -> Policy | None:
        """Tell when a policy is published."""
        answered()

    @declared("Tells of each change of an objection to a datum 数据异议 to its parties; of one, or of all.")
    def data_objection_updated(self, id: ID | None = None) -> DataObjection | None:
        """Tell of changes of objections to data."""
        answered()

    @declared(
        "Tells how far the run of an edition has come, and when it is there; for officers of its zone. The edition is "
        "named by zone, scheme, version and period, with or without a number.",
        _PUBLIC,
    )
    def edition_progress(self, edition: ID) -> EditionProgress | None:
        """Tell how far the run of an edition has come."""
        answered()

    @declared("Tells when a source begins to fail or answers again, or its deliveries come late or in time.", _PUBLIC)
    def source_health_changed(self, source: ID) -> Source | None:
        """Tell when a source begins to fail or answers again."""
        answered()
