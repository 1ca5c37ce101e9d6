"""What is true of the enterprises on the rosters, of which the sources show parts: figures, people, rights, honours.

All of it is made up. Who researches more (`zeal`) has more of most things, but by chance, as in life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from demo import named
from demo.population import Enterprise

YEARS = (2019, 2020, 2021, 2022)

Floats = NDArray[np.float64]


class Year(NamedTuple):
    """One year of an enterprise; amounts in CNY yuan."""

    year: int
    revenue: int
    rd: int
    high_tech: int
    profit: int
    main_business: int
    assets: int
    liabilities: int
    tax: int
    insurance: int
    utilities: int
    staff: int


@dataclass(frozen=True, slots=True)
class Business:
    """What is true of an enterprise, whoever knows it."""

    enterprise: Enterprise
    years: tuple[Year, ...]
    """Since it was founded, the oldest first; none of one that is younger."""
    zeal: float
    """How much it researches and achieves beside others; about normally distributed."""
    rd_staff: int
    postgraduates: int
    graduates: int
    talents: int
    inventions: int
    """Patents for inventions that were applied for; likewise all that follows is how many."""
    other_patents: int
    pct: int
    software: int
    trademarks: int
    standards: int
    awards: int
    platforms: int
    projects: int
    rounds: int
    pledges: int
    contracts: int
    contract_turnover: int
    subscribed: int
    paid_in: int
    tax_grade: str
    credit_score: int
    publishes: bool
    """Whether its annual reports show amounts, as a rule."""


def businesses(members: list[Enterprise], seed: int) -> list[Business]:
    """Return what is true of each enterprise, aligned; the same for the same seed."""
    rng = np.random.default_rng([seed, len(members)])
    zeal = rng.normal(size=len(members))
    years = _years(rng, members, zeal)
    counts = _counts(rng, members, zeal, years)
    return [
        _business(enterprise, zeal_, by_year, dict(zip(counts, row, strict=True)))
        for enterprise, zeal_, by_year, row in zip(
            members, zeal.tolist(), _rows(years), zip(*counts.values(), strict=True), strict=True
        )
    ]


def _business(enterprise: Enterprise, zeal: float, years: list[Year], counts: Mapping[str, Any]) -> Business:
    since = enterprise.founded.year if enterprise.founded else int(enterprise.founded_text or YEARS[0])
    found = Business(enterprise, tuple(year for year in years if year.year >= since), zeal, **counts)
    own = named.FIGURES.get(enterprise.uscc)
    if own is None:
        return found
    return replace(found, years=tuple(Year(*row) for row in named.YEARS[enterprise.uscc]), **own)


def _years(rng: np.random.Generator, members: list[Enterprise], zeal: Floats) -> dict[str, NDArray[np.int64]]:
    """Return each of a year's figures, by year and enterprise."""
    size, age = len(members), _age(members)
    staff = _path(rng, np.maximum(3, rng.lognormal(1.05 + 1.0 * np.log1p(age), 0.9)), 0.03, 0.1)
    per_head = rng.lognormal(12.5 + 0.25 * np.log1p(age), 0.6)
    revenue = _path(rng, staff[-1] * per_head, 0.08, 0.2)
    intensity = np.minimum(0.6, rng.lognormal(-2.9 + 0.3 * zeal + 0.4 * (age < 5), 0.6))
    profit = revenue * (rng.normal(0.07, 0.09, revenue.shape) - 0.3 * intensity).clip(-0.8, 0.4)
    assets = _path(rng, revenue[-1] * rng.uniform(0.8, 2.5, size), 0.1, 0.08)
    liabilities = assets * (rng.beta(3, 4, size) * rng.lognormal(0, 0.08, assets.shape)).clip(0.03, 0.97)
    found = {
        "revenue": revenue,
        "rd": revenue * intensity * rng.lognormal(0, 0.1, revenue.shape),
        "high_tech": revenue * (rng.beta(5, 2, size) * rng.uniform(0.9, 1, revenue.shape)),
        "profit": profit,
        "main_business": revenue * rng.uniform(0.7, 1, size),
        "assets": assets,
        "liabilities": liabilities,
        "tax": revenue * rng.uniform(0.01, 0.05, size) + profit.clip(0) * 0.15,
        "insurance": staff * rng.uniform(11_000, 24_000, size),
        "utilities": staff * rng.lognormal(7.6, 0.6, size) * rng.lognormal(0, 0.08, staff.shape),
        "staff": np.maximum(1, staff),
    }
    return {name: values.astype(np.int64) for name, values in found.items()}


def _age(members: list[Enterprise]) -> Floats:
    return np.array([(date(2022, 12, 31) - (e.founded or date(2012, 1, 1))).days / 365 for e in members]).clip(0.2)


def _path(rng: np.random.Generator, last: Floats, drift: float, spread: float) -> Floats:
    """Return values by year that end with the last ones."""
    path = [last]
    for growth in rng.lognormal(drift, spread, (len(YEARS) - 1, len(last))):
        path.insert(0, path[0] / growth)
    return np.array(path)


def _rows(years: Mapping[str, NDArray[np.int64]]) -> list[list[Year]]:
    """Turn figures by year and enterprise into each enterprise's years."""
    columns = [years[name].tolist() for name in Year._fields[1:]]
    size = len(columns[0][0])
    return [
        [Year(year, *(column[place][n] for column in columns)) for place, year in enumerate(YEARS)] for n in range(size)
    ]


def _counts(
    rng: np.random.Generator, members: list[Enterprise], zeal: Floats, years: Mapping[str, NDArray[np.int64]]
) -> dict[str, list[Any]]:
    size = len(members)
    lift = np.exp(0.8 * zeal - 0.32) * np.minimum(1, _age(members) / 4)
    staff, revenue = years["staff"][-1], years["revenue"][-1]

    def about(mean: float) -> NDArray[np.int64]:
        return rng.poisson(mean * lift)

    rights = rng.lognormal(0.35, 0.8, size) * lift * (staff / 20.0) ** 0.3
    rd_staff = (staff * rng.beta(2.2, 5, size)).astype(np.int64)
    has_contracts = rng.random(size) < 0.25 * np.minimum(2, lift)
    subscribed = np.array([e.capital or 10_000_000 for e in members])
    found: dict[str, NDArray[Any]] = {
        "rd_staff": rd_staff,
        "postgraduates": (rd_staff * rng.uniform(0, 0.5, size)).astype(np.int64),
        "graduates": rng.binomial(staff, 0.05),
        "talents": about(0.2),
        "inventions": np.minimum(60, rights * rng.lognormal(0.2, 0.5, size)).astype(np.int64),
        "other_patents": np.minimum(60, rights * rng.lognormal(0.4, 0.5, size)).astype(np.int64),
        "pct": about(0.15),
        "software": np.minimum(80, about(6)),
        "trademarks": about(4),
        "standards": about(0.12),
        "awards": about(0.05),
        "platforms": about(0.12),
        "projects": about(0.1),
        "rounds": np.minimum(4, about(0.12)),
        "pledges": about(0.04),
        "contracts": has_contracts * rng.integers(1, 30, size),
        "contract_turnover": has_contracts * (revenue * rng.uniform(0.02, 0.4, size)).astype(np.int64),
        "subscribed": subscribed,
        "paid_in": (subscribed * np.minimum(1, rng.beta(2, 1, size) * 1.4)).astype(np.int64),
        "tax_grade": rng.choice(list("ABMCD"), size, p=[0.15, 0.45, 0.27, 0.08, 0.05]),
        "credit_score": (rng.beta(8, 3, size) * 100).astype(np.int64),
        "publishes": rng.random(size) < 0.65,
    }
    return {name: values.tolist() for name, values in found.items()}
