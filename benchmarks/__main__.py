"""CPU per request of the hub against hand-written code over the same sources, interleaved in one run.

`scripts/bench` prints the table; `scripts/bench --write` also keeps it in benchmarks/results/.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any, cast

import orjson
from rich.progress import track

from codes import uscc
from connectors.config import parse
from connectors.session import Session
from connectors.sources import Sources
from resolvers.execution.engine import Engine
from resolvers.execution.operation import Operation
from resolvers.graph import GRAPH
from resolvers.request import Hub
from schema.graph import build_schema
from store.directory import Directory

ROUNDS = 15
SIZES = (1, 10, 100, 1000)
FIELDS = ("name", "status_text", "legal_representative", "address")
QUERY = """query($usccs: [USCC!]!) { enterprisesByUscc(usccs: $usccs) {
  uscc name statusText legalRepresentative address awards { name grade }
} }"""

Contender = Callable[[list[str]], Awaitable[bytes]]


def world() -> tuple[Sources, list[str]]:
    """Return in-memory sources of the largest size, and their codes."""
    codes = [uscc.compose("91", "990000", f"MB{number:06d}") for number in range(max(SIZES))]
    texts = ", ".join(f'{name} = "{name} 某某"' for name in FIELDS)
    people = ",\n".join(f'{{ uscc = "{code}", {texts} }}' for code in codes)
    awards = ",\n".join(f'{{ uscc = "{code}", name = "奖 {n}", grade = "一等奖" }}' for code in codes for n in range(2))
    head = 'kind = "memory"\ntitle = "{0}"\nowner = "benchmark"\nsharing = "UNCONDITIONAL"\n'
    text = (
        f"[sources.a]\n{head.format('A')}[sources.a.collections.registration]\ncache = 0\nrecords = [{people}]\n"
        f"fields = [{', '.join(repr(name) for name in FIELDS)}]\n"
        f"[sources.b]\n{head.format('B')}[sources.b.collections.awards]\ncache = 0\nrecords = [{awards}]\n"
        'fields = ["name", "grade"]\n'
    )
    return Sources(parse(text, Path("benchmark.toml"))), codes


def contenders(sources: Sources) -> dict[str, Contender]:
    """Return the hub, and what one would write by hand for just this query over the same sources."""
    hub = Hub(sources, cast("Directory", None), today=date.today)
    engine = Engine(build_schema(), GRAPH, hub)

    async def ask(codes: list[str]) -> bytes:
        return (await engine.answer(Operation(QUERY, {"usccs": codes}, None, {}, {}, False))).body

    async def by_hand(codes: list[str]) -> bytes:
        session = Session.lasting(8)
        people: list[Any] = await sources.fetch(session, "registration", codes, frozenset(FIELDS))
        awards: list[Any] = await sources.fetch(session, "awards", codes, frozenset(("name", "grade")))
        answer = [
            {"uscc": code, **{name: getattr(person, name) for name in FIELDS},
             "awards": [{"name": award.name, "grade": award.grade} for award in won]}
            for code, person, won in zip(codes, people, awards, strict=True)
        ]  # fmt: skip
        return orjson.dumps(answer)

    return {"hub": ask, "by hand": by_hand}


async def measure() -> dict[int, dict[str, list[float]]]:
    """Return CPU milliseconds of each round, by size and contender; the contenders take turns."""
    sources, codes = world()
    found = contenders(sources)
    times: dict[int, dict[str, list[float]]] = {size: {name: [] for name in found} for size in SIZES}
    for number in track(range(ROUNDS + 2), description="Measuring"):
        for size in SIZES:
            repeats = max(1, 100 // size)
            for name in list(found)[:: 1 if number % 2 else -1]:
                started = time.process_time()
                for _ in range(repeats):
                    await found[name](codes[:size])
                if number >= 2:
                    times[size][name].append((time.process_time() - started) * 1000 / repeats)
    return times


def table(times: dict[int, dict[str, list[float]]]) -> str:
    """Return the medians, their spread and their ratio as Markdown."""
    lines = [
        f"CPU per request in ms, median of {ROUNDS} interleaved rounds (least–most). innograph {version('innograph')}, "
        f"Python {python_version()}, graphql-core {version('graphql-core')}. Five fields and two awards an enterprise, "
        "two in-memory sources, no cache, encoding included, no HTTP. Made-up data.",
        "",
        "| enterprises | hub | by hand over the same sources | ratio |",
        "|---|---|---|---|",
    ]
    for size, found in times.items():
        hub, hand = found["hub"], found["by hand"]
        ratio = statistics.median(a / b for a, b in zip(hub, hand, strict=True))
        lines.append(f"| {size} | {_shown(hub)} | {_shown(hand)} | {ratio:.1f} |")
    return "\n".join(lines) + "\n"


def _shown(times: list[float]) -> str:
    return f"{statistics.median(times):.2f} ({min(times):.2f}–{max(times):.2f})"


if __name__ == "__main__":
    text = table(asyncio.run(measure()))
    print(text)
    if "--write" in sys.argv:
        target = Path(__file__).parent / "results" / f"{version('innograph')}.md"
        target.parent.mkdir(exist_ok=True)
        target.write_text(f"# {target.stem}\n\n{text}", encoding="utf-8")
