"""The facts over which a policy's conditions are stated: their names, what they hold, and in which unit. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from codes.access import DataGroup
from codes.kinds import Listed, QualificationKind, RegistrationStatus, RiskKind


class FactForm(Listed):
    """What a condition over a fact may say 条件形式."""

    WORDS = "WORDS", "取值"  # one of these
    PREFIXES = "PREFIXES", "代码前缀"  # a code that begins with one of these
    HELD = "HELD", "名单"  # of several that one may hold: one of these, or none of these
    NUMBER = "NUMBER", "数值"  # at least, at most


UNITS: Mapping[str, Mapping[str, Decimal]] = {
    "CNY": {"CNY": Decimal(1), "元": Decimal(1), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)},
    "PERCENT": {"PERCENT": Decimal(1), "%": Decimal(1)},
    "POINTS": {"POINTS": Decimal(1), "分": Decimal(1)},
    "YEARS": {"YEARS": Decimal(1), "年": Decimal(1)},
}
"""The units in which a bound may be written, by the unit of the fact, and what they are of it."""


@dataclass(frozen=True)
class Fact:
    """A fact about an enterprise."""

    name: str
    form: FactForm
    group: DataGroup
    title: str
    title_en: str
    unit: str | None = None
    members: type[Enum] | None = None
    """The closed list that its words are of."""
    of_scheme: bool = False
    """Only in a scheme of scores, which a condition has to name with its version."""
    of_year: bool = False
    """Of a filing: of a year, or the last one."""
    dated: bool = False
    """True of a day."""
    figures: tuple[str, ...] = ()
    """The figures of a filing that it is made of: one as it is, two as a ratio."""
    grows: bool = False
    """The growth of its figure over the year before."""


def _filed(name: str, title: str, title_en: str, figure: str) -> Fact:
    return Fact(name, FactForm.NUMBER, DataGroup.FILINGS, title, title_en, "CNY", of_year=True, figures=(figure,))


def _ratio(name: str, title: str, title_en: str, *figures: str) -> Fact:
    return Fact(name, FactForm.NUMBER, DataGroup.FILINGS, title, title_en, "PERCENT", of_year=True, figures=figures)


def _growth(name: str, title: str, title_en: str, figure: str) -> Fact:
    ratio = _ratio(name, title, title_en, figure)
    return replace(ratio, grows=True)


_KNOWN = (
    Fact("stage", FactForm.WORDS, DataGroup.SCORE, "评价阶段", "stage", of_scheme=True),
    Fact("score", FactForm.NUMBER, DataGroup.SCORE, "积分", "score", "POINTS", of_scheme=True),
    Fact(
        "qualification", FactForm.HELD, DataGroup.QUALIFICATIONS, "有效资质", "valid qualification",
        members=QualificationKind, dated=True,
    ),
    Fact("riskFlag", FactForm.HELD, DataGroup.RISK, "风险标识", "risk flag in force", members=RiskKind, dated=True),
    Fact("industry", FactForm.PREFIXES, DataGroup.REGISTRATION, "行业（GB/T 4754）", "industry (GB/T 4754)"),
    Fact("district", FactForm.PREFIXES, DataGroup.REGISTRATION, "行政区划（GB/T 2260）", "district (GB/T 2260)"),
    Fact(
        "registrationStatus", FactForm.WORDS, DataGroup.REGISTRATION, "登记状态", "registration status",
        members=RegistrationStatus,
    ),
    Fact("yearsSinceFounding", FactForm.NUMBER, DataGroup.REGISTRATION, "成立年限", "years since founding", "YEARS"),
    Fact("zone", FactForm.WORDS, DataGroup.REGISTRATION, "所属园区", "zone"),
    _filed("revenue", "营业收入", "revenue", "revenue"),
    _filed("rdExpense", "研发费用", "R&D expense", "rd_expense"),
    _filed("highTechRevenue", "高新技术产品收入", "high-tech revenue", "high_tech_revenue"),
    _filed("profit", "利润", "profit", "profit"),
    _filed("netAssets", "净资产", "net assets", "net_assets"),
    _filed("totalAssets", "资产总额", "total assets", "total_assets"),
    _filed("superDeduction", "加计扣除额", "super deduction", "super_deduction"),
    _ratio("rdIntensity", "研发费用占营业收入比例", "R&D expense of revenue", "rd_expense", "revenue"),
    _ratio("highTechShare", "高新技术产品收入占比", "high-tech revenue of revenue", "high_tech_revenue", "revenue"),
    _ratio("debtRatio", "资产负债率", "liabilities of total assets", "liabilities", "total_assets"),
    _growth("revenueGrowth", "营业收入增长率", "growth of revenue", "revenue"),
    _growth("rdExpenseGrowth", "研发费用增长率", "growth of R&D expense", "rd_expense"),
)  # fmt: skip

FACTS: Mapping[str, Fact] = {fact.name: fact for fact in _KNOWN}
