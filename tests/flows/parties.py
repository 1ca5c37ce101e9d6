"""What the tests of flows say: keys, what came of a mutation, what was wrong with it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from tests.flows.conftest import Hub, Said

ENTERPRISE, OTHER_ENTERPRISE = "enterprise-chujingling", "enterprise-zhongjiali"
BOC, ICBC, GUARANTOR, OFFICER = "bank-boc", "bank-icbc", "guarantee-dongke", "officer-eastlake"
DAY = "2020-01-01"


def key() -> str:
    """A key that nobody has used."""
    return uuid.uuid4().hex


def made(said: Said) -> dict[str, Any]:
    """Return the thing that came of a mutation."""
    assert said.codes() == {}, said.body
    (payload,) = said.data.values()
    assert payload["userErrors"] == [], payload
    found: dict[str, Any] = next(value for name, value in payload.items() if name != "userErrors")
    return found


def wrong(said: Said) -> dict[str, Any]:
    """Return the one thing that was wrong with a mutation."""
    assert said.codes() == {}, said.body
    (payload,) = said.data.values()
    assert next(value for name, value in payload.items() if name != "userErrors") is None
    (error,) = payload["userErrors"]
    found: dict[str, Any] = error
    return found


def agree(hub: Hub, name: str, grantee: str, groups: Sequence[str], purposes: Sequence[str]) -> str:
    """Let an enterprise agree that an organisation sees groups; return the consent's id."""
    text = "mutation($i: GrantConsentInput!) { grantConsent(input: $i) { consent { id } userErrors { message } } }"
    given = {"grantee": grantee, "groups": list(groups), "purposes": list(purposes)}
    return str(made(hub.ask(name, text, i=given))["id"])


def withdraw(hub: Hub, name: str, consent: str) -> None:
    """Withdraw a consent."""
    text = "mutation($id: ID!) { revokeConsent(id: $id) { consent { id } userErrors { message } } }"
    made(hub.ask(name, text, id=consent))


async def all_at_once(
    hub: Hub, name: str, text: str, calls: Sequence[tuple[str, Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """Call a mutation of variables `i` and `k` many times at once, each of a key; return the payloads, aligned."""
    async with httpx.AsyncClient(timeout=120, headers=hub.headers(name)) as client:

        async def call(given: str, input: Mapping[str, Any]) -> dict[str, Any]:
            body = {"query": text, "variables": {"i": input, "k": given}}
            for _ in range(20):
                answer = await client.post(f"{hub.url}/graphql", json=body)
                if answer.status_code == 200:
                    break
                await asyncio.sleep(0.2)  # its record was not written in time: who repeats is answered
            said = Said(answer.json())
            assert said.codes() == {}, said.body
            (payload,) = said.data.values()
            found: dict[str, Any] = payload
            return found

        return await asyncio.gather(*(call(given, input) for given, input in calls))
