"""A loan product that a lender of the demo world lists itself: a demonstration, with invented terms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from codes.kinds import GuaranteeKind, QualificationKind
from codes.listings import ListingTerms, ScoreGate

LENDER = "icbc"
ID = "demo-listed-points-loan"
TERMS = ListingTerms(
    name="演示自主上架积分贷（虚构） Demonstration points loan (invented)",
    lender_name="演示：中国工商银行的演示账户",
    amount_min=Decimal("100000.00"),
    amount_max=Decimal("3000000.00"),
    rate_min=Decimal("3.45"),
    rate_max=Decimal("4.20"),
    rate_basis="演示：LPR 1Y 加点，利率为虚构",
    term_months_min=6,
    term_months_max=36,
    guarantee_kinds=(GuaranteeKind.CREDIT, GuaranteeKind.IP_PLEDGE),
    zones=("east-lake",),
    qualifications=(QualificationKind.HIGH_TECH, QualificationKind.GAZELLE),
    scores=(ScoreGate(scheme="national-18-demo@1.0-demo", at_least=Decimal(40)),),
    documents=("营业执照", "近两年财务报表"),
    turnaround_days=3,
    risk_sharing=("演示风险补偿资金池",),
    valid_from=date(2023, 1, 1),
    note="演示：额度、利率与条件均为虚构，不代表任何银行。 Demonstration: all terms are invented and are no bank's.",
    synthetic=True,
)
