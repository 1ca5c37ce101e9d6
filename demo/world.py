"""The demo world made: every source's data under one folder, whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from demo import (
    applications,
    bank_products,
    city_data,
    deliveries,
    honours,
    housing_fund,
    ip_office,
    manager_network,
    registry,
    social_security,
    tax,
    titles,
    zone_points,
)
from demo.figures import Business, businesses
from demo.population import FULL_SIZE, populate, residents

VERSION = 5
SEED = 20230530

Progress = Callable[[str, int, int], None]
"""Told the part that is being made, its place, and how many parts there are."""


def exists(folder: Path, enterprises: int = FULL_SIZE, seed: int = SEED) -> bool:
    """Say whether just this world has been made there."""
    try:
        found = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(found == _stamp(enterprises, seed))


def make(folder: Path, enterprises: int = FULL_SIZE, seed: int = SEED, progress: Progress = lambda *_: None) -> None:
    """Make the world, unless it is there already: beside its place first, then moved there."""
    if exists(folder, enterprises, seed):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    try:
        _make(building, enterprises, seed, progress)
        if folder.exists():
            shutil.rmtree(folder)
        building.rename(folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _make(folder: Path, enterprises: int, seed: int, progress: Progress) -> None:
    progress("population", 0, 10)
    population = populate(enterprises, seed)
    known = businesses(residents(population), seed)
    parts: list[tuple[str, Callable[[], None]]] = [
        ("market regulation", lambda: registry.make(folder, population, known, seed)),
        ("tax authority", lambda: tax.make(folder, population, known, seed)),
        ("intellectual property", lambda: ip_office.make(folder, known, seed)),
        ("social security", lambda: social_security.make(folder, known, seed)),
        ("housing fund and city data", lambda: _make_city(folder, known, seed)),
        ("titles and honours", lambda: _make_honours(folder, known, seed)),
        ("files", lambda: deliveries.make(folder, population, known, seed)),
        ("a zone's own points", lambda: zone_points.make(folder, known, seed)),
        ("products and managers", lambda: _make_offers(folder, seed)),
    ]
    for place, (name, part) in enumerate(parts, 1):
        progress(name, place, len(parts) + 1)
        part()
    (folder / "world.json").write_text(json.dumps(_stamp(enterprises, seed)), encoding="utf-8")


def _make_city(folder: Path, known: list[Business], seed: int) -> None:
    housing_fund.make(folder, known, seed)
    city_data.make(folder, known, seed)


def _make_honours(folder: Path, known: list[Business], seed: int) -> None:
    titles.make(folder, known, seed)
    honours.make(folder, known, seed)
    applications.make(folder, known, seed)


def _make_offers(folder: Path, seed: int) -> None:
    bank_products.make(folder, seed)
    manager_network.make(folder, seed)


def _stamp(enterprises: int, seed: int) -> dict[str, int]:
    return {"version": VERSION, "enterprises": enterprises, "seed": seed}
