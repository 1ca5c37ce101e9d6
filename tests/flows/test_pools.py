"""Many enterprises confirm at once, at two hubs over one store: a pool is never overdrawn, no benefit comes twice."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from auth.identity import demo
from server import create_app
from settings import Settings
from tests.flows.conftest import Hub
from tests.flows.entitling import ACCOUNT, RUN, act, pool_of
from tests.flows.policymaking import OFFICER, done, opened, published
from tests.running import serve
from tests.world import DEMO_SOURCES, World

IDENTITY = """
[issuers.demo]
issuer = "{issuer}"
keys = "demo-issuer/public.pem"
algorithms = ["ES256"]
roles = ["ENTERPRISE", "OFFICER"]
[clients.officer-eastlake]
title = "Officers"
organisation = "east-lake"
roles = ["OFFICER"]
zones = ["east-lake"]
[clients.enterprise-chujingling]
title = "Enterprises"
organisation = "platform"
roles = ["ENTERPRISE"]
"""
CONFIRM = """mutation($input: ConfirmEntitlementInput!, $key: String!) {
    confirmEntitlement(input: $input, idempotencyKey: $key) {
        entitlement { id state version } userErrors { code message } } }"""


@dataclass(frozen=True)
class Pair:
    """Two hubs over one store, where any enterprise may act."""

    hubs: Sequence[Hub]
    callers: int

    def headers(self, uscc: str) -> dict[str, str]:
        """An enterprise's headers."""
        issuer = self.hubs[0].issuer
        minted = demo.mint(issuer, "enterprise-chujingling", enterprise=uscc, org="platform", sub=uscc)
        return {"Authorization": f"Bearer {minted}"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two hubs over one store: two hundred callers on PostgreSQL, fewer on SQLite."""
    folder = tmp_path_factory.mktemp("pair")
    store_url = world.own_store(folder) if request.param == "sqlite" else request.getfixturevalue("filled_postgresql")
    demo.make_issuer(folder / "demo-issuer")
    (folder / "identity.toml").write_text(IDENTITY.format(issuer=demo.ISSUER))
    settings = Settings(
        sources=DEMO_SOURCES,
        store_url=store_url,
        data_dir=folder,
        identity=folder / "identity.toml",
        rate_organisation=100_000,
        rate_address=100_000,
    )
    environment = world.environment
    with serve(create_app(settings, environment)) as one, serve(create_app(settings, environment)) as other:
        hubs = [Hub(url, folder / "demo-issuer", store_url) for url in (one, other)]
        yield Pair(hubs, 200 if request.param == "postgresql" else 40)


async def _confirm(pair: Pair, client: httpx.AsyncClient, number: int, one: dict[str, Any], key: str) -> dict[str, Any]:
    """Confirm, and ask again with the same key as long as the hub is busy."""
    given = {"query": CONFIRM, "variables": {"key": key, "input": {
        "id": one["id"], "version": one["version"], "account": ACCOUNT}}}  # fmt: skip
    headers = pair.headers(one["uscc"])
    while True:
        said = await client.post(f"{pair.hubs[number % 2].url}/graphql", json=given, headers=headers)
        if said.status_code != 503:
            break
        await asyncio.sleep(0.2)
    body = said.json()
    assert "errors" not in body, body
    found: dict[str, Any] = body["data"]["confirmEntitlement"]
    return found


def pushed(hub: Hub, policy: dict[str, Any]) -> list[dict[str, Any]]:
    """Bring a policy to all whom it fits."""
    done(act(hub, OFFICER, "matchEntitlements", RUN, policy=policy["id"], push=True))
    query = "query($p: ID!) { policy(id: $p) { entitlements(first: 1000) { id uscc version } } }"
    found: list[dict[str, Any]] = hub.ask(OFFICER, query, p=policy["policy"]["id"]).data["policy"]["entitlements"]
    return found


def test_a_pool_is_never_overdrawn_and_no_benefit_comes_twice(pair: Pair) -> None:
    hub = pair.hubs[0]
    distinct = pair.callers * 3 // 4
    affordable = distinct * 3 // 5
    pool = opened(hub, f"{affordable * 1000 + 999}")
    chosen: list[dict[str, Any]] = []
    while len(chosen) < distinct:
        chosen += pushed(hub, published(hub, pool["id"], benefit={"amount": "1000"}))
    chosen = chosen[:distinct]
    keys = {one["id"]: uuid.uuid4().hex for one in chosen}
    calls = [*chosen, *chosen[: pair.callers - distinct]]

    async def all_at_once() -> list[dict[str, Any]]:
        bounds = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(timeout=120, limits=bounds) as client:
            return await asyncio.gather(
                *(_confirm(pair, client, number, one, keys[one["id"]]) for number, one in enumerate(calls))
            )

    said = asyncio.run(all_at_once())
    by_id: dict[str, set[str]] = {}
    for call, answer in zip(calls, said, strict=True):
        by_id.setdefault(call["id"], set()).add(str(answer))
    assert all(len(answers) == 1 for answers in by_id.values()), "the same key, the same answer"
    first = dict(zip((call["id"] for call in calls), said, strict=True))
    states = Counter(one["entitlement"]["state"] if one["entitlement"] else "refused" for one in first.values())
    assert states == {"CONFIRMED": affordable, "refused": distinct - affordable}
    assert {one["userErrors"][0]["code"] for one in first.values() if not one["entitlement"]} == {"NOT_ALLOWED"}
    held = pool_of(hub, pool["id"])
    assert (held["reserved"], held["free"], held["paid"]) == (f"{affordable * 1000}.00", "999.00", "0.00")
    assert [entry["action"] for entry in held["history"]] == ["OPEN", "REACHED_70", "REACHED_90"]


def test_benefits_that_exclude_each_other_are_not_confirmed_together(pair: Pair) -> None:
    hub = pair.hubs[0]
    first = published(hub, opened(hub)["id"], benefit={"amount": "1000"})
    second = published(hub, opened(hub)["id"], benefit={"amount": "1000"}, excludes=[first["policy"]["id"]])
    chosen = [
        one for policy in (first, second) for one in sorted(pushed(hub, policy), key=lambda one: str(one["uscc"]))[-20:]
    ]

    async def all_at_once() -> list[dict[str, Any]]:
        async with httpx.AsyncClient(timeout=120, limits=httpx.Limits(max_connections=None)) as client:
            return await asyncio.gather(
                *(_confirm(pair, client, number, one, uuid.uuid4().hex) for number, one in enumerate(chosen))
            )

    confirmed: Counter[str] = Counter()
    for one, answer in zip(chosen, asyncio.run(all_at_once()), strict=True):
        confirmed[one["uscc"]] += answer["entitlement"] is not None
    assert set(confirmed.values()) == {1}, "everybody has one of the two"
