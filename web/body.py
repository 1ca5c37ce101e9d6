"""A request's body, read with bounds and decoded; whatever is wrong with it is the reader's error."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive

_WINDOW = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class Unacceptable(Exception):
    """The request cannot be taken: the status that says so, and why, for people and as an error code."""

    def __init__(
        self, status: int, message: str, headers: Mapping[str, str] | None = None, code: str = "BAD_USER_INPUT"
    ) -> None:
        self.status = status
        self.message = message
        self.headers = headers or {}
        self.code = code
        super().__init__(message)


async def read(receive: Receive, headers: Mapping[str, str], limit: int, seconds: float) -> bytes:
    """Return the body, unpacked; raise Unacceptable if it is too large, too slow or packed in an unknown way."""
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    unpack = _unpacker(headers.get("content-encoding", "identity").strip().lower())
    try:
        async with asyncio.timeout(seconds):
            body = await _whole(receive, unpack, limit)
    except TimeoutError as error:
        message = f"The body was not there after {seconds:g} seconds; send it at once."
        raise Unacceptable(408, message, {"Connection": "close"}) from error
    if unpack is not None and not unpack.eof:
        raise Unacceptable(400, "The packed body breaks off before its end.")
    return body


def parsed(body: bytes) -> Mapping[str, Any]:
    """Return a JSON object; raise Unacceptable for anything else."""
    if not body.strip():
        raise Unacceptable(400, 'The body is empty; send a JSON object such as {"query": "{ __typename }"}.')
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unacceptable(400, f"The body is no JSON ({error.msg}).") from error
    if not isinstance(found, dict):
        raise Unacceptable(400, 'The body is no JSON object; send one such as {"query": "{ __typename }"}.')
    return found


async def _whole(receive: Receive, unpack: Any, limit: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += _unpacked(unpack, message.get("body", b""), limit - len(body))
        if len(body) > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return bytes(body)


def _unpacker(encoding: str) -> Any:
    if encoding in ("identity", ""):
        return None
    if encoding not in _WINDOW:
        raise Unacceptable(415, f"The body is packed as {encoding[:40]!r}; send it as it is, or as gzip or deflate.")
    return zlib.decompressobj(_WINDOW[encoding])


def _unpacked(unpack: Any, chunk: bytes, room: int) -> bytes:
    if unpack is None:
        return chunk
    try:
        unpacked = bytes(unpack.decompress(chunk, room + 1))
    except zlib.error as error:
        raise Unacceptable(400, "The body is not packed as its Content-Encoding says.") from error
    if unpack.unused_data:
        raise Unacceptable(400, "The packed body goes on behind its end.")
    return unpacked


def _too_large(limit: int) -> Unacceptable:
    return Unacceptable(
        413, f"The body is larger than {limit:,} bytes; ask in several requests.", {"Connection": "close"}
    )
