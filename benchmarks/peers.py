"""The hub beside other servers over HTTP, by the peers' own runner: one process each, interleaved rounds."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

FLOOR = {"M": "floor-starlette", "R": "floor-asgi-aiohttp", "R5": "floor-asgi-aiohttp"}
"""The hand-written server that others are held against, by mode."""
_KIND = {
    "M": "sources in memory",
    "R": "sources behind REST, no latency",
    "R5": "sources behind REST, each answer 5 ms late",
}
OURS = Path(__file__).parent / "ours.json"

Found = Mapping[str, Mapping[str, list[float]]]
"""Query at a concurrency → server → CPU per request over the floor's, one for each round."""


def run(folder: Path, mode: str, rounds: int, servers: str) -> Found:
    """Run the peers and the hub; return CPU ratios to the hand-written floor."""
    with TemporaryDirectory() as name:
        raw = Path(name) / "raw.json"
        command = [sys.executable, str(folder / "run.py"), "--mode", mode[0], "--delay", mode[1:] or "0"]
        command += [
            "--rounds",
            str(rounds),
            "--conc",
            "1,16",
            "--conc-heavy",
            "1",
            "--extra",
            str(OURS),
            "--json",
            str(raw),
        ]
        if servers:
            command += ["--servers", ",".join(dict.fromkeys((FLOOR[mode], *servers.split(","), "innograph")))]
        subprocess.run(command, check=True, cwd=folder)
        shots: dict[str, list[dict[str, float]]] = json.loads(raw.read_text(encoding="utf-8"))
    found: dict[str, dict[str, list[float]]] = {}
    for key, measured in shots.items():
        query, concurrency, server = key.split("|")
        floor = shots[f"{query}|{concurrency}|{FLOOR[mode]}"]
        pairs = zip(measured, floor, strict=True)
        ratios = [one["cpu_ms"] / base["cpu_ms"] for one, base in pairs if one["n"] and base["cpu_ms"]]
        found.setdefault(f"{query} at {concurrency}", {})[server] = ratios or [float("nan")]
    return found


def table(found: Found, mode: str) -> str:
    """Return the ratios as Markdown."""
    places = list(found)
    names = sorted({name for servers in found.values() for name in servers}, key=lambda n: _middle(found[places[0]], n))
    lines = [
        f"\n## Over HTTP, {_KIND[mode]}\n",
        f"CPU per request of the server over that of {FLOOR[mode]}: median of the rounds (least to most).\n",
        "| server | " + " | ".join(places) + " |",
        "|---" * (len(places) + 1) + "|",
    ]
    for name in names:
        cells = [_cell(found[place].get(name)) for place in places]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _middle(servers: Mapping[str, list[float]], name: str) -> float:
    return statistics.median(servers.get(name, [float("inf")]))


def _cell(ratios: list[float] | None) -> str:
    if not ratios:
        return ""
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
