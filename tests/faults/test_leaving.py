"""A reader who leaves: what was begun for him is ended, and nothing is left hanging."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import ExitStack
from pathlib import Path

import httpx

from demo.services import APPLICATIONS, environment
from server import create_app
from settings import Settings
from tests.faults.faulty import Faulty
from tests.running import serve
from tests.world import CHUJINGLING, DEMO_SOURCES, World

QUERY = {"query": f'{{ enterprise(uscc: "{CHUJINGLING}") {{ intellectualProperty {{ trademarks }} }} }}'}


async def test_a_reader_who_leaves_ends_the_calls_made_for_him(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(world.folder, folder)
    office = Faulty(APPLICATIONS["ip_office"](folder))
    office.mode = "hang"
    with ExitStack() as running:
        urls = dict.fromkeys(APPLICATIONS, running.enter_context(serve(office)))
        settings = Settings(sources=DEMO_SOURCES, store_url=world.store_url, data_dir=tmp_path)
        hub = running.enter_context(serve(create_app(settings, environment(folder, urls))))
        await asyncio.gather(*(_ask_and_leave(hub) for _ in range(6)))
        for _ in range(50):
            if office.cancelled == 6:
                break
            await asyncio.sleep(0.02)
        assert office.cancelled == 6, "each call to the source has ended with the request it was made for"
        office.mode = "well"
        async with httpx.AsyncClient() as client:
            answer = (await client.post(f"{hub}/graphql", json=QUERY)).json()
        assert "errors" not in answer


async def _ask_and_leave(hub: str) -> None:
    host, port = hub.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    body = json.dumps(QUERY).encode()
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % len(body)
    )
    writer.write(body)
    await writer.drain()
    await asyncio.sleep(0.3)
    writer.close()
    await writer.wait_closed()
