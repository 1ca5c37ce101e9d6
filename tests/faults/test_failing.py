"""A source that fails in seven ways, and a hub that is asked for too much: everything else goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.faults.hubs import BREAK, SOURCES, STEADY, USCC, Hub
from benchmarks.faults.load import Tally, ask, at_rate, callers, for_a_while
from benchmarks.faults.measures import beside, broken, crowded, left
from benchmarks.faults.source import KINDS, Source
from tests.faults.conftest import Place, placed

pytestmark = pytest.mark.asyncio(loop_scope="module")

AGENCY = """
[sources.agency]
kind = "rest"
title = "Agency"
owner = "Nobody"
sharing = "UNCONDITIONAL"
url = "env:OFFICE_URL"
concurrency = 32
[sources.agency.policy]
together = false
breaker = { of = 10000, least = 10000 }
[sources.agency.collections.awards]
path = "/records"
batch = { style = "comma" }
cache = 0
fields = ["name"]
"""
"""The same service once more, as a source whose breaker never opens, asked for each reader by itself."""
PATIENT = {"query": f'{{ enterprise(uscc: "{USCC}") {{ name awards {{ name }} }} }}'}


@dataclass(frozen=True)
class Shared:
    """A hub that most tests here share, and its place."""

    place: Place
    hub: Hub

    @property
    def office(self) -> Source:
        """The service that fails."""
        return self.place.office


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> AsyncIterator[Shared]:
    """Give it."""
    async with placed(tmp_path_factory.mktemp("shared"), empty_store) as place:
        place.sources.write_text(SOURCES + AGENCY, encoding="utf-8")
        async with place.hub() as hub:
            yield Shared(place, hub)


@pytest_asyncio.fixture(loop_scope="module")
async def place(tmp_path: Path, empty_store: Path) -> AsyncIterator[Place]:
    """A place for a hub of the test's own."""
    async with placed(tmp_path, empty_store) as found:
        yield found


async def test_each_way_to_fail_costs_what_the_source_gives_and_says_so(shared: Shared) -> None:
    hub = shared.hub
    async with callers(10) as session:
        for mode, code in KINDS.items():
            resident = hub.resident()
            await shared.office.fail(mode)
            tally, began = Tally(), time.monotonic()
            bodies = await asyncio.gather(*(ask(session, hub.url, PATIENT, tally) for _ in range(5)))
            took = time.monotonic() - began
            assert tally.outcomes == {code: 5}, mode
            assert all('"name":"企业'.encode() in body for body in bodies), "the rest of the answer is there"
            assert took < 2.0 + 1.5, f"{mode}: it arrives by the source's deadline"
            assert hub.resident() - resident < 100_000_000, mode
            await shared.office.fail("well")
        await ask(session, hub.url, PATIENT, tally)
        assert tally.answered == 1


async def test_those_who_do_not_touch_it_are_answered_beside_it(shared: Shared) -> None:
    found = await beside(shared.hub, shared.office, "hang", 8, 3)
    assert set(found.steady.outcomes) == {"200"}
    assert found.steady.answered > 50
    assert found.failing.outcomes["SOURCE_TIMEOUT"] > 0
    assert set(found.failing.outcomes) <= {"SOURCE_TIMEOUT", "SOURCE_CIRCUIT_OPEN"}


async def test_one_probe_a_period_whoever_asks_and_its_data_are_soon_back(shared: Shared) -> None:
    found = await broken(shared.hub, shared.office, 100, 2.5 * BREAK)
    assert 1 <= found.probes <= found.periods + 1
    assert found.back < BREAK + 2
    told = {"200", "SOURCE_ERROR", "SOURCE_CIRCUIT_OPEN"}
    assert told <= set(found.tally.outcomes) <= told | {"503"}, (
        "a hundred callers may be more than a busy machine can do"
    )


async def test_a_source_that_is_down_is_asked_a_tenth_more_and_no_more(shared: Shared) -> None:
    await shared.office.fail("unavailable")
    before = len(shared.office.began)
    tally = await for_a_while(shared.hub.url, PATIENT, 20, 3)
    calls = len(shared.office.began) - before
    await shared.office.fail("well")
    asked = tally.outcomes["SOURCE_UNAVAILABLE"]
    assert asked >= 100
    assert asked < calls <= asked * 1.1 + 10, "quiet times have saved up ten"


async def test_a_reader_who_leaves_ends_his_calls(shared: Shared) -> None:
    assert max(await left(shared.hub, shared.office, PATIENT, 20)) < 1.5, "before the source's deadline"


async def test_many_connections_are_all_answered_and_leave_nothing_behind(shared: Shared) -> None:
    found = await crowded(shared.hub, 200, 3)
    assert set(found.tally.outcomes) <= {"200", "OVERLOADED", "503"}
    assert found.tally.answered > 0
    assert found.descriptors[1] >= 200
    assert found.descriptors[2] <= found.descriptors[0] + 40, "the connections to the sources stay a while"


async def test_what_is_too_much_is_refused_honestly_and_the_hub_recovers(place: Place) -> None:
    place.registry.delay = 0.2  # so that twenty are at work for as long, and no more than a hundred a second are done

    async def ready(hub: Hub) -> int:
        async with callers(1) as session, session.get(f"{hub.url}/health/ready") as response:
            return response.status

    async with place.hub(HUB_CONCURRENCY="20") as hub:
        load = asyncio.create_task(at_rate(hub.url, STEADY, 300, 3))
        await asyncio.sleep(1.5)
        assert await ready(hub) == 503
        tally = await load
        assert set(tally.outcomes) == {"200", "503"}, "each of these tells when to come again"
        assert tally.answered > 60
        async with asyncio.timeout(10):
            while await ready(hub) != 200:  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.1)
