"""The benchmarks: `scripts/bench` measures in process; `--peers DIR` also beside other servers over HTTP.

DIR is a folder with the peers' workload and its `run.py`, set up beforehand; PERF_ENV says where its servers are
installed. `--write` keeps the results in benchmarks/results/ under the hub's version.
"""

from __future__ import annotations

import asyncio
import statistics
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Annotated

import typer

from benchmarks import growth, in_process, peers, plots

RESULTS = Path(__file__).parent / "results"


def main(
    peers_in: Annotated[Path | None, typer.Option("--peers", help="Folder of the peers' workload.")] = None,
    modes: Annotated[str, typer.Option(help="Over HTTP: M in memory, R behind REST, R5 there 5 ms late.")] = "M,R,R5",
    rounds: Annotated[int, typer.Option(help="Rounds over HTTP.")] = 3,
    servers: Annotated[str, typer.Option(help="Peers, separated by commas; all if not given.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Keep the results in benchmarks/results/.")] = False,
) -> None:
    """Measure, print, and keep the results if that is wanted."""
    found = asyncio.run(in_process.measured())
    text = _report(found)
    name = version("innograph")
    if write:
        RESULTS.mkdir(exist_ok=True)
        plots.in_process(found.times, found.growth, RESULTS / f"{name}.png")
    if peers_in:
        for mode in modes.split(","):
            beside = peers.run(peers_in, mode, rounds, servers)
            text += peers.table(beside, mode)
            if write:
                plots.over_http(beside, mode, RESULTS / f"{name}-http-{mode}.png")
    print(text)
    if write:
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")


def _report(measured: in_process.Measured) -> str:
    lines = [
        f"# innograph {version('innograph')}, Python {python_version()}",
        "",
        "CPU per request in process, encoding included, sources in memory; "
        f"medians of {in_process.ROUNDS} interleaved rounds. Ratios are stock Strawberry's time over ours, round by "
        "round: median (least to most).",
        "",
        "| query | stock Strawberry, ms | checked, ms | ratio | typed, ms | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for query, found in measured.times.items():
        stock, checked, typed = found
        cells = [query, f"{statistics.median(found[stock]):.3f}"]
        for ours in (checked, typed):
            least, middle, most = in_process.ratios(found, stock, ours)
            cells += [f"{statistics.median(found[ours]):.3f}", f"{middle:.1f} ({least:.1f}–{most:.1f})"]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "Q4 by the number of enterprises, beside code written by hand for it alone (more records than the processor's "
        "caches hold make both slower):",
        "",
        "| enterprises | typed, ms | by hand, ms | ratio |",
        "|---|---|---|---|",
    ]
    lines += [f"| {n:,} | {ours:.3f} | {hand:.3f} | {ours / hand:.2f} |" for n, (ours, hand) in measured.growth.items()]
    shares = ", ".join(
        f"{q} {middle:.2f} ({least:.2f}–{most:.2f})" for q, (least, middle, most) in measured.plans.items()
    )
    lines += [
        "",
        f"The time where {growth.OTHERS:,} other documents were answered before, over that where none were: {shares}.",
    ]
    peaks = ", ".join(f"{name}: {mb:.2f}" for name, mb in measured.memory.items())
    lines += ["", f"Peak memory of one request of Q3, MB: {peaks}.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    typer.run(main)
