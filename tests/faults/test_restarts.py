"""What the hub stands on goes and comes back: its neighbours, its Redis, its store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from auth.identity import demo
from benchmarks.faults.hubs import STEADY, free_port
from benchmarks.faults.load import steadily
from benchmarks.faults.measures import crashed, recorded, rolled
from benchmarks.faults.servers import NotInstalled, PostgreSQL, own_postgresql, own_redis
from store.engine import once
from store.upgrade import upgrade
from tests.faults.conftest import Place
from tests.services import missing


async def test_two_hubs_behind_a_proxy_are_restarted_and_nobody_notices(place: Place) -> None:
    settings = place.settings(HUB_LEAVING_SECONDS="0.5")
    tally = await rolled(place.folder, settings, (free_port(), free_port()), 8, 300)
    assert set(tally.outcomes) == {"200"}
    assert tally.answered >= 300


async def test_a_redis_that_dies_and_comes_back_fails_no_question(place: Place, tmp_path: Path) -> None:
    try:
        redis = own_redis(tmp_path)
        with redis as (url, port, process):
            async with place.hub(HUB_REDIS_URL=url) as hub:
                stop = asyncio.Event()
                load = asyncio.create_task(steadily(hub.url, STEADY, 8, stop, pause=0.01))
                await asyncio.sleep(1)
                process.kill()
                await asyncio.sleep(2)
                with own_redis(tmp_path, port):
                    await asyncio.sleep(1)
                    stop.set()
                    tally = await load
    except NotInstalled as absent:
        missing(str(absent))
    assert set(tally.outcomes) == {"200"}
    assert tally.answered > 100


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL that may crash."""
    try:
        with own_postgresql() as server:
            yield server
    except NotInstalled as absent:
        missing(str(absent))


async def test_a_store_that_crashes_loses_nothing_that_was_acknowledged(place: Place, postgresql: PostgreSQL) -> None:
    await asyncio.gather(*(once(postgresql.url, upgrade) for _ in range(3)))  # several that start at once
    demo.make_issuer(place.folder / "demo-issuer")
    token = demo.mint(place.folder / "demo-issuer", "enterprise-chujingling")
    async with place.hub(HUB_STORE_URL=postgresql.url) as hub:
        found = await crashed(hub, postgresql, token, 4, 1.0)
    assert found.refused > 0, "it was gone"
    assert len(found.acknowledged) > 20
    assert found.acknowledged <= await recorded(postgresql.url)
