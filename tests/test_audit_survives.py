"""A hub that is killed amid requests, again and again: whatever was answered is in the audit."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from auth.audit.signing import keys
from auth.audit.tree import Hashing
from auth.identity import demo
from resolvers.auditing import Auditor
from store.audit import Ledger
from store.engine import once, open_store
from store.upgrade import upgrade
from tests.auditing import found_by, records
from tests.world import CHUJINGLING, DEMO_SOURCES, World

ROOT = Path(__file__).parent.parent
ROUNDS = 20
READERS = 6
QUERY = {"query": f'{{ enterprise(uscc: "{CHUJINGLING}") {{ filings {{ year revenue }} }} }}'}
HUBS = """
import os, sys
import server, settings
for _ in sys.stdin:
    pid = os.fork()
    if not pid:
        read = settings.read()
        server.serve(server.create_app(read), read)
        os._exit(0)
    print(pid, flush=True)
    os.waitpid(pid, 0)
"""
"""Imports once, and then makes a hub for each line that it is given, a process of its own."""


class Hubs:
    """Starts hubs over the small world, one after the other, and kills them."""

    def __init__(self, environment: dict[str, str], url: str) -> None:
        self._url = url
        self._running: int | None = None
        self._maker = subprocess.Popen(
            [sys.executable, "-c", HUBS],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def start(self) -> None:
        """Start one, and return once it is ready."""
        assert self._maker.stdin is not None
        assert self._maker.stdout is not None
        self._maker.stdin.write(b"\n")
        self._maker.stdin.flush()
        self._running = int(self._maker.stdout.readline())
        for _ in range(600):
            try:
                if httpx.get(f"{self._url}/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("the hub did not start")

    def kill(self) -> None:
        """Kill the one that runs, as `kill -9` does."""
        if self._running is not None:
            os.kill(self._running, signal.SIGKILL)
            self._running = None

    def close(self) -> None:
        """Leave nothing running."""
        self.kill()
        self._maker.kill()
        self._maker.communicate()


async def asked_until_killed(hubs: Hubs, url: str, token: str, name: str, seconds: float) -> list[str]:
    """Ask side by side, kill the hub in the midst, and return the references of all that was answered."""
    answered: list[str] = []

    async def reader(number: int, client: httpx.AsyncClient) -> None:
        for count in range(10_000):
            reference = f"{name}-{number}-{count}"
            headers = {"Authorization": f"Bearer {token}", "Hub-Reference": reference}
            try:
                answer = await client.post(f"{url}/graphql", json=QUERY, headers=headers)
            except httpx.TransportError:
                return
            if answer.status_code == 200 and answer.json()["data"]["enterprise"]["filings"]:
                answered.append(reference)

    async with httpx.AsyncClient(timeout=10) as client:
        reading = [asyncio.create_task(reader(number, client)) for number in range(READERS)]
        async with asyncio.timeout(30):
            while len(answered) < READERS:  # noqa: ASYNC110 - the readers count
                await asyncio.sleep(0.005)
            await asyncio.sleep(seconds)
            hubs.kill()
            await asyncio.gather(*reading)
    return answered


async def test_whatever_was_answered_before_a_kill_is_recorded(world: World, tmp_path: Path) -> None:
    store_url = f"sqlite+aiosqlite:///{tmp_path}/store.sqlite"
    await once(store_url, upgrade)
    demo.make_issuer(tmp_path / "demo-issuer")
    token = demo.mint(tmp_path / "demo-issuer", "enterprise-chujingling")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    environment = {
        **os.environ,
        **world.environment,
        "HUB_SOURCES": str(DEMO_SOURCES),
        "HUB_STORE_URL": store_url,
        "HUB_DATA_DIR": str(tmp_path),
        "HUB_PORT": str(port),
        "HUB_AUDIT_HEAD_SECONDS": "0.1",
    }
    url, rng = f"http://127.0.0.1:{port}", random.Random(9)
    answered: list[str] = []
    hubs = Hubs(environment, url)
    try:
        for number in range(ROUNDS):
            hubs.start()
            answered += await asked_until_killed(hubs, url, token, str(number), rng.uniform(0, 0.15))
    finally:
        hubs.close()
    engine = open_store(store_url)
    auditor = Auditor(Ledger(engine), keys(tmp_path / "audit" / "private.pem"), Hashing.SHA256)
    recorded = {record.reference for record in await records(auditor)}
    assert len(answered) >= ROUNDS * READERS
    assert set(answered) - recorded == set()
    assert await found_by(auditor) == []
    await engine.dispose()
