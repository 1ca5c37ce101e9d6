"""What access costs: `python -m benchmarks.access`, CPU per request of a bank with consents and audit, and without.

Q2 to Q4 have the shapes and sizes of the workload's (`benchmarks/workload/queries`), over the hub's own graph: a page
of 50 by 9 values, a page of 100 by 82, and 1,000 by code by 6. The bank's questions read groups of level 3 by the
enterprises' consents; each request leaves its record before its answer leaves. Anonymous readers ask the same hub for
as many values of public groups, and the bank's questions go to a hub without access rules. They take turns, a dozen
questions each: a machine that is quicker now and slower then is so for all of them. The index of the audit is brought
up to date after each round, and what that takes is shared among the looks of the round: some 200,000, after which a
hub does so by itself.

Who asks one question at a time pauses after each answer, whoever it is: a process that has slept takes longer to get
going, which is not the price of access; and the bank's process always sleeps, as it waits for the disk.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import orjson
import typer
import uvloop
from rich.progress import track

import collector
from benchmarks.guarded import AUDITOR, BANK, YEARS, Hub, guarded, prepare, unguarded

RESULTS = Path(__file__).parent / "results"
_ROUNDS = 5
_SECONDS = 0.8
"""Each contender's share of a round, roughly: of one question, and of one number of callers."""
_IN_A_TURN = 12
"""Questions, unless more are asked at once."""
_PAUSE = 0.002
"""Seconds after which who asks one question at a time asks the next."""
_LOG = "query($code: USCC!) { enterprise(uscc: $code) { accessLog(first: 1) { totalCount } } }"


@dataclass(frozen=True)
class Shape:
    """A question in two forms of the same size: for a bank, and for everybody."""

    title: str
    size: int
    at_once: int
    root: str
    own: str
    public: str

    def text(self, public: bool) -> str:
        """Return the question."""
        return self.root.replace("FIELDS", self.public if public else self.own)


_BY_CODE = "query($codes: [USCC!]!) { enterprisesByUscc(usccs: $codes) { FIELDS } }"
_PAGE = "query($first: Int!, $after: String) { enterprises(first: $first, after: $after) { nodes { FIELDS } } }"
_PLAIN = "uscc name nameEn status statusText foundedOn address synthetic "
_Q2 = (_PLAIN + "workforce { headcount }", _PLAIN + "intellectualProperty { inventionsGranted }")
_Q3 = (
    _PLAIN + "id industry { text } workforce { period headcount rdStaff postgraduates graduatesHired } "
    f"technologyContracts {{ year contracts turnover }} taxPayments(years: {YEARS}) {{ year paid }} "
    "talents { title level year }",
    _PLAIN + "id industry { text } "
    "intellectualProperty { inventionsGranted utilityModels designs softwareCopyrights trademarks } "
    f"investments {{ round amount announcedOn }} environmentalCredit(years: {YEARS}) {{ year grade }} "
    "awards { name level year }",
)
_SHORT = "uscc name status foundedOn address "
_Q4 = (_SHORT + "workforce { headcount }", _SHORT + "intellectualProperty { inventionsGranted }")
SHAPES = tuple(
    Shape(title, size, at_once, root, *forms)
    for title, size, root, forms in (
        ("Q2, page of 50", 50, _PAGE, _Q2),
        ("Q3, page of 100", 100, _PAGE, _Q3),
        ("Q4, 1,000 by code", 1000, _BY_CODE, _Q4),
        ("50 by code", 50, _BY_CODE, _Q2),
    )
    for at_once in (1, 16)
)

Times = Mapping[str, list[float]]
"""Contender → milliseconds of CPU per request, one for each round."""
PUBLIC, AUDITED, OPEN = "public, anonymous", "bank, audited", "the bank's, without rules"


async def measured(store_url: str | None, rounds: int) -> Mapping[Shape, Times]:
    """Return the times of each shape over a store."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        await prepare(folder, store_url)
        async with AsyncExitStack() as stack:
            hub = await stack.enter_async_context(guarded(folder, store_url))
            bare = await stack.enter_async_context(unguarded(folder, store_url))
            contenders = {
                PUBLIC: _Contender(hub, None, public=True),
                AUDITED: _Contender(hub, BANK, public=False),
                OPEN: _Contender(bare, None, public=False),
            }
            bodies = {shape: await _bodies(hub, shape) for shape in SHAPES}
            for shape in SHAPES:
                await _checked(contenders, shape, bodies[shape])
            collector.settle()
            found = {shape: {name: list[float]() for name in contenders} for shape in SHAPES}
            for _ in track(range(rounds), "Access"):
                looks = 0
                for shape in SHAPES:
                    taken, count = await _in_turns(contenders, shape, bodies[shape])
                    for name, times in found[shape].items():
                        times.append(taken[name] / count)
                    looks += count * shape.size
                indexing = await _indexed(hub)
                for shape in SHAPES:
                    found[shape][AUDITED][-1] += indexing / looks * shape.size
            return found


async def _indexed(hub: Hub) -> float:
    """Read a log, which brings the index up to date; return the milliseconds of CPU."""
    asked = orjson.dumps({"query": _LOG, "variables": {"code": hub.codes[0]}})
    auditor, began = hub.reader(AUDITOR), time.process_time()
    answer = await hub.ask(auditor, asked)
    taken = (time.process_time() - began) * 1000
    assert "errors" not in orjson.loads(answer), answer
    return taken


class _Contender:
    """Somebody who asks a hub."""

    def __init__(self, hub: Hub, name: str | None, *, public: bool) -> None:
        self.hub = hub
        self.public = public
        self._headers = hub.reader(name)

    async def ask(self, body: bytes) -> bytes:
        return await self.hub.ask(self._headers, body)

    async def milliseconds(self, at_once: int, bodies: Sequence[tuple[bytes, bytes]]) -> float:
        """Return the CPU time of some requests, of which so many are made at once."""
        began = time.process_time()
        for first in range(0, len(bodies), at_once):
            await asyncio.gather(*[self.ask(body[self.public]) for body in bodies[first : first + at_once]])
            await asyncio.sleep(_PAUSE if at_once == 1 else 0)
        return (time.process_time() - began) * 1000


async def _in_turns(
    contenders: Mapping[str, _Contender], shape: Shape, bodies: Sequence[tuple[bytes, bytes]]
) -> tuple[Mapping[str, float], int]:
    """Have each ask in its turn; return the milliseconds of CPU of each, and how many requests each has made."""
    taken, turns, count = dict.fromkeys(contenders, 0.0), 0, max(_IN_A_TURN, shape.at_once)
    while sum(taken.values()) < _SECONDS * 1000 * len(taken):
        asked = [bodies[(turns * count + n) % len(bodies)] for n in range(count)]
        for name in contenders if turns % 2 else [*contenders][::-1]:
            taken[name] += await contenders[name].milliseconds(shape.at_once, asked)
        turns += 1
    return taken, turns * count


async def _bodies(hub: Hub, shape: Shape) -> list[tuple[bytes, bytes]]:
    """Return a dozen requests of a shape, each for the bank and for everybody."""
    chance = random.Random(7)
    variables: list[dict[str, Any]] = [{"codes": chance.sample(hub.codes, shape.size)} for _ in range(12)]
    if shape.root == _PAGE:
        variables, after = [], None
        query = _PAGE.replace("nodes { FIELDS }", "pageInfo { endCursor }")
        for _ in range(12):
            variables.append({"first": shape.size, "after": after})
            body = orjson.dumps({"query": query, "variables": variables[-1]})
            page = orjson.loads(await hub.ask(hub.reader(None), body))
            after = page["data"]["enterprises"]["pageInfo"]["endCursor"]
    return [
        (
            orjson.dumps({"query": shape.text(False), "variables": given}),
            orjson.dumps({"query": shape.text(True), "variables": given}),
        )
        for given in variables
    ]


async def _checked(contenders: Mapping[str, _Contender], shape: Shape, bodies: list[tuple[bytes, bytes]]) -> None:
    """Ask each once, and make sure that everybody gets as many values and nothing is withheld."""
    values: set[int] = set()
    for contender in contenders.values():
        for body in bodies:
            answer = orjson.loads(await contender.ask(body[contender.public]))
            assert "errors" not in answer, answer["errors"][:1]
            values.add(_leaves(answer["data"]))
    assert len(values) == 1, f"{shape.title}: {values} values"


def _leaves(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(_leaves, value.values()))
    return sum(map(_leaves, value)) if isinstance(value, list) else int(value is not None)


def _table(store: str, found: Mapping[Shape, Times]) -> str:
    lines = [
        f"## Store on {store}",
        "",
        f"| question | at once | {PUBLIC}, ms | {AUDITED}, ms | ratio | {OPEN}, ms | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for shape, times in found.items():
        cells = [shape.title, str(shape.at_once), f"{statistics.median(times[PUBLIC]):.3f}"]
        cells += [f"{statistics.median(times[AUDITED]):.3f}", _ratio(times, PUBLIC)]
        cells += [f"{statistics.median(times[OPEN]):.3f}", _ratio(times, OPEN)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _ratio(times: Times, base: str) -> str:
    found = sorted(a / b for a, b in zip(times[AUDITED], times[base], strict=True))
    return f"{statistics.median(found):.2f} ({found[0]:.2f}–{found[-1]:.2f})"


def main(
    rounds: Annotated[int, typer.Option(help="Interleaved rounds.")] = _ROUNDS,
    postgresql: Annotated[
        str | None, typer.Option(help="URL of an empty PostgreSQL to measure on as well; what is written stays there.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Keep the results in benchmarks/results/.")] = False,
) -> None:
    """Measure, print, and keep the results if that is wanted."""
    text = "\n".join(
        [
            f"# Access, innograph {version('innograph')}, Python {python_version()}",
            "",
            "CPU per request of the hub's process with all its threads, over ASGI in process, sources in memory; "
            f"medians of {rounds} interleaved rounds. Ratios are of the bank's questions to the others, by round: "
            "median (least to most). What it takes to bring the audit's index up to date after each round is included.",
            "",
            _table("SQLite", uvloop.run(measured(None, rounds))),
            *([_table("PostgreSQL", uvloop.run(measured(postgresql, rounds)))] if postgresql else []),
        ]
    )
    print(text)
    if write:
        (RESULTS / f"{version('innograph')}-access.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
