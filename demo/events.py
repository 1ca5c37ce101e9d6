"""Events that several sources know of, each in its own way: entries on lists of risk, and rounds of financing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from demo.figures import Business
from demo.population import WORLD_DAY, Enterprise


class Entry(NamedTuple):
    """An enterprise on a list."""

    enterprise: Enterprise
    number: str
    """Of the decision 决定文书号."""
    reason: str
    since: date
    until: date | None
    """When it was taken off; None while it stands there."""


class _List(NamedTuple):
    number: str
    per_cent: float
    reasons: tuple[str, ...]


_LISTS: Mapping[str, _List] = {
    "abnormal": _List("异列", 1.5, ("通过登记的住所或者经营场所无法联系", "未依照规定公示年度报告")),
    "serious": _List("严违", 0.15, ("提交虚假材料取得许可", "被列入经营异常名录满三年")),
    "penalty": _List("市监罚", 1.0, ("虚假宣传，罚款", "未按规定标注产品信息，罚款")),
    "arrears": _List("欠税公告", 0.8, ("欠缴增值税", "欠缴企业所得税")),
    "non-normal": _List("非正", 0.4, ("连续三个月所有税种均未申报",)),
    "judgment": _List("执", 0.2, ("有履行能力而拒不履行生效法律文书确定义务", "违反财产报告制度")),
    "wages": _List("欠薪", 0.1, ("拖欠农民工工资",)),
}


def entries(name: str, population: list[Enterprise], seed: int) -> Iterator[Entry]:
    """Give the entries on a list, the same to each source that asks; nobody who really exists is on one."""
    rng = Random(f"{seed}:list-{name}")
    number, per_cent, reasons = _LISTS[name]
    for enterprise in population:
        if enterprise.synthetic and rng.random() * 100 < per_cent:
            since = between(rng, enterprise, 30, 1500)
            lifted = since + timedelta(days=rng.randrange(20, 400)) if rng.random() < 0.5 else None
            until = lifted if lifted and lifted < WORLD_DAY else None
            yield Entry(
                enterprise, f"演{number}〔{since.year}〕{rng.randrange(10**6):06d}号", rng.choice(reasons), since, until
            )


class Round(NamedTuple):
    """A round of equity financing; the amount in CNY yuan."""

    name: str
    amount: int
    announced_on: date
    qualified: bool
    """The investor is a qualified institution."""
    paid_in: bool


_ROUNDS = (("天使轮", 3e6), ("Pre-A轮", 1e7), ("A轮", 3e7), ("B轮", 8e7))


def rounds(b: Business, seed: int) -> Iterator[Round]:
    """Give an enterprise's rounds, the same to each source that asks."""
    if not b.rounds:
        return
    rng = Random(f"{seed}:rounds-{b.enterprise.uscc}")
    days = sorted(between(rng, b.enterprise, 60, 1500) for _ in range(b.rounds))
    for (name, usual), day in zip(_ROUNDS, days, strict=False):
        yield Round(name, int(usual * rng.uniform(0.5, 2)), day, rng.random() < 0.8, rng.random() < 0.9)


def between(rng: Random, enterprise: Enterprise, least: int, most: int) -> date:
    """Return a day between so many days before the world's day, but not before the enterprise was founded."""
    day = WORLD_DAY - timedelta(days=rng.randrange(least, most))
    founded = enterprise.founded or date(int(enterprise.founded_text or 2000), 12, 31)
    return max(day, min(founded + timedelta(days=10), WORLD_DAY))
