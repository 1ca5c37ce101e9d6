"""What of an enterprise runs out before long 到期预警."""

from __future__ import annotations

from datetime import date

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed
from schema.enums import ExpiryKind, Urgency
from schema.source import Source

_PUBLIC = data(DataGroup.PUBLIC)


@strawberry.type(description="Something that runs out.", directives=[*_PUBLIC, *costing(0)])
class Expiry:
    """Something that runs out."""

    kind: ExpiryKind
    name: str = strawberry.field(
        description="The qualification's kind, the lender of a credit, or the organisation that a consent was given to."
    )
    of: str | None = strawberry.field(description="Its number or its identity in the graph, if it has one.")
    ends_on: date = strawberry.field(description="Its last day.")
    days_left: int = strawberry.field(description="0: today is its last day.")
    urgency: Urgency | None = strawberry.field(description="URGENT from 30 days on, WARNING from 180; null before.")
    source: Source | None = strawberry.field(description="Null of what is kept in the hub itself.")


@strawberry.type(
    description="What of an enterprise runs out before long, the nearest end first. Each part is shown to whoever may "
    "see what it is about.",
    directives=_PUBLIC,
)
class Expiries:
    """What of an enterprise runs out before long."""

    qualifications: list[Expiry] | None = strawberry.field(
        description="Qualifications that are held, by their last day.",
        directives=[*data(DataGroup.QUALIFICATIONS), *listed(1)],
    )
    credits: list[Expiry] | None = strawberry.field(
        description="Credits that sources tell of.", directives=[*data(DataGroup.LENDING), *listed(1)]
    )
    lines: list[Expiry] | None = strawberry.field(
        description="Lines that stand through the hub, and pre-credit that is held out.",
        directives=[*data(DataGroup.LENDING), *listed(1)],
    )
    consents: list[Expiry] | None = strawberry.field(
        description="Consents that the enterprise has given.", directives=[*data(DataGroup.CONSENTS), *listed(1)]
    )
    own: list[Expiry] | None = strawberry.field(
        description="What the reader's own organisation has with the enterprise: lines that it has granted, and "
        "consents that were given to it.",
        directives=listed(1),
    )
