"""Whether the hub stays as it is: `python -m benchmarks.soak`, 15 minutes at half of what it can do.

All queries by turns, sources behind REST. What it can do is found out first. Kept are memory by the second and the
slowest hundredth by the minute.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from platform import python_version
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks import plots
from benchmarks.capacity import RESULTS
from benchmarks.hammer import at_pace, flat_out, requests
from benchmarks.processes import Served, hub
from benchmarks.workload.data import QUERIES, records, variables, written

_WARM_UP = 1 / 3
"""Share of the time, five minutes of fifteen, after which memory may not grow any more."""
_STEP = 60.0
_TRIAL = 10.0
_CALLERS = 16


@dataclass
class Soaked:
    """What was seen."""

    rate: float
    """Requests a second."""
    minutes: list[tuple[float, float]] = field(default_factory=list)
    """Milliseconds within which half of a minute's requests were answered, and 99 of 100."""
    memory: list[tuple[float, float]] = field(default_factory=list)
    """Minutes since the start, MB."""
    answered: int = 0
    failed: int = 0

    @property
    def slope(self) -> float:
        """MB a minute by which memory grew after the warm-up."""
        late = [(at, size) for at, size in self.memory if at >= self.memory[-1][0] * _WARM_UP]
        return statistics.linear_regression([at for at, _ in late], [size for _, size in late]).slope

    @property
    def drift(self) -> float:
        """The slowest hundredth of the last third over that of the second."""
        third = max(1, len(self.minutes) // 3)
        last, before = self.minutes[-third:], self.minutes[-2 * third : -third] or self.minutes[:third]
        return statistics.median(slow for _, slow in last) / statistics.median(slow for _, slow in before)


async def _half(served: Served, wire: Sequence[bytes]) -> float:
    """Return half of the requests a second that a hub answers."""
    await flat_out(served.port, wire, _CALLERS, _TRIAL / 2)
    trial = await flat_out(served.port, wire, _CALLERS, _TRIAL)
    return trial.answered / _TRIAL / 2


async def _soaked(served: Served, wire: Sequence[bytes], minutes: float, rate: float | None) -> Soaked:
    found = Soaked(rate or await _half(served, wire))
    began, left = time.monotonic(), minutes * 60
    watching = asyncio.create_task(_watch(served, found, began))
    while left > 0.5:
        step = min(_STEP, left)
        score = await at_pace(served.port, wire, found.rate, step)
        found.answered += score.answered
        found.failed += score.failed
        cut = statistics.quantiles(score.seconds, n=100)
        found.minutes.append((cut[49] * 1000, cut[98] * 1000))
        left -= step
        print(f"{(time.monotonic() - began) / 60:5.1f} min: {served.megabytes:.1f} MB, p99 {cut[98] * 1000:.1f} ms")
    watching.cancel()
    return found


async def _watch(served: Served, found: Soaked, began: float) -> None:
    while True:
        found.memory.append(((time.monotonic() - began) / 60, served.megabytes))
        await asyncio.sleep(1)


def report(found: Soaked) -> str:
    """Return what was seen as Markdown."""
    lines = [
        f"# Soak of innograph {version('innograph')}, Python {python_version()}",
        "",
        f"{found.memory[-1][0]:.1f} minutes at {found.rate:,.0f} requests a second; one worker, Q1 to Q4 by "
        f"turns, sources behind REST. {found.answered:,} answered, {found.failed:,} not.",
        "",
        f"Memory after the first third: {found.slope:+.2f} MB a minute, {found.memory[-1][1]:.1f} MB at the end. "
        f"Slowest hundredth, last third over the second: {found.drift:.2f}.",
        "",
        "| minute | half within, ms | 99 of 100 within, ms |",
        "|---|---|---|",
    ]
    lines += [f"| {n} | {half:.2f} | {slow:.2f} |" for n, (half, slow) in enumerate(found.minutes, 1)]
    return "\n".join(lines) + "\n"


def main(
    minutes: Annotated[float, typer.Option(help="For how long.")] = 15.0,
    rate: Annotated[float | None, typer.Option(help="Requests a second; half of what it can do if not given.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Keep the results in benchmarks/results/.")] = False,
) -> None:
    """Soak, print, and keep the results if that is wanted."""
    with TemporaryDirectory() as name:
        data = records()
        written(Path(name), data)
        each = [requests(QUERIES[query], variables(query, data)) for query in QUERIES]
        wire = list(chain.from_iterable(zip(*each, strict=True)))
        with hub("R", 1, Path(name)) as served:
            found = asyncio.run(_soaked(served, wire, minutes, rate))
    text = report(found)
    print(text)
    if write:
        name = f"{version('innograph')}-soak"
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
        plots.soak(found.memory, found.minutes, RESULTS / f"{name}.png")


if __name__ == "__main__":
    typer.run(main)
