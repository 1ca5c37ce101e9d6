"""Yearly filings 年度申报 of an enterprise."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from codes.access import DataGroup, Mask
from schema.access import data
from schema.amount import AmountBand, banded
from schema.node import Disputable

_AMOUNT = data(DataGroup.FILINGS, Mask.AMOUNT)


@strawberry.type(
    description="One year's figures of an enterprise, in CNY yuan. 年度财务数据", directives=data(DataGroup.FILINGS)
)
class Filing(Disputable):
    """One year's figures."""

    year: int
    revenue: Decimal | None = strawberry.field(description="Operating revenue 营业收入.", directives=_AMOUNT)
    rd_expense: Decimal | None = strawberry.field(description="R&D expenditure 研发费用.", directives=_AMOUNT)
    high_tech_revenue: Decimal | None = strawberry.field(
        description="Revenue from high-tech products and services 高新技术产品（服务）收入.", directives=_AMOUNT
    )
    profit: Decimal | None = strawberry.field(description="Total profit 利润总额.", directives=_AMOUNT)
    net_assets: Decimal | None = strawberry.field(description="Net assets 净资产.", directives=_AMOUNT)
    total_assets: Decimal | None = strawberry.field(
        description="Total assets 资产总额; the enterprise decides in each annual report whether it is public.",
        directives=_AMOUNT,
    )
    liabilities: Decimal | None = strawberry.field(description="Total liabilities 负债总额.", directives=_AMOUNT)
    super_deduction: Decimal | None = strawberry.field(
        description="Income-tax relief from R&D super-deduction 研发费用加计扣除所得税减免额.", directives=_AMOUNT
    )
    total_cost: Decimal | None = strawberry.field(
        description="Total of costs and expenses 成本费用总额.", directives=_AMOUNT
    )
    main_business_revenue: Decimal | None = strawberry.field(
        description="Revenue from the main business 主营业务收入.", directives=_AMOUNT
    )
    revenue_band: AmountBand | None = banded("revenue")
    rd_expense_band: AmountBand | None = banded("rdExpense")
    high_tech_revenue_band: AmountBand | None = banded("highTechRevenue")
    profit_band: AmountBand | None = banded("profit")
    net_assets_band: AmountBand | None = banded("netAssets")
    total_assets_band: AmountBand | None = banded("totalAssets")
    liabilities_band: AmountBand | None = banded("liabilities")
    super_deduction_band: AmountBand | None = banded("superDeduction")
    total_cost_band: AmountBand | None = banded("totalCost")
    main_business_revenue_band: AmountBand | None = banded("mainBusinessRevenue")
