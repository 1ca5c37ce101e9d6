"""What is delivered as files: science lists, a venture data firm's rounds, the bureau's key map, the zones' rosters."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from codes import uscc
from demo.dirt import Dirt
from demo.population import WORLD_DAY, ZONES, Enterprise, chujingling, residents

_KINDS = (
    ("科技型中小企业", 0.35, 1),
    ("高新技术企业", 0.3, 3),
    ("创新型中小企业", 0.12, 3),
    ("专精特新中小企业", 0.06, 3),
    ("瞪羚企业", 0.03, 3),
    ("专精特新小巨人", 0.01, 3),
)
_AWARDS = ("科学技术进步奖", "技术发明奖", "自然科学奖")
_PLATFORMS = ("企业技术中心", "工程技术研究中心", "重点实验室", "博士后科研工作站")
_PROGRAMMES = ("重点研发计划", "中央引导地方科技发展资金", "科技重大专项")
_ROUNDS = (("天使轮", 3e6), ("Pre-A轮", 1e7), ("A轮", 3e7), ("B轮", 8e7))


def make(folder: Path, population: list[Enterprise], seed: int) -> None:
    """Write the folders science, ventures, bureau and rosters."""
    dirt = Dirt(Random(f"{seed}:deliveries"))
    rng = Random(f"{seed}:deliveries-events")
    members = residents(population)
    science = folder / "science"
    _csv(
        science / "qualifications.csv",
        "信用代码,资质名称,证书编号,发证机关,级别,发证日期,有效期起,有效期止,撤销日期,演示数据",
        (row for e in members for row in _qualifications(e, dirt, rng)),
    )
    _csv(
        science / "awards.csv",
        "信用代码,奖项,级别,等级,年度,授奖机关,演示数据",
        (row for e in members for row in _awards(e, dirt, rng)),
    )
    _csv(
        science / "platforms.csv",
        "信用代码,平台名称,级别,类别,认定日期",
        (row for e in members for row in _platforms(e, dirt, rng)),
    )
    _csv(
        science / "technology_contracts.csv",
        "信用代码,年度,合同数,成交额_万元,技术交易额_万元",
        (row for e in members for row in _contracts(e, dirt, rng)),
    )
    _json_lines(science / "projects.jsonl", (row for e in members for row in _projects(e, dirt, rng)))
    _json_lines(folder / "ventures" / "investments.jsonl", (row for e in members for row in _investments(e, rng)))
    _csv(
        folder / "bureau" / "identifiers.csv",
        "uscc,organisation_code,registration_number,taxpayer_number",
        ((e.uscc, uscc.organisation_code(e.uscc), e.registration_number, e.taxpayer_number) for e in members),
    )
    for zone in ZONES:
        own = [e for e in members if e.zone is zone]
        since = (date(2021, 11, 1) if not e.synthetic else e.resident_since for e in own)
        rows = ((dirt.code(e.uscc), zone.id, day) for e, day in zip(own, since, strict=True))
        _csv(folder / "rosters" / f"{zone.id}.csv", "code,zone,since", rows)


def _qualifications(e: Enterprise, dirt: Dirt, rng: Random) -> Iterator[tuple[object, ...]]:
    if e.uscc == chujingling().uscc:
        # That it holds both is published; numbers and dates are not, so these records are made up.
        yield e.uscc, "高新技术企业", "DEMO-HT-1", "", "国家级", "2021-12-03", "2021-12-03", "2024-12-02", "", "1"
        yield e.uscc, "专精特新小巨人", "DEMO-LG-1", "", "国家级", "2022-07-01", "2022-07-01", "2025-06-30", "", "1"
        return
    for place, (kind, share, years) in enumerate(_KINDS):
        if rng.random() >= share or (e.founded and e.founded > date(2021, 1, 1)):
            continue
        granted = WORLD_DAY - timedelta(days=rng.randrange(10, 1400))
        until = date(granted.year + years, granted.month, min(granted.day, 28))
        number = (
            f"GR{granted.year}42{rng.randrange(10**6):06d}"
            if place == 1
            else f"DEMO-{place}-{rng.randrange(10**8):08d}"
        )
        level = "国家级" if place in (1, 5) else "省级"
        written = dirt.day(granted)
        withdrawn = (granted + timedelta(days=200)).isoformat() if rng.random() < 0.01 else ""
        name = kind if not dirt.chance(0.3) else "其他资质（待归类）"
        yield dirt.code(e.uscc), name, number, "科技主管部门", level, written, written, dirt.day(until), withdrawn, "1"


def _awards(e: Enterprise, dirt: Dirt, rng: Random) -> Iterator[tuple[object, ...]]:
    if e.uscc == chujingling().uscc:
        yield e.uscc, "湖北省技术发明奖", "省级", "一等奖", "", "", "0"
    elif rng.random() < 0.03:
        province = rng.random() < 0.8
        level = "省级" if province else "国家级"
        name = f"{'省' if province else '国家'}{rng.choice(_AWARDS)}"
        grade = rng.choice(("一等奖", "二等奖", "三等奖"))
        yield dirt.code(e.uscc), name, level, grade, rng.randrange(2018, 2023), "科技主管部门", "1"


def _platforms(e: Enterprise, dirt: Dirt, rng: Random) -> Iterator[tuple[object, ...]]:
    if e.synthetic and rng.random() < 0.05:
        approved = WORLD_DAY - timedelta(days=rng.randrange(100, 3000))
        kind = rng.choice(_PLATFORMS)
        yield dirt.code(e.uscc), f"{e.name[:6]}{kind}", rng.choice(("省级", "市级")), kind, dirt.day(approved)


def _contracts(e: Enterprise, dirt: Dirt, rng: Random) -> Iterator[tuple[object, ...]]:
    if rng.random() < 0.2:
        turnover = int(e.revenue * rng.uniform(0.02, 0.4))
        yield e.uscc, 2022, rng.randrange(1, 30), dirt.amount(turnover), dirt.amount(int(turnover * 0.8))


def _projects(e: Enterprise, dirt: Dirt, rng: Random) -> Iterator[dict[str, object]]:
    if e.synthetic and rng.random() < 0.04:
        programme = rng.choice(_PROGRAMMES)
        yield {
            "code": dirt.code(e.uscc),
            "name": f"{e.industry_text}关键技术研究（演示）",
            "programme": programme,
            "level": rng.choice(("省级", "国家级")),
            "year": rng.randrange(2019, 2023),
            "money": {"amount": rng.randrange(20, 800), "unit": "万元"},
        }


def _investments(e: Enterprise, rng: Random) -> Iterator[dict[str, object]]:
    if rng.random() < 0.06 and e.synthetic:
        day = (e.founded or WORLD_DAY) + timedelta(days=200)
        for name, amount in _ROUNDS[: rng.randrange(1, 5)]:
            if day < WORLD_DAY:
                money = int(amount * rng.uniform(0.5, 2))
                yield {"uscc": e.uscc, "round": name, "amount_cny": money, "by": "演示创投", "day": day.isoformat()}
            day += timedelta(days=rng.randrange(300, 700))


def _csv(path: Path, header: str, rows: Iterable[Iterable[object]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)


def _json_lines(path: Path, rows: Iterable[dict[str, object]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
