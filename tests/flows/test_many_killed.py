"""A call for many entitlements whose hub is killed half-way: repeated elsewhere, it goes on, and does nothing twice."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import httpx
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from codes.entitlements import EntitlementState
from store.engine import once
from store.policy_tables import entitlement
from tests.flows.conftest import Hub
from tests.flows.entitling import RUN, act, fresh
from tests.flows.policymaking import OFFICER, done, key
from tests.flows.test_live_processes import Worker, two
from tests.flows.test_many_entitlements import item, many

__all__ = ["two"]

AT_ONCE = 50


def unanswered(hub: Hub) -> list[dict[str, Any]]:
    """Entitlements that were pushed, and that nobody has answered in time."""
    _, policy = fresh(hub, "100000000")
    assert done(act(hub, OFFICER, "matchEntitlements", RUN, policy=policy["id"], push=True))["made"] >= AT_ONCE
    of_policy = entitlement.c.policy_id == policy["id"].partition(":")[2]

    async def late(engine: AsyncEngine) -> list[dict[str, Any]]:
        async with engine.begin() as connection:
            await connection.execute(update(entitlement).where(of_policy).values(due_on=date.today() - timedelta(1)))
            found = await connection.execute(select(entitlement.c.id, entitlement.c.version).where(of_policy))
            return [{"id": f"Entitlement:{one.id}", "version": one.version} for one in found]

    found: list[dict[str, Any]] = asyncio.run(once(hub.store_url, late))
    return found[:AT_ONCE]


def expired(hub: Hub) -> int:
    """How many the store says to have expired."""

    async def count(engine: AsyncEngine) -> int:
        async with engine.connect() as connection:
            is_expired = entitlement.c.state == EntitlementState.EXPIRED.value
            found = await connection.execute(select(func.count()).select_from(entitlement).where(is_expired))
            return int(found.scalar_one())

    return int(asyncio.run(once(hub.store_url, count)))


def test_a_call_for_many_goes_on_where_its_hub_was_killed(two: tuple[Worker, Worker]) -> None:
    one, other = two
    items, name = [item(found, "EXPIRE") for found in unanswered(other.hub)], key()

    def called() -> None:
        with suppress(httpx.TransportError):
            many(one.hub, OFFICER, items, name)

    calling = threading.Thread(target=called)
    calling.start()
    while not expired(other.hub):
        time.sleep(0.01)
    one.kill()
    calling.join()
    before = expired(other.hub)
    assert 0 < before < AT_ONCE, "it was killed half-way"
    for _ in range(2):
        (payload,) = many(other.hub, OFFICER, items, name).data.values()
        shown = [outcome["entitlement"] for outcome in payload["outcomes"]]
        assert [found["id"] for found in shown] == [asked["id"] for asked in items]
        assert {found["state"] for found in shown} == {"EXPIRED"}
        assert all([one["action"] for one in found["history"]].count("EXPIRE") == 1 for found in shown)
    assert expired(other.hub) == AT_ONCE
