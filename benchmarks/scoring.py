"""How fast scores are: `python -m benchmarks.scoring`, from a thousand enterprises to a million, and one alone.

Every size runs in a process of its own, so that its peak of memory is its own. Times are CPU seconds.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from scoring.changes import Edition, run, simulate
from scoring.explanation import explain
from scoring.inputs import Column, Inputs, Moment
from scoring.loading import SHIPPED, load
from scoring.scheme import Input, Scheme
from scoring.snapshot import packed, packed_results

RESULTS = Path(__file__).parent / "results"
SIZES = (1_000, 5_230, 10_000, 100_000, 1_000_000)
_MOMENT = Moment("2022", 2022, date(2023, 4, 3))
Found = dict[str, float]
T = TypeVar("T")


def main(
    scheme: Annotated[str, typer.Option(help="A shipped scheme's file name.")] = "national-18-demo",
    sizes: Annotated[str, typer.Option(help="Enterprises, separated by commas.")] = ",".join(map(str, SIZES)),
    write: Annotated[bool, typer.Option("--write", help="Keep the results in benchmarks/results/.")] = False,
    one: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Measure, show, and keep the results if that is wanted."""
    if one:
        print(json.dumps(measured(load(SHIPPED / f"{scheme}.toml"), one)))
        return
    found = {int(size): _apart(scheme, int(size)) for size in sizes.split(",")}
    Console().print(_table(scheme, found))
    if write:
        RESULTS.mkdir(exist_ok=True)
        name = f"{version('innograph')}-scoring"
        (RESULTS / f"{name}.md").write_text(_markdown(scheme, found), encoding="utf-8")
        draw(found, RESULTS / f"{name}.png")


def measured(scheme: Scheme, size: int) -> Found:
    """Score, rank, explain, simulate and keep so many made-up enterprises; return CPU seconds and the peak in MB."""
    inputs = made_up(scheme, size)
    at_rest = _peak()
    edition, scoring = _timed(lambda: run(scheme, inputs))
    peak = _peak()
    names = inputs.enterprises[: min(size, 200)].tolist()
    _, explaining = _timed(lambda: [explain(scheme, edition.results, row) for row in range(len(names))])
    _, alone = _timed(lambda: [_alone(edition, row) for row in range(len(names))])
    _, simulating = _timed(lambda: [simulate(edition, name, {}) for name in names[:20]])
    kept, keeping = _timed(lambda: (packed(inputs), packed_results(edition.results)))
    return {
        "score and rank, s": scoring,
        "explain one, ms": explaining / len(names) * 1000,
        "score one alone, ms": alone / len(names) * 1000,
        "simulate one, ms": simulating / len(names[:20]) * 1000,
        "keep, s": keeping,
        "kept, MB": sum(map(len, kept)) / 1e6,
        "inputs, MB": at_rest,
        "peak, MB": peak,
    }


def made_up(scheme: Scheme, size: int) -> Inputs:
    """Make up enterprises whose figures vary as those of real ones do; one in twenty values is missing."""
    rng = np.random.default_rng(20230403)
    scale = rng.lognormal(0, 1.2, size)
    columns = {name: _column(needed, scale, rng) for name, needed in scheme.inputs.items()}
    names = np.char.add("91420100MA", np.char.zfill(np.arange(size).astype(np.str_), 8))
    return Inputs.of(scheme, _MOMENT, names, columns)


def _column(needed: Input, scale: np.ndarray[tuple[int], np.dtype[np.float64]], rng: np.random.Generator) -> Column:
    size = len(scale)
    if needed.money:
        values = np.floor(scale * rng.lognormal(20, 0.8, size))
    elif needed.take == "category":
        values = rng.integers(0, len(needed.categories) + 1, size).astype(np.float64)
    elif needed.take == "months":
        values = rng.integers(1, 360, size).astype(np.float64)
    else:
        values = np.floor(scale * rng.lognormal(1, 0.8, size))
    return Column.of(values, (rng.random(size) < 0.05).astype(np.uint8))


def _alone(edition: Edition, row: int) -> Edition:
    return run(edition.scheme, edition.inputs.rows(slice(row, row + 1)))


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begun = time.process_time()
    made = work()
    return made, time.process_time() - begun


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _apart(scheme: str, size: int) -> Found:
    command = [sys.executable, "-m", "benchmarks.scoring", "--scheme", scheme, "--one", str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: Found = json.loads(done.stdout)
    return found


def _table(scheme: str, found: dict[int, Found]) -> Table:
    table = Table(title=f"{scheme}: CPU time and memory by enterprises", title_justify="left")
    table.add_column("enterprises", justify="right", style="bold")
    for name in next(iter(found.values())):
        table.add_column(name, justify="right")
    for size, one in found.items():
        table.add_row(f"{size:,}", *(f"{value:,.3f}" for value in one.values()))
    return table


def _markdown(scheme: str, found: dict[int, Found]) -> str:
    names = [*next(iter(found.values()))]
    lines = [
        f"# Scores, {scheme}, innograph {version('innograph')}",
        "",
        "Made-up enterprises; inputs in memory. CPU seconds on one core; the peak includes the inputs.",
        "",
        "| enterprises | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
        *(f"| {n:,} | " + " | ".join(f"{one[name]:,.3f}" for name in names) + " |" for n, one in found.items()),
        "",
    ]
    return "\n".join(lines)


def draw(found: dict[int, Found], path: Path) -> None:
    """Draw how time and memory grow with the enterprises."""
    import matplotlib as mpl  # only where a picture is wanted: it would count as memory of the measured

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2))
    for axis, names in ((left, ("score and rank, s", "keep, s")), (right, ("inputs, MB", "peak, MB"))):
        for name in names:
            axis.plot([*found], [one[name] for one in found.values()], marker="o", label=name)
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_xlabel("enterprises")
        axis.legend()
    left.set_title("CPU time, s")
    right.set_title("Memory, MB")
    plt.tight_layout()
    plt.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    typer.run(main)
