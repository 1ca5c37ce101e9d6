"""The two plain things that every ASGI application here does: read headers, send bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from starlette.types import Message, Scope, Send

from auth.limits import DONE
from web.direct import Header, direct

LENGTH = b"content-length"
NO_MORE: Mapping[str, str] = {}

ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"), (b"vary", b"Accept"))
"""Headers of every answer."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A response that is known as a whole."""

    status: int
    headers: tuple[Header, ...]
    body: bytes


def headers_of(scope: Scope) -> dict[str, str]:
    """Return a request's headers by lower-case name; of a repeated one, all values joined by commas."""
    pairs = scope["headers"]
    found: dict[str, str] = {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}
    if len(found) != len(pairs):
        found = {}
        for given, written in pairs:
            name, value = given.decode("latin-1"), written.decode("latin-1")
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def send_bytes(
    send: Send, status: int, content: bytes, kind: str, headers: Mapping[str, str] = NO_MORE
) -> Awaitable[None]:
    """Send a whole response of a media type, with further headers.

    On a connection of the hub's own it is written at once, unless somebody in between has something to say to it.
    """
    told = _usual(kind)
    if headers:
        told += tuple([(name.lower().encode(), value.encode()) for name, value in headers.items()])
    exchange = direct(send)
    if exchange is not None and exchange.write_whole(status, told, content):
        return DONE
    return _send_in_messages(send, status, told, content)


async def _send_in_messages(send: Send, status: int, headers: tuple[Header, ...], content: bytes) -> None:
    length = LENGTH, b"%d" % len(content)
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": content})


@lru_cache(maxsize=64)
def _usual(kind: str) -> tuple[Header, ...]:
    return content_type(kind), *ALWAYS


def parting(send: Send) -> Send:
    """Return what sends a response and says that the connection ends with it: the next request takes another."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return sending


@lru_cache(maxsize=64)
def content_type(kind: str) -> Header:
    """Return the header that says of which media type a response is."""
    return b"content-type", kind.encode()
