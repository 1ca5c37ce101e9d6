"""A server of bare bytes, and a source that asks it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from connectors.http import HttpOptions, HttpSource, Reply

JSON = b'{"n": 1.5}'


class Wire:
    """A server of bare bytes: it answers each path with what was laid there, and keeps the requests."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        self.url = ""
        self.hang_up_on: set[str] = set()
        """Paths at whose request the connection is closed without an answer."""
        self.hung_up = asyncio.Event()
        self.asked = asyncio.Event()

    def lay(self, path: str, body: bytes = JSON, *, status: int = 200, **headers: str) -> None:
        """Answer a path, whatever its query, with this."""
        given = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        self.answers[path] = f"HTTP/1.1 {status} Some\r\n{head}\r\n".encode() + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests until a path has no answer, which is never answered."""
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, *lines = head.decode().strip().split("\r\n")
                headers = {name.lower(): value for name, _, value in (entry.partition(": ") for entry in lines)}
                await reader.readexactly(int(headers.get("content-length", "0")))
                target = line.split(" ")[1]
                self.requests.append((target, headers))
                self.asked.set()
                if target.partition("?")[0] in self.hang_up_on:
                    self.hung_up.set()
                    break
                answer = self.answers.get(target.partition("?")[0])
                if answer is None:
                    continue
                writer.write(answer)
                await writer.drain()
                if b"chunked" in answer or not answer.startswith(b"HTTP") or b"cut: short" in answer:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def wired(base: str = "", **options: Any) -> AsyncIterator[tuple[Wire, HttpSource]]:
    """A server that answers /things, and a source whose base it is; `$URL` in `auth` is its address."""
    wire = Wire()
    wire.lay("/things")
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    if "auth" in options:
        options["auth"] = {name: value.replace("$URL", wire.url) for name, value in options["auth"].items()}
    source = source_at(wire.url + base, **options)
    yield wire, source
    await source.aclose()
    server.close()


def source_at(url: str, **options: Any) -> HttpSource:
    """A source with these options."""
    return HttpSource("s", HttpOptions.model_validate({"url": url, **options}), str, "sources.toml: sources.s")


async def get(source: HttpSource, path: str = "/things", seconds: float = 2.0, **more: Any) -> Reply:
    """What a GET gives within so many seconds."""
    return await source.ask("GET", path, time.monotonic() + seconds, **more)
