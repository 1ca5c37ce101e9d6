"""CPU per request without HTTP: the engine beside stock Strawberry, in one interleaved run; growth, and memory."""

from __future__ import annotations

import os
import statistics
import tracemalloc
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import orjson
from rich.progress import track

import collector
from benchmarks import growth
from benchmarks.timing import Contender, milliseconds
from benchmarks.workload.data import QUERIES, records, variables, written
from benchmarks.workload.graph import CATALOGUE, workload
from benchmarks.workload.stock import Stock
from benchmarks.workload.types import build_schema
from connectors.config import parse
from connectors.sources import Sources
from resolvers.execution.engine import Engine
from resolvers.execution.operation import Operation
from resolvers.request import Hub
from store.directory import Directory

ROUNDS = 9
_CONFIGURATION = Path(__file__).parent / "workload" / "memory.toml"

Times = dict[str, dict[str, list[float]]]
"""Query → contender → milliseconds of CPU per request, one for each round."""


def hub(folder: Path, *, exact: bool) -> Engine:
    """Return the engine over the workload's files; not exact: values are mapped, and checked one column at a time."""
    text = _CONFIGURATION.read_text(encoding="utf-8")
    text = text if exact else text.replace("exact = true", "exact = false")
    os.environ["DATA"] = str(folder)
    opened = Sources(parse(text, folder / "sources.toml", CATALOGUE))
    boundless = 10**9
    nothing = cast("Directory", None)
    return Engine(build_schema(), workload(), Hub(opened, nothing), cost_limit=boundless, most_keys=boundless)


def contender(engine: Engine) -> Contender:
    """Return the engine as a contender."""

    async def answer(query: str, given: dict[str, Any]) -> bytes:
        return (await engine.answer(Operation(query, given, None, {}, {}, read_only=False))).body

    return answer


@dataclass(frozen=True)
class Measured:
    """What was measured in process."""

    times: Times
    growth: Mapping[int, tuple[float, float]]
    """Milliseconds of Q4 by size: with typed sources, and by hand."""
    plans: Mapping[str, tuple[float, float, float]]
    """By query: the time where many plans are kept over that where few are; least, median, most."""
    memory: Mapping[str, float]
    """MB that one request of Q3 takes at most, by contender."""


async def measured() -> Measured:
    """Measure stock Strawberry and the engine on each query, growth, the weight of other plans, and memory."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        data = records(max(growth.SIZES))
        written(folder, data)
        contenders: dict[str, Contender] = {
            "stock Strawberry": Stock(data).answer,
            "innograph, checked": contender(hub(folder, exact=False)),
            "innograph, typed": contender(hub(folder, exact=True)),
        }
        for query in QUERIES:
            answers = [
                orjson.loads(await ask(QUERIES[query], variables(query, data)[0])) for ask in contenders.values()
            ]
            assert all(answer["data"] == answers[0]["data"] for answer in answers), f"{query}: the answers differ"
        collector.settle()
        times: Times = {query: {name: [] for name in contenders} for query in QUERIES}
        for number in track(range(ROUNDS), "In process"):
            for query in QUERIES:
                asked = variables(query, data)
                order = list(contenders.items())
                for name, ask in order if number % 2 else order[::-1]:
                    times[query][name].append(await milliseconds(ask, QUERIES[query], asked))
        typed = contenders["innograph, typed"]
        rows = await growth.by_rows(typed, growth.by_hand(data), data)
        plans = await growth.by_plans(typed, contender(hub(folder, exact=True)), data)
        memory = {name: await _peak(ask, QUERIES["Q3"], variables("Q3", data)[0]) for name, ask in contenders.items()}
        return Measured(times, rows, plans, memory)


async def _peak(ask: Contender, query: str, given: dict[str, Any]) -> float:
    """Return the most memory that one request takes for a while, in MB."""
    await ask(query, given)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    await ask(query, given)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (peak - before) / 1e6


def ratios(times: Mapping[str, list[float]], base: str, other: str) -> tuple[float, float, float]:
    """Return how many times cheaper the other is, round by round: least, median, most."""
    found = [a / b for a, b in zip(times[base], times[other], strict=True)]
    return min(found), statistics.median(found), max(found)
