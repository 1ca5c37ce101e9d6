"""A reader who leaves: what was begun for him is ended, and nothing is left hanging."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx

from demo.services import APPLICATIONS, environment
from server import create_app
from settings import Settings
from tests.faults.faulty import Faulty
from tests.running import serve
from tests.world import CHUJINGLING, DEMO_SOURCES, World

READERS = 6
NOBODY = "http://127.0.0.1:9"
QUERY = {
    "query": f'{{ enterprise(uscc: "{CHUJINGLING}") {{ intellectualProperty {{ trademarks }} }} }}',
    "extensions": {"maxAge": 0},
}
"""Who wants it fresh has a fetch that begins when he has asked, alone or with others."""


async def test_a_reader_who_leaves_ends_the_calls_made_for_him(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(world.folder, folder)
    office = Faulty(APPLICATIONS["ip_office"](folder))
    with ExitStack() as running:
        urls = {**dict.fromkeys(APPLICATIONS, NOBODY), "ip_office": running.enter_context(serve(office))}
        settings = Settings(sources=DEMO_SOURCES, store_url=world.store_url, data_dir=tmp_path)
        hub = running.enter_context(serve(create_app(settings, environment(folder, urls))))
        assert await _answer(hub) == 200  # what takes longest is behind it
        office.mode = "hang"
        readers = [await _ask(hub) for _ in range(READERS)]
        await _until(lambda: office.hanging >= 2)
        await asyncio.sleep(0.1)  # so that all have come, by whichever call
        assert office.hanging <= READERS
        for reader in readers:
            reader.close()
            await reader.wait_closed()
        await _until(lambda: office.left == office.hanging)
        office.mode = "well"
        assert await _answer(hub) == 200


async def _answer(hub: str) -> int:
    """Ask, and return the status of an answer without errors."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{hub}/graphql", json=QUERY)
    assert "errors" not in answer.json()
    return answer.status_code


async def _ask(hub: str) -> asyncio.StreamWriter:
    host, port = hub.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    body = json.dumps(QUERY).encode()
    head = "POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: "
    writer.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
    await writer.drain()
    return writer


async def _until(holds: Callable[[], bool]) -> None:
    """Half of the patience that a source has by itself."""
    async with asyncio.timeout(1.0):
        while not holds():  # noqa: ASYNC110 - the condition lies in another thread's loop
            await asyncio.sleep(0.01)
