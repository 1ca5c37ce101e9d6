"""What those who listen may do, and what becomes of those who do otherwise: over real sockets, with short times."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from auth.identity import api_keys, demo
from server import create_app
from settings import Settings
from store.engine import once
from store.keys import Key, Keys
from tests.flows.conftest import Hub
from tests.flows.test_introductions import ENTERPRISE, NETWORK, OFFICER, made, request
from tests.listening import Socket, connected, listening, streaming
from tests.running import serve
from tests.world import CHUJINGLING, DEMO_SOURCES, World
from web.connection import bounded, bounded_socket

UPDATED = "subscription { introductionUpdated { id state } }"
DEAR = "subscription { introductionUpdated { " + " ".join(f"h{n}: history {{ at }}" for n in range(5)) + " } }"
LARGE = "subscription { introductionUpdated { " + " ".join(f"a{n}: about" for n in range(200)) + " } }"
"""More than a megabyte an event, of a request that is about something long."""


@contextmanager
def bounding(world: World, folder: Path, heartbeat: float, patience: float) -> Iterator[Hub]:
    """Serve a hub with room for little."""
    store_url = world.own_store(folder)
    given = {
        "sources": DEMO_SOURCES, "store_url": store_url, "data_dir": folder, "heartbeat_seconds": heartbeat,
        "listeners": 4, "listener_operations": 3, "listener_events": 5, "header_seconds": patience,
        "cors_origins": "https://portal.example",
    }  # fmt: skip
    app = create_app(Settings.model_validate(given), world.environment)
    with serve(app, http=bounded(patience), ws=bounded_socket(patience)) as url:
        yield Hub(url, folder / "demo-issuer", store_url)


@pytest.fixture(scope="module")
def strict(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with room for little."""
    with bounding(world, tmp_path_factory.mktemp("strict"), 60, 60) as hub:
        yield hub


@pytest.fixture(scope="module")
def nervous(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with little patience besides."""
    with bounding(world, tmp_path_factory.mktemp("nervous"), 1.0, 2.0) as hub:
        yield hub


async def test_a_connection_says_in_time_who_it_is(nervous: Hub) -> None:
    async with connected(nervous.url) as socket:
        assert (await socket.closed())[0] == 4408


async def test_a_connection_says_first_who_it_is(strict: Hub) -> None:
    async with connected(strict.url) as socket:
        await socket.subscribe("a", "{ __typename }")
        assert (await socket.closed())[0] == 4401
    async with connected(strict.url) as socket:
        await socket.say("connection_init", payload={"Authorization": "Bearer no.such.token"})
        assert (await socket.closed())[0] == 4403
    async with listening(strict.url) as socket:
        await socket.say("connection_init")
        assert (await socket.closed())[0] == 4429


@pytest.mark.parametrize(
    "sent",
    [
        "no json",
        "[]",
        "{}",
        '{"type": "strange"}',
        '{"type": "subscribe", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "a"}',
        b"bytes",
    ],
)
async def test_what_is_no_message_of_the_protocol_ends_the_connection(strict: Hub, sent: str | bytes) -> None:
    async with listening(strict.url) as socket:
        await socket.connection.send(sent)
        assert (await socket.closed())[0] == 4400


@pytest.mark.parametrize("payload", [[], {"authorization": 5}, {"Authorization": "Bearer \n"}])
async def test_a_payload_that_says_nothing_ends_the_connection(strict: Hub, payload: Any) -> None:
    async with connected(strict.url) as socket:
        await socket.say("connection_init", payload=payload)
        assert (await socket.closed())[0] == 4400


async def test_whoever_says_two_things_of_itself_is_not_believed(strict: Hub) -> None:
    async with connected(strict.url, strict.headers(ENTERPRISE)) as socket:
        await socket.say("connection_init", payload=strict.headers(OFFICER))
        assert (await socket.closed())[0] == 4400


async def test_what_proxies_say_is_not_taken_from_the_payload(strict: Hub) -> None:
    async with listening(strict.url, {"X-Forwarded-For": "8.8.8.8", "Client-Cert": "x", "anything": "else"}) as socket:
        await socket.subscribe("a", "{ me { organisation } }")
        assert (await socket.next("a"))["data"] == {"me": {"organisation": None}}


async def test_another_protocol_is_not_spoken(strict: Hub) -> None:
    async with connect(f"{strict.url.replace('http', 'ws', 1)}/graphql", proxy=None) as connection:
        assert (await Socket(connection).closed())[0] == 4406


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("https://portal.example", True),
        ("{own}", True),
        ("https://attacker.example", False),
        ("null", False),
        ("http://portal.example", False),
    ],
)
async def test_pages_of_other_origins_do_not_connect(strict: Hub, origin: str, welcome: bool) -> None:
    address = f"{strict.url.replace('http', 'ws', 1)}/graphql"
    given = Origin(origin.replace("{own}", strict.url))
    opening = connect(address, subprotocols=[Subprotocol("graphql-transport-ws")], origin=given, proxy=None)
    if welcome:
        async with opening:
            return
    with pytest.raises(InvalidStatus) as refused:
        async with opening:
            pass
    assert refused.value.response.status_code == 403


async def test_queries_and_mutations_are_answered_on_the_way(strict: Hub) -> None:
    mutation = """mutation($i: RequestIntroductionInput!) { requestIntroduction(input: $i, idempotencyKey: "over-ws") {
        introduction { state } userErrors { code } } }"""
    about = {"enterprise": CHUJINGLING, "manager": "tm-003", "about": "Imaging"}
    async with listening(strict.url, strict.headers(ENTERPRISE)) as socket:
        await socket.subscribe("q", "{ me { organisation } }")
        answer = await socket.next("q")
        assert answer["data"] == {"me": {"organisation": "chujingling"}}
        assert answer["extensions"]["engine"] == "compiled"
        assert await socket.hear() == {"type": "complete", "id": "q"}
        await socket.subscribe("m", mutation, i=about)
        found = (await socket.next("m"))["data"]["requestIntroduction"]
        assert found == {"introduction": {"state": "REQUESTED"}, "userErrors": []}
        assert await socket.hear() == {"type": "complete", "id": "m"}
    async with streaming(strict.url, strict.headers(ENTERPRISE), "{ me { organisation } }", method="GET") as stream:
        assert (await stream.event())[1]["data"] == {"me": {"organisation": "chujingling"}}
        assert await stream.event() == ("complete", None)
    async with streaming(strict.url, {}, mutation, method="GET") as stream:
        assert (await stream.event())[1]["errors"][0]["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"


def test_a_subscription_by_plain_http_is_told_where_to_go(strict: Hub) -> None:
    refused = httpx.post(f"{strict.url}/graphql", json={"query": UPDATED}, headers=strict.headers(ENTERPRISE))
    assert refused.status_code == 405
    assert "text/event-stream" in refused.json()["errors"][0]["message"]


async def test_pings_are_answered_and_silence_ends_a_connection(nervous: Hub) -> None:
    async with listening(nervous.url) as socket:
        await socket.say("ping", payload={"n": 1})
        assert await socket.hear() == {"type": "pong", "payload": {"n": 1}}
        heard = [json.loads(await socket.connection.recv()) for _ in range(2)]
        assert heard == [{"type": "ping"}] * 2, "and no pong from here"
        assert (await socket.closed())[0] == 1001
    async with streaming(nervous.url, nervous.headers(ENTERPRISE), UPDATED) as stream:
        for _ in range(3):
            await stream.alive()


async def test_so_many_operations_and_no_two_of_a_name(strict: Hub) -> None:
    async with listening(strict.url, strict.headers(ENTERPRISE)) as socket:
        for name in "abc":
            await socket.subscribe(name, UPDATED)
        await socket.subscribe("d", UPDATED)
        assert (await socket.error("d"))["extensions"]["code"] == "TOO_MANY_LISTENERS"
        await socket.say("complete", id="a")
        await socket.subscribe("d", UPDATED)
        await asyncio.to_thread(request, strict)
        assert {(await socket.hear())["id"] for _ in range(3)} == {"b", "c", "d"}
        await socket.subscribe("b", UPDATED)
        assert (await socket.closed())[0] == 4409


async def test_a_thing_is_read_once_for_all_who_are_told_of_it(strict: Hub) -> None:
    reads: list[str] = []

    def noted(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT introduction.") and "WHERE introduction.id = " in statement:
            reads.append(statement)

    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(listening(strict.url, strict.headers(name)))
            for name in (ENTERPRISE, ENTERPRISE, OFFICER, NETWORK)
        ]
        for socket in sockets:
            await socket.subscribe("a", UPDATED)
            await socket.settled()
        event.listen(Engine, "before_cursor_execute", noted)
        stack.callback(event.remove, Engine, "before_cursor_execute", noted)
        found = await asyncio.to_thread(lambda: made(request(strict)))
        told = [(await socket.next("a"))["data"]["introductionUpdated"] for socket in sockets]
    assert told == [{"id": found["id"], "state": "REQUESTED"}] * 4
    assert len(reads) == 1


async def test_so_many_connections_of_one_organisation(strict: Hub) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(listening(strict.url, strict.headers(OFFICER)))
        stream = await stack.enter_async_context(streaming(strict.url, strict.headers(OFFICER), UPDATED))
        await stream.alive()
        async with connected(strict.url) as socket:
            await socket.say("connection_init", payload=strict.headers(OFFICER))
            assert (await socket.closed())[0] == 1013
        async with streaming(strict.url, strict.headers(OFFICER), UPDATED) as refused:
            assert refused.response.status_code == 429
        async with listening(strict.url, strict.headers(NETWORK)):
            pass
    async with listening(strict.url, strict.headers(OFFICER)):
        pass


async def test_a_token_that_runs_out_ends_the_connection(nervous: Hub) -> None:
    from auth.identity.tokens import SKEW

    def short() -> dict[str, str]:
        token = demo.mint(nervous.issuer, ENTERPRISE, now=time.time() - 3600, seconds=3600 - SKEW + 2)
        return {"Authorization": f"Bearer {token}"}

    async with listening(nervous.url, short()) as socket:
        await socket.subscribe("a", UPDATED)
        while (code := await _end(socket)) is None:
            pass
        assert code == 4403
    async with streaming(nervous.url, short(), UPDATED) as stream:
        name, answer = await stream.event()
        assert (name, answer["errors"][0]["extensions"]["code"]) == ("next", "UNAUTHENTICATED")
        assert await stream.event() == ("complete", None)


async def _end(socket: Socket) -> int | None:
    """Answer one ping; return the code if the connection is closed instead."""
    try:
        async with asyncio.timeout(10):
            assert json.loads(await socket.connection.recv())["type"] == "ping"
            await socket.say("pong")
    except ConnectionClosed:
        return socket.connection.close_code
    return None


async def test_a_key_that_is_revoked_ends_the_connection(nervous: Hub) -> None:
    made_, now = api_keys.make(), datetime.now(UTC)
    kept = Key(made_.prefix, api_keys.digest(made_.text), "bank-icbc", None, now, now + timedelta(1))
    await once(nervous.store_url, lambda engine: Keys(engine).create(kept))
    async with listening(nervous.url, {"Authorization": f"Bearer {made_.text}"}) as socket:
        await socket.subscribe("a", 'subscription { sourceHealthChanged(source: "sw-income-tax") { id } }')
        assert await _end(socket) is None
        await once(nervous.store_url, partial(_revoke, made_.prefix))
        while (code := await _end(socket)) is None:
            pass
        assert code == 4403


async def test_whoever_has_spent_its_minute_is_told_so_at_the_event(world: World, tmp_path: Path) -> None:
    store_url = world.own_store(tmp_path)
    known = {"sources": DEMO_SOURCES, "store_url": store_url, "data_dir": tmp_path, "rate_organisation": 60}
    with serve(create_app(Settings.model_validate(known), world.environment)) as url:
        hub = Hub(url, tmp_path / "demo-issuer", store_url)
        async with listening(url, hub.headers(NETWORK)) as socket:
            await socket.subscribe("a", DEAR)
            await socket.settled()
            for name in (ENTERPRISE, ENTERPRISE, OFFICER, OFFICER):
                await asyncio.to_thread(request, hub, name)
            spent = [await socket.next("a")]
            while (message := await socket.hear())["type"] == "next":
                spent.append(message["payload"])
            assert message["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
            assert all(one["extensions"]["cost"] > 1 for one in spent)
            await socket.subscribe("a", "{ __typename }")
            assert (await socket.next("a"))["data"] == {"__typename": "Query"}, "the connection stays"


async def test_a_slow_listener_is_told_so_and_harms_nobody(world: World, tmp_path: Path) -> None:
    store_url = world.own_store(tmp_path)
    known = {"sources": DEMO_SOURCES, "store_url": store_url, "data_dir": tmp_path, "listener_events": 3}
    settings = Settings.model_validate({**known, "header_seconds": 60, "heartbeat_seconds": 60})
    app = create_app(settings, world.environment)
    with serve(app, http=bounded(60), ws=bounded_socket(60)) as url:
        hub = Hub(url, tmp_path / "demo-issuer", store_url)
        async with slow(hub) as late, listening(url, hub.headers(ENTERPRISE)) as quick:
            await quick.subscribe("a", UPDATED)
            await quick.settled()
            for number in range(20):
                found = await asyncio.to_thread(lambda: made(request(hub, about="长" * 2000)))
                heard = (await quick.next("a"))["data"]["introductionUpdated"]
                assert heard["id"] == found["id"], number
            told = 0
            while (message := await late.hear())["type"] == "next":
                told += 1
            assert 0 < told < 20
            assert message["type"] == "error"
            (error,) = message["payload"]
            assert error["extensions"]["code"] == "LAGGING"
            await late.subscribe("b", "{ __typename }")
            assert (await late.next("b"))["data"] == {"__typename": "Query"}, "the connection itself stays"


async def test_a_listener_that_takes_nothing_is_left(nervous: Hub) -> None:
    async with slow(nervous) as late:
        for _ in range(20):
            await asyncio.to_thread(request, nervous, about="长" * 2000)
        await asyncio.sleep(6)  # longer than a reader may take nothing
        with pytest.raises(ConnectionClosed):
            await _all(late)


async def _revoke(prefix: str, engine: AsyncEngine) -> None:
    await Keys(engine).revoke(prefix)


async def _all(socket: Socket) -> None:
    while True:
        await socket.hear()


@asynccontextmanager
async def slow(hub: Hub) -> AsyncIterator[Socket]:
    """Listen to large events, and read none of them unless asked to."""
    address = f"{hub.url.replace('http', 'ws', 1)}/graphql"
    protocols = [Subprotocol("graphql-transport-ws")]
    few: dict[str, Any] = {"max_queue": 1, "max_size": None, "ping_interval": None, "compression": None}
    opening = connect(address, subprotocols=protocols, proxy=None, **few)
    async with opening as connection:
        socket = Socket(connection)
        await socket.say("connection_init", payload=hub.headers(ENTERPRISE))
        assert (await socket.hear())["type"] == "connection_ack"
        await socket.subscribe("it", LARGE)
        await socket.settled()
        yield socket
