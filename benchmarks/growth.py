"""What a question costs by the number of its rows, beside hand-written code, and by the number of plans kept."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from benchmarks.timing import Contender, milliseconds
from benchmarks.workload.data import QUERIES, variables

SIZES = (10, 100, 1000, 10_000)
OTHERS = 5000
"""Other documents that a crowded engine has answered before."""
ROUNDS = 9

Data = Mapping[str, Sequence[Mapping[str, Any]]]


def by_hand(data: Data) -> Contender:
    """Return what somebody would write for Q4 and nothing else: two look-ups a row, an object, one encoder."""
    legal = {record["uscc"]: record for record in data["legal"]}
    scores = {record["uscc"]: record for record in data["scores"]}

    async def answer(_query: str, given: dict[str, Any]) -> bytes:
        found = [(legal[code], scores[code]) for code in given["usccs"]]
        rows = [
            {
                "uscc": e["uscc"],
                "name": e["name"],
                "district": e["district"],
                "industryCode": e["industryCode"],
                "status": e["status"],
                "score": {"total": s["total"]},
            }
            for e, s in found
        ]
        return orjson.dumps({"data": {"enterprisesByUscc": rows}})

    return answer


async def by_rows(ours: Contender, hand: Contender, data: Any) -> dict[int, tuple[float, float]]:
    """Return the milliseconds of Q4 by size, of ours and of code written by hand: medians of interleaved rounds."""
    found: dict[int, tuple[float, float]] = {}
    for size in SIZES:
        asked = variables("Q4", data, size)[:3]
        both = await _beside((ours, QUERIES["Q4"]), (hand, ""), asked)
        found[size] = (statistics.median(a for a, _ in both), statistics.median(b for _, b in both))
    return found


async def by_plans(alone: Contender, crowded: Contender, data: Any) -> dict[str, tuple[float, float, float]]:
    """Return what each query costs an engine that keeps many other plans, over one that keeps few.

    Least, median and most of the rounds.
    """
    for number in range(OTHERS):
        await crowded(f"{{ enterprise(uscc: {number}) {{ uscc n{number}: name score {{ total }} }} }}", {})
    found = {}
    for query, text in QUERIES.items():
        asked = variables(query, data)
        both = await _beside((crowded, text), (alone, text), asked)
        ratios = [a / b for a, b in both]
        found[query] = (min(ratios), statistics.median(ratios), max(ratios))
    return found


async def _beside(
    one: tuple[Contender, str], other: tuple[Contender, str], asked: list[dict[str, Any]]
) -> list[tuple[float, float]]:
    """Measure two contenders, each with its query, in turns of who comes first."""
    found = []
    for number in range(ROUNDS):
        taken = {}
        for ask, query in (one, other) if number % 2 else (other, one):
            taken[ask] = await milliseconds(ask, query, asked)
        found.append((taken[one[0]], taken[other[0]]))
    return found
