"""What access costs: `python -m benchmarks.access`, CPU per request of a bank with consents and audit, and without.

Q2 to Q4 have the shapes and sizes of the workload's (`benchmarks/workload/queries`), over the hub's own graph: a page
of 50 by 9 values, a page of 100 by 82, and 1,000 by code by 6. The bank's questions read groups of level 3 by the
enterprises' consents; each request leaves its record before its answer leaves. Anonymous readers ask a hub with the
same rules for as many values of public groups, and the bank's questions go to a hub without access rules as well. All
ask over HTTP, each a process of its own with its own caches, and what counts is the CPU of that with all its threads.
They take turns, a dozen questions each: a machine that is quicker now and slower then is so for all of them. The index
of the audit is brought up to date after each round, and what that takes is shared among the looks of the round: some
200,000, after which a hub does so by itself.

Who asks one question at a time pauses after each answer, whoever it is: a process that has slept takes longer to get
going, which is not the price of access, and the bank's always sleeps, as it waits for the disk. `--pause 0` has them
ask at once.
"""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import httpx
import typer
import uvloop
from rich.progress import track

from benchmarks.guarded import AUDITOR, BANK, YEARS, prepare, reader
from benchmarks.hammer import Caller, connected, requests
from benchmarks.processes import Served, started

RESULTS = Path(__file__).parent / "results"
_ROUNDS = 5
_SECONDS = 0.8
"""Each contender's share of a round, roughly: of one question, and of one number of callers."""
_IN_A_TURN = 12
"""Questions, unless more are asked at once."""
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


async def measured(store_url: str | None, rounds: int, pause: float) -> Mapping[Shape, Times]:
    """Return the times of each shape over a store."""
    with TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        codes = await prepare(folder, store_url)
        hubs = {
            who: running.enter_context(
                started("benchmarks.guarded", "/health/ready", DATA=name, STORE=store_url or "", RULES=by)
            )
            for who, by in ((PUBLIC, "1"), (AUDITED, "1"), (OPEN, "0"))
        }
        contenders = {
            PUBLIC: _Contender(hubs[PUBLIC], reader(folder, None), public=True),
            AUDITED: _Contender(hubs[AUDITED], reader(folder, BANK), public=False),
            OPEN: _Contender(hubs[OPEN], reader(folder, None), public=False),
        }
        asked = {shape: _variables(contenders[PUBLIC], shape, codes) for shape in SHAPES}
        for shape in SHAPES:
            _checked(contenders, shape, asked[shape])
        found = {shape: {name: list[float]() for name in contenders} for shape in SHAPES}
        for _ in track(range(rounds), "Access"):
            looks = 0
            for shape in SHAPES:
                taken, count = await _in_turns(contenders, shape, asked[shape], pause)
                for name, times in found[shape].items():
                    times.append(taken[name] / count)
                looks += count * shape.size
            indexing = _indexed(_Contender(hubs[AUDITED], reader(folder, AUDITOR), public=False), codes[0])
            for shape in SHAPES:
                found[shape][AUDITED][-1] += indexing / looks * shape.size
        return found


class _Contender:
    """Somebody who asks a hub."""

    def __init__(self, hub: Served, headers: Mapping[str, str], *, public: bool) -> None:
        self._hub = hub
        self._headers = headers
        self._public = public
        self._callers: list[Caller] = []

    def answer(self, query: str, given: Mapping[str, Any]) -> Any:
        """Ask by the way; return the answer."""
        body = {"query": query, "variables": given}
        url = f"http://127.0.0.1:{self._hub.port}/graphql"
        return httpx.post(url, headers=self._headers, json=body, timeout=60).json()

    def answer_to(self, shape: Shape, given: Mapping[str, Any]) -> Any:
        """Ask a shape's question by the way; return the answer."""
        return self.answer(shape.text(self._public), given)

    @property
    def cpu(self) -> float:
        """Seconds of CPU that the hub has taken."""
        return self._hub.cpu

    async def milliseconds(self, shape: Shape, asked: Sequence[Mapping[str, Any]], pause: float) -> float:
        """Return the hub's CPU time for some requests, of which so many are made at once as the shape says."""
        wire = requests(shape.text(self._public), asked, self._headers)
        while len(self._callers) < shape.at_once:
            self._callers.append(await connected(self._hub.port))
        began = self.cpu
        for first in range(0, len(wire), shape.at_once):
            some = wire[first : first + shape.at_once]
            well = await asyncio.gather(*[caller.ask(one) for caller, one in zip(self._callers, some, strict=False)])
            assert all(well), "each is answered, without errors"
            await asyncio.sleep(pause if shape.at_once == 1 else 0)
        return (self.cpu - began) * 1000


def _indexed(auditor: _Contender, code: str) -> float:
    """Read a log, which brings the index up to date; return the milliseconds of CPU."""
    began = auditor.cpu
    answer = auditor.answer(_LOG, {"code": code})
    taken = (auditor.cpu - began) * 1000
    assert "errors" not in answer, answer
    return taken


async def _in_turns(
    contenders: Mapping[str, _Contender], shape: Shape, asked: Sequence[Mapping[str, Any]], pause: float
) -> tuple[Mapping[str, float], int]:
    """Have each ask in its turn; return the milliseconds of CPU of each, and how many requests each has made."""
    taken, turns, count = dict.fromkeys(contenders, 0.0), 0, max(_IN_A_TURN, shape.at_once)
    while sum(taken.values()) < _SECONDS * 1000 * len(taken):
        given = [asked[(turns * count + n) % len(asked)] for n in range(count)]
        for name in contenders if turns % 2 else [*contenders][::-1]:
            taken[name] += await contenders[name].milliseconds(shape, given, pause)
        turns += 1
    return taken, turns * count


def _variables(anybody: _Contender, shape: Shape, codes: Sequence[str]) -> list[dict[str, Any]]:
    """Return what a shape's question is asked with, a dozen times."""
    chance = random.Random(7)
    if shape.root == _BY_CODE:
        return [{"codes": chance.sample(codes, shape.size)} for _ in range(12)]
    found: list[dict[str, Any]] = [{"first": shape.size, "after": None}]
    query = _PAGE.replace("nodes { FIELDS }", "pageInfo { endCursor }")
    while len(found) < 12:
        page = anybody.answer(query, found[-1])
        found.append({"first": shape.size, "after": page["data"]["enterprises"]["pageInfo"]["endCursor"]})
    return found


def _checked(contenders: Mapping[str, _Contender], shape: Shape, asked: Sequence[Mapping[str, Any]]) -> None:
    """Ask each once, and make sure that everybody gets as many values and nothing is withheld."""
    values: set[int] = set()
    for contender in contenders.values():
        for given in asked:
            answer = contender.answer_to(shape, given)
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
    pause: Annotated[float, typer.Option(help="Seconds before who asks one question at a time asks the next.")] = 0.002,
    postgresql: Annotated[
        str | None, typer.Option(help="URL of an empty PostgreSQL to measure on as well; what is written stays there.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Keep the results in benchmarks/results/.")] = False,
) -> None:
    """Measure, print, and keep the results if that is wanted."""
    parts = [
        f"# Access, innograph {version('innograph')}, Python {python_version()}\n\n"
        "CPU per request of the hub's process with all its threads, asked over HTTP, sources in memory; "
        f"medians of {rounds} interleaved rounds; who asks one question at a time pauses for {pause * 1000:g} ms. "
        "Ratios are of the bank's questions to the others, by round: median (least to most). What it takes to bring "
        "the audit's index up to date after each round is included.\n"
    ]
    print(parts[0])
    for title, url in (("SQLite", None), *([("PostgreSQL", postgresql)] if postgresql else [])):
        parts.append(_table(title, uvloop.run(measured(url, rounds, pause))))
        print(parts[-1], flush=True)
    if write:
        (RESULTS / f"{version('innograph')}-access.md").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
