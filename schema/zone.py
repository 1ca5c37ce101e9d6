"""Zones 园区 and their published figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed, sliced
from schema.credit_summary import ZoneCreditSummary
from schema.declaring import answered, declared
from schema.enums import FigureBy, Level, PolicyState
from schema.ladder import Departures, LadderMonth
from schema.node import Node, Sourced
from schema.place import District

if TYPE_CHECKING:
    from schema.entitlements import Entitlement, EntitlementFigure
    from schema.policies import BudgetPool, ZonePolicy


@strawberry.type(
    description="A published figure of a zone, in its own unit. 园区数据", directives=data(DataGroup.PUBLIC)
)
class ZoneFigure(Sourced):
    """A published figure of a zone."""

    name: str
    name_en: str | None
    value: Decimal | None
    unit: str | None
    period: str | None = strawberry.field(description="Day, month or year that the figure is of.")
    note: str | None


@strawberry.type(description="Development zone 园区.", directives=data(DataGroup.PUBLIC))
class Zone(Node, Sourced):
    """Development zone."""

    name: str | None
    name_en: str | None
    level: Level | None
    city: str | None
    summary: str | None
    pilot_since: str | None = strawberry.field(description="Month it joined the Innovation Points System pilot.")
    functional_areas: list[str] | None = strawberry.field(description="功能区.")
    industry_focus: list[str] | None = strawberry.field(description="重点产业.")
    district: District | None
    credit_summary: ZoneCreditSummary | None = strawberry.field(
        description="What was lent in it 授信概况: as published, and what went through the hub."
    )
    figures: list[ZoneFigure] | None = strawberry.field(description="Published figures.", directives=listed(10))

    @declared(
        "Its cultivation ladder 梯度培育库 in a month, `2023-06`; in the current one if not given. Null where it "
        "publishes none.",
        [*data(DataGroup.QUALIFICATIONS), *costing(50)],
    )
    def ladder(self, month: str | None = None) -> LadderMonth | None:
        """Its cultivation ladder in a month."""
        answered()

    @declared(
        "Policies that its officers make in the hub, drafts among them, newest first; of these states, or all.",
        [*data(DataGroup.POLICY_WORK), *sliced("first")],
    )
    def policy_work(
        self, first: int = 20, state: list[PolicyState] | None = None
    ) -> list[Annotated[ZonePolicy, strawberry.lazy("schema.policies")]] | None:
        """Policies that its officers make in the hub."""
        answered()

    @declared(
        "Money from which its policies are paid 资金池, newest first.",
        [*data(DataGroup.POLICY_WORK), *sliced("first")],
    )
    def budget_pools(self, first: int = 20) -> list[Annotated[BudgetPool, strawberry.lazy("schema.policies")]] | None:
        """Money from which its policies are paid."""
        answered()

    @declared(
        "Benefits of its policies that were confirmed more than so many days ago and are not paid, the oldest first.",
        [*data(DataGroup.ENTITLEMENTS), *sliced("first")],
    )
    def unpaid_entitlements(
        self, days: int = 10, first: int = 100
    ) -> list[Annotated[Entitlement, strawberry.lazy("schema.entitlements")]] | None:
        """Benefits of its policies that were confirmed and are not paid."""
        answered()

    @declared(
        "Benefits of its policies by policy, district or stage, and by state.",
        [*data(DataGroup.ENTITLEMENTS), *costing(20), *listed(50)],
    )
    def entitlement_figures(
        self, by: FigureBy = FigureBy.POLICY
    ) -> list[Annotated[EntitlementFigure, strawberry.lazy("schema.entitlements")]] | None:
        """Benefits of its policies by policy, district or stage."""
        answered()

    @declared(
        "Who of its roster has moved out since a day 迁出: the registry has another district now, or says that it has "
        "moved. Null with NO_HISTORY where no source keeps the registry's history.",
        [*data(DataGroup.REGISTRATION), *costing(500)],
    )
    def moved_out(self, since: date) -> Departures | None:
        """Who of its roster has moved out since a day."""
        answered()
