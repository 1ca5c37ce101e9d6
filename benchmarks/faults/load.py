"""Callers that ask a hub all the time, and what became of each question."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

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


async def for_a_while(url: str, question: Mapping[str, Any], count: int, seconds: float) -> Tally:
    """Have so many callers ask for so many seconds."""
    until = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, until.set)
    return await steadily(url, question, count, until)


async def at_rate(url: str, question: Mapping[str, Any], rate: float, seconds: float, most: int = 2000) -> Tally:
    """Ask so often a second, whether there is an answer yet or not; at most so many questions are under way."""
    tally = Tally()
    room = asyncio.Semaphore(most)
    loop = asyncio.get_running_loop()

    async def one(session: aiohttp.ClientSession) -> None:
        try:
            await ask(session, url, question, tally)
        finally:
            room.release()

    async with callers(most) as session, asyncio.TaskGroup() as group:
        began, number = loop.time(), 0
        while (now := loop.time() - began) < seconds:
            for _ in range(int(now * rate) - number):
                number += 1
                await room.acquire()
                group.create_task(one(session))
            await asyncio.sleep(0.005)
    return tally
