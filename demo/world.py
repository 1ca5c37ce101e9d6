"""The demo world made: every source's data under one folder, whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from demo import (
    bank_products,
    deliveries,
    ip_office,
    manager_network,
    registry,
    social_security,
    tax,
    zone_points,
)
from demo.population import FULL_SIZE, populate

VERSION = 3
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
    progress("population", 0, 8)
    population = populate(enterprises, seed)
    parts: list[tuple[str, Callable[[], None]]] = [
        ("company registry", lambda: registry.make(folder, population, seed)),
        ("tax authority", lambda: tax.make(folder, population, seed)),
        ("intellectual property", lambda: ip_office.make(folder, population, seed)),
        ("social security", lambda: social_security.make(folder, population, seed)),
        ("files", lambda: deliveries.make(folder, population, seed)),
        ("a zone's own points", lambda: zone_points.make(folder, population, seed)),
        ("products and managers", lambda: _make_offers(folder, seed)),
    ]
    for place, (name, part) in enumerate(parts, 1):
        progress(name, place, len(parts) + 1)
        part()
    (folder / "world.json").write_text(json.dumps(_stamp(enterprises, seed)), encoding="utf-8")


def _make_offers(folder: Path, seed: int) -> None:
    bank_products.make(folder, seed)
    manager_network.make(folder, seed)


def _stamp(enterprises: int, seed: int) -> dict[str, int]:
    return {"version": VERSION, "enterprises": enterprises, "seed": seed}
