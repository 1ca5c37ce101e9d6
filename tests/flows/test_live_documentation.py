"""The example of docs/live.md, as it stands there, run by npm's graphql-ws against a hub."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

from tests.flows.conftest import Hub
from tests.flows.parties import made
from tests.flows.test_introductions import NETWORK, request
from tests.npm import workplace

DOCS = Path(__file__).parents[2] / "docs" / "live.md"
AROUND = """import { WebSocket } from 'ws';
globalThis.WebSocket ??= WebSocket;  // browsers have one, and Node has from 22 on
const freshToken = async () => process.env.TOKEN;
"""


async def test_the_example_listens(acting: Hub, tmp_path: Path) -> None:
    (example,) = re.findall(r"```js\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    address = f"{acting.url.replace('http', 'ws', 1)}/graphql"
    assert "wss://hub.example/graphql" in example
    place = workplace(Path(__file__).parent / "listener", tmp_path / "listener")
    (place / "example.mjs").write_text(AROUND + example.replace("wss://hub.example/graphql", address))
    token = acting.headers(NETWORK)["Authorization"].removeprefix("Bearer ")
    listener = await asyncio.create_subprocess_exec(
        "node", "example.mjs", cwd=place, env={**os.environ, "TOKEN": token, "NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert listener.stdout is not None
    told = asyncio.ensure_future(listener.stdout.readuntil(b"undefined\n"))
    asked: set[str] = set()
    try:
        for _ in range(50):  # nobody hears from outside when it has begun to listen
            asked.add(made(await asyncio.to_thread(request, acting))["id"])
            if (await asyncio.wait((told,), timeout=0.4))[0]:
                break
        said = told.result().decode()
    finally:
        if listener.returncode is None:
            listener.kill()
        await listener.wait()
    assert "state: 'REQUESTED'" in said
    assert any(id in said for id in asked)
