"""What authorities deliver as files about research: awards, platforms, projects, contracts, statistics, products."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

from demo.dirt import Dirt
from demo.figures import YEARS, Business
from demo.population import WORLD_DAY, chujingling
from demo.writing import Row, write_csv, write_json_lines

_AWARDS = ("科学技术进步奖", "技术发明奖", "自然科学奖")
_PROGRAMMES = ("重点研发计划", "中央引导地方科技发展资金", "科技重大专项")
_STRATEGIC = ("新一代信息技术", "高端装备制造", "新材料", "生物产业", "新能源汽车", "新能源", "节能环保", "数字创意")

_PLATFORMS = (
    ("science", "platforms", ("工程技术研究中心", "重点实验室", "博士后科研工作站")),
    ("industry", "technology_centres", ("企业技术中心",)),
    ("planning", "engineering_centres", ("工程研究中心",)),
)
"""Folder, file, and the kinds that this authority approves."""


def make(folder: Path, businesses: list[Business], seed: int) -> None:
    """Write the folders science, industry, planning and statistics."""
    dirt = Dirt(Random(f"{seed}:honours"))
    rng = Random(f"{seed}:honours-events")
    science = folder / "science"
    write_csv(
        science / "awards.csv",
        "信用代码,奖项,级别,等级,年度,授奖机关,前三完成单位,演示数据",
        (row for b in businesses for row in _awards(b, dirt, rng)),
    )
    write_csv(
        science / "technology_contracts.csv",
        "信用代码,年度,合同数,成交额_万元,技术交易额_万元",
        (row for b in businesses for row in _contracts(b, dirt)),
    )
    write_json_lines(science / "projects.jsonl", (row for b in businesses for row in _projects(b, dirt, rng)))
    write_csv(
        science / "torch_statistics.csv",
        "信用代码,年度,高新技术产品收入_万元",
        (row for b in businesses if b.zeal > -1 for row in _high_tech(b, dirt)),
    )
    write_csv(
        folder / "statistics" / "research.csv",
        "统一社会信用代码,年份,研发费用_万元",
        (row for b in businesses if b.zeal > 0 for row in _research(b, dirt)),
    )
    for place, file, kinds in _PLATFORMS:
        platforms = (row for b in businesses for row in _platforms(b, kinds, dirt, rng))
        write_csv(folder / place / f"{file}.csv", "信用代码,平台名称,级别,类别,认定日期", platforms)
    write_csv(
        folder / "industry" / "main_products.csv",
        "信用代码,主导产品,所属领域,战略性新兴产业",
        (_product(b, dirt, rng) for b in businesses if not b.enterprise.synthetic or rng.random() < 0.7),
    )


def _code(b: Business, dirt: Dirt) -> str:
    return dirt.code(b.enterprise.uscc) if b.enterprise.synthetic else b.enterprise.uscc


def _awards(b: Business, dirt: Dirt, rng: Random) -> Iterator[Row]:
    if b.enterprise.uscc == chujingling().uscc:
        # Name, level and grade are published; the year is not, and without one no score could count the award.
        yield b.enterprise.uscc, "湖北省技术发明奖", "省级", "一等奖", 2021, "", "", "1"
    for _ in range(b.awards):
        province = rng.random() < 0.85
        name = f"{'省' if province else '国家'}{rng.choice(_AWARDS)}"
        grade = rng.choices(("一等奖", "二等奖", "三等奖"), (1, 3, 5))[0]
        first, year = "是" if rng.random() < 0.4 else "否", rng.randrange(2016, 2023)
        yield _code(b, dirt), name, "省级" if province else "国家级", grade, year, "科技主管部门", first, "1"


def _contracts(b: Business, dirt: Dirt) -> Iterator[Row]:
    if b.contracts:
        technology = dirt.amount(int(b.contract_turnover * 0.8))
        yield b.enterprise.uscc, YEARS[-1], b.contracts, dirt.amount(b.contract_turnover), technology


def _projects(b: Business, dirt: Dirt, rng: Random) -> Iterator[dict[str, object]]:
    for number in range(1, b.projects + 1):
        yield {
            "code": _code(b, dirt),
            "name": f"{b.enterprise.industry_text or '智能医疗'}关键技术研究{number}（演示）",
            "programme": rng.choice(_PROGRAMMES),
            "level": rng.choices(("省级", "国家级"), (3, 1))[0],
            "year": rng.randrange(2020, 2023),
            "money": {"amount": rng.randrange(20, 800), "unit": "万元"},
        }


def _high_tech(b: Business, dirt: Dirt) -> Iterator[Row]:
    for year in b.years:
        yield _code(b, dirt), year.year, dirt.amount(year.high_tech) if b.enterprise.synthetic else year.high_tech / 1e4


def _research(b: Business, dirt: Dirt) -> Iterator[Row]:
    for year in b.years[-2:]:
        yield _code(b, dirt), year.year, dirt.amount(year.rd) if b.enterprise.synthetic else year.rd / 1e4


def _platforms(b: Business, kinds: tuple[str, ...], dirt: Dirt, rng: Random) -> Iterator[Row]:
    """Each authority approves its part of an enterprise's platforms; a city adds some of its own."""
    own = sum(rng.random() < len(kinds) / 5 for _ in range(b.platforms))
    levels = [rng.choices(("省级", "国家级"), (5, 1))[0] for _ in range(own)]
    for number, level in enumerate([*levels, *(["市级"] if rng.random() < 0.02 else [])], 1):
        approved = WORLD_DAY - timedelta(days=rng.randrange(100, 3000))
        kind = rng.choice(kinds)
        yield _code(b, dirt), f"{b.enterprise.name[:6]}{kind}{number}（演示）", level, kind, dirt.day(approved)


def _product(b: Business, dirt: Dirt, rng: Random) -> Row:
    strategic = not b.enterprise.synthetic or rng.random() < 0.6
    field = rng.choice(_STRATEGIC) if strategic else "其他"
    return _code(b, dirt), f"{b.enterprise.industry_text or '智能医疗'}产品（演示）", field, "是" if strategic else "否"
