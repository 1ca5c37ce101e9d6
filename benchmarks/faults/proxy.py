"""A small proxy before several hubs, as a load balancer is one: it asks for readiness, and sends requests to who is."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from types import TracebackType
from typing import Self

_LOOK = 0.1
"""Seconds between two looks at the readiness of each hub."""
_READY = b"GET /health/ready HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"


class Proxy:
    """Passes each request over a connection of its own to a hub that is ready."""

    def __init__(self, ports: Sequence[int]) -> None:
        """Know the hubs by their ports on this machine."""
        self._ready = dict.fromkeys(ports, False)
        self._turns = itertools.count()
        self._server: asyncio.Server | None = None
        self._looking: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """Its address."""
        assert self._server is not None, "it listens"
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        """Listen at a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._looking = [asyncio.create_task(self._look(port)) for port in self._ready]
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Listen no more."""
        for task in self._looking:
            task.cancel()
        assert self._server is not None, "it listens"
        self._server.close()

    async def _look(self, port: int) -> None:
        while True:
            try:
                self._ready[port] = b" 200 " in (await self._answer(port, _READY)).split(b"\r\n", 1)[0]
            except OSError:
                self._ready[port] = False
            await asyncio.sleep(_LOOK)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await _message(reader)
                writer.write(await self._passed(request))
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    async def _passed(self, request: bytes) -> bytes:
        """Return a hub's answer; another hub is asked only where no connection was taken."""
        for _ in range(200):
            ready = [port for port, is_ready in self._ready.items() if is_ready]
            for port in ready[next(self._turns) % len(ready) :] + ready if ready else ():
                try:
                    return await self._answer(port, request)
                except ConnectionRefusedError:
                    self._ready[port] = False
            await asyncio.sleep(0.05)
        return b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"

    async def _answer(self, port: int, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            return await _message(reader, kept=True)
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError(f"port {port} broke off") from error
        finally:
            writer.close()


async def _message(reader: asyncio.StreamReader, *, kept: bool = False) -> bytes:
    """Return a whole HTTP message; of an answer to pass on, `kept` says that the connection to the caller stays."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head[:-4].split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    body = await reader.readexactly(length)
    if kept:
        lines = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
