"""What an enterprise makes, has invented, won and been granted: products, patents, contracts, awards, standards."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import strawberry

from codes.access import DataGroup, Mask
from schema.access import data
from schema.amount import AmountBand, banded
from schema.cost import sliced
from schema.declaring import answered, declared
from schema.enums import Level, PatentKind, PatentStatus, StandardLevel
from schema.node import Disputable

_TURNOVER = data(DataGroup.CONTRACTS, Mask.AMOUNT)


@strawberry.type(description="A patent or patent application 专利.", directives=data(DataGroup.INTELLECTUAL_PROPERTY))
class Patent(Disputable):
    """A patent."""

    number: str
    title: str | None
    kind: PatentKind | None
    status: PatentStatus | None
    filed_on: date | None
    granted_on: date | None
    main_product: bool | None = strawberry.field(description="It belongs to the main product 与主营业务相关.")
    high_value: bool | None = strawberry.field(description="High-value patent 高价值专利.")
    self_developed: bool | None = strawberry.field(description="Of the enterprise's own research 自主研发.")


@strawberry.type(
    description="Intellectual property 知识产权 in numbers, and the patents themselves.",
    directives=data(DataGroup.INTELLECTUAL_PROPERTY),
)
class IntellectualProperty(Disputable):
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
class TechnologyContracts(Disputable):
    """Registered technology contracts of a year."""

    year: int | None
    contracts: int | None
    turnover: Decimal | None = strawberry.field(
        description="Contract turnover 技术合同成交额, CNY yuan.", directives=_TURNOVER
    )
    technology_turnover: Decimal | None = strawberry.field(
        description="The technology part of it 技术交易额, CNY yuan.", directives=_TURNOVER
    )
    turnover_band: AmountBand | None = banded("turnover", DataGroup.CONTRACTS)
    technology_turnover_band: AmountBand | None = banded("technologyTurnover", DataGroup.CONTRACTS)


@strawberry.type(description="Science and technology award 科技奖励.", directives=data(DataGroup.ACHIEVEMENTS))
class Award(Disputable):
    """Science and technology award."""

    name: str
    level: Level | None
    grade: str | None = strawberry.field(description="Such as first prize 一等奖.")
    year: int | None
    issuer: str | None
    among_first_three: bool | None = strawberry.field(
        description="The enterprise is among the first three who are named 前三完成单位."
    )


@strawberry.type(description="R&D or innovation platform 研发或创新平台.", directives=data(DataGroup.ACHIEVEMENTS))
class Platform(Disputable):
    """R&D or innovation platform."""

    name: str
    level: Level | None
    kind: str | None
    approved_on: date | None


@strawberry.type(description="Science and technology project 科技计划项目.", directives=data(DataGroup.ACHIEVEMENTS))
class Project(Disputable):
    """Science and technology project."""

    name: str
    programme: str | None
    level: Level | None
    year: int | None
    funding: Decimal | None = strawberry.field(description="Public funding 财政经费, CNY yuan.")


@strawberry.type(description="Main product 主导产品.", directives=data(DataGroup.ACHIEVEMENTS))
class MainProduct(Disputable):
    """Main product."""

    name: str
    field: str | None = strawberry.field(description="Field that it belongs to 所属领域.")
    strategic_industry: bool | None = strawberry.field(
        description="The field is in the classification of strategic emerging industries 战略性新兴产业."
    )


@strawberry.type(
    description="Standard 标准 that the enterprise has taken part in drafting.", directives=data(DataGroup.ACHIEVEMENTS)
)
class Standard(Disputable):
    """Standard that the enterprise has taken part in drafting."""

    number: str = strawberry.field(description="Such as GB/T 32100-2015.")
    title: str | None
    level: StandardLevel | None
    leading: bool | None = strawberry.field(description="The enterprise has led the drafting 主导制定.")
    year: int | None = strawberry.field(description="Year of publication.")
