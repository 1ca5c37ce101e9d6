"""CPU per call of HTTP clients against a small server of its own on loopback, interleaved in one run.

`python -m benchmarks.http_clients` prints the table; clients that are not installed are left out.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import multiprocessing
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib.metadata import version
from multiprocessing.connection import Connection
from platform import python_version
from typing import Any

import aiohttp
import httpx
import uvloop
from rich.console import Console
from rich.progress import track
from rich.table import Table

from connectors.http import HttpOptions, HttpSource

ROUNDS = 9
WARMING = 2
CALLS = 384
CONCURRENCIES = (1, 16, 64)
BODY = json.dumps(
    {"data": [{"code": f"91420100MB{n:08d}", "n": n, "name": "某某科技有限公司"} for n in range(25)]}
).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)

Call = Callable[[], Awaitable[object]]
Times = dict[int, dict[str, list[float]]]


class _Answering(asyncio.Protocol):
    """The least that a server can do: the same answer to every request, which must have no body."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._kept = b""

    def data_received(self, data: bytes) -> None:
        *requests, self._kept = (self._kept + data).split(b"\r\n\r\n")
        self._transport.write(ANSWER * len(requests))


def answer_for_ever(port: Connection) -> None:
    """Serve on a free port, which is sent to the one who asked."""

    async def serving() -> None:
        server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    # An interrupt reaches this process too.
    with suppress(KeyboardInterrupt):
        uvloop.run(serving())


@asynccontextmanager
async def with_httpx(library: str, url: str, transport: Any = None) -> AsyncIterator[Call]:
    """Call through httpx or what has its interface."""
    module = importlib.import_module(library)
    limits = module.Limits(max_connections=max(CONCURRENCIES), max_keepalive_connections=max(CONCURRENCIES))
    own = {"transport": transport} if transport else {"limits": limits}
    async with module.AsyncClient(trust_env=False, **own) as client:

        async def call() -> object:
            return (await client.get(url)).content

        yield call


@asynccontextmanager
async def with_httpx_over_aiohttp(url: str) -> AsyncIterator[Call]:
    """Call through httpx with aiohttp's connections."""
    transport = importlib.import_module("httpx_aiohttp").AiohttpTransport
    limits = httpx.Limits(max_connections=max(CONCURRENCIES), max_keepalive_connections=max(CONCURRENCIES))
    async with with_httpx("httpx", url, transport(limits=limits)) as call:
        yield call


@asynccontextmanager
async def with_aiohttp(url: str) -> AsyncIterator[Call]:
    """Call through aiohttp."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=max(CONCURRENCIES))) as session:

        async def call() -> object:
            async with session.get(url) as response:
                return await response.read()

        yield call


@asynccontextmanager
async def with_pyreqwest(url: str) -> AsyncIterator[Call]:
    """Call through pyreqwest, whose threads are counted too."""
    builder = importlib.import_module("pyreqwest.client").ClientBuilder
    async with builder().build() as client:

        async def call() -> object:
            return await (await client.get(url).build().send()).bytes()

        yield call


@asynccontextmanager
async def with_source(url: str) -> AsyncIterator[Call]:
    """Call as the connectors do: address, credentials, deadline, cap and JSON included."""
    options = HttpOptions.model_validate(
        {"url": url, "concurrency": max(CONCURRENCIES), "auth": {"kind": "bearer", "token": "t"}}
    )
    source = HttpSource("benchmark", options, str, "benchmark")

    async def call() -> object:
        return (await source.ask("GET", "/things", time.monotonic() + 10.0, params=[("ids", "A,B")])).value

    yield call
    await source.aclose()


def clients(url: str) -> dict[str, Any]:
    """Return the clients that are installed."""
    known = {
        "httpx": lambda: with_httpx("httpx", url),
        "httpx2": lambda: with_httpx("httpx2", url),
        "httpx-aiohttp": lambda: with_httpx_over_aiohttp(url),
        "aiohttp": lambda: with_aiohttp(url),
        "pyreqwest": lambda: with_pyreqwest(url),
    }
    found = {}
    for name, opening in known.items():
        with suppress(ImportError):
            importlib.import_module(name.replace("-", "_"))
            found[f"{name} {version(name)}"] = opening
    return {**found, "HttpSource.ask, decoded": lambda: with_source(url)}


async def cpu(call: Call, concurrency: int) -> float:
    """Return CPU milliseconds a call of this process, all its threads included."""

    async def caller() -> None:
        for _ in range(CALLS // concurrency):
            await call()

    started = time.process_time()
    await asyncio.gather(*(caller() for _ in range(concurrency)))
    return (time.process_time() - started) * 1000 / CALLS


async def measure(url: str) -> Times:
    """Return the rounds by concurrency and client; the clients take turns, each with connections kept open."""
    found = clients(url)
    times: Times = {concurrency: {name: [] for name in found} for concurrency in CONCURRENCIES}
    async with AsyncExitStack() as opened:
        # One of each for every concurrency: some pools get slower with the connections that lie idle.
        calls = {
            (concurrency, name): await opened.enter_async_context(opening())
            for concurrency in CONCURRENCIES
            for name, opening in found.items()
        }
        for number in track(range(ROUNDS + WARMING), description="Measuring"):
            for concurrency, name in list(calls)[:: 1 if number % 2 else -1]:
                took = await cpu(calls[concurrency, name], concurrency)
                if number >= WARMING:
                    times[concurrency][name].append(took)
    return times


def table(times: Times) -> Table:
    """Return the medians and their spread."""
    caption = (
        f"GET of {len(BODY):,} bytes of JSON over loopback; Python {python_version()}, uvloop {version('uvloop')}; "
        f"median of {ROUNDS} interleaved rounds of {CALLS} calls (least to most)"
    )
    drawn = Table("client", *(f"{n} at once" for n in times), title="CPU per call, ms", caption=caption)
    for name in next(iter(times.values())):
        drawn.add_row(name, *(_shown(found[name]) for found in times.values()))
    return drawn


def _shown(times: list[float]) -> str:
    return f"{statistics.median(times):.3f} ({min(times):.3f} to {max(times):.3f})"


if __name__ == "__main__":
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    server = spawning.Process(target=answer_for_ever, args=(there,), daemon=True)
    server.start()
    Console().print(table(uvloop.run(measure(f"http://127.0.0.1:{here.recv()}"))))
    server.terminate()
    server.join()
