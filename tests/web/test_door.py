"""The hub's door: callers who are slow, large or many, pages of other origins, and who may frame or read what."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import select
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest
import strawberry

from resolvers.binding import Batch, Graph
from resolvers.execution.engine import Engine
from server import create_app, open_door
from settings import Settings
from tests.running import serve
from tests.world import DEMO_SOURCES, World, empty_hub
from web.application import create_web
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
    """A hub that waits for nobody, and is open to pages of one other origin."""
    with door(world, header_seconds=0.5, body_seconds=0.5, cors_origins="https://portal.example") as url:
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


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/plain", QUERY),
        ("text/plain;charset=UTF-8", QUERY),
        ("application/x-www-form-urlencoded", b"query=%7B__typename%7D"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--',
        ),
        ("", QUERY),
        ("text/plain; application/json", QUERY),
        ("text/plain, application/json", QUERY),
    ],
)
def test_what_a_page_may_send_unasked_is_refused(hub: str, content_type: str, content: bytes) -> None:
    headers = {"Content-Type": content_type, "Origin": "https://stranger.example"}
    response = httpx.post(f"{hub}/graphql", content=content, headers=headers)
    assert response.status_code == 415
    assert response.json()["errors"][0]["message"]


@strawberry.type
class Query:
    """What can be asked."""

    done: int


@strawberry.type
class Mutation:
    """What can be done."""

    do: int


@pytest.fixture
def doing(tmp_path: Path) -> Iterator[str]:
    """A hub with something to do, which counts how often anything was done."""
    times = itertools.count(1)
    batches = {"Query.done": Batch(lambda _ask: [next(times)]), "Mutation.do": Batch(lambda _ask: [next(times)])}
    schema = strawberry.Schema(Query, Mutation)
    engine = Engine(schema, Graph(batches, {}, {}, {}), empty_hub())
    with serve(
        create_web(
            engine,
            open_door(Settings(data_dir=tmp_path)),
            "",
            _ready,
            body_limit=1000,
            body_seconds=1.0,
            concurrency=1,
        )
    ) as url:
        yield f"{url}/graphql"


async def _ready() -> Mapping[str, str]:
    return {}


def test_a_mutation_is_not_done_by_get(doing: str) -> None:
    for accept in ("application/json", "application/graphql-response+json", "*/*"):
        refused = httpx.get(doing, params={"query": "mutation { do }"}, headers={"Accept": accept})
        assert refused.status_code == 405
        assert refused.headers["allow"] == "POST"
    assert httpx.get(doing, params={"query": "{ done }"}).json()["data"] == {"done": 1}, "nothing was done before"


PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,authorization"}


def test_other_origins_are_shut_out_unless_they_are_listed(hub: str) -> None:
    origin = {"Origin": "https://portal.example"}
    assert httpx.options(f"{hub}/graphql", headers={**origin, **PREFLIGHT}).status_code == 405
    for response in (
        httpx.options(f"{hub}/graphql", headers={**origin, **PREFLIGHT}),
        httpx.post(f"{hub}/graphql", content=QUERY, headers={**origin, **JSON}),
    ):
        assert not [name for name in response.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://portal.example", True),
        ("http://portal.example", False),
        ("https://portal.example:8443", False),
        ("https://portal.example.stranger.example", False),
        ("https://sub.portal.example", False),
        ("HTTPS://PORTAL.EXAMPLE", False),
        ("null", False),
        ("*", False),
    ],
)
def test_listed_origins_are_let_in_to_the_letter(impatient: str, origin: str, allowed: bool) -> None:
    asked = {"Origin": origin}
    preflight = httpx.options(f"{impatient}/graphql", headers={**asked, **PREFLIGHT})
    answer = httpx.post(f"{impatient}/graphql", content=QUERY, headers={**asked, **JSON})
    assert preflight.status_code == (200 if allowed else 400)
    assert answer.json()["data"] == {"__typename": "Query"}
    for response in (preflight, answer):
        assert response.headers.get("access-control-allow-origin") == (origin if allowed else None)
        assert "access-control-allow-credentials" not in response.headers
        assert "Origin" in re.split(r",\s*", response.headers["vary"])
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("method", "headers", "taken"),
    [
        ("POST", "content-type", 200),
        ("GET", "authorization", 200),
        ("POST", "content-type, x-other", 400),
        ("DELETE", "content-type", 400),
    ],
)
def test_preflights_name_what_may_be_sent(impatient: str, method: str, headers: str, taken: int) -> None:
    asked = {
        "Origin": "https://portal.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    assert httpx.options(f"{impatient}/graphql", headers=asked).status_code == taken


@pytest.mark.parametrize("given", ["*", "null", "portal.example", "https://portal.example/", "https://Portal.example"])
def test_what_is_no_origin_is_said_at_the_start(given: str) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        Settings.model_validate({"cors_origins": given})


def test_settings_of_several_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_CORS_ORIGINS", "https://a.example, http://b.example:8080")
    monkeypatch.setenv("HUB_TRUSTED_PROXIES", "10.0.0.0/8 fd00::/8")
    settings = Settings()
    assert settings.cors_origins == ("https://a.example", "http://b.example:8080")
    assert list(map(str, settings.trusted_proxies)) == ["10.0.0.0/8", "fd00::/8"]


HTML = {"Accept": "text/html"}


@pytest.mark.parametrize("path", ["/", "/ask", "/graphql"])
def test_pages_say_what_browsers_may_do_with_them(hub: str, path: str) -> None:
    headers = httpx.get(f"{hub}{path}", headers=HTML).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "geolocation=()" in headers["permissions-policy"]


def test_graphiql_may_load_what_it_names_and_nothing_else(hub: str) -> None:
    page = httpx.get(f"{hub}/graphql", headers=HTML)
    policy = page.headers["content-security-policy"]
    named = set(re.findall(r'(?:src|href)="(https://[^"]+)"', page.text))
    assert len(named) == 7
    assert set(re.findall(r"https://[^\s;]+", policy)) == named
    assert all("@" in url for url in named), "each names its version"
    assert page.text.count("integrity=") == len(named)
    assert page.text.count("<script>") == policy.count("'sha256-") == 1
