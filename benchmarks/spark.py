"""What scores by Spark cost beside the embedded ones: `python -m benchmarks.spark`, a million enterprises by default.

Both read the same Parquet and write the same results, each in a process of its own. Memory is that of all its processes
together, looked at every fifth of a second: for Spark the driver's Python, the JVM, and the workers' Python.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.markdown import Markdown

from benchmarks.scoring import made_up
from scoring.changes import run
from scoring.inputs import Moment
from scoring.loading import SHIPPED, load
from scoring.snapshot import packed_results
from spark.inputs import inputs_of, inputs_table
from spark.results import Form
from spark.task import Task

RESULTS = Path(__file__).parent / "results"
FILES = 8
_MOMENT = Moment("2022", 2022, date(2023, 4, 3))
_TICK = 1 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE") / 1e6


def main(
    scheme: Annotated[str, typer.Option(help="A shipped scheme's file name.")] = "national-18-demo",
    size: Annotated[int, typer.Option(help="Enterprises.")] = 1_000_000,
    master: Annotated[str, typer.Option(help="Spark's master.")] = "local[2]",
    write: Annotated[bool, typer.Option("--write", help="Keep the results in benchmarks/results/.")] = False,
    one: Annotated[str, typer.Option(hidden=True)] = "",
    folder: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """Measure, show, and keep the results if that is wanted."""
    if folder:
        _WAYS[one](SHIPPED / f"{scheme}.toml", folder, size, master)
        return
    with TemporaryDirectory() as made:
        own = ["--scheme", scheme, "--size", str(size), "--master", master, "--folder", made]
        _apart("inputs", own)
        found = {way: _apart(way, own) for way in ("embedded", "spark")}
        same = _apart("compared", own)
    text = _markdown(scheme, size, master, found, "the same, bit for bit" if "same" in same else "DIFFERENT")
    Console().print(Markdown(text))
    if write:
        (RESULTS / f"{version('innograph')}-spark.md").write_text(text, encoding="utf-8")


def _inputs(scheme: Path, folder: Path, size: int, _master: str) -> None:
    table = inputs_table(made_up(load(scheme), size))
    (folder / "inputs").mkdir()
    for number in range(FILES):
        start, stop = size * number // FILES, size * (number + 1) // FILES
        pq.write_table(table.slice(start, stop - start), folder / "inputs" / f"{number}.parquet")


def _embedded(scheme: Path, folder: Path, _size: int, _master: str) -> None:
    loaded = load(scheme)
    begun = time.monotonic()
    inputs = inputs_of(loaded, _MOMENT, pq.read_table(folder / "inputs").combine_chunks().to_batches()[0])
    read = time.monotonic()
    edition = run(loaded, inputs)
    scored = time.monotonic()
    pq.write_table(pa.table(Form(loaded).batch(edition.results)), folder / "embedded.parquet")
    _say({"read, s": read - begun, "score and rank, s": scored - read, "write, s": time.monotonic() - scored})


def _spark(scheme: Path, folder: Path, _size: int, master: str) -> None:
    from spark.scores import score
    from spark.session import open_session

    begun = time.monotonic()
    session = open_session(master, **{"spark.driver.memory": "2g", "spark.ui.enabled": "false"})
    started = time.monotonic()
    score(session, str(folder / "inputs"), str(folder / "spark.parquet"), Task.of(scheme, _MOMENT))
    _say({"start, s": started - begun, "read, score, rank and write, s": time.monotonic() - started})


def _compared(scheme: Path, folder: Path, _size: int, _master: str) -> None:
    form = Form(load(scheme))
    tables = (pq.read_table(folder / f"{way}.parquet") for way in ("embedded", "spark"))
    one, other = (packed_results(form.results(_MOMENT, table)) for table in tables)
    _say({"same": 1} if one == other else {})


_WAYS = {"inputs": _inputs, "embedded": _embedded, "spark": _spark, "compared": _compared}


def _say(found: dict[str, float]) -> None:
    print(json.dumps(found))


def _apart(way: str, own: list[str]) -> dict[str, float]:
    """Run a way in a process of its own; return what it says, its wall time, CPU time and peak of memory."""
    begun = time.monotonic()
    running = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.spark", "--one", way, *own],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    peak, seconds = 0.0, dict[int, float]()
    while running.poll() is None:
        usage = list(_usage(running.pid))
        peak = max(peak, sum(memory for _, _, memory in usage))
        seconds |= {pid: cpu for pid, cpu, _ in usage}
        time.sleep(0.2)
    said, complaint = running.communicate()
    if running.returncode:
        raise SystemExit(complaint)
    found: dict[str, float] = json.loads(said.splitlines()[-1]) if said else {}
    return {**found, "wall, s": time.monotonic() - begun, "CPU, s": sum(seconds.values()), "peak, MB": peak}


def _usage(pid: int) -> Any:
    """Yield number, CPU seconds and megabytes of a process and of all that it has started."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        yield pid, (int(fields[11]) + int(fields[12])) * _TICK, int(fields[21]) * _PAGE
        children = [
            child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
        ]
    except OSError:
        return  # it has ended
    for child in children:
        yield from _usage(int(child))


def _markdown(scheme: str, size: int, master: str, found: dict[str, dict[str, float]], same: str) -> str:
    lines = [
        f"# Scores by Spark, {scheme}, innograph {version('innograph')}",
        "",
        f"{size:,} made-up enterprises in {FILES} Parquet files; Spark {version('pyspark')} as `{master}`.",
        f"The results of both are {same}. Memory is that of all processes together.",
        "",
        "| | embedded | Spark |",
        "|---|---|---|",
    ]
    names = list(dict.fromkeys(name for one in found.values() for name in one))
    for name in names:
        cells = (f"{one[name]:,.1f}" if name in one else "" for one in found.values())
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    typer.run(main)
