"""What is told of an event is what the same reader is answered who asks: everything of it, for each of its parties.

So whatever holds of questions (tests/resolvers/test_access_matrix.py) holds of what is listened to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from graphql import GraphQLObjectType
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.identity import demo
from store.edition_runs import KeptPage, Run, Runs
from store.editions import Editions
from store.engine import once
from tests.everything import SCHEMA, everything
from tests.flows.conftest import Hub
from tests.flows.test_introductions import ENTERPRISE, NETWORK, OFFICER, made, request
from tests.listening import Socket, listening
from tests.world import CHUJINGLING

SCHEME = "national-18-demo"
ALL = everything("Introduction", ("Enterprise", "TechnologyManagerNetwork"))
OF_ENTERPRISE = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ introductions {{ {ALL} }} }} }}'
OF_NETWORK = f"{{ networks {{ introductions {{ {ALL} }} }} }}"
CHANGES = """edition { code state } since { code } count withheld
    changes { uscc before after change moved { change } stageAfter { id } }"""
CHANGED = f"subscription($usccs: [USCC!]!) {{ scoreChanged(usccs: $usccs) {{ {CHANGES} }} }}"
PROGRESS = """subscription($edition: ID!) { editionProgress(edition: $edition) {
    code begunAt reading read total edition { code state } } }"""
RUN = """mutation($input: RunEditionInput!) { runEdition(input: $input) {
    edition { code } userErrors { message } } }"""


def told(message: Mapping[str, Any]) -> Any:
    """What was told, by its data and the codes and paths of its errors below the root."""
    errors = {(*map(str, e["path"][1:]), e["extensions"]["code"]) for e in message.get("errors", ())}
    return message["data"], errors


@pytest.mark.parametrize("name", [ENTERPRISE, OFFICER, NETWORK])
async def test_everything_of_an_introduction_is_told_as_it_is_answered(acting: Hub, name: str) -> None:
    async with listening(acting.url, acting.headers(name)) as socket:
        await socket.subscribe("it", f"subscription {{ introductionUpdated {{ {ALL} }} }}")
        await socket.settled()
        found = await asyncio.to_thread(lambda: made(request(acting)))
        data, errors = told(await socket.next("it"))
        asked = await asyncio.to_thread(acting.ask, name, OF_NETWORK if name == NETWORK else OF_ENTERPRISE)
        place = asked.data["networks"][0] if name == NETWORK else asked.data["enterprise"]
        (number,) = [n for n, one in enumerate(place["introductions"]) if one["id"] == found["id"]]
        assert data == {"introductionUpdated": place["introductions"][number]}
        of_it = {
            (*(part for part in path.split(".introductions.")[1].split(".")[1:]), code)
            for path, code in asked.codes().items()
            if path.split(".introductions.")[1].split(".")[0] == str(number)
        }
        assert errors == of_it


async def test_whoever_is_no_party_is_never_told(acting: Hub) -> None:
    parties = {ENTERPRISE, OFFICER, NETWORK}
    async with AsyncExitStack() as stack:
        sockets: dict[str, Socket] = {}
        refused = set()
        for name in ("anonymous", *demo.NAMES):
            socket = await stack.enter_async_context(listening(acting.url, acting.headers(name)))
            await socket.subscribe("it", "subscription { introductionUpdated { id } }")
            await socket.subscribe("settled", "{ __typename }")
            first = await socket.hear()
            if first["type"] == "error":
                assert first["payload"][0]["extensions"]["code"] == "FORBIDDEN"
                refused.add(name)
                first = await socket.hear()
            assert (first["id"], (await socket.hear())["type"]) == ("settled", "complete")
            sockets[name] = socket
        found = await asyncio.to_thread(lambda: made(request(acting)))
        for name in parties:
            assert (await sockets[name].next("it"))["data"] == {"introductionUpdated": {"id": found["id"]}}
        for name in sockets.keys() - parties:
            await sockets[name].settled()
        assert {"anonymous", "bank-icbc", "operator", "auditor", "security", "portal"} <= refused


async def _published(id: str, engine: AsyncEngine) -> None:
    """Bring a draft through a notice of a day ago, as an operator does at the hub's machine."""
    editions, yesterday = Editions(engine), date.today() - timedelta(days=1)
    await editions.open_notice(id, yesterday, yesterday, "test")
    await editions.publish(id, date.today(), "test")


async def _begun(edition: str, engine: AsyncEngine) -> Run:
    """Leave a run that has read one of two, as one that breaks off does: the hub's own are over too soon to be seen."""
    runs = Runs(engine)
    begun = await runs.begin("broken off", edition=edition)
    await runs.keep(begun, "registration", KeptPage(0, None, False, b""), 1, 2)
    return begun


def run(hub: Hub, period: str) -> str:
    wanted = {"zone": "east-lake", "scheme": SCHEME, "period": period, "usccs": [CHUJINGLING]}
    said = hub.ask(OFFICER, RUN, input=wanted)
    payload = said.data["runEdition"]
    assert payload["userErrors"] == [], said.body
    code: str = payload["edition"]["code"]
    return code


async def test_scores_and_runs_are_told_to_whom_they_concern(acting: Hub) -> None:
    names = (ENTERPRISE, OFFICER, "enterprise-zhongjiali", "officer-nanchang", "bank-icbc")
    first = await asyncio.to_thread(run, acting, "2021")
    await once(acting.store_url, partial(_published, first))
    async with AsyncExitStack() as stack:
        sockets = {n: await stack.enter_async_context(listening(acting.url, acting.headers(n))) for n in names}
        for name, socket in sockets.items():
            if name == "bank-icbc":
                await socket.subscribe("purpose", CHANGED, usccs=[CHUJINGLING])
                assert (await socket.error("purpose"))["extensions"]["code"] == "PURPOSE_REQUIRED"
            else:
                await socket.subscribe("it", CHANGED, usccs=[CHUJINGLING])
                await socket.settled()
        officer = sockets[OFFICER]
        numberless = first.replace(":2021:", ":2022:").rpartition(":")[0]
        await officer.subscribe("run", PROGRESS, edition=numberless)
        await officer.settled()
        broken_off = await once(acting.store_url, partial(_begun, numberless))
        step: dict[str, Any] = {"reading": None}
        while step["reading"] is None:
            step = (await officer.next("run"))["data"]["editionProgress"]
        assert (step["code"], step["reading"], step["read"], step["total"]) == (numberless, "registration", 1, 2)
        await once(acting.store_url, lambda engine: Runs(engine).end(broken_off))
        running = asyncio.ensure_future(asyncio.to_thread(run, acting, "2022"))
        steps: list[dict[str, Any]] = []
        while not steps or steps[-1]["edition"] is None:
            steps.append((await officer.next("run"))["data"]["editionProgress"])
        second = await running
        assert steps[-1]["edition"] == {"code": second, "state": "DRAFT"}
        assert {step["code"] for step in steps} == {second.rpartition(":")[0]}
        await officer.say("complete", id="run")
        await once(acting.store_url, partial(_published, second))
        for name in (ENTERPRISE, OFFICER):
            data, errors = told(await sockets[name].next("it"))
            again = f'{{ scoreChanges(edition: "{second}", usccs: ["{CHUJINGLING}"]) {{ {CHANGES} }} }}'
            asked = await asyncio.to_thread(acting.ask, name, again)
            assert data["scoreChanged"] == asked.data["scoreChanges"]
            assert data["scoreChanged"]["since"] == {"code": first}
            assert data["scoreChanged"]["changes"][0]["change"] not in (None, "0")
            assert errors == set()
        for name in ("enterprise-zhongjiali", "officer-nanchang"):
            await sockets[name].settled()
    async with listening(acting.url) as socket:
        await socket.subscribe("it", CHANGED, usccs=[CHUJINGLING])
        assert (await socket.error("it"))["extensions"]["code"] == "FORBIDDEN"


async def test_an_officer_watches_the_runs_of_its_own_zone(acting: Hub) -> None:
    for name in (ENTERPRISE, "officer-nanchang", "anonymous"):
        async with listening(acting.url, acting.headers(name)) as socket:
            await socket.subscribe("run", PROGRESS, edition=f"east-lake:{SCHEME}:1.0-demo:2022:1")
            assert (await socket.error("run"))["extensions"]["code"] == "FORBIDDEN"


def test_every_field_that_is_listened_to_is_held_to_the_rules_here() -> None:
    root = SCHEMA.subscription_type
    assert isinstance(root, GraphQLObjectType)
    elsewhere = {
        "sourceHealthChanged",  # everybody's: tests/resolvers/test_streams.py
        "policyPublished", "applicationUpdated",  # tests/flows/test_live_flows.py
    }  # fmt: skip
    assert (
        set(root.fields)
        == {"introductionUpdated", "dataObjectionUpdated", "scoreChanged", "editionProgress"} | elsewhere
    )
