"""Financing demands 融资需求, as the graph shows and takes them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.changes import HistoryEntry
from schema.cost import listed
from schema.enums import DemandAction, DemandState, GuaranteeKind
from schema.scalars import Uscc
from schema.user_error import UserError

if TYPE_CHECKING:
    from schema.enterprise import Enterprise

ID = strawberry.ID


@strawberry.type(
    description="What an enterprise seeks from lenders 融资需求. It sees it itself, the officers of its zone do, and "
    "lenders to whose organisation it has given consent to `DEMANDS` for the purpose.",
    directives=data(DataGroup.DEMANDS),
)
class FinancingDemand:
    """What an enterprise seeks from lenders."""

    id: ID
    version: int = strawberry.field(description="Counts its changes; edits name the version that they change.")
    state: DemandState
    allowed_actions: list[DemandAction] = strawberry.field(description="What the reader may do about it now.")
    uscc: Uscc
    enterprise: Annotated[Enterprise, strawberry.lazy("schema.enterprise")] | None
    amount: Decimal = strawberry.field(description="CNY yuan.")
    term_months: int
    about: str = strawberry.field(description="What for 用途.")
    guarantee_kinds: list[GuaranteeKind] = strawberry.field(description="What it can give as security 可提供担保方式.")
    valid_to: date = strawberry.field(description="The last day on which lenders see it among the standing ones.")
    created_at: datetime
    changed_at: datetime
    history: list[HistoryEntry] | None = strawberry.field(
        description="What was done, the oldest first.", directives=[*data(DataGroup.DEMANDS), *listed(3)]
    )


@strawberry.input(description="What the own enterprise seeks.", directives=data(DataGroup.PUBLIC))
class PublishDemandInput:
    """What the own enterprise seeks."""

    amount: Decimal = strawberry.field(description="CNY yuan, above zero, in whole fen.")
    term_months: int = strawberry.field(description="1 to 600.")
    about: str = strawberry.field(description="What for, in 1 to 2,000 characters.")
    guarantee_kinds: list[GuaranteeKind] = strawberry.field(description="At least one; CREDIT is without security.")
    valid_to: date | None = strawberry.field(
        default=None, description="90 days from today if not given, a year at most."
    )


@strawberry.input(description="What is to be done about a financing demand.", directives=data(DataGroup.PUBLIC))
class AdvanceDemandInput:
    """What is to be done about a financing demand."""

    id: ID
    version: int = strawberry.field(description="The version that was read.")
    action: DemandAction
    demand: PublishDemandInput | None = strawberry.field(
        default=None, description="What it is to say from now on; needed for REVISE. Applications keep what it said."
    )


@strawberry.type(description="What became of a financing demand.", directives=data(DataGroup.PUBLIC))
class FinancingDemandPayload:
    """What became of a financing demand."""

    financing_demand: FinancingDemand | None
    user_errors: list[UserError] = strawberry.field(directives=listed(5))
