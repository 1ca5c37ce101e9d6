"""Callers that ask a hub all the time, and what became of each question."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson


@dataclass
class Tally:
    """What became of the questions."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """By status or error code; `refused`: no connection was taken, `lost`: what was sent was not answered."""
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def note(self, outcome: str, seconds: float) -> None:
        """Count an outcome, and keep how long it took."""
        self.outcomes[outcome] += 1
        self.seconds.setdefault(outcome, []).append(seconds)

    @property
    def answered(self) -> int:
        """Questions that were answered with data and no error."""
        return self.outcomes["200"]

    @property
    def lost(self) -> int:
        """Questions that were sent and never answered."""
        return self.outcomes["lost"]

    def p(self, percent: int, outcome: str = "200") -> float:
        """Return the seconds that so many percent of such outcomes did not exceed; 0 if there were none."""
        found = self.seconds.get(outcome, [])
        return quantiles(found, n=100, method="inclusive")[percent - 1] if len(found) > 1 else sum(found)


async def ask(session: aiohttp.ClientSession, url: str, question: Mapping[str, Any], tally: Tally) -> bytes:
    """Ask once; return the answer's body, empty if there was none."""
    began = time.monotonic()
    body = b""
    try:
        async with session.post(f"{url}/graphql", json=question) as response:
            body = await response.read()
            outcome = str(response.status)
            if response.status == 200 and b'"errors"' in body:
                outcome = orjson.loads(body)["errors"][0]["extensions"]["code"]
            elif response.status == 503 and "Retry-After" not in response.headers:
                outcome = "503 without Retry-After"
    except aiohttp.ClientConnectorError:
        outcome = "refused"
    except (aiohttp.ClientError, OSError, TimeoutError):
        outcome = "lost"
    tally.note(outcome, time.monotonic() - began)
    return body


@asynccontextmanager
async def callers(count: int, seconds: float = 60.0) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a session of as many connections; a question is given up after so many seconds."""
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=count), timeout=timeout) as session:
        yield session


async def steadily(
    url: str,
    question: Mapping[str, Any],
    count: int,
    until: asyncio.Event,
    *,
    pause: float = 0.0,
    tally: Tally | None = None,
) -> Tally:
    """Have so many callers ask one after the other, until told to stop; count into a tally, which is returned."""
    tally = tally or Tally()

    async def caller(session: aiohttp.ClientSession) -> None:
        while not until.is_set():
            before = tally.outcomes["refused"]
            await ask(session, url, question, tally)
            if pause or tally.outcomes["refused"] > before:
                await asyncio.sleep(pause or 0.02)

    async with callers(count) as session:
        await asyncio.gather(*(caller(session) for _ in range(count)))
    return tally


async def for_a_while(
    url: str, question: Mapping[str, Any], count: int, seconds: float, *, pause: float = 0.0
) -> Tally:
    """Have so many callers ask for so many seconds."""
    until = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, until.set)
    return await steadily(url, question, count, until, pause=pause)


class _Caller(asyncio.Protocol):
    """One connection that asks the same again and again, with little work: the hub is to be the slow one."""

    def __init__(self, request: bytes, tally: Tally, idle: list[_Caller], opened: list[_Caller]) -> None:
        self._request, self._tally, self._idle, self._opened = request, tally, idle, opened
        self._received = bytearray()
        self._began = 0.0
        self.waits = False
        """For an answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "TCP"
        self._transport = transport

    def ask(self) -> None:
        self.waits, self._began = True, time.monotonic()
        self._transport.write(self._request)

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, parted, body = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if not parted or length is None or len(body) < int(length[1]):
            return
        outcome = "with errors" if b'"errors"' in body else "200"
        if not head.startswith(b"HTTP/1.1 200"):
            outcome = head[9:12].decode() + ("" if b"retry-after" in head.lower() else " without Retry-After")
        self._tally.note(outcome, time.monotonic() - self._began)
        self._received.clear()
        self.waits = False
        self._idle.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.waits:
            self._tally.note("lost", time.monotonic() - self._began)
        elif self in self._idle:  # the hub closes what it has not heard of for a while
            self._idle.remove(self)
        if self in self._opened:
            self._opened.remove(self)


async def at_rate(url: str, question: Mapping[str, Any], rate: float, seconds: float, most: int = 600) -> Tally:
    """Ask so often a second, whether there is an answer yet or not, over at most so many connections."""
    tally, idle, opened = Tally(), list[_Caller](), list[_Caller]()
    loop, body, address = asyncio.get_running_loop(), orjson.dumps(question), urlsplit(url)
    request = (
        f"POST /graphql HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    began, number = loop.time(), 0
    while (now := loop.time() - began) < seconds:
        for _ in range(int(now * rate) - number):
            number += 1
            if not idle and len(opened) < most:
                _, caller = await loop.create_connection(
                    lambda: _Caller(request, tally, idle, opened), address.hostname or "", address.port or 80
                )
                opened.append(caller)
                idle.append(caller)
            if idle:
                idle.pop().ask()
            else:
                tally.note("not asked", 0.0)
        await asyncio.sleep(0.002)
    until = loop.time() + 10
    while any(caller.waits for caller in opened) and loop.time() < until:  # noqa: ASYNC110 - the hub answers
        await asyncio.sleep(0.02)
    for caller in [*opened]:
        caller.close()
    return tally
