"""East Lake's own platform: who has applied to be evaluated, edition by edition.

In a full world as many have applied for April 2023 as were evaluated by what is published. Who applies is made up: by
and large those who research most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from random import Random

from demo.dirt import Dirt
from demo.figures import Business
from demo.population import EAST_LAKE
from demo.writing import write_json_lines

EVALUATED: Mapping[str, int] = {"2022-09": 4_900, "2023-04": 5_230}
"""How many applications of a full world stand, by period; that of April 2023 is published, the one before made up."""

_CLOSES: Mapping[str, date] = {"2022-09": date(2022, 8, 31), "2023-04": date(2023, 3, 20)}


def make(folder: Path, businesses: list[Business], seed: int) -> None:
    """Write the applications."""
    dirt, rng = Dirt(Random(f"{seed}:platform")), Random(f"{seed}:platform-events")
    roster = [b for b in businesses if b.enterprise.zone is EAST_LAKE]
    strangers = [b for b in businesses if b.enterprise.zone is not EAST_LAKE][:40]
    rows: list[dict[str, object]] = []
    keen = {b.enterprise.uscc: b.zeal + rng.gauss(0, 0.5) for b in roster}
    for period, standing in EVALUATED.items():
        ordered = sorted((b for b in roster if b.years), key=lambda b: -keen[b.enterprise.uscc] - rng.gauss(0, 0.1))
        count = round(standing * len(roster) / EAST_LAKE.roster)
        rows += _applications(period, ordered[:count], dirt, rng)
        rows += _withdrawn(period, ordered[count : count + count // 50], dirt, rng)
        rows += _applications(period, strangers, dirt, rng)
    write_json_lines(folder / "platform" / "applications.jsonl", rows)


def _applications(period: str, members: list[Business], dirt: Dirt, rng: Random) -> Iterator[dict[str, object]]:
    for b in members:
        row = _application(period, b, dirt, rng)
        yield row
        if dirt.chance(0.5):
            yield row


def _withdrawn(period: str, members: list[Business], dirt: Dirt, rng: Random) -> Iterator[dict[str, object]]:
    for b in members:
        row = _application(period, b, dirt, rng)
        yield {**row, "withdrawn": (_CLOSES[period] + timedelta(days=rng.randrange(1, 10))).isoformat()}


def _application(period: str, b: Business, dirt: Dirt, rng: Random) -> dict[str, object]:
    applied = _CLOSES[period] - timedelta(days=rng.randrange(0, 60))
    code = b.enterprise.uscc if not b.enterprise.synthetic else dirt.code(b.enterprise.uscc)
    return {"code": code, "period": period, "applied": applied.isoformat()}
