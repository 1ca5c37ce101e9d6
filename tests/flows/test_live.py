"""Listening end to end: each party by its own token, over WebSocket and as events, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.flows.conftest import Hub
from tests.flows.test_introductions import ENTERPRISE, NETWORK, OFFICER, OUTSIDERS, advance, made, request
from tests.listening import Socket, listening, streaming
from tests.world import CHUJINGLING

UPDATED = "subscription($id: ID) { introductionUpdated(id: $id) { id version state about contact { phone } } }"
NOBODY = ("anonymous", "bank-icbc", "operator")


@asynccontextmanager
async def hearing(hub: Hub, name: str, query: str = UPDATED, **variables: Any) -> AsyncIterator[Socket]:
    """Listen as one of the demo's readers."""
    async with listening(hub.url, hub.headers(name)) as socket:
        await socket.subscribe("it", query, **variables)
        await socket.settled()
        yield socket


async def updated(socket: Socket) -> dict[str, Any]:
    answer = await socket.next("it")
    assert "errors" not in answer
    found: dict[str, Any] = answer["data"]["introductionUpdated"]
    return found


async def test_parties_hear_of_each_change_and_see_what_they_may(acting: Hub) -> None:
    async with (
        hearing(acting, ENTERPRISE) as own,
        hearing(acting, NETWORK) as network,
        hearing(acting, OFFICER) as zone,
    ):
        found = await asyncio.to_thread(lambda: made(request(acting)))
        for socket in (own, network, zone):
            heard = await updated(socket)
            assert (heard["id"], heard["version"], heard["state"]) == (found["id"], 1, "REQUESTED")
            assert heard["contact"] == {"phone": "DEM****0003"}
        await asyncio.to_thread(advance, acting, NETWORK, found, "ACCEPT")
        assert (await updated(own))["contact"] == {"phone": "DEMO-0000003"}, "who asked sees the contact now"
        assert (await updated(network))["contact"] == {"phone": "DEM****0003"}
        assert (await updated(zone))["contact"] == {"phone": "DEM****0003"}


async def test_outsiders_hear_nothing_and_nobody_else_may_listen(acting: Hub) -> None:
    async with hearing(acting, OUTSIDERS[0]) as stranger, hearing(acting, ENTERPRISE) as own:
        await asyncio.to_thread(request, acting)
        await updated(own)
        await stranger.settled()
    for name in NOBODY:
        async with listening(acting.url, acting.headers(name)) as socket:
            await socket.subscribe("it", UPDATED)
            assert (await socket.error("it"))["extensions"]["code"] == "FORBIDDEN"


async def test_one_thing_may_be_listened_to_by_its_parties(acting: Hub) -> None:
    first, second = await asyncio.to_thread(lambda: (made(request(acting)), made(request(acting))))
    async with hearing(acting, ENTERPRISE, id=first["id"]) as socket:
        await asyncio.to_thread(advance, acting, NETWORK, second, "DECLINE")
        await asyncio.to_thread(advance, acting, NETWORK, first, "ACCEPT")
        assert (await updated(socket))["id"] == first["id"]
    async with listening(acting.url, acting.headers(OUTSIDERS[0])) as socket:
        await socket.subscribe("it", UPDATED, id=first["id"])
        assert (await socket.error("it"))["extensions"]["code"] == "BAD_USER_INPUT"


async def test_events_are_told_as_server_sent_events_too(acting: Hub) -> None:
    headers = acting.headers(ENTERPRISE)
    async with streaming(acting.url, headers, UPDATED) as stream:
        assert stream.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        await stream.alive()
        found = await asyncio.to_thread(lambda: made(request(acting)))
        name, answer = await stream.event()
        assert (name, answer["data"]["introductionUpdated"]["id"]) == ("next", found["id"])


async def test_each_look_over_a_subscription_is_in_the_log(acting: Hub) -> None:
    async with hearing(acting, NETWORK) as network:
        await asyncio.to_thread(request, acting)
        await updated(network)
    log = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ accessLog(first: 5) {{ nodes {{ organisation groups }} }} }} }}'
    shown = await asyncio.to_thread(acting.ask, ENTERPRISE, log)
    found = shown.data["enterprise"]["accessLog"]["nodes"]
    assert {"organisation": "manager-network", "groups": ["INTRODUCTIONS"]} in found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { introductionUpdated { id }", "GRAPHQL_PARSE_FAILED"),
        (
            'subscription { a: introductionUpdated { id } sourceHealthChanged(source: "x") { id } }',
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ('subscription { sourceHealthChanged(source: "x") { id } }', "BAD_USER_INPUT"),
        ("subscription { scoreChanged(usccs: []) { count } }", "BAD_USER_INPUT"),
        ('subscription { scoreChanged(usccs: ["1"]) { count } }', "BAD_USER_INPUT"),
        ('subscription { editionProgress(edition: "x") { code } }', "BAD_USER_INPUT"),
        ('subscription { editionProgress(edition: "nanchang:a:1:2022") { code } }', "FORBIDDEN"),
        ("subscription @skip(if: true) { introductionUpdated { id } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription($no: Boolean = false) { introductionUpdated @include(if: $no) { id } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ],
)
async def test_a_subscription_that_cannot_be_is_told_so(acting: Hub, query: str, code: str) -> None:
    async with listening(acting.url, acting.headers(OFFICER)) as socket:
        await socket.subscribe("it", query)
        assert (await socket.error("it"))["extensions"]["code"] == code
    async with streaming(acting.url, acting.headers(OFFICER), query) as stream:
        name, answer = await stream.event()
        assert (name, answer["errors"][0]["extensions"]["code"]) == ("next", code)
        assert await stream.event() == ("complete", None)
