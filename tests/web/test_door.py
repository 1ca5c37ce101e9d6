"""The hub's door: callers who are slow, large or many."""

from __future__ import annotations

import asyncio
import contextlib
import json
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import httpx
import pytest

from server import create_app
from settings import Settings
from tests.running import serve
from tests.world import DEMO_SOURCES, World
from web.connection import bounded

JSON = {"Content-Type": "application/json"}
QUERY = json.dumps({"query": "{ __typename }"}).encode()
POST = b"POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
DRIPPING = 60


@contextmanager
def door(world: World, **given: object) -> Iterator[str]:
    """A hub with other settings."""
    known: dict[str, object] = {"sources": DEMO_SOURCES, "store_url": world.store_url, "data_dir": world.folder}
    settings = Settings.model_validate({**known, **given})
    with serve(create_app(settings, world.environment), http=bounded(settings.header_seconds)) as url:
        yield url


@pytest.fixture(scope="module")
def impatient(world: World) -> Iterator[str]:
    """A hub that waits for nobody."""
    with door(world, header_seconds=0.5, body_seconds=0.5) as url:
        yield url


@dataclass(frozen=True)
class Caller:
    """A connection to the hub on which anything can be sent, read as the kernel has it."""

    socket: socket.socket

    @classmethod
    async def of(cls, url: str, takes: int | None = None) -> Caller:
        """Connect; `takes`: with so many bytes of room for answers."""
        parts = urlsplit(url)
        found = socket.socket()
        if takes:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
        found.setblocking(False)
        await asyncio.get_running_loop().sock_connect(found, (parts.hostname, parts.port))
        return cls(found)

    async def say(self, *parts: bytes) -> None:
        """Send as much as is taken: a refused caller may find its connection closed."""
        with contextlib.suppress(OSError):
            for part in parts:
                await asyncio.get_running_loop().sock_sendall(self.socket, part)

    async def hear(self) -> bytes:
        """Return what the hub says next; empty if it has closed the connection."""
        try:
            async with asyncio.timeout(10):
                return await asyncio.get_running_loop().sock_recv(self.socket, 65_536)
        except ConnectionResetError:
            return b""

    async def rest(self) -> bytes:
        """Return what the hub says until it closes the connection; fail if it does not."""
        said = b""
        while heard := await self.hear():
            said += heard
        self.socket.close()
        return said

    async def drip(self, head: bytes, drop: bytes) -> bytes:
        """Send a head at once, and drops until the hub ends it; return what the hub said."""
        await self.say(head)
        answer = asyncio.ensure_future(self.rest())
        while not answer.done():
            await self.say(drop)
            await asyncio.wait((answer,), timeout=0.05)
        return await answer


def status(said: bytes) -> int:
    return int(said.split(b" ", 2)[1])


@pytest.mark.parametrize(
    ("head", "drop", "said"),
    [
        (b"", b"", None),
        (b"", b"\r\n", None),
        (b"POST /graphql HTTP/1.1\r\nX-Drip: ", b"a", None),
        (b"POST /graphql HTTP/1.1\r\nHost: hub\r\n", b"X-Drip: a\r\n", None),
        (POST + b"Content-Length: 1000\r\n\r\n", b" ", 408),
        (POST + b"Content-Length: 1000\r\n\r\n", b"", 408),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", 408),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: a\r\n", 408),
        (b"POST /graphql HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n", b"x", 415),
        (b"GET /health/live HTTP/1.1\r\nContent-Length: 1000\r\n\r\n", b"x", 200),
    ],
)
async def test_slow_callers_are_ended_and_hold_up_nobody(
    impatient: str, head: bytes, drop: bytes, said: int | None
) -> None:
    callers = [await Caller.of(impatient) for _ in range(DRIPPING)]
    dripping = [asyncio.ensure_future(caller.drip(head, drop)) for caller in callers]
    async with httpx.AsyncClient() as bystander:
        answer = await bystander.post(f"{impatient}/graphql", json={"query": "{ zones { id } }"})
    assert "errors" not in answer.json()
    for found in await asyncio.gather(*dripping):
        assert (status(found) if found else None) == said
        if said == 408:
            assert b"connection: close" in found
            assert json.loads(found.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_further_request_on_the_same_connection_must_come_whole_too(impatient: str) -> None:
    caller = await Caller.of(impatient)
    await caller.say(b"GET /health/live HTTP/1.1\r\nHost: hub\r\n\r\n")
    said = await caller.hear()
    while b"alive" not in said:
        said += await caller.hear()
    assert await caller.drip(b"GET /health/live HTTP/1.1\r\n", b"X-Drip: a\r\n") == b""


async def test_who_asks_in_time_keeps_the_connection(impatient: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(4):
            assert (await client.post(f"{impatient}/graphql", json={"query": "{ __typename }"})).status_code == 200
            await asyncio.sleep(0.3)


async def test_who_takes_no_answers_is_ended(impatient: str) -> None:
    caller = await Caller.of(impatient, takes=4096)
    much = quote("{ __schema { types { name description fields { name description args { name } type { name } } } } }")
    await caller.say(f"GET /graphql?query={much} HTTP/1.1\r\n\r\n".encode() * 90)
    broken = select.poll()
    broken.register(caller.socket, 0)
    async with asyncio.timeout(10):
        while not broken.poll(0):
            await caller.say(b"\r\n")
            await asyncio.sleep(0.05)
    caller.socket.close()


async def test_who_asks_on_and_on_without_waiting_is_ended(hub: str) -> None:
    caller = await Caller.of(hub)
    saying = asyncio.ensure_future(caller.say(b"GET /health/live HTTP/1.1\r\n\r\n" * 100_000))
    said = await caller.rest()
    await saying
    assert said.count(b"alive") < 100_000


MANY = b"".join(b"X-%d: a\r\n" % number for number in range(101))


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /health/live HTTP/1.1\r\n" + MANY + b"\r\n",
        b"GET /health/live HTTP/1.1\r\nX-Large: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nX-Endless: " + b"a" * 10_000_000,
        b"GET /health/live?" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 1000) for n in range(90)) + b"\r\n",
        b"\r\n" * 200_000,
    ],
    ids=["101 headers", "100 kB in one header", "10 MB in one header", "100 kB of target", "90 kB in all", "blanks"],
)
@pytest.mark.parametrize("piece", [10_000_000, 10_000])
async def test_heads_that_are_too_large_are_refused(hub: str, sent: bytes, piece: int) -> None:
    caller = await Caller.of(hub)
    await caller.say(*(sent[start : start + piece] for start in range(0, len(sent), piece)))
    assert status(await caller.rest()) == 431


async def test_heads_just_below_the_limits_are_answered(hub: str) -> None:
    async with httpx.AsyncClient() as client:
        headers = {f"X-{number}": "a" * 600 for number in range(90)}
        assert (await client.get(f"{hub}/health/live", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("begin", "more", "said"),
    [
        (b"", b"%x\r\n%s\r\n" % (100_000, b" " * 100_000), 413),
        (b"1;", b"x" * 100_000, None),
        (b"0\r\nX-Trailer: ", b"x" * 100_000, None),
        (b"0\r\n", b"X-Trailer: x\r\n" * 7_000, None),
    ],
    ids=["content", "an extension", "a trailer", "trailers"],
)
async def test_an_endless_body_is_refused_and_its_connection_closed(
    hub: str, begin: bytes, more: bytes, said: int | None
) -> None:
    caller = await Caller.of(hub)
    saying = asyncio.ensure_future(
        caller.say(POST + b"Transfer-Encoding: chunked\r\n\r\n", begin, *[more] * (20_000_000 // len(more)))
    )
    found = await caller.rest()
    await saying
    assert (status(found) if found else None) == said


async def test_beyond_the_limit_requests_are_refused_at_once_and_health_says_so(world: World) -> None:
    with door(world, concurrency=3) as url:
        inside = [await Caller.of(url) for _ in range(3)]
        for caller in inside:
            await caller.say(POST + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(QUERY))
            assert b" 100 " in await caller.hear()
        async with httpx.AsyncClient() as client:
            for accept in ("application/json", "application/graphql-response+json"):
                refused = await client.post(f"{url}/graphql", content=QUERY, headers={**JSON, "Accept": accept})
                assert refused.status_code == 503
                assert refused.headers["retry-after"] == "1"
                assert refused.headers["content-type"] == f"{accept}; charset=utf-8"
                assert refused.json()["errors"][0]["extensions"]["code"] == "OVERLOADED"
            unread = await Caller.of(url)
            await unread.say(POST + b"Content-Length: 1000000\r\n\r\n")
            assert status(await unread.hear()) == 503
            unread.socket.close()
            assert (await client.get(f"{url}/health/live")).status_code == 200
            ready = await client.get(f"{url}/health/ready")
            assert ready.status_code == 503
            assert ready.json()["reasons"] == {"requests": "overloaded"}
            for caller in inside:
                await caller.say(QUERY)
                assert status(await caller.hear()) == 200
                caller.socket.close()
            assert (await client.post(f"{url}/graphql", content=QUERY, headers=JSON)).status_code == 200
            for _ in range(200):
                ready = await client.get(f"{url}/health/ready")
                if ready.status_code == 200:
                    break
                await asyncio.sleep(0.05)
            assert ready.json() == {"status": "ready", "reasons": {}}


JSON = {"Content-Type": "application/json"}
