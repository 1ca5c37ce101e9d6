"""Titles 资质 that enterprises hold, delivered by the authorities that award them, and the ladder of Nanchang.

On the ladder (梯度培育库) of a full world stand as many on each rung as is published; who stands where is made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from demo.dirt import Dirt
from demo.figures import Business
from demo.population import NANCHANG, WORLD_DAY, chujingling
from demo.writing import Row, write_csv

RUNGS: Mapping[str, int] = {
    "科技型中小企业": 728,
    "高新技术企业": 622,
    "高成长性科技型企业": 36,
    "专精特新中小企业": 120,
    "映山红企业": 75,
}
"""Nanchang's ladder from below, with the published numbers of 2023."""

HEADER = "信用代码,资质名称,证书编号,发证机关,级别,发证日期,有效期起,有效期止,撤销日期"


class _Kind(NamedTuple):
    file: str
    share: float
    years: int
    level: str
    authority: str


_KINDS: Mapping[str, _Kind] = {
    "科技型中小企业": _Kind("technology_sme", 0.35, 1, "省级", "科技主管部门"),
    "高新技术企业": _Kind("high_tech", 0.3, 3, "国家级", "科技主管部门"),
    "瞪羚企业": _Kind("gazelle", 0.03, 3, "省级", "科技主管部门"),
    "创新型中小企业": _Kind("little_giants", 0.12, 3, "省级", "经信主管部门"),
    "专精特新中小企业": _Kind("little_giants", 0.06, 3, "省级", "经信主管部门"),
    "专精特新小巨人": _Kind("little_giants", 0.01, 3, "国家级", "经信主管部门"),
    "高成长性科技型企业": _Kind("nanchang_ladder", 0, 3, "省级", "省科技主管部门"),
    "映山红企业": _Kind("nanchang_ladder", 0, 3, "市级", "上市工作主管部门"),
}


def make(folder: Path, businesses: list[Business], seed: int) -> None:
    """Write the title files of the folder titles."""
    dirt, rng = Dirt(Random(f"{seed}:titles")), Random(f"{seed}:titles-events")
    files: dict[str, list[Row]] = {kind.file: [] for kind in _KINDS.values()}
    rungs = _rungs([b for b in businesses if b.enterprise.zone is NANCHANG], rng)
    for b in businesses:
        code = b.enterprise.uscc
        held = (
            _PUBLISHED
            if code == chujingling().uscc
            else _on_rung(b, rungs, rng)
            if code in rungs
            else _held(b, dirt, rng)
        )
        for file, *row in held:
            files[file].append((code if code in rungs or not b.enterprise.synthetic else dirt.code(code), *row))
    for file, rows in files.items():
        write_csv(folder / "titles" / f"{file}.csv", HEADER, rows)


_PUBLISHED = (
    # That it holds both is published; numbers and dates are not, so these records are made up.
    ("high_tech", "高新技术企业", "DEMO-HT-1", "", "国家级", "2021-12-03", "2021-12-03", "2024-12-02", ""),
    ("little_giants", "专精特新小巨人", "DEMO-LG-1", "", "国家级", "2022-07-01", "2022-07-01", "2025-06-30", ""),
)


def _rungs(members: list[Business], rng: Random) -> Mapping[str, str]:
    """Put each on one rung, the larger ones higher by and large; by credit code."""
    ordered = sorted(members, key=lambda b: (b.years[-1].revenue if b.years else 0) * rng.lognormvariate(0, 0.8))
    scale, names = len(ordered) / sum(RUNGS.values()), list(RUNGS)
    found: dict[str, str] = {}
    for name in reversed(names[1:]):
        for b in [ordered.pop() for _ in range(round(RUNGS[name] * scale))]:
            found[b.enterprise.uscc] = name
    return {**found, **{b.enterprise.uscc: names[0] for b in ordered}}


def _on_rung(b: Business, rungs: Mapping[str, str], rng: Random) -> Iterator[tuple[str, ...]]:
    """Give the title of its rung, in force on the world's day and written without dirt: the numbers are published."""
    name = rungs[b.enterprise.uscc]
    kind = _KINDS[name]
    granted = WORLD_DAY - timedelta(days=rng.randrange(10, 350))
    until = _years_later(granted, kind.years).isoformat()
    number = f"DEMO-NC-{b.enterprise.registration_number[-9:]}"
    yield kind.file, name, number, kind.authority, kind.level, granted.isoformat(), granted.isoformat(), until, ""


def _held(b: Business, dirt: Dirt, rng: Random) -> Iterator[tuple[str, ...]]:
    founded = b.enterprise.founded
    if founded is not None and founded > date(2021, 1, 1):
        return
    for name, kind in _KINDS.items():
        if rng.random() >= kind.share * (1 + 0.6 * max(-1.2, b.zeal)):
            continue
        granted = WORLD_DAY - timedelta(days=rng.randrange(10, 400 if kind.years == 1 else 1400))
        high_tech = f"GR{granted.year}42{rng.randrange(10**6):06d}"
        number = high_tech if kind.file == "high_tech" else f"DEMO-{kind.file[:2].upper()}-{rng.randrange(10**8):08d}"
        written, until = dirt.day(granted), dirt.day(_years_later(granted, kind.years))
        withdrawn = (granted + timedelta(days=200)).isoformat() if rng.random() < 0.01 else ""
        shown = name if not dirt.chance(0.3) else "其他资质（待归类）"
        yield kind.file, shown, number, kind.authority, kind.level, written, written, until, withdrawn


def _years_later(day: date, years: int) -> date:
    return date(day.year + years, day.month, min(day.day, 28))
