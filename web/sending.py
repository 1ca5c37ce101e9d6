"""The two plain things that every ASGI application here does: read headers, send bytes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from starlette.types import Message, Scope, Send

ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"), (b"vary", b"Accept"))
"""Headers of every answer."""


def headers_of(scope: Scope) -> dict[str, str]:
    """Return a request's headers by lower-case name; of a repeated one, all values joined by commas."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    found = dict(pairs)
    if len(found) != len(pairs):
        found = {}
        for name, value in pairs:
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


async def send_bytes(send: Send, status: int, content: bytes, kind: str, headers: Mapping[str, str]) -> None:
    """Send a whole response."""
    pairs = [(b"content-length", b"%d" % len(content)), content_type(kind), *ALWAYS]
    if headers:
        pairs += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": content})


def parting(send: Send) -> Send:
    """Return what sends a response and says that the connection ends with it: the next request takes another."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return sending


@lru_cache(maxsize=64)
def content_type(kind: str) -> tuple[bytes, bytes]:
    """Return the header that says of which media type a response is."""
    return b"content-type", kind.encode()
