"""The tax authority: a database of its own, keyed by taxpayer number, amounts in 万元."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random

from demo.dirt import Dirt
from demo.population import Enterprise, chujingling, residents

YEARS = (2019, 2020, 2021, 2022)

Figures = tuple[int, int, int, int]
"""Revenue, R&D expense, high-tech revenue, profit, in yuan."""


def make(folder: Path, population: list[Enterprise], seed: int) -> None:
    """Write tax.sqlite."""
    dirt = Dirt(Random(f"{seed}:tax"))
    rng = Random(f"{seed}:tax-figures")
    rows = [row for enterprise in residents(population) for row in _rows(enterprise, dirt, rng)]
    database = sqlite3.connect(folder / "tax.sqlite")
    with database:
        database.execute(
            "CREATE TABLE sb_nd (nsrsbh TEXT, nd INTEGER, yysr TEXT, yffy TEXT, gxcpsr TEXT, lrze TEXT, jjkc TEXT,"
            " gxsj TEXT)"
        )
        database.executemany("INSERT INTO sb_nd VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        database.execute("CREATE INDEX sb_nd_nsrsbh ON sb_nd (nsrsbh)")
    database.close()


def _rows(e: Enterprise, dirt: Dirt, rng: Random) -> Iterator[tuple[object, ...]]:
    if e.synthetic and dirt.chance(3):
        return
    years = _chujingling() if e.uscc == chujingling().uscc else _years(e, rng)
    for year, (revenue, rd, high_tech, profit) in years.items():
        relief = int(rd * 0.75 * 0.15) if profit > 0 else 0
        amounts = (
            dirt.amount(v) if e.synthetic else f"{v / 10_000:.4f}" for v in (revenue, rd, high_tech, profit, relief)
        )
        row = (e.taxpayer_number, year, *amounts, f"{year + 1}-05-31")
        yield row
        if e.synthetic and dirt.chance(0.3):
            yield row


def _years(e: Enterprise, rng: Random) -> dict[int, Figures]:
    intensity = min(0.6, rng.lognormvariate(-2.6, 0.7))
    revenue = float(e.revenue)
    years: dict[int, Figures] = {}
    for year in reversed(YEARS):
        if e.founded and e.founded.year > year:
            break
        figures = (revenue, revenue * intensity, revenue * rng.uniform(0.4, 0.95), revenue * rng.uniform(-0.1, 0.18))
        years[year] = tuple(int(figure) for figure in figures)  # type: ignore[assignment]  # four in, four out
        revenue /= rng.uniform(0.85, 1.45)
    return dict(sorted(years.items()))


def _chujingling() -> dict[int, Figures]:
    """Made-up figures that fit what is published: losses at first, revenue lower last year, much research."""
    return {
        2019: (4_200_000, 9_800_000, 4_000_000, -8_900_000),
        2020: (16_500_000, 14_300_000, 15_900_000, -6_100_000),
        2021: (46_000_000, 19_600_000, 44_800_000, 1_200_000),
        2022: (38_000_000, 22_400_000, 37_100_000, -2_300_000),
    }
