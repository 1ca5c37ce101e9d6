"""How many requests a second the hub answers: `python -m benchmarks.capacity`, by query, workers, and where data lie.

The callers and the source's service take their share of the same machine. So beside the requests a second there is the
workers' CPU for a request: where that does not grow with the workers, cores are all that more workers need.
"""

from __future__ import annotations

import asyncio
import os
import statistics
from collections.abc import Mapping
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from platform import python_version
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
"""For each worker: one with fewer has less to do at a time, and takes longer for each."""

Place = tuple[str, str, int]
"""Mode, query, workers."""
Found = Mapping[Place, tuple[float, float]]
"""Requests a second, and milliseconds of the workers' CPU for one: medians of the rounds."""


def measured(seconds: float, rounds: int) -> Found:
    """Measure every query in every place, round by round."""
    shots: dict[Place, list[tuple[float, float]]] = {}
    with TemporaryDirectory() as name, ExitStack() as running:
        data = records()
        written(Path(name), data)
        hubs = {(m, w): running.enter_context(hub(m, w, Path(name))) for m in _MODES for w in WORKERS}
        wires = {query: requests(QUERIES[query], variables(query, data)) for query in QUERIES}
        for _ in track(range(rounds), "Capacity"):
            for query, wire in wires.items():
                for (mode, workers), served in hubs.items():
                    shot = asyncio.run(_shot(served, wire, _CONNECTIONS[query] * workers, seconds))
                    shots.setdefault((mode, query, workers), []).append(shot)
    return {
        place: (statistics.median(rate for rate, _ in found), statistics.median(cpu for _, cpu in found))
        for place, found in shots.items()
    }


async def _shot(served: Served, wire: list[bytes], connections: int, seconds: float) -> tuple[float, float]:
    await flat_out(served.port, wire, connections, seconds / 5)
    before = served.cpu
    score = await flat_out(served.port, wire, connections, seconds)
    if score.failed:
        raise RuntimeError(f"{score.failed} of {score.failed + score.answered} requests were not answered well")
    return score.answered / seconds, (served.cpu - before) * 1000 / score.answered


def table(found: Found, seconds: float, rounds: int) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"# Capacity of innograph {version('innograph')}, Python {python_version()}, {os.cpu_count()} cores",
        "",
        "Requests a second, and milliseconds of the workers' CPU for one; medians of "
        f"{rounds} rounds of {seconds:g} s. The callers and the sources' service run on the same cores: where all are "
        "busy, more workers answer no more. That the CPU for a request stays the same says that they would.",
        "",
        "| data | query | 1 worker, a second | 2 workers | times | CPU of 1, ms | CPU of 2, ms | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for mode, title in _MODES.items():
        for query in QUERIES:
            (one, cpu), (two, cpu_two) = found[mode, query, 1], found[mode, query, 2]
            figures = f"{one:,.0f} | {two:,.0f} | {two / one:.2f} | {cpu:.3f} | {cpu_two:.3f} | {cpu_two / cpu:.2f}"
            lines.append(f"| {title} | {query} | {figures} |")
    return "\n".join(lines) + "\n"


def main(
    seconds: Annotated[float, typer.Option(help="Seconds of each measurement.")] = 5.0,
    rounds: Annotated[int, typer.Option(help="Rounds, interleaved.")] = 3,
    write: Annotated[bool, typer.Option("--write", help="Keep the results in benchmarks/results/.")] = False,
) -> None:
    """Measure, print, and keep the results if that is wanted."""
    found = measured(seconds, rounds)
    text = table(found, seconds, rounds)
    print(text)
    if write:
        name = f"{version('innograph')}-capacity"
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
        plots.capacity({_MODES[mode]: {q: [found[mode, q, w][0] for w in WORKERS] for q in QUERIES} for mode in _MODES},
                       RESULTS / f"{name}.png")  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
