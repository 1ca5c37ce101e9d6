"""What an enterprise has invented, won and been granted: patents, contracts, awards, platforms, projects."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import strawberry

from codes.access import DataGroup, Mask
from schema.access import data
from schema.amount import AmountBand
from schema.cost import sliced
from schema.declaring import answered, declared
from schema.enums import Level, PatentKind, PatentStatus
from schema.node import Sourced

_TURNOVER = data(DataGroup.CONTRACTS, Mask.AMOUNT)
_BAND = data(DataGroup.CONTRACTS)


@strawberry.type(description="A patent or patent application 专利.", directives=data(DataGroup.INTELLECTUAL_PROPERTY))
class Patent(Sourced):
    """A patent."""

    number: str
    title: str | None
    kind: PatentKind | None
    status: PatentStatus | None
    filed_on: date | None
    granted_on: date | None
    main_product: bool | None = strawberry.field(description="It belongs to the main product 与主营业务相关.")


@strawberry.type(
    description="Intellectual property 知识产权 in numbers, and the patents themselves.",
    directives=data(DataGroup.INTELLECTUAL_PROPERTY),
)
class IntellectualProperty(Sourced):
    """Intellectual property in numbers."""

    inventions_granted: int | None = strawberry.field(description="Granted invention patents 发明专利授权量.")
    invention_applications: int | None = strawberry.field(description="Invention applications 发明专利申请量.")
    pct_applications: int | None = strawberry.field(description="PCT applications PCT专利申请量.")
    utility_models: int | None = strawberry.field(description="实用新型.")
    designs: int | None = strawberry.field(description="外观设计.")
    software_copyrights: int | None = strawberry.field(description="软件著作权.")
    trademarks: int | None = strawberry.field(description="注册商标.")

    @declared("The patents, newest filing first.", sliced("first"))
    def patents(self, first: int = 10, kind: PatentKind | None = None) -> list[Patent] | None:
        """The patents, newest filing first."""
        answered()


@strawberry.type(
    description="Registered technology contracts 技术合同认定登记 of a year.", directives=data(DataGroup.CONTRACTS)
)
class TechnologyContracts(Sourced):
    """Registered technology contracts of a year."""

    year: int | None
    contracts: int | None
    turnover: Decimal | None = strawberry.field(
        description="Contract turnover 技术合同成交额, CNY yuan.", directives=_TURNOVER
    )
    technology_turnover: Decimal | None = strawberry.field(
        description="The technology part of it 技术交易额, CNY yuan.", directives=_TURNOVER
    )
    turnover_band: AmountBand | None = strawberry.field(description="Band of `turnover`.", directives=_BAND)
    technology_turnover_band: AmountBand | None = strawberry.field(
        description="Band of `technologyTurnover`.", directives=_BAND
    )


@strawberry.type(description="Science and technology award 科技奖励.", directives=data(DataGroup.ACHIEVEMENTS))
class Award(Sourced):
    """Science and technology award."""

    name: str
    level: Level | None
    grade: str | None = strawberry.field(description="Such as first prize 一等奖.")
    year: int | None
    issuer: str | None


@strawberry.type(description="R&D or innovation platform 研发或创新平台.", directives=data(DataGroup.ACHIEVEMENTS))
class Platform(Sourced):
    """R&D or innovation platform."""

    name: str
    level: Level | None
    kind: str | None
    approved_on: date | None


@strawberry.type(description="Science and technology project 科技计划项目.", directives=data(DataGroup.ACHIEVEMENTS))
class Project(Sourced):
    """Science and technology project."""

    name: str
    programme: str | None
    level: Level | None
    year: int | None
    funding: Decimal | None = strawberry.field(description="Public funding 财政经费, CNY yuan.")
