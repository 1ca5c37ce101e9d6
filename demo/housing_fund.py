"""The housing fund: a database keyed by organisation code; closed years by year, the last one by quarter."""

from __future__ import annotations

from pathlib import Path
from random import Random

from codes import uscc
from demo.figures import YEARS, Business
from demo.writing import database

FILE = "housing_fund.sqlite"
_OPEN = YEARS[-1]


def make(folder: Path, businesses: list[Business], seed: int) -> None:
    """Write housing_fund.sqlite."""
    rng = Random(f"{seed}:housing-fund")
    paying = [
        (uscc.organisation_code(b.enterprise.uscc), b.years)
        for b in businesses
        if rng.random() < 0.9 or not b.enterprise.synthetic
    ]
    with database(folder / FILE) as tables:
        yearly = ((code, y.year, _members(y.staff)) for code, years in paying for y in years if y.year != _OPEN)
        tables.write("dwjc_nd", "zzjgdm TEXT, nd INTEGER, jcrs INTEGER", yearly, "zzjgdm")
        monthly = (
            (code, f"{_OPEN}{month:02d}", _members(y.staff) - (12 - month) // 6)
            for code, years in paying
            for y in years[-1:]
            if y.year == _OPEN
            for month in (3, 6, 9, 12)
        )
        tables.write("dwjc_yd", "zzjgdm TEXT, ny TEXT, jcrs INTEGER", monthly, "zzjgdm")


def _members(staff: int) -> int:
    return max(1, round(staff * 0.95))
