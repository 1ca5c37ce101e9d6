"""Listening to a hub as clients do: over graphql-transport-ws by a real WebSocket, and as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE = 10.0
"""Seconds after which a test gives up; nothing is said of how fast it is."""


class Socket:
    """A connection on which one listens; pings are answered, and seen by nobody."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, type: str, **more: Any) -> None:
        """Send a message."""
        await self.connection.send(json.dumps({"type": type, **more}))

    async def hear(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(PATIENCE):
            while True:
                message: dict[str, Any] = json.loads(await self.connection.recv())
                if message["type"] != "ping":
                    return message
                await self.say("pong")

    async def subscribe(self, id: str, query: str, /, **variables: Any) -> None:
        """Begin an operation."""
        await self.say("subscribe", id=id, payload={"query": query, "variables": variables})

    async def next(self, id: str) -> dict[str, Any]:
        """Return what is told next, which must be of this operation."""
        message = await self.hear()
        assert (message["type"], message.get("id")) == ("next", id), message
        return cast("dict[str, Any]", message["payload"])

    async def error(self, id: str) -> dict[str, Any]:
        """Return the one error by which an operation has ended."""
        message = await self.hear()
        assert (message["type"], message.get("id")) == ("error", id), message
        (error,) = message["payload"]
        return cast("dict[str, Any]", error)

    async def settled(self) -> None:
        """Return once the hub listens to what was subscribed to: it looks at messages in their order."""
        await self.subscribe("settled", "{ __typename }")
        assert [(await self.hear())["type"], (await self.hear())["type"]] == ["next", "complete"]

    async def closed(self) -> tuple[int, str]:
        """Return the code and the reason with which the hub closes the connection."""
        async with asyncio.timeout(PATIENCE):
            await self.connection.wait_closed()
        return self.connection.close_code or 0, self.connection.close_reason or ""


@asynccontextmanager
async def connected(
    url: str, headers: Mapping[str, str] | None = None, protocol: str = "graphql-transport-ws"
) -> AsyncIterator[Socket]:
    """Connect, and say nothing yet."""
    address = f"{url.replace('http', 'ws', 1)}/graphql"
    protocols = [Subprotocol(protocol)]
    async with connect(address, subprotocols=protocols, additional_headers=headers, proxy=None) as connection:
        yield Socket(connection)


@asynccontextmanager
async def listening(url: str, said: Mapping[str, str] | None = None) -> AsyncIterator[Socket]:
    """Connect, and say who listens."""
    async with connected(url) as socket:
        await socket.say("connection_init", payload=dict(said or {}))
        assert (await socket.hear())["type"] == "connection_ack"
        yield socket


class Stream:
    """Server-sent events of one operation; comments are kept apart."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.comments = 0
        self._lines = response.aiter_lines()

    async def event(self) -> tuple[str, Any]:
        """Return the next event: its name and its data. The name is empty at the end of the stream."""
        name, data = "", ""
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if line.startswith(":"):
                    self.comments += 1
                elif line.startswith("event:"):
                    name = line.removeprefix("event:").strip()
                elif line.startswith("data:"):
                    data = line.removeprefix("data:").strip()
                elif not line and name:
                    return name, json.loads(data) if data else None
        return "", None

    async def alive(self) -> None:
        """Return after the next comment."""
        before = self.comments
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                if line.startswith(":"):
                    self.comments += 1
                if self.comments > before:
                    return


@asynccontextmanager
async def streaming(
    url: str, headers: Mapping[str, str], query: str, /, method: str = "POST", **variables: Any
) -> AsyncIterator[Stream]:
    """Ask for events."""
    given = {"query": query, "variables": variables}
    sent: dict[str, Any] = {"json": given} if method == "POST" else {"params": {"query": query}}
    async with (
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream(method, f"{url}/graphql", headers={**headers, "Accept": "text/event-stream"}, **sent) as response,
    ):
        yield Stream(response)
