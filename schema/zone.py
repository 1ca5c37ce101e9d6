"""Zones 园区 and their published figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing, listed
from schema.declaring import answered, declared
from schema.enums import Level
from schema.ladder import Departures, LadderMonth
from schema.node import Node, Sourced
from schema.place import District


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
        "Who of its roster has moved out since a day 迁出: the registry has another district now, or says that it has "
        "moved. Null with NO_HISTORY where no source keeps the registry's history.",
        [*data(DataGroup.REGISTRATION), *costing(500)],
    )
    def moved_out(self, since: date) -> Departures | None:
        """Who of its roster has moved out since a day."""
        answered()
