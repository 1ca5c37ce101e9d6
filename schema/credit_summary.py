"""What was lent to an enterprise and in a zone: what sources deliver beside what goes through the hub."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed
from schema.enums import LoanState
from schema.node import Disputable, Sourced
from schema.scalars import Uscc

ID = strawberry.ID
_HELD = data(DataGroup.LENDING)
_OF_ZONE = data(DataGroup.ZONE_LENDING)


@strawberry.type(
    description="A credit 授信 that a source tells of; CNY yuan. A number that the source does not give is null, not "
    "zero.",
    directives=_HELD,
)
class Credit(Disputable):
    """A credit that a source tells of."""

    lender: str | None
    product: str | None
    line: Decimal | None = strawberry.field(description="What was granted 授信额度.")
    drawn: Decimal | None = strawberry.field(description="What was paid out of it so far 已用信.")
    balance: Decimal | None = strawberry.field(description="What is still owed 余额.")
    rate: Decimal | None = strawberry.field(description="Yearly, per cent.")
    granted_on: date | None
    expires_on: date | None
    note: str | None


@strawberry.type(
    description="What sources tell of an enterprise's credits. A sum is null where it is not known of one of them.",
    directives=[*_HELD, *costing(0)],
)
class DeliveredCredit:
    """What sources tell of an enterprise's credits."""

    line: Decimal | None
    drawn: Decimal | None
    balance: Decimal | None
    credits: list[Credit] | None = strawberry.field(directives=[*_HELD, *listed(2)])


@strawberry.type(description="A credit 授信 that went through the hub; CNY yuan.", directives=[*_HELD, *costing(0)])
class HubCreditPart:
    """A credit that went through the hub."""

    application: ID
    lender: str = strawberry.field(description="Its organisation.")
    product: str | None
    state: LoanState
    line: Decimal
    drawn: Decimal
    balance: Decimal
    line_expires_on: date | None
    changed_at: datetime


@strawberry.type(
    description="A line that a lender holds out 预授信 and that binds nobody; CNY yuan.",
    directives=[*_HELD, *costing(0)],
)
class PreCredit:
    """A line that a lender holds out and that binds nobody."""

    batch: ID
    lender: str = strawberry.field(description="Its organisation.")
    edition: ID = strawberry.field(description="The edition of scores that it was made of.")
    product: ID | None
    line: Decimal
    expires_on: date


@strawberry.type(
    description="What went through the hub: the sums of the lines that stand (granted, signed or drawn, not settled).",
    directives=_HELD,
)
class HubCredit:
    """What went through the hub."""

    line: Decimal
    drawn: Decimal
    balance: Decimal
    credits: list[HubCreditPart] | None = strawberry.field(
        description="The newest first, settled ones last.", directives=[*_HELD, *listed(2)]
    )
    pre_credit: Decimal = strawberry.field(description="What lenders hold out beside it, bindingly for nobody.")
    pre_credits: list[PreCredit] | None = strawberry.field(directives=[*_HELD, *listed(2)])


@strawberry.type(
    description="What was lent to an enterprise 授信概况. A credit may be in both parts, so they are not added up.",
    directives=_HELD,
)
class CreditSummary:
    """What was lent to an enterprise."""

    uscc: Uscc
    delivered: DeliveredCredit | None
    hub: HubCredit | None


@strawberry.type(
    description="What was lent in a zone, as it has been published; CNY yuan. A number that was not published is null.",
    directives=data(DataGroup.PUBLIC),
)
class ZoneCredit(Sourced):
    """What was lent in a zone, as it has been published."""

    name: str
    name_en: str | None
    lender: str | None
    product: str | None
    enterprises: int | None = strawberry.field(description="To how many.")
    line: Decimal | None = strawberry.field(description="What was granted 授信.")
    drawn: Decimal | None = strawberry.field(description="What was paid out of it so far 用信.")
    balance: Decimal | None = strawberry.field(description="What is still owed 余额.")
    pre_credit: Decimal | None = strawberry.field(description="What was held out 预授信.")
    period: str | None = strawberry.field(description="Day, month or year that it is of.")
    note: str | None


@strawberry.type(description="What a lender has lent in a zone.", directives=[*_OF_ZONE, *costing(0)])
class ZoneLender:
    """What a lender has lent in a zone."""

    lender: str = strawberry.field(description="Its organisation.")
    enterprises: int
    line: Decimal
    drawn: Decimal
    balance: Decimal


@strawberry.type(
    description="What went through the hub to enterprises that were on the zone's roster when they applied: lines that "
    "stand, in CNY yuan. For officers of the zone.",
    directives=_OF_ZONE,
)
class ZoneHubCredit:
    """What went through the hub in a zone."""

    enterprises: int
    line: Decimal
    drawn: Decimal
    balance: Decimal
    lenders: list[ZoneLender] | None = strawberry.field(directives=[*_OF_ZONE, *listed(10)])
    pre_credits: int = strawberry.field(description="Offers of pre-credit that stand, by editions of the zone.")
    pre_credit: Decimal = strawberry.field(description="What they hold out in all.")


@strawberry.type(
    description="What was lent in a zone 园区授信概况. The published numbers and those of the hub are not added up: "
    "they may count the same.",
    directives=data(DataGroup.PUBLIC),
)
class ZoneCreditSummary:
    """What was lent in a zone."""

    published: list[ZoneCredit] | None = strawberry.field(directives=listed(4))
    hub: ZoneHubCredit | None
