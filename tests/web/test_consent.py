"""Consent over HTTP: refused, granted, used, shown, withdrawn; by two processes' worth of hubs over one store."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from auth.identity import demo
from server import create_app
from settings import Settings
from tests.running import serve
from tests.world import CHUJINGLING, DEMO_SOURCES, World

LOOK = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ filings {{ year revenue }} workforce {{ headcount }} }} }}'
GRANT = """mutation($input: GrantConsentInput!) { grantConsent(input: $input) {
    consent { id grantee groups purposes firstDay lastDay grantedBy withdrawnAt } userErrors { field message } } }"""
REVOKE = "mutation($id: ID!) { revokeConsent(id: $id) { consent { withdrawnAt } userErrors { field } } }"
OWN = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ consents {{ id grantee withdrawnAt }} }} }}'

Speaking = Callable[..., dict[str, Any]]


@pytest.fixture
def speak(world: World) -> Speaking:
    """Ask as one of the demo's readers."""

    def ask(url: str, name: str, query: str, purpose: str | None = None, **variables: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {demo.mint(world.folder / 'demo-issuer', name)}"}
        headers |= {"Hub-Purpose": purpose} if purpose else {}
        given = {"query": query, "variables": variables}
        answer: dict[str, Any] = httpx.post(f"{url}/graphql", json=given, headers=headers).json()
        return answer

    return ask


def codes(answer: dict[str, Any]) -> dict[str, str]:
    return {".".join(map(str, e["path"])): e["extensions"]["code"] for e in answer.get("errors", [])}


def test_a_bank_sees_what_was_agreed_while_it_is_agreed(hub: str, world: World, speak: Speaking) -> None:
    settings = Settings(sources=DEMO_SOURCES, store_url=world.store_url, data_dir=world.folder)
    with serve(create_app(settings, world.environment)) as other_hub:
        before = speak(other_hub, "bank-icbc", LOOK, "PRE_LOAN")
        refused = {"enterprise.filings": "CONSENT_REQUIRED", "enterprise.workforce": "CONSENT_REQUIRED"}
        assert codes(before) == refused
        assert before["data"] == {"enterprise": {"filings": None, "workforce": None}}

        agreed = {"grantee": "icbc", "groups": ["FILINGS"], "purposes": ["PRE_LOAN"], "evidence": "SQ-1"}
        granted = speak(hub, "enterprise-chujingling", GRANT, input=agreed)["data"]["grantConsent"]
        assert granted["userErrors"] == []
        consent = granted["consent"]
        assert (consent["grantee"], consent["groups"], consent["grantedBy"]) == (
            "icbc", ["FILINGS"], "enterprise-chujingling",
        )  # fmt: skip

        seen = eventually(lambda: speak(other_hub, "bank-icbc", LOOK, "PRE_LOAN"), "enterprise.filings")
        assert len(seen["data"]["enterprise"]["filings"]) == 3
        assert codes(seen) == {"enterprise.workforce": "CONSENT_REQUIRED"}
        assert codes(speak(other_hub, "bank-icbc", LOOK, "MONITORING")) == refused, "another purpose"
        assert codes(speak(other_hub, "bank-boc", LOOK, "PRE_LOAN")) == refused, "another bank"

        listed = speak(hub, "enterprise-chujingling", OWN)["data"]["enterprise"]["consents"]
        assert {"id": consent["id"], "grantee": "icbc", "withdrawnAt": None} in listed
        assert codes(speak(hub, "bank-icbc", OWN)) == {"enterprise.consents": "FORBIDDEN"}
        assert codes(speak(hub, "enterprise-zhongjiali", OWN)) == {"enterprise.consents": "FORBIDDEN"}

        strange = speak(hub, "enterprise-zhongjiali", REVOKE, id=consent["id"])["data"]["revokeConsent"]
        assert strange == {"consent": None, "userErrors": [{"field": ["id"]}]}
        withdrawn = speak(hub, "enterprise-chujingling", REVOKE, id=consent["id"])["data"]["revokeConsent"]
        assert withdrawn["consent"]["withdrawnAt"] is not None
        assert codes(speak(hub, "bank-icbc", LOOK, "PRE_LOAN")) == refused, "at once where it was withdrawn"
        time.sleep(1)
        assert codes(speak(other_hub, "bank-icbc", LOOK, "PRE_LOAN")) == refused, "everywhere within a second"


def eventually(ask: Callable[[], dict[str, Any]], path: str) -> dict[str, Any]:
    """Ask until there is no error at a path, for a second at most."""
    for _ in range(10):
        answer = ask()
        if path not in codes(answer):
            return answer
        time.sleep(0.1)
    return ask()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"grantee": " "}, "grantee"),
        ({"grantee": "icbcc"}, "grantee"),
        ({"groups": []}, "groups"),
        ({"groups": ["REGISTRATION"]}, "groups"),
        ({"groups": ["ACCESS_LOG"]}, "groups"),
        ({"purposes": []}, "purposes"),
        ({"grantee": "b\0c"}, "grantee"),
        ({"evidence": "\0"}, "evidence"),
        ({"firstDay": "2001-01-01"}, "firstDay"),
        ({"firstDay": "9999-12-31"}, "firstDay"),
        ({"lastDay": "2001-01-01"}, "lastDay"),
        ({"lastDay": "2999-01-01"}, "lastDay"),
        ({"evidenceHash": "abc"}, "evidenceHash"),
    ],
    ids=str,
)
def test_what_cannot_be_agreed_to_is_named(hub: str, speak: Speaking, change: dict[str, Any], field: str) -> None:
    good = {"grantee": "boc", "groups": ["FILINGS"], "purposes": ["PRE_LOAN"]}
    answer = speak(hub, "enterprise-zhongjiali", GRANT, input={**good, **change})["data"]["grantConsent"]
    assert answer["consent"] is None
    assert ["input", field] in [error["field"] for error in answer["userErrors"]]


@pytest.mark.parametrize("name", ["portal", "bank-icbc", "officer-eastlake", "operator", "auditor"])
def test_only_an_enterprise_gives_consent(hub: str, speak: Speaking, name: str) -> None:
    agreed = {"grantee": "icbc", "groups": ["FILINGS"], "purposes": ["PRE_LOAN"]}
    answer = speak(hub, name, GRANT, input=agreed)
    assert answer["data"] == {"grantConsent": None}
    assert codes(answer) == {"grantConsent": "FORBIDDEN"}
