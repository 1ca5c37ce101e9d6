"""Measure at full size what the hub does while something around it fails: `python -m benchmarks.faults [--write]`.

Takes about eight minutes, more on a loaded machine; `--only breaker,crowd` measures some parts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from auth.identity import demo
from benchmarks.faults import hubs, measures
from benchmarks.faults.hubs import BREAK, Hub, free_port
from benchmarks.faults.load import Tally, for_a_while
from benchmarks.faults.servers import own_postgresql, own_redis
from benchmarks.faults.source import KINDS, Source
from store.engine import once
from store.upgrade import upgrade

RESULTS = Path(__file__).parent.parent / "results"

Row = tuple[str, str, str]
"""What was done, what was seen, what is demanded."""


@dataclass(frozen=True)
class Place:
    """Where a hub runs: its folder, and its two sources."""

    folder: Path
    registry: Source
    office: Source

    def settings(self, **given: str) -> dict[str, str]:
        """What a hub is told."""
        addresses = {"REGISTRY_URL": self.registry.url, "OFFICE_URL": self.office.url}
        return {
            "HUB_SOURCES": str(self.folder / "sources.toml"),
            "HUB_RATE_ADDRESS": "1000000000",
            **addresses,
            **given,
        }


@asynccontextmanager
async def place(sources: str = hubs.SOURCES) -> AsyncIterator[Place]:
    """Give a place of one's own, with these sources declared."""
    with tempfile.TemporaryDirectory(prefix="innograph-faults-") as name:
        folder = Path(name)
        (folder / "sources.toml").write_text(sources, encoding="utf-8")
        await once(f"sqlite+aiosqlite:///{folder}/store.sqlite", upgrade)
        async with Source() as registry, Source() as office:
            yield Place(folder, registry, office)


@asynccontextmanager
async def alone(sources: str = hubs.SOURCES) -> AsyncIterator[tuple[Place, Hub]]:
    """Give a hub and its place."""
    async with place(sources) as found, hubs.hub(found.folder, found.settings()) as hub:
        yield found, hub


async def seven_ways() -> list[Row]:
    """One source fails in each way, under eight who ask for it and eight who do not."""
    rows: list[Row] = []
    async with alone() as (found, hub):
        await for_a_while(hub.url, hubs.STEADY, 16, 3)
        well = await measures.beside(hub, found.office, "well", 8, 10)
        rows.append(("nothing fails", f"p99 {_ms(well.steady.p(99))}", ""))
        for mode, code in KINDS.items():
            seen = await measures.beside(hub, found.office, mode, 8, 10)
            slowest = max((seconds for all_ in seen.failing.seconds.values() for seconds in all_), default=0.0)
            rows.append(
                (
                    f"the source fails: {mode}",
                    f"p99 of those without it {_ms(seen.steady.p(99))}; those with it {_told(seen.failing)}, slowest "
                    f"{_ms(slowest)}; memory {seen.grown / 1e6:+.0f} MB",
                    f"{_ms(well.steady.p(99) * 1.1 + 0.005)}; {code}, {_ms(hubs.TIMEOUT + 0.2)}; < 100 MB",
                )
            )
            await asyncio.sleep(BREAK + 0.5)
    return rows


async def breaker() -> list[Row]:
    """Two hundred callers of a source that is down."""
    async with alone() as (found, hub):
        seen = await measures.broken(hub, found.office, 200, 5 * BREAK)
    rows = [
        (
            f"200 callers, down for {seen.periods:.1f} periods of {BREAK:g} s",
            f"{seen.probes} probes, back after {seen.back:.1f} s; {_told(seen.tally)}",
            f"one a period, {BREAK + 2:g} s",
        )
    ]
    patient = hubs.SOURCES.replace("{ seconds = 2 }", "{ of = 100000, least = 100000 }\ntogether = false")
    async with place(patient.replace("timeout = 1.0", "timeout = 5")) as found:
        await found.office.fail("unavailable")
        async with hubs.hub(found.folder, found.settings()) as hub:
            tally = await for_a_while(hub.url, hubs.FAILING, 50, 10)
            asked = tally.outcomes["SOURCE_UNAVAILABLE"]
            rows.append(
                (
                    "without a breaker, every call fails",
                    f"{len(found.office.began) / asked:.3f} calls a question",
                    "≤ 1.1",
                )
            )
            gone = await measures.left(hub, found.office, hubs.FAILING, 30)
            rows.append(
                ("30 readers leave", f"their calls are given up after {_ms(max(gone))} at the latest", "500 ms")
            )
    return rows


async def crowd() -> list[Row]:
    """Five hundred connections for a minute, and three times as much as it can do."""
    async with alone(hubs.LOCAL) as (_, hub):
        seen = await measures.crowded(hub, 500, 60)
        rows = [
            (
                "500 connections, 60 s",
                f"{_told(seen.tally)}; memory {'/'.join(f'{one / 1e6:.0f}' for one in seen.resident)} MB, "
                f"descriptors {'/'.join(map(str, seen.descriptors))} before, at most, afterwards",
                "no reset, no 5xx but 503; they return",
            )
        ]
    async with alone(hubs.LOCAL) as (_, hub):
        with hubs.apart(hub):
            load = await measures.overloaded(hub, 3, 8, 7)
        refusal = load.tally.p(99, "503")
        shares = sorted(good / able for good, able in zip(load.goodputs, load.capacities, strict=True))
        rows.append(
            (
                f"3 × capacity ({statistics.mean(load.capacities):.0f}/s), 8 s, {len(shares)} rounds",
                f"goodput {statistics.mean(load.goodputs):.0f}/s, {sum(load.goodputs) / sum(load.capacities):.0%} "
                f"(of each round {shares[0]:.0%} to {shares[-1]:.0%}); {_told(load.tally)} in the last; refusals p50 "
                f"{_ms(load.tally.p(50, '503'))}, p99 {_ms(refusal)}; itself again after {load.recovery:.1f} s",
                "≥ 80 %; refusals < 100 ms; 10 s",
            )
        )
    return rows


async def restarts() -> list[Row]:
    """It is told to end under load, and two are restarted behind a proxy."""
    async with alone() as (found, hub):
        found.office.delay = 0.1
        tally = await measures.told_to_end(hub, found.office, 50, 1000)
    rows = [("SIGTERM under 50 callers", f"{tally.lost} lost of {tally.answered + tally.lost:,}", "0 of ≥ 200")]
    async with place() as found:
        rolled = await measures.rolled(found.folder, found.settings(), (free_port(), free_port()), 20, 1000)
    failed = rolled.outcomes.total() - rolled.answered
    rows.append(
        ("two hubs restarted one after the other", f"{failed} failed of {rolled.outcomes.total():,}", "0 of 1,000")
    )
    return rows


async def stores() -> list[Row]:
    """Its Redis is killed and comes back; its PostgreSQL crashes and comes back."""
    async with place() as found:
        with own_redis(found.folder) as (url, port, process):
            async with hubs.hub(found.folder, found.settings(HUB_REDIS_URL=url)) as hub:
                with_redis = await for_a_while(hub.url, hubs.STEADY, 8, 5)
                process.kill()
                without = await for_a_while(hub.url, hubs.STEADY, 8, 10)
                with own_redis(found.folder, port):
                    back = await for_a_while(hub.url, hubs.STEADY, 8, 10)
    rows = [
        (
            f"Redis, {name}",
            f"{_told(seen)}; p50 {_ms(seen.p(50))}, slowest {_ms(max(seen.seconds['200']))}",
            "all answered",
        )
        for name, seen in (("well", with_redis), ("killed", without), ("back", back))
    ]
    async with place() as found:
        with own_postgresql() as server:
            await once(server.url, upgrade)
            demo.make_issuer(found.folder / "demo-issuer")
            token = demo.mint(found.folder / "demo-issuer", "enterprise-chujingling")
            async with hubs.hub(found.folder, found.settings(HUB_STORE_URL=server.url)) as hub:
                crashed = await measures.crashed(hub, server, token, 8, 5)
            lost = len(crashed.acknowledged - await measures.recorded(server.url))
    rows.append(
        (
            "PostgreSQL crashes and comes back",
            f"{lost} of {len(crashed.acknowledged):,} acknowledged records lost, {crashed.refused} refused meanwhile, "
            f"answers again {crashed.back:.1f} s after it is there",
            "0 lost",
        )
    )
    return rows


PARTS: Mapping[str, Callable[[], Coroutine[Any, Any, list[Row]]]] = {
    "seven": seven_ways, "breaker": breaker, "crowd": crowd, "restarts": restarts, "stores": stores,
}  # fmt: skip


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _told(tally: Tally) -> str:
    return ", ".join(f"{count:,} × {outcome}" for outcome, count in tally.outcomes.most_common())


def main() -> None:
    """Measure, and print a page; with --write it is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    lines = [
        f"# What fails around the hub, {version('innograph')}",
        "",
        f"`python -m benchmarks.faults`, {datetime.now(UTC):%Y-%m-%d}; {os.cpu_count()} cores, on which the callers, "
        f"the sources and the hub run together; load of the machine beforehand {os.getloadavg()[0]:.1f}. All sources "
        "are made up.",
        "",
        "| what | seen | demanded |",
        "|---|---|---|",
    ]
    for name in given.only.split(","):
        print(f"{name} …", flush=True)
        for row in asyncio.run(PARTS[name]()):
            lines.append(f"| {' | '.join(row)} |")
            print(lines[-1], flush=True)
    page = "\n".join(lines) + "\n"
    if given.write:
        (RESULTS / f"{version('innograph')}-faults.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
