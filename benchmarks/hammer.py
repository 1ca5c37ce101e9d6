"""Callers that cost little themselves: requests made beforehand, connections that stay, answers counted only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, cast

import orjson


def requests(query: str, asked: Sequence[Mapping[str, Any]], headers: Mapping[str, str] | None = None) -> list[bytes]:
    """Return a query with each of these variables as it goes over the wire."""
    bodies = [orjson.dumps({"query": query, "variables": given}) for given in asked]
    named = {"Host": "hub", "Content-Type": "application/json", **(headers or {})}
    head = "".join(["POST /graphql HTTP/1.1\r\n", *(f"{name}: {text}\r\n" for name, text in named.items())]).encode()
    return [b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body) for body in bodies]


@dataclass
class Score:
    """What became of requests."""

    answered: int = 0
    failed: int = 0
    """Not 200, or with errors."""
    seconds: list[float] = field(default_factory=list)


class Caller(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, and says so."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[bool] | None = None
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._whole = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes) -> asyncio.Future[bool]:
        """Send a request; return what says whether it was answered with data and no error."""
        assert self._transport is not None, "it is connected"
        self._received.clear()
        self._whole = 0
        self.answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self.answered

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._whole and (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end]).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._whole = end + 4 + int(length)
        if self._whole and len(self._received) >= self._whole:
            self._settle(self._received.startswith(b"HTTP/1.1 200") and b'"errors"' not in self._received)

    def connection_lost(self, exc: Exception | None) -> None:
        self._settle(False)

    def close(self) -> None:
        """Close the connection."""
        if self._transport:
            self._transport.close()

    def _settle(self, well: bool) -> None:
        if self.answered and not self.answered.done():
            self.answered.set_result(well)


async def connected(port: int) -> Caller:
    """Return a caller with a connection of its own."""
    _, caller = await asyncio.get_running_loop().create_connection(Caller, "127.0.0.1", port)
    return caller


async def flat_out(port: int, wire: Sequence[bytes], connections: int, seconds: float) -> Score:
    """Ask over so many connections, each as soon as it is answered, for so long."""
    score, until, following = Score(), time.perf_counter() + seconds, cycle(wire)

    async def one() -> None:
        caller = await connected(port)
        while (began := time.perf_counter()) < until:
            _note(score, began, await caller.ask(next(following)))
        caller.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return score


async def at_pace(port: int, wire: Sequence[bytes], rate: float, seconds: float, connections: int = 64) -> Score:
    """Ask so often a second whether answers come or not; a request waits from the moment at which it is due."""
    score, loop, following = Score(), asyncio.get_running_loop(), cycle(wire)
    free: asyncio.Queue[Caller] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await connected(port))
    under_way: set[asyncio.Task[None]] = set()

    async def one(due: float) -> None:
        caller = await free.get()
        well = await caller.ask(next(following))
        _note(score, due, well)
        if not well:
            caller.close()
            caller = await connected(port)
        free.put_nowait(caller)

    began = time.perf_counter()
    for due in _moments(began, rate, seconds):
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = loop.create_task(one(due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    while not free.empty():
        free.get_nowait().close()
    return score


def _moments(began: float, rate: float, seconds: float) -> Iterator[float]:
    return (began + number / rate for number in range(int(rate * seconds)))


def _note(score: Score, began: float, well: bool) -> None:
    if well:
        score.answered += 1
        score.seconds.append(time.perf_counter() - began)
    else:
        score.failed += 1
