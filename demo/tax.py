"""The tax authority: a database of its own, mostly keyed by taxpayer number; yearly returns in 万元, payments in 元."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from demo.dirt import Dirt
from demo.events import entries
from demo.figures import Business
from demo.population import Enterprise
from demo.writing import Row, database

FILE = "tax.sqlite"

# Taxpayer, year, revenue, R&D, profit, relief, cost, main business, updated.
_RETURN = "nsrsbh TEXT, nd INTEGER, yysr TEXT, yffy TEXT, lrze TEXT, jjkc TEXT, cbfy TEXT, zyywsr TEXT, gxsj TEXT"


def make(folder: Path, population: list[Enterprise], businesses: list[Business], seed: int) -> None:
    """Write tax.sqlite."""
    dirt = Dirt(Random(f"{seed}:tax"))
    rng = Random(f"{seed}:tax-figures")
    with database(folder / FILE) as tables:
        tables.write("sb_nd", _RETURN, (row for b in businesses for row in _returns(b, dirt)), "nsrsbh")
        vat = (row for b in businesses for row in _vat(b, dirt, rng))
        tables.write("sb_zzs", "nsrsbh TEXT, nd INTEGER, xse REAL", vat, "nsrsbh")
        taxes = ((b.enterprise.taxpayer_number, year.year, year.tax) for b in businesses for year in b.years)
        tables.write("rk_nd", "nsrsbh TEXT, nd INTEGER, rkje REAL", taxes, "nsrsbh")
        insurance = ((b.enterprise.taxpayer_number, year.year, year.insurance) for b in businesses for year in b.years)
        tables.write("sbf_nd", "nsrsbh TEXT, nd INTEGER, sjje REAL", insurance, "nsrsbh")
        grades = (row for b in businesses for row in _grades(b, dirt, rng))
        tables.write("xydj", "shxydm TEXT, pjnd INTEGER, dj TEXT", grades, "shxydm")
        residents = [b.enterprise for b in businesses]
        arrears = (
            (
                e.enterprise.taxpayer_number,
                e.number,
                e.reason,
                dirt.day(e.since),
                e.until.isoformat() if e.until else None,
            )
            for e in entries("arrears", residents, seed)
        )
        tables.write("qsgg", "nsrsbh TEXT, ggwh TEXT, sz TEXT, ggrq TEXT, jqrq TEXT", arrears, "nsrsbh")
        non_normal = (
            (
                dirt.code(e.enterprise.uscc),
                e.number,
                e.since.isoformat(),
                e.until.isoformat() if e.until else "9999-12-31",
            )
            for e in entries("non-normal", population, seed)
        )
        tables.write("fzch", "shxydm TEXT, rdwh TEXT, rdrq TEXT, jcrq TEXT", non_normal, "shxydm")


def _returns(b: Business, dirt: Dirt) -> Iterator[Row]:
    e = b.enterprise
    if e.synthetic and dirt.chance(3):
        return
    for year in b.years:
        relief = int(year.rd * 0.75 * 0.15) if year.profit > 0 else 0
        figures = (year.revenue, year.rd, year.profit, relief, year.revenue - year.profit, year.main_business)
        amounts = (dirt.amount(v) if e.synthetic else f"{v / 10_000:.4f}" for v in figures)
        row = (e.taxpayer_number, year.year, *amounts, f"{year.year + 1}-03-31")
        yield row
        if e.synthetic and dirt.chance(0.3):
            yield row


def _vat(b: Business, dirt: Dirt, rng: Random) -> Iterator[Row]:
    """Sales as declared for value-added tax: near the revenue, and beside it of one in twenty."""
    if b.enterprise.synthetic and dirt.chance(2):
        return
    for year in b.years:
        beside = rng.uniform(0.7, 1.1) if b.enterprise.synthetic and dirt.chance(5) else rng.uniform(0.99, 1.01)
        yield b.enterprise.taxpayer_number, year.year, round(year.revenue * beside, 2)


def _grades(b: Business, dirt: Dirt, rng: Random) -> Iterator[Row]:
    """Grades of the last two years; the earlier one may have been a neighbour of the last."""
    for year in b.years[-2:]:
        grade = b.tax_grade
        if year is not b.years[-1] and b.enterprise.synthetic and rng.random() < 0.2:
            grade = rng.choice("ABM")
        yield dirt.code(b.enterprise.uscc) if b.enterprise.synthetic else b.enterprise.uscc, year.year, f"{grade}级"
