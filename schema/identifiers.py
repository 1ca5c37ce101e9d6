"""The key map as operators see it: by which identifiers other systems know enterprises."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.enums import IdentifierKind
from schema.scalars import Uscc


@strawberry.type(
    description="That an enterprise is known to other systems by an identifier, as the hub's key map has it. 标识映射",
    directives=data(DataGroup.OPERATIONS),
)
class IdentifierLink:
    """That an enterprise is known by an identifier."""

    id: strawberry.ID = strawberry.field(description="By which it is withdrawn: manage.py identifiers withdraw.")
    uscc: Uscc
    kind: IdentifierKind
    value: str
    valid_from: date | None = strawberry.field(description="First day on which it holds; null: ever since.")
    valid_to: date | None = strawberry.field(description="Last day; null: without end.")
    confidence: Decimal = strawberry.field(description="From 0 to 1. 置信度")
    sure: bool = strawberry.field(description="Sources may be asked by it: its confidence is 0.80 or more.")
    origin: str = strawberry.field(description="Who says so. 来源")
    noted_at: datetime
    withdrawn_at: datetime | None = strawberry.field(description="Since when it counts no longer. 撤回时间")
    reason: str | None = strawberry.field(description="Why it was withdrawn.")
