"""Requests that mean harm: refused as the sender's error, while others are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from benchmarks.attacks import BYSTANDER, Attack, attacks, slow_callers
from server import create_app
from settings import Settings
from tests.running import serve
from tests.world import DEMO_SOURCES, World
from web.connection import bounded

ATTACKS = attacks()
CODES = frozenset(("COST_LIMIT", "BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"))


@pytest.fixture(scope="module")
def url(world: World) -> Iterator[str]:
    """A hub that does not wait long for the head of a request."""
    settings = Settings(
        sources=DEMO_SOURCES,
        store_url=world.store_url,
        data_dir=world.folder,
        header_seconds=1,
        rate_address=10_000_000,
    )
    with serve(create_app(settings, world.environment), http=bounded(settings.header_seconds)) as found:
        yield found


async def sent(client: httpx.AsyncClient, url: str, attack: Attack) -> None:
    """Send an attack; fail unless it is refused as its sender's error, without a word of the inside."""
    try:
        response = await client.post(f"{url}/graphql", content=attack.content(), headers=attack.headers)
    except httpx.TransportError:
        assert attack.chunked, "only an endless body finds the connection closed before its end"
        return
    assert response.status_code in attack.statuses, response.text
    assert "data" not in response.json()
    assert {error["extensions"]["code"] for error in response.json()["errors"]} <= CODES
    assert "Traceback" not in response.text
    assert ".py" not in response.text


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_is_refused_as_its_senders_error(url: str, name: str) -> None:
    async with httpx.AsyncClient(timeout=20) as client:
        await sent(client, url, ATTACKS[name])
        assert "errors" not in (await client.post(f"{url}/graphql", json={"query": "{ zones { id } }"})).json()


async def test_a_bystander_is_answered_while_all_attack_at_once(url: str) -> None:
    async with httpx.AsyncClient(timeout=20) as attacker, httpx.AsyncClient(timeout=20) as bystander, slow_callers(url):
        attacking = [asyncio.ensure_future(sent(attacker, url, attack)) for attack in ATTACKS.values()]
        asked = 0
        while not (asked and all(one.done() for one in attacking)):
            answer = (await bystander.post(f"{url}/graphql", json=BYSTANDER)).json()
            assert answer["data"]["enterprise"]["awards"] is not None
            asked += 1
        await asyncio.gather(*attacking)
