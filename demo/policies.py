"""Policies that the demo world publishes in the hub itself: demonstrations, with invented conditions and amounts.

They have no document number, because none was issued.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from codes.kinds import Level
from codes.policies import Benefit, Condition, Importance, PolicyContent

ZONE = "east-lake"
POOL = "demo-east-lake"
POOL_NAME = "演示资金池（虚构） Demonstration pool"
POOL_TOTAL = Decimal("50000000.00")

_CLEAN = Condition(
    code="no-arrears",
    text="未被列入欠税、严重违法失信名单",
    text_en="Neither in arrears of tax nor on the list of serious violations",
    fact="riskFlag",
    none_of=("TAX_ARREARS", "SERIOUS_VIOLATION"),
)

POLICIES: Mapping[str, PolicyContent] = {
    "demo-research-reward": PolicyContent(
        title="演示政策：研发投入免申即享奖励（虚构）",
        title_en="Demonstration: reward for research, without application (invented)",
        issuer="演示园区管委会",
        level=Level.DISTRICT,
        tool="后补助",
        valid_from=date(2023, 1, 1),
        summary="演示：条件、比例与上限均为虚构。 Demonstration: conditions, percentage and cap are invented.",
        benefit_text="演示：2022年研发费用的5%，最高10万元",
        benefit=Benefit(percent=Decimal(5), of="rdExpense", year=2022, cap=Decimal("100000.00")),
        conditions=(
            Condition(
                code="research",
                text="2022年研发费用占营业收入不低于5%",
                text_en="R&D expense of 2022 is at least 5 % of revenue",
                fact="rdIntensity",
                at_least=Decimal(5),
                year=2022,
            ),
            Condition(
                code="high-tech",
                text="2023年6月30日持有有效的高新技术企业证书",
                text_en="A valid certificate as high-tech enterprise on 30 June 2023",
                fact="qualification",
                one_of=("HIGH_TECH",),
                valid_on=date(2023, 6, 30),
            ),
            _CLEAN,
            Condition(
                code="growing",
                importance=Importance.PREFERRED,
                text="2022年营业收入同比增长",
                text_en="Revenue grew in 2022",
                fact="revenueGrowth",
                at_least=Decimal(0),
                year=2022,
            ),
        ),
        pool=POOL,
        synthetic=True,
    ),
    "demo-little-giant-reward": PolicyContent(
        title="演示政策：专精特新“小巨人”一次性奖励（虚构）",
        title_en="Demonstration: one-off reward for little giants (invented)",
        issuer="演示园区管委会",
        level=Level.DISTRICT,
        tool="奖励",
        valid_from=date(2023, 1, 1),
        summary="演示：条件与金额均为虚构。 Demonstration: conditions and amount are invented.",
        benefit_text="演示：一次性奖励20万元",
        benefit=Benefit(amount=Decimal("200000.00")),
        conditions=(
            Condition(
                code="little-giant",
                text="2023年6月30日为专精特新“小巨人”企业",
                text_en="A little giant on 30 June 2023",
                fact="qualification",
                one_of=("LITTLE_GIANT",),
                valid_on=date(2023, 6, 30),
            ),
            _CLEAN,
        ),
        pool=POOL,
        review_above=Decimal("150000.00"),
        synthetic=True,
    ),
}
