"""The results as pictures."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl

from benchmarks.peers import FLOOR, Found

mpl.use("Agg")

from matplotlib import pyplot as plt  # the way of drawing is chosen before


def in_process(
    times: Mapping[str, Mapping[str, list[float]]], growth: Mapping[int, tuple[float, float]], path: Path
) -> None:
    """Draw CPU per request by query and contender, and how it grows with the enterprises asked for."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2))
    names = list(next(iter(times.values())))
    for place, name in enumerate(names):
        heights = [statistics.median(times[query][name]) for query in times]
        left.bar([n + place * 0.27 for n in range(len(times))], heights, 0.25, label=name)
    left.set_xticks([n + 0.27 for n in range(len(times))], list(times))
    left.set_yscale("log")
    left.set_ylabel("CPU per request, ms")
    left.set_title("In process, sources in memory")
    left.legend()
    right.plot(list(growth), [ours for ours, _ in growth.values()], marker="o", label="innograph, typed")
    right.plot(list(growth), [hand for _, hand in growth.values()], marker="o", label="written by hand")
    right.legend()
    right.set_xscale("log")
    right.set_yscale("log")
    right.set_xlabel("enterprises a query")
    right.set_ylabel("CPU per request, ms")
    right.set_title("Growth of Q4, typed sources")
    _save(figure, path)


def over_http(found: Found, mode: str, path: Path) -> None:
    """Draw each server's CPU per request over the floor's."""
    figure, axes = plt.subplots(1, len(found), figsize=(3.2 * len(found), 4.6))
    for axis, (place, servers) in zip(axes, found.items(), strict=True):
        ordered = sorted(servers, key=lambda name: statistics.median(servers[name]), reverse=True)
        colours = ["tab:orange" if name == "innograph" else "tab:gray" for name in ordered]
        axis.barh(ordered, [statistics.median(servers[name]) for name in ordered], color=colours)
        axis.axvline(1, color="black", linewidth=0.8)
        axis.set_title(place)
    axes[0].set_xlabel(f"CPU per request over {FLOOR[mode]}")
    _save(figure, path)


def capacity(found: Mapping[str, Mapping[str, Sequence[float]]], path: Path) -> None:
    """Draw requests a second by query and number of workers, a picture for each place of the data."""
    figure, axes = plt.subplots(1, len(found), figsize=(5.5 * len(found), 4.2))
    for axis, (title, queries) in zip(axes, found.items(), strict=True):
        for place in range(len(next(iter(queries.values())))):
            heights = [rates[place] for rates in queries.values()]
            axis.bar([n + place * 0.35 for n in range(len(queries))], heights, 0.33, label=f"workers: {place + 1}")
        axis.set_xticks([n + 0.17 for n in range(len(queries))], list(queries))
        axis.set_yscale("log")
        axis.set_ylabel("requests a second")
        axis.set_title(title)
        axis.legend()
    _save(figure, path)


def soak(memory: Sequence[tuple[float, float]], minutes: Sequence[tuple[float, float]], path: Path) -> None:
    """Draw memory over time, and how long half and 99 of 100 requests of each minute took."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2))
    left.plot([at for at, _ in memory], [size for _, size in memory])
    left.set_ylim(bottom=0)
    left.set_xlabel("minutes")
    left.set_ylabel("memory, MB")
    for place, label in enumerate(("half within", "99 of 100 within")):
        right.plot(range(1, len(minutes) + 1), [one[place] for one in minutes], marker="o", label=label)
    right.set_ylim(bottom=0)
    right.set_xlabel("minute")
    right.set_ylabel("ms")
    right.legend()
    _save(figure, path)


def _save(figure: object, path: Path) -> None:
    plt.tight_layout()
    plt.savefig(path, dpi=110)
    plt.close(figure)  # type: ignore[arg-type]  # matplotlib's own figure
