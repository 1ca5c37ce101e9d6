"""Ways for a real service to fail, switched while it runs."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Faulty:
    """A service that can be told to hang, to answer garbage, or to forget half of its records."""

    def __init__(self, inner: ASGIApp) -> None:
        """Work as the service does until told otherwise."""
        self._inner = inner
        self.mode = "well"
        self.hanging = 0
        self.left = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or fail."""
        if scope["type"] != "http" or self.mode == "well" or scope["path"] == "/token":
            await self._inner(scope, receive, send)
        elif self.mode == "hang":
            await self._hang(receive)
        elif self.mode == "garbage":
            await _answer(send, 200, b"<html>maintenance</html>")
        elif self.mode == "error":
            await _answer(send, 500, b'{"error": {"text": "out of order"}}')
        elif self.mode == "half":
            await self._half(scope, receive, send)

    async def _hang(self, receive: Receive) -> None:
        self.hanging += 1
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left += 1

    async def _half(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()

        async def keep(message: Message) -> None:
            body.extend(message.get("body", b""))

        await self._inner(scope, receive, keep)
        await _answer(send, 200, orjson.dumps(_halved(orjson.loads(body))))


def _halved(value: Any) -> Any:
    """Leave out every other member of each list of records, and say nothing of it."""
    if isinstance(value, dict):
        return {name: _halved(below) for name, below in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return value[1::2]
    return value


async def _answer(send: Send, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})
    await asyncio.sleep(0)
