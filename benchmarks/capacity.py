"""How many requests a second the hub answers: `python -m benchmarks.capacity`, by query, workers, and where data lie.

So many workers have so many processor cores, and share them with as many callers and as many processes of the sources'
service: what one worker does with all that belongs to it on one core, two do on two if they are not in each other's
way. What a machine shares with others has two cores that do less than twice as much as one, and now more and now less:
how often processes go round a loop is measured right beside.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.progress import track

from benchmarks import plots
from benchmarks.hammer import flat_out, requests
from benchmarks.processes import Served, hub
from benchmarks.workload.data import QUERIES, records, variables, written

RESULTS = Path(__file__).parent / "results"
WORKERS = (1, 2)
_MODES = {"M": "in memory", "R": "behind REST"}
_CONNECTIONS = {"Q1": 16, "Q2": 16, "Q3": 16, "Q4": 8}
"""Of each caller: a worker with fewer has less to do at a time, and takes longer for each."""

Place = tuple[str, str, int]
"""Mode, query, workers."""


@dataclass(frozen=True)
class Shot:
    """What was seen of some workers in one round."""

    rate: float
    """Requests answered a second."""
    cpu: float
    """Milliseconds of the workers' CPU for one."""
    loops: float
    """How often a second as many processes went round a loop on the same cores."""


Found = Mapping[Place, Sequence[Shot]]
"""By round."""


class _Callers:
    """As many calling processes as there are cores for them."""

    def __init__(self, cores: int) -> None:
        self.count = cores
        spawn = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(cores, spawn, os.sched_setaffinity, (0, range(cores)))

    def shot(self, served: Served, wire: list[bytes], connections: int, seconds: float) -> Shot:
        """Ask for so long, after a fifth of that to warm up; raise RuntimeError if a request is not answered well."""
        loops = self._loops(seconds / 5)
        self._ask(served, wire, connections, seconds / 5)
        before = served.cpu
        answered = self._ask(served, wire, connections, seconds)
        cpu = (served.cpu - before) * 1000 / answered
        return Shot(answered / seconds, cpu, (loops + self._loops(seconds / 5)) / 2)

    def _loops(self, seconds: float) -> float:
        under_way = [self.pool.submit(_went_round, seconds) for _ in range(self.count)]
        return sum(one.result() for one in under_way) / seconds

    def _ask(self, served: Served, wire: list[bytes], connections: int, seconds: float) -> int:
        asked = served.port, wire, connections, seconds
        under_way = [self.pool.submit(_answered, *asked) for _ in range(self.count)]
        return sum(one.result() for one in under_way)


def _answered(port: int, wire: Sequence[bytes], connections: int, seconds: float) -> int:
    score = asyncio.run(flat_out(port, wire, connections, seconds))
    if score.failed:
        raise RuntimeError(f"{score.failed} of {score.failed + score.answered} requests were not answered well")
    return score.answered


def _went_round(seconds: float) -> int:
    until, rounds = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        rounds += 1
    return rounds


def measured(seconds: float, rounds: int) -> Found:
    """Measure every query in every place, round by round, with few workers and with more by turns."""
    shots: dict[Place, list[Shot]] = {}
    with TemporaryDirectory() as name, ExitStack() as running:
        data = records()
        written(Path(name), data)
        hubs = {(m, w): running.enter_context(hub(m, w, Path(name), cores=w)) for m in _MODES for w in WORKERS}
        callers = {count: _Callers(count) for count in WORKERS}
        for each in callers.values():
            running.enter_context(each.pool)
        wires = {query: requests(QUERIES[query], variables(query, data)) for query in QUERIES}
        for number in track(range(rounds), "Capacity"):
            for query, wire in wires.items():
                for mode in _MODES:
                    for workers in WORKERS if number % 2 else WORKERS[::-1]:
                        shot = callers[workers].shot(hubs[mode, workers], wire, _CONNECTIONS[query], seconds)
                        shots.setdefault((mode, query, workers), []).append(shot)
    return shots


def table(found: Found, seconds: float, rounds: int) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"# Capacity of innograph {version('innograph')}, Python {python_version()}, {os.cpu_count()} cores",
        "",
        "Requests a second, and milliseconds of the workers' CPU for one; medians of "
        f"{rounds} rounds of {seconds:g} s. One worker, one caller and one process of the sources' service share one "
        "core, two of each share two. Right before and after each, as many processes went round a loop on the same "
        "cores: `linear` is how many times as much two workers did as one, over how many times as often two loops "
        "went round as one, by round: median (least to most).",
        "",
        "| data | query | 1 worker on 1 core, a second | 2 on 2 | times | loop, times | linear | CPU of 1, ms | of 2 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for mode, title in _MODES.items():
        for query in QUERIES:
            one, two = (found[mode, query, workers] for workers in WORKERS)
            times = [b.rate / a.rate for a, b in zip(one, two, strict=True)]
            loops = [b.loops / a.loops for a, b in zip(one, two, strict=True)]
            linear = sorted(a / b for a, b in zip(times, loops, strict=True))
            cells = [title, query, *(f"{median(shot.rate for shot in each):,.0f}" for each in (one, two))]
            cells += [f"{median(times):.2f}", f"{median(loops):.2f}"]
            cells += [f"{median(linear):.2f} ({linear[0]:.2f}–{linear[-1]:.2f})"]
            cells += [f"{median(shot.cpu for shot in each):.3f}" for each in (one, two)]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main(
    seconds: Annotated[float, typer.Option(help="Seconds of each measurement.")] = 1.5,
    rounds: Annotated[int, typer.Option(help="Rounds, interleaved.")] = 9,
    write: Annotated[bool, typer.Option("--write", help="Keep the results in benchmarks/results/.")] = False,
) -> None:
    """Measure, print, and keep the results if that is wanted."""
    found = measured(seconds, rounds)
    text = table(found, seconds, rounds)
    print(text)
    if write:
        name = f"{version('innograph')}-capacity"
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
        rates = {mode: {query: _rates(found, mode, query) for query in QUERIES} for mode in _MODES}
        plots.capacity({title: rates[mode] for mode, title in _MODES.items()}, RESULTS / f"{name}.png")


def _rates(found: Found, mode: str, query: str) -> list[float]:
    return [median(shot.rate for shot in found[mode, query, workers]) for workers in WORKERS]


if __name__ == "__main__":
    typer.run(main)
