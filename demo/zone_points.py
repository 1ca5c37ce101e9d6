"""Nanchang's own points system, which delivers finished scores: everything about them is made up but the names.

Published are the names of its five stages, of two groups of indicators, and that there is a list of a hundred.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from demo.figures import Business
from demo.population import NANCHANG

FILE = "nanchang.json"
_STAGES = ("seed", "sapling", "growth", "expansion", "mature")
_GROUPS = (("innovation", "Technological innovation", "技术创新"), ("growth", "Growth and operation", "成长经营"))
_LISTED = 100


def make(folder: Path, businesses: list[Business], seed: int) -> None:
    """Write the scores of the enterprises on Nanchang's roster into the folder points."""
    rng = Random(f"{seed}:zone-points")
    scores = [_score(b, rng) for b in businesses if b.enterprise.zone is NANCHANG]
    _rank(scores, "rank", "percentile")
    for stage in _STAGES:
        _rank([score for score in scores if score["stage"] == stage], "stageRank", "stagePercentile")
    for score in scores:
        score["lists"] = "top_100" if score["rank"] <= _LISTED else ""
    (folder / "points").mkdir(exist_ok=True)
    (folder / "points" / FILE).write_text(json.dumps(scores, ensure_ascii=False), encoding="utf-8")


def _score(b: Business, rng: Random) -> dict[str, Any]:
    points = [round(rng.betavariate(3, 2) * 50, 2) for _ in _GROUPS]
    return {
        "uscc": b.enterprise.uscc,
        "id": "2022",
        "scheme": "nanchang",
        "version": "2022",
        "period": "2022",
        "day": "2022-09-15",
        "total": f"{sum(points):.2f}",
        "maximum": "100",
        "stage": _STAGES[min(len(_STAGES) - 1, (b.years[-1].staff if b.years else 0) // 60)],
        "groups": [
            {"id": id_, "name": name, "nameZh": name_zh, "points": f"{own:.2f}", "maximum": "50"}
            for (id_, name, name_zh), own in zip(_GROUPS, points, strict=True)
        ],
    }


def _rank(scores: list[dict[str, Any]], rank: str, percentile: str) -> None:
    """Give equal totals the same rank, and the next one the place that it has."""
    totals = sorted((float(score["total"]) for score in scores), reverse=True)
    for score in scores:
        place = totals.index(float(score["total"])) + 1
        score[rank] = place
        score[percentile] = f"{100 * (len(scores) - place + 1) / len(scores):.2f}"
