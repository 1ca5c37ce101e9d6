"""Hubs as processes of their own over one store: what is changed in one is told in the others, whatever dies."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from benchmarks.faults.servers import own_redis
from opening import audit_keys, demo_issuer, open_sealer
from settings import Settings
from tests.flows.conftest import Hub
from tests.flows.test_introductions import ENTERPRISE, NETWORK, advance, made, request
from tests.listening import Socket, listening, streaming
from tests.world import DEMO_SOURCES, World

ROOT = Path(__file__).parent.parent.parent
UPDATED = "subscription { introductionUpdated { id version state } }"
WORKER = """
import os
from server import work
from settings import read

work(read(), os.environ)
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening_:
        port: int = listening_.getsockname()[1]
        return port


@dataclass(frozen=True)
class Worker:
    """A hub in a process of its own."""

    hub: Hub
    process: subprocess.Popen[bytes]

    def wait(self) -> None:
        """Return once it is ready."""
        for _ in range(600):
            try:
                if httpx.get(f"{self.hub.url}/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
            assert self.process.poll() is None, "it ended at its start"
        raise AssertionError("it is not ready")

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.kill()
        self.process.wait()


@contextmanager
def working(world: World, folder: Path, store_url: str, redis_url: str) -> Iterator[tuple[Worker, Worker]]:
    """Run two, which start side by side."""
    settings = Settings(data_dir=folder)
    for make in (demo_issuer, audit_keys, open_sealer):
        make(settings)  # their keys are made once, not by each
    with ExitStack() as stack:
        one, other = (stack.enter_context(started(world, folder, store_url, redis_url)) for _ in range(2))
        one.wait()
        other.wait()
        yield one, other


@contextmanager
def started(world: World, folder: Path, store_url: str, redis_url: str) -> Iterator[Worker]:
    """Start one."""
    port = free_port()
    given = {
        "HUB_SOURCES": str(DEMO_SOURCES), "HUB_STORE_URL": store_url, "HUB_DATA_DIR": str(folder),
        "HUB_PORT": str(port), "HUB_REDIS_URL": redis_url,
    }  # fmt: skip
    environment = {**os.environ, **world.environment, **given}
    process = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=environment)
    try:
        yield Worker(Hub(f"http://127.0.0.1:{port}", folder / "demo-issuer", store_url), process)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def two(world: World, filled_postgresql: str, redis_url: str, tmp_path: Path) -> Iterator[tuple[Worker, Worker]]:
    """Two hubs over one PostgreSQL and one Redis."""
    with working(world, tmp_path, filled_postgresql, redis_url) as found:
        yield found


async def told(socket: Socket) -> tuple[str, int]:
    found = (await socket.next("a"))["data"]["introductionUpdated"]
    return found["id"], found["version"]


async def test_what_one_changes_is_heard_from_the_other(two: tuple[Worker, Worker]) -> None:
    one, other = two
    async with (
        listening(other.hub.url, other.hub.headers(ENTERPRISE)) as far,
        listening(one.hub.url, one.hub.headers(ENTERPRISE)) as near,
    ):
        for socket_ in (far, near):
            await socket_.subscribe("a", UPDATED)
            await socket_.settled()
        for _ in range(5):
            found = await asyncio.to_thread(lambda: made(request(one.hub)))
            assert await told(far) == await told(near) == (found["id"], 1)
            await asyncio.to_thread(advance, other.hub, NETWORK, found, "ACCEPT")
            assert await told(far) == await told(near) == (found["id"], 2)


async def test_what_a_killed_one_has_changed_is_told_by_the_other(two: tuple[Worker, Worker]) -> None:
    one, other = two
    async with listening(other.hub.url, other.hub.headers(ENTERPRISE)) as far:
        await far.subscribe("a", UPDATED)
        await far.settled()

        def changed_and_killed() -> str:
            found = made(request(one.hub))
            one.kill()
            return str(found["id"])

        found = await asyncio.to_thread(changed_and_killed)
        assert await told(far) == (found, 1)


async def test_a_redis_that_dies_loses_no_event(world: World, filled_postgresql: str, tmp_path: Path) -> None:
    with (
        own_redis(tmp_path) as (url, _, redis),
        working(world, tmp_path, filled_postgresql, url) as (one, other),
    ):
        async with listening(other.hub.url, other.hub.headers(ENTERPRISE)) as far:
            await far.subscribe("a", UPDATED)
            await far.settled()
            found = await asyncio.to_thread(lambda: made(request(one.hub)))
            assert await told(far) == (found["id"], 1)
            redis.kill()
            redis.wait()
            for version in (2, 3):
                action = {2: "ACCEPT", 3: "CLOSE"}[version]
                found = await asyncio.to_thread(lambda: made(advance(one.hub, NETWORK, found, action)))  # noqa: B023
                assert await told(far) == (found["id"], version)


async def test_who_listens_is_told_to_come_again_when_a_hub_ends(two: tuple[Worker, Worker]) -> None:
    one, other = two
    async with (
        listening(one.hub.url, one.hub.headers(ENTERPRISE)) as near,
        streaming(one.hub.url, one.hub.headers(ENTERPRISE), UPDATED) as stream,
    ):
        await near.subscribe("a", UPDATED)
        await near.settled()
        await stream.alive()
        one.process.send_signal(signal.SIGTERM)
        assert (await near.closed())[0] == 1012
        assert await stream.event() == ("", None), "it ends, and not by `complete`"
        assert await asyncio.to_thread(one.process.wait, 20) in (0, -signal.SIGTERM)
    async with listening(other.hub.url, other.hub.headers(ENTERPRISE)) as far:
        await far.subscribe("a", UPDATED)
        await far.settled()
        found = await asyncio.to_thread(lambda: made(request(other.hub)))
        assert await told(far) == (found["id"], 1)
