"""The process itself: told to end, told to read its configuration again, one of several that dies."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import httpx

from benchmarks.faults.hubs import FAILING, STEADY, Hub, until
from benchmarks.faults.load import Tally, ask, callers, steadily
from tests.faults.conftest import Place


async def test_told_to_end_under_load_it_loses_no_request(place: Place) -> None:
    place.office.delay = 0.1
    async with place.hub() as hub, httpx.AsyncClient() as client:
        stop = asyncio.Event()
        load = asyncio.create_task(steadily(hub.url, FAILING, 20, stop))
        await until(lambda: len(place.office.began) >= 200)
        assert (await client.get(f"{hub.url}/health/ready")).status_code == 200
        hub.tell(signal.SIGTERM)
        await asyncio.sleep(0.3)
        ready = await client.get(f"{hub.url}/health/ready")
        assert (ready.status_code, ready.json()["reasons"]) == (503, {"process": "draining"})
        assert ready.headers["connection"] == "close"
        await hub.ended()
        stop.set()
        tally = await load
    assert tally.lost == 0
    assert tally.answered >= 200
    assert set(tally.outcomes) == {"200", "refused"}, "who came afterwards found the door closed"


async def test_what_takes_too_long_is_cut_off_at_the_end(place: Place) -> None:
    await place.office.fail("hang")
    slow = place.sources.read_text(encoding="utf-8").replace("timeout = 1.0", "timeout = 60")
    place.sources.write_text(slow, encoding="utf-8")
    async with place.hub(HUB_DRAIN_SECONDS="1", HUB_LEAVING_SECONDS="0", HUB_REQUEST_SECONDS="60") as hub:
        tally = Tally()
        async with callers(1) as session:
            asking = asyncio.create_task(ask(session, hub.url, FAILING, tally))
            await until(lambda: bool(place.office.began))
            hub.tell(signal.SIGTERM)
            await hub.ended(10)
            await asking
    assert tally.answered == 0


async def test_its_configuration_is_read_again_while_it_answers(place: Place) -> None:
    async with place.hub() as hub, httpx.AsyncClient() as client:

        async def name() -> str:
            found: str = (await client.post(f"{hub.url}/graphql", json=STEADY)).json()["data"]["enterprise"]["name"]
            return found

        stop = asyncio.Event()
        load = asyncio.create_task(steadily(hub.url, FAILING, 8, stop))
        as_it_was = await name()
        declared = place.sources.read_text(encoding="utf-8")
        renamed = declared.replace('fields = ["name"]', 'fields = { name = { constant = "别名" } }')
        place.sources.write_text(renamed, encoding="utf-8")
        async with asyncio.timeout(10):
            while await name() == as_it_was:  # noqa: ASYNC110 - it lies in another process
                await asyncio.sleep(0.05)
        assert await name() == "别名"
        place.sources.write_text("[sources.registry]\nkind = 1", encoding="utf-8")
        hub.tell(signal.SIGHUP)
        await asyncio.sleep(2)
        assert await name() == "别名", "what cannot be used takes nothing's place"
        (place.folder / "address").write_text(place.office.url, encoding="utf-8")
        place.sources.write_text(renamed.replace('"env:OFFICE_URL"', '"file:address"'), encoding="utf-8")
        await asyncio.sleep(2)
        asked = len(place.office.began)
        (place.folder / "address").write_text(place.registry.url, encoding="utf-8")
        hub.tell(signal.SIGHUP)
        before = len(place.registry.began)
        await until(lambda: len(place.registry.began) > before + 20)
        stop.set()
        tally = await load
    assert asked > 0
    assert set(tally.outcomes) == {"200"}
    assert tally.answered >= 50


async def processes(hub: Hub) -> set[int]:
    """Return the processes that answer at a hub's port."""
    found = set()
    for _ in range(40):
        async with httpx.AsyncClient() as client:  # a new connection, dealt out anew
            found.add((await client.get(f"{hub.url}/health/live", timeout=20)).json()["process"])
    return found


async def test_workers_share_a_port_are_replaced_and_go_together(place: Place) -> None:
    async with place.hub(HUB_WORKERS="2") as hub:
        await until(lambda: len(hub.workers()) == 2)
        workers = set(hub.workers())
        assert await processes(hub) == workers
        dead = workers.pop()
        os.kill(dead, signal.SIGKILL)
        await until(lambda: len(set(hub.workers()) - {dead}) == 2, 30)
        assert workers < await processes(hub), "the other went on, a new one is beside it"
        stop = asyncio.Event()
        load = asyncio.create_task(steadily(hub.url, STEADY, 8, stop))
        await asyncio.sleep(0.5)
        workers = set(hub.workers())
        hub.process.kill()
        await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 30)
        stop.set()
        assert (await load).lost == 0, "their parent's sudden death is a reason to end in peace"
