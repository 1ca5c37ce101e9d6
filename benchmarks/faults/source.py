"""A source behind HTTP that fails in seven ways, switched while it runs."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import orjson

_PIECE = b"x" * 65_536
_HUGE = 100_000_000
_HEAD = b"HTTP/1.1 %d .\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

Answering = Callable[["Source", asyncio.StreamReader, asyncio.StreamWriter, list[str]], Awaitable[None]]


class Source:
    """A service that answers `/records?ids=a,b` with a record for each key, as long as its mode is `well`."""

    def __init__(self, delay: float = 0.0) -> None:
        """Answer after so many seconds."""
        self.mode = "well"
        self.delay = delay
        self.began: list[float] = []
        """When each call came (time.monotonic)."""
        self.left: list[float] = []
        """When each caller that was kept hanging left."""
        self._server: asyncio.Server | None = None
        self._port = 0
        self._callers: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        """Listen at a free port."""
        await self._listen()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Listen no more."""
        self._hang_up()

    async def fail(self, mode: str) -> None:
        """Fail so from now on; `well`: no more."""
        if (mode == "refuse") != (self.mode == "refuse"):
            if mode == "refuse":
                self._hang_up()
            else:
                await self._listen()
        self.mode = mode

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def _hang_up(self) -> None:
        assert self._server is not None, "it listens"
        self._server.close()
        for caller in self._callers:
            caller.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "asyncio serves in tasks"
        self._callers.add(task)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked = parse_qs(urlsplit(head.split(b" ", 2)[1].decode()).query)
                self.began.append(time.monotonic())
                await _WAYS[self.mode](self, reader, writer, asked.get("ids", [""])[0].split(","))
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            self._callers.discard(task)
            writer.close()


async def _well(source: Source, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keys: list[str]) -> None:
    if source.delay:
        await asyncio.sleep(source.delay)
    body = orjson.dumps(
        [{"uscc": key, "name": f"企业{key}", "trademarks": 7, "year": 2022, "revenue": 1} for key in keys]
    )
    writer.write(_HEAD % (200, len(body)) + body)


async def _hang(source: Source, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _: list[str]) -> None:
    await reader.read()
    source.left.append(time.monotonic())


async def _reset(_source: Source, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: list[str]) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    raise ConnectionResetError


async def _error(_source: Source, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: list[str]) -> None:
    writer.write(_HEAD % (500, 2) + b"{}")


async def _unavailable(
    _source: Source, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: list[str]
) -> None:
    writer.write(_HEAD % (503, 2) + b"{}")


async def _broken(_source: Source, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: list[str]) -> None:
    writer.write(_HEAD % (200, 9) + b'[{"uscc":')


async def _drip(_source: Source, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: list[str]) -> None:
    writer.write(_HEAD % (200, 1000))
    for _second in range(1000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(1.0)


async def _huge(_source: Source, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: list[str]) -> None:
    writer.write(_HEAD % (200, _HUGE))
    for _piece in range(_HUGE // len(_PIECE)):
        writer.write(_PIECE)
        await writer.drain()


_WAYS: Mapping[str, Answering] = {
    "well": _well, "hang": _hang, "reset": _reset, "error": _error, "broken": _broken, "drip": _drip, "huge": _huge,
    "unavailable": _unavailable,
}  # fmt: skip

KINDS: Mapping[str, str] = {
    "hang": "SOURCE_TIMEOUT",
    "refuse": "SOURCE_UNAVAILABLE",
    "reset": "SOURCE_UNAVAILABLE",
    "error": "SOURCE_ERROR",
    "broken": "SOURCE_ERROR",
    "drip": "SOURCE_TIMEOUT",
    "huge": "SOURCE_TOO_LARGE",
}
"""The seven ways to fail, and the code that the hub answers by."""
