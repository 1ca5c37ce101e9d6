"""What is done to a hub, and what is seen of it: the same at every size."""

from __future__ import annotations

import asyncio
import itertools
import signal
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import httpx

from auth.audit.record import parsed
from benchmarks.faults.hubs import BREAK, FAILING, HEAVY, RECORDED, STEADY, Hub, hub, until
from benchmarks.faults.load import Tally, at_rate, for_a_while, steadily
from benchmarks.faults.proxy import Proxy
from benchmarks.faults.servers import PostgreSQL
from benchmarks.faults.source import Source
from store.audit import Ledger
from store.engine import open_store

_PAUSE = 0.05
"""Seconds between two questions of one who asks for a source that may fail."""


@dataclass(frozen=True)
class Beside:
    """What became of those who do not touch a source and of those who do, while it failed; and the memory it took."""

    steady: Tally
    failing: Tally
    grown: int


async def beside(hub: Hub, office: Source, mode: str, count: int, seconds: float) -> Beside:
    """Have as many ask without the office as with it, while it fails so; then have it mended.

    Who asks for it pauses between two questions: what is refused at once would otherwise be asked many times as often
    as what is answered, and the others be beside more questions rather than beside a source that fails.
    """
    before = hub.resident()
    await office.fail(mode)
    try:
        steady, failing = await asyncio.gather(
            for_a_while(hub.url, STEADY, count, seconds), for_a_while(hub.url, FAILING, count, seconds, pause=_PAUSE)
        )
    finally:
        await office.fail("well")
    return Beside(steady, failing, hub.resident() - before)


@dataclass(frozen=True)
class Broken:
    """What a source saw that failed for a while, and what its readers did."""

    probes: int
    """Calls since the breaker opened."""
    periods: float
    """For how many of the breaker's periods it failed since."""
    back: float
    """Seconds until its data were there again."""
    tally: Tally


async def broken(hub: Hub, office: Source, count: int, seconds: float) -> Broken:
    """Have the office fail under so many callers, and be mended."""
    stop = asyncio.Event()
    load = asyncio.create_task(steadily(hub.url, FAILING, count, stop, pause=0.05))
    await asyncio.sleep(1.0)
    await office.fail("error")
    await asyncio.sleep(1.0)  # calls that were under way when it opened
    opened, calls = time.monotonic(), len(office.began)
    await asyncio.sleep(seconds)
    probes, lasted = len(office.began) - calls, time.monotonic() - opened
    await office.fail("well")
    mended = time.monotonic()
    async with httpx.AsyncClient() as client:
        for _ in range(1000):
            if "errors" not in (await client.post(f"{hub.url}/graphql", json=FAILING, timeout=10)).json():
                break
            await asyncio.sleep(0.05)
    back = time.monotonic() - mended
    stop.set()
    return Broken(probes, lasted / BREAK, back, await load)


async def left(hub: Hub, office: Source, question: Mapping[str, str], count: int) -> list[float]:
    """Have so many readers leave while the office hangs; return after how many seconds each call was given up."""
    await office.fail("hang")
    office.left.clear()
    began = len(office.began)
    try:
        session = aiohttp.ClientSession()
        asking = [asyncio.create_task(session.post(f"{hub.url}/graphql", json=question)) for _ in range(count)]
        await until(lambda: len(office.began) - began >= count, 5)
        moment = time.monotonic()
        await session.close()
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await until(lambda: len(office.left) >= count, 5)
        return [one - moment for one in office.left]
    finally:
        await office.fail("well")


@dataclass(frozen=True)
class Crowded:
    """What became of many connections, and what is left of them."""

    tally: Tally
    resident: tuple[int, int, int]
    """Bytes before, at the most, and some seconds after."""
    descriptors: tuple[int, int, int]


async def crowded(hub: Hub, count: int, seconds: float) -> Crowded:
    """Have so many connections ask all the time."""
    resident, descriptors = [hub.resident()], [hub.descriptors()]
    load = asyncio.create_task(for_a_while(hub.url, STEADY, count, seconds))
    most_resident = most_descriptors = 0
    while not load.done():
        most_resident, most_descriptors = max(most_resident, hub.resident()), max(most_descriptors, hub.descriptors())
        await asyncio.sleep(0.2)
    tally = await load
    with suppress(TimeoutError):
        await until(lambda: hub.descriptors() <= descriptors[0] + 40, 15)
    return Crowded(
        tally,
        (resident[0], most_resident, hub.resident()),
        (descriptors[0], most_descriptors, hub.descriptors()),
    )


@dataclass(frozen=True)
class Overloaded:
    """What a hub does that is asked for more than it can."""

    capacities: list[float]
    """Answers a second, to as many as it likes best, of each round."""
    goodputs: list[float]
    """Answers a second under the load that followed."""
    tally: Tally
    """Of the last round's load."""
    recovery: float
    """Seconds after the load until it says that it is ready, and a question is answered in less than 0.2 s."""


async def overloaded(hub: Hub, factor: float, seconds: float, rounds: int, count: int = 16) -> Overloaded:
    """Find out what it can and ask for so many times as much, in turns: no machine is equally fast all the time."""
    capacities, goodputs, tally = list[float](), list[float](), Tally()
    for _ in range(rounds):
        most = await for_a_while(hub.url, HEAVY, count, seconds)
        capacities.append(most.answered / seconds)
        began = time.monotonic()
        tally = await at_rate(hub.url, HEAVY, capacities[-1] * factor, seconds)
        goodputs.append(tally.answered / (time.monotonic() - began))
    ended = time.monotonic()
    async with httpx.AsyncClient() as client:
        while True:
            asked = time.monotonic()
            ready = (await client.get(f"{hub.url}/health/ready", timeout=10)).status_code == 200
            answered = (await client.post(f"{hub.url}/graphql", json=STEADY, timeout=10)).status_code == 200
            if ready and answered and time.monotonic() - asked < 0.2:
                break
            await asyncio.sleep(0.1)
    return Overloaded(capacities, goodputs, tally, time.monotonic() - ended)


async def told_to_end(hub: Hub, office: Source, count: int, answers: int) -> Tally:
    """Tell it to end when so many questions have reached the office; return what became of all questions."""
    stop, began = asyncio.Event(), len(office.began)
    load = asyncio.create_task(steadily(hub.url, FAILING, count, stop))
    await until(lambda: len(office.began) - began >= answers)
    hub.tell(signal.SIGTERM)
    await hub.ended()
    stop.set()
    return await load


async def rolled(folder: Path, settings: dict[str, str], ports: tuple[int, int], count: int, questions: int) -> Tally:
    """Restart two hubs behind a proxy, one after the other, while so many questions are asked; return their fate."""
    async with AsyncExitStack() as stack:
        running = {port: AsyncExitStack() for port in ports}
        for port, around in running.items():
            stack.push_async_exit(around)
            await around.enter_async_context(hub(folder, settings, port))
        proxy = await stack.enter_async_context(Proxy(ports))
        stop = asyncio.Event()
        tally = Tally()
        load = asyncio.create_task(steadily(proxy.url, STEADY, count, stop, pause=0.01, tally=tally))
        for port, around in running.items():
            await around.aclose()  # SIGTERM, and until it has ended
            await around.enter_async_context(hub(folder, settings, port))
        await until(lambda: tally.outcomes.total() >= questions, 120)
        stop.set()
        return await load


@dataclass(frozen=True)
class Crashed:
    """What was acknowledged around a crash of the store, and when the hub was itself again."""

    acknowledged: frozenset[str]
    """References of answers that were given: each must be in the audit."""
    refused: int
    back: float
    """Seconds from the store's being there again until answers were given again."""


async def crashed(hub: Hub, server: PostgreSQL, token: str, count: int, seconds: float) -> Crashed:
    """Ask what has to be recorded while the store crashes and comes back, for so many seconds before and after."""
    acknowledged: set[str] = set()
    refused = 0
    stop = asyncio.Event()

    async def reader(number: int, client: httpx.AsyncClient) -> None:
        nonlocal refused
        for turn in itertools.count():
            if stop.is_set():
                return
            reference = f"{number}-{turn}"
            headers = {"Authorization": f"Bearer {token}", "Hub-Reference": reference}
            answer = await client.post(f"{hub.url}/graphql", json=RECORDED, headers=headers)
            if answer.status_code == 200 and "errors" not in answer.json():
                acknowledged.add(reference)
            else:
                refused += 1
                await asyncio.sleep(0.05)

    async with httpx.AsyncClient(timeout=30) as client, asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(reader(number, client))
        await asyncio.sleep(seconds)
        await asyncio.to_thread(server.crash)
        await asyncio.sleep(1.0)
        await asyncio.to_thread(server.start)
        there, known = time.monotonic(), len(acknowledged)
        await until(lambda: len(acknowledged) > known + count)
        back = time.monotonic() - there
        await asyncio.sleep(seconds)
        stop.set()
    return Crashed(frozenset(acknowledged), refused, back)


async def recorded(url: str) -> set[str]:
    """Return the references in a store's audit."""
    engine = open_store(url)
    try:
        rows = await Ledger(engine).rows(0, most=1_000_000)
        return {parsed(row.record)[1].reference or "" for row in rows if row.record is not None}
    finally:
        await engine.dispose()
