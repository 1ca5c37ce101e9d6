"""A request's body, read with bounds and decoded; whatever is wrong with it is the reader's error."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from web.direct import direct

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


class Bodies:
    """Reads bodies, unpacked, within bounds of size and time."""

    def __init__(self, limit: int, seconds: float) -> None:
        """Take so many bytes of a body, also after unpacking, and wait so long for the last of them."""
        self._limit = limit
        self._seconds = seconds
        self._look_every = min(1.0, seconds / 4)
        # One timer for all: asyncio.timeout for each would be a large part of what a small question costs.
        self._awaited: dict[asyncio.Task[Any], float] = {}
        self._looks = False

    def at_hand(self, receive: Receive, headers: Mapping[str, str]) -> bytes | None:
        """Return a body that has come already, as it is; None for any that `read` has to be asked for."""
        exchange = direct(receive)
        if exchange is None or "content-encoding" in headers:
            return None
        self._check(headers)
        body = exchange.at_hand()
        if body is not None and len(body) > self._limit:
            raise _too_large(self._limit)
        return body

    async def read(self, receive: Receive, headers: Mapping[str, str]) -> bytes:
        """Return a body; raise Unacceptable if it is too large, too slow or packed in an unknown way."""
        self._check(headers)
        written = headers.get("content-encoding")
        return await self._received(receive, _unpacker(written) if written is not None else None)

    def _check(self, headers: Mapping[str, str]) -> None:
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._limit:
            raise _too_large(self._limit)

    async def _received(self, receive: Receive, unpack: Any) -> bytes:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None, "whoever reads is a task"
        self._awaited[task] = loop.time() + self._seconds
        if not self._looks:
            self._look(loop)
        try:
            body = await _whole(receive, unpack, self._limit)
        except asyncio.CancelledError:
            if task in self._awaited:
                raise
            task.uncancel()
            message = f"The body was not there after {self._seconds:g} seconds; send it at once."
            raise Unacceptable(408, message, {"Connection": "close"}) from None
        finally:
            self._awaited.pop(task, None)
        if unpack is not None and not unpack.eof:
            raise Unacceptable(400, "The packed body breaks off before its end.")
        return body

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel those that have waited too long, and look again as long as there are others."""
        now = loop.time()
        for task in [task for task, due in self._awaited.items() if due <= now]:
            del self._awaited[task]
            task.cancel()
        self._looks = bool(self._awaited)
        if self._looks:
            loop.call_later(self._look_every, self._look, loop)


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
        part, is_last = message.get("body", b""), not message.get("more_body", False)
        if unpack is not None:
            part = _unpacked(unpack, part, limit - len(body))
        if len(body) + len(part) > limit:
            raise _too_large(limit)
        if is_last and not body:
            return bytes(part)
        body += part
        if is_last:
            return bytes(body)


def _unpacker(written: str) -> Any:
    encoding = written.strip().lower()
    if encoding in ("identity", ""):
        return None
    if encoding not in _WINDOW:
        raise Unacceptable(415, f"The body is packed as {encoding[:40]!r}; send it as it is, or as gzip or deflate.")
    return zlib.decompressobj(_WINDOW[encoding])


def _unpacked(unpack: Any, chunk: bytes, room: int) -> bytes:
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
