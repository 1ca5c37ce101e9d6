"""Listening to the flows of others: a loan application by its parties, policies by everybody."""

from __future__ import annotations

import asyncio

import pytest

from tests.flows.conftest import Hub
from tests.flows.lending import advance, apply
from tests.flows.parties import BOC, ENTERPRISE, ICBC, made
from tests.flows.policymaking import OFFICER, POLICY, advanced, content, done, key, opened, published
from tests.listening import listening

LOAN = """subscription { applicationUpdated { id version state lender terms { rate } } }"""
PUBLISHED = 'subscription { policyPublished(zone: "east-lake") { id title number zone { id } } }'


@pytest.mark.parametrize("name", [ENTERPRISE, BOC])
async def test_the_parties_of_an_application_are_told_of_each_step(acting: Hub, name: str) -> None:
    async with (
        listening(acting.url, acting.headers(name)) as socket,
        listening(acting.url, acting.headers(ICBC)) as stranger,
    ):
        await socket.subscribe("it", LOAN)
        await stranger.subscribe("it", LOAN)
        await socket.settled()
        await stranger.settled()
        found = await asyncio.to_thread(lambda: made(apply(acting)))
        first = (await socket.next("it"))["data"]["applicationUpdated"]
        await asyncio.to_thread(advance, acting, BOC, found, "ACCEPT")
        second = (await socket.next("it"))["data"]["applicationUpdated"]
        assert [(one["id"], one["state"]) for one in (first, second)] == [
            (found["id"], "APPLIED"),
            (found["id"], "ACCEPTED"),
        ]
        await stranger.settled()


async def test_everybody_is_told_of_a_policy_when_it_is_published_and_of_no_draft(acting: Hub) -> None:
    async with listening(acting.url, {}) as visitor, listening(acting.url, {}) as elsewhere:
        await visitor.subscribe("it", PUBLISHED)
        await elsewhere.subscribe("it", PUBLISHED.replace("east-lake", "nanchang"))
        await visitor.settled()
        await elsewhere.settled()

        def work() -> str:
            pool = opened(acting)["id"]
            first = published(acting, pool)
            changed = {
                "id": first["id"],
                "version": first["version"],
                "content": content(pool, title="演示政策：第二版"),
            }
            second = done(acting.act(OFFICER, "editPolicy", POLICY, key(), **changed))
            done(advanced(acting, OFFICER, "publishPolicy", second))
            id: str = first["policy"]["id"]
            return id

        policy = await asyncio.to_thread(work)
        told = [(await visitor.next("it"))["data"]["policyPublished"] for _ in range(2)]
        assert told[1]["title"] == "演示政策：第二版"
        assert {one["id"] for one in told} == {policy}
        assert {one["zone"]["id"] for one in told} == {"Zone:east-lake"}
        await visitor.settled()
        await elsewhere.settled()
