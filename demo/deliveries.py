"""What others deliver as files: rounds of financing, courts' and credit lists, software, the key map, the rosters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from random import Random

from codes import uscc
from demo.dirt import Dirt
from demo.events import Entry, entries, rounds
from demo.figures import Business
from demo.population import ZONES, Enterprise, Zone
from demo.writing import Row, write_csv, write_json_lines

_LISTS = {"serious": "严重违法失信", "judgment": "失信被执行人", "wages": "拖欠农民工工资"}
"""What the credit authority puts together from others, and from itself."""


_INVESTED = 12
"""Investments of the fund that is made up."""


def make(folder: Path, population: list[Enterprise], businesses: list[Business], seed: int) -> None:
    """Write the folders ventures, courts, credit, rights, bureau and rosters."""
    dirt = Dirt(Random(f"{seed}:deliveries"))
    write_json_lines(
        folder / "ventures" / "investments.jsonl",
        (row for b in businesses for row in _investments(b, seed)),
    )
    write_json_lines(folder / "ventures" / "fund_investments.jsonl", _of_the_fund(businesses, seed))
    write_csv(
        folder / "courts" / "debtors.csv",
        "统一社会信用代码,案号,失信行为,执行法院,发布日期,撤销日期",
        (_entry(entry, "演示人民法院", dirt) for entry in entries("judgment", population, seed)),
    )
    write_csv(
        folder / "credit" / "list.csv",
        "统一社会信用代码,决定文书号,认定事由,认定机关,列入日期,移出日期,类别",
        (
            (*_entry(entry, "演示信用主管部门", dirt), kind)
            for name, kind in _LISTS.items()
            for entry in entries(name, population, seed)
        ),
    )
    write_csv(
        folder / "rights" / "software.csv",
        "信用代码,登记数,统计日期",
        ((b.enterprise.uscc, b.software, "2023-06-30") for b in businesses if b.software),
    )
    write_csv(
        folder / "environment" / "grades.csv",
        "信用代码,评价年度,信用等级",
        (row for b in businesses for row in _environment(b, dirt)),
    )
    members = [b.enterprise for b in businesses]
    write_csv(
        folder / "bureau" / "identifiers.csv",
        "uscc,organisation_code,registration_number,taxpayer_number",
        ((e.uscc, uscc.organisation_code(e.uscc), e.registration_number, e.taxpayer_number) for e in members),
    )
    for zone in ZONES:
        own = [e for e in members if e.zone is zone]
        write_csv(folder / "rosters" / f"{zone.id}.csv", "code,zone,since", _roster(zone, own, dirt))


def _roster(zone: Zone, own: list[Enterprise], dirt: Dirt) -> Iterator[Row]:
    """Give everyone on a roster; a few once more, in lines of which nobody can tell whom they mean."""
    for e in own:
        since = e.resident_since if e.synthetic else date(2021, 11, 1)
        yield dirt.code(e.uscc), zone.id, since
        if dirt.chance(0.05):
            yield dirt.masked(e.uscc), zone.id, since


def _investments(b: Business, seed: int) -> Iterator[dict[str, object]]:
    for found in rounds(b, seed):
        yield {
            "uscc": b.enterprise.uscc,
            "round": found.name,
            "amount_cny": found.amount,
            "by": "演示创投",
            "day": found.announced_on.isoformat(),
            "qualified": found.qualified,
        }


def _of_the_fund(businesses: list[Business], seed: int) -> Iterator[dict[str, object]]:
    """Give what the made-up fund has invested in: the first rounds of some made-up enterprises."""
    financed = ((b, found) for b in businesses if b.enterprise.synthetic for found in rounds(b, seed))
    for number, (b, found) in enumerate(islice(financed, _INVESTED), start=1):
        yield {
            "fund": "demo-growth-fund",
            "no": f"D-{number:03}",
            "code": b.enterprise.uscc,
            "company": b.enterprise.name,
            "round": found.name,
            "amount_cny": found.amount,
            "day": found.announced_on.isoformat(),
            "left": None if number % 4 else "2023-05-31",
        }


def _entry(entry: Entry, authority: str, dirt: Dirt) -> Row:
    code = dirt.masked(entry.enterprise.uscc) if dirt.chance(1) else dirt.code(entry.enterprise.uscc)
    until = entry.until.isoformat() if entry.until else "9999-12-31"
    return code, entry.number, entry.reason, authority, dirt.style(entry.since), until


def _environment(b: Business, dirt: Dirt) -> Iterator[Row]:
    """Grades of those whose trade is looked at: about one in eight."""
    if b.enterprise.synthetic and b.enterprise.industry_code in ("C2651", "C2761", "C3849") and dirt.chance(50):
        grade = dirt.one_of(("绿", "蓝", "黄", "红", "黑"), (30, 50, 15, 4, 1))
        yield dirt.code(b.enterprise.uscc), 2022, grade
