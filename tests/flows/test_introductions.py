"""Introduction requests end to end: each party by its own token, over HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections import Counter
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from codes.introductions import FLOW, IntroductionAction, IntroductionState
from store.changes import Call, Change, Changes, Doer
from store.engine import open_store
from store.introductions import INTRODUCTION, Introduction
from tests.flows.conftest import Hub, Said
from tests.world import CHUJINGLING

SHOWN = """introduction {
    id version state allowedActions uscc author about reason metOn manager { id name institution }
    contact { name phone email } history { version action state organisation subject purpose }
}"""
OF_ENTERPRISE = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ introductions {{ id state contact {{ name phone }} }} }} }}'
OF_NETWORK = "query($state: [IntroductionState!]) { networks { introductions(state: $state) { id uscc state } } }"
LOOK = "organisation groups outcome"
ENTERPRISE, OFFICER, NETWORK = "enterprise-chujingling", "officer-eastlake", "partner-managers"
OUTSIDERS = ("enterprise-zhongjiali", "officer-nanchang", "fund-nssf")
NOBODY = ("anonymous", "portal", "bank-icbc", "guarantee-dongke", "operator", "auditor", "security")
MASKED = {"name": "演*", "phone": "DEM****0003", "email": "a***@managers.invalid"}
WHOLE = {"name": "演示经理人003", "phone": "DEMO-0000003", "email": "agent003@managers.invalid"}

S = IntroductionState


def key() -> str:
    return uuid.uuid4().hex


def request(hub: Hub, name: str = ENTERPRISE, given: str = "", **changes: Any) -> Said:
    asked = {"enterprise": CHUJINGLING, "manager": "TechnologyManager:tm-003", "about": "Endoscope imaging", **changes}
    return hub.act(name, "requestIntroduction", SHOWN, given or key(), **asked)


def advance(hub: Hub, name: str, found: dict[str, Any], action: str, given: str = "", **more: Any) -> Said:
    if action == "DECLINE":
        more.setdefault("reason", "No time")
    if action == "MEET":
        more.setdefault("metOn", date.today().isoformat())
    asked = {"id": found["id"], "version": found["version"], "action": action, **more}
    return hub.act(name, "advanceIntroduction", SHOWN, given or key(), **asked)


def made(said: Said) -> dict[str, Any]:
    """Return the introduction that came of a mutation."""
    assert said.codes() == {}, said.body
    (payload,) = said.data.values()
    assert payload["userErrors"] == []
    found: dict[str, Any] = payload["introduction"]
    return found


def wrong(said: Said) -> dict[str, Any]:
    """Return the one thing that was wrong with a mutation."""
    assert said.codes() == {}, said.body
    (payload,) = said.data.values()
    assert payload["introduction"] is None
    (error,) = payload["userErrors"]
    found: dict[str, Any] = error
    return found


def arrived(hub: Hub, state: IntroductionState, author: str = ENTERPRISE) -> dict[str, Any]:
    """Return a request that has come to a state."""
    found = made(request(hub, author))
    if state is S.DECLINED:
        return made(advance(hub, NETWORK, found, "DECLINE"))
    for name, action, after in ((NETWORK, "ACCEPT", S.ACCEPTED), (author, "MEET", S.MET), (author, "CLOSE", S.CLOSED)):
        if found["state"] != state.value:
            found = made(advance(hub, name, found, action))
            assert found["state"] == after.value
    return found


def test_an_introduction_from_the_request_to_its_end(acting: Hub) -> None:
    found = made(request(acting))
    assert (found["state"], found["version"], found["author"]) == ("REQUESTED", 1, "chujingling")
    assert found["allowedActions"] == ["CLOSE"]
    assert found["manager"] == {"id": "TechnologyManager:tm-003", "name": "演*", "institution": "演示高校003"}
    assert found["contact"] == MASKED

    waiting = acting.ask(NETWORK, OF_NETWORK, state=["REQUESTED"]).data["networks"][0]["introductions"]
    assert found["id"] in {one["id"] for one in waiting}
    accepted = made(advance(acting, NETWORK, found, "ACCEPT"))
    assert (accepted["state"], accepted["allowedActions"]) == ("ACCEPTED", ["MEET", "CLOSE"])
    assert accepted["contact"] == MASKED, "not even the network, which knows it by its own source"

    def seen(name: str) -> dict[str, Any]:
        asked = acting.ask(name, OF_ENTERPRISE).data["enterprise"]["introductions"]
        contact: dict[str, Any] = next(one["contact"] for one in asked if one["id"] == found["id"])
        return contact

    assert seen(ENTERPRISE) == {name: WHOLE[name] for name in ("name", "phone")}
    assert seen(OFFICER) == {name: MASKED[name] for name in ("name", "phone")}, "an officer who did not ask"
    met = made(advance(acting, ENTERPRISE, accepted, "MEET", metOn="2023-06-01"))
    assert (met["metOn"], met["contact"]) == ("2023-06-01", WHOLE)
    closed = made(advance(acting, NETWORK, met, "CLOSE", reason="A contract was signed"))
    assert (closed["state"], closed["allowedActions"], closed["version"]) == ("CLOSED", [], 4)
    assert seen(ENTERPRISE) == {name: MASKED[name] for name in ("name", "phone")}
    assert [(e["action"], e["state"], e["organisation"], e["subject"]) for e in closed["history"]] == [
        ("REQUEST", "REQUESTED", "chujingling", "e*"),
        ("ACCEPT", "ACCEPTED", "manager-network", "p*"),
        ("MEET", "MET", "chujingling", "e*"),
        ("CLOSE", "CLOSED", "manager-network", "p*"),
    ]


def test_an_officer_asks_for_an_enterprise_of_its_zone_and_gets_the_contact(acting: Hub) -> None:
    accepted = arrived(acting, S.ACCEPTED, OFFICER)
    assert accepted["author"] == "east-lake"
    officers = made(advance(acting, OFFICER, accepted, "MEET"))
    assert officers["contact"] == WHOLE
    seen = acting.ask(ENTERPRISE, OF_ENTERPRISE).data["enterprise"]["introductions"]
    assert next(one for one in seen if one["id"] == accepted["id"])["contact"]["phone"] == MASKED["phone"]


@pytest.mark.parametrize("state", list(S))
def test_each_forbidden_step_is_refused_in_words(acting: Hub, state: IntroductionState) -> None:
    found = arrived(acting, state)
    parties = {ENTERPRISE: {"ENTERPRISE", "AUTHOR"}, OFFICER: {"OFFICER"}, NETWORK: {"NETWORK"}}
    for name, action in itertools.product(parties, IntroductionAction):
        held = [one for one in FLOW.steps if one.action is action and state in one.sources]
        if any(party.value in parties[name] for one in held for party in one.by):
            continue
        error = wrong(advance(acting, name, found, action.value))
        assert (error["code"], error["field"]) == ("NOT_ALLOWED", ["input", "action"])
        for word in (state.value, action.value, *parties[name], "You may do now: "):
            assert word in error["message"]
    (after,) = [
        o for o in acting.ask(NETWORK, OF_NETWORK).data["networks"][0]["introductions"] if o["id"] == found["id"]
    ]
    assert after["state"] == state.value


def test_whoever_is_no_party_learns_nothing_and_does_nothing(acting: Hub) -> None:
    found = made(request(acting))
    for name in OUTSIDERS:
        error = wrong(advance(acting, name, found, "CLOSE"))
        nothing = wrong(advance(acting, name, {"id": "Introduction:0", "version": 1}, "CLOSE"))
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "id"])
        assert error["message"].replace(found["id"], "Introduction:0") == nothing["message"]
        refused = wrong(request(acting, name))
        assert (refused["code"], refused["field"]) == ("NOT_ALLOWED", ["input", "enterprise"])
    assert wrong(request(acting, NETWORK))["code"] == "NOT_ALLOWED"
    for name in NOBODY:
        assert request(acting, name).codes() == {"requestIntroduction": "FORBIDDEN"}
        assert advance(acting, name, found, "CLOSE").codes() == {"advanceIntroduction": "FORBIDDEN"}
        seen = acting.ask(name, OF_ENTERPRISE)
        assert seen.codes() == {"enterprise.introductions": "FORBIDDEN"}
        assert acting.ask(name, OF_NETWORK).codes() == {"networks.0.introductions": "FORBIDDEN"}
    for name in OUTSIDERS:
        assert acting.ask(name, OF_ENTERPRISE).codes() == {"enterprise.introductions": "FORBIDDEN"}


def test_a_token_without_the_scope_changes_nothing(acting: Hub) -> None:
    from auth.identity import demo

    token = demo.mint(acting.issuer, ENTERPRISE, scope="filings")
    query = """mutation($i: RequestIntroductionInput!) { requestIntroduction(input: $i, idempotencyKey: "k") {
        userErrors { code } } }"""
    given = {"enterprise": CHUJINGLING, "manager": "tm-003", "about": "x"}
    answer = httpx.post(
        f"{acting.url}/graphql",
        json={"query": query, "variables": {"i": given}},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert Said(answer.json()).codes() == {"requestIntroduction": "FORBIDDEN"}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"about": "  "}, ["input", "about"], "INVALID"),
        ({"about": "x" * 2001}, ["input", "about"], "INVALID"),
        ({"about": "a\0b"}, ["input", "about"], "INVALID"),
        ({"manager": "tm-999"}, ["input", "manager"], "NOT_FOUND"),
        ({"manager": "TechnologyManager:tm-139"}, ["input", "manager"], "NOT_FOUND"),
    ],
)
def test_a_request_that_cannot_be_is_told_where(acting: Hub, changes: Any, field: list[str], code: str) -> None:
    error = wrong(request(acting, **changes))
    assert (error["field"], error["code"]) == (field, code)


@pytest.mark.parametrize(
    ("action", "more", "field"),
    [
        ("DECLINE", {"reason": None}, ["input", "reason"]),
        ("ACCEPT", {"reason": "why not"}, ["input", "reason"]),
        ("ACCEPT", {"metOn": "2023-01-01"}, ["input", "metOn"]),
        ("MEET", {"metOn": None}, ["input", "metOn"]),
        ("MEET", {"metOn": (date.today() + timedelta(2)).isoformat()}, ["input", "metOn"]),
        ("CLOSE", {"reason": ""}, ["input", "reason"]),
    ],
)
def test_a_step_that_cannot_be_is_told_where(acting: Hub, action: str, more: Any, field: list[str]) -> None:
    error = wrong(advance(acting, NETWORK, {"id": "Introduction:x", "version": 1}, action, **more))
    assert (error["field"], error["code"]) == (field, "INVALID")


def test_keys_versions_and_conflicts(acting: Hub) -> None:
    first = key()
    found = made(request(acting, given=first))
    accepted = made(advance(acting, NETWORK, found, "ACCEPT", second := key()))
    again = made(request(acting, given=first))
    assert (again["id"], again["version"], again["state"]) == (found["id"], 1, "REQUESTED"), "as it was then"
    assert made(advance(acting, NETWORK, found, "ACCEPT", second))["version"] == accepted["version"]
    conflict = request(acting, given=first, about="Something else")
    assert conflict.codes() == {"requestIntroduction": "CONFLICT"}
    assert advance(acting, ENTERPRISE, accepted, "CLOSE", first).codes() == {"advanceIntroduction": "CONFLICT"}
    stale = wrong(advance(acting, ENTERPRISE, found, "CLOSE"))
    assert (stale["code"], stale["field"]) == ("STALE_VERSION", ["input", "version"])
    assert "at version 2" in stale["message"]
    assert "change version 1" in stale["message"]
    for unfit in ("", "x" * 101, "a\nb"):
        query = """mutation($i: RequestIntroductionInput!, $k: String!) { requestIntroduction(input: $i,
            idempotencyKey: $k) { introduction { id } userErrors { field message code } } }"""
        given = {"enterprise": CHUJINGLING, "manager": "tm-003", "about": "x"}
        error = wrong(acting.ask(ENTERPRISE, query, i=given, k=unfit))
        assert error["field"] == ["idempotencyKey"]
    other = made(request(acting, OFFICER, first))
    assert other["id"] != found["id"], "another's key is another key"


async def test_two_hundred_callers_with_repeated_keys(acting: Hub) -> None:
    query = """mutation($i: RequestIntroductionInput!, $k: String!) { requestIntroduction(input: $i,
        idempotencyKey: $k) { introduction { id version } userErrors { code } } }"""
    given = {"enterprise": CHUJINGLING, "manager": "tm-004", "about": "Many at once"}
    await asyncio.to_thread(request, acting, manager="tm-004")  # the network's service is not what is tried here
    keys = [f"many-{number % 50}" for number in range(200)]
    async with httpx.AsyncClient(timeout=60, headers=acting.headers(ENTERPRISE)) as client:

        async def call(name: str) -> str:
            body = {"query": query, "variables": {"i": given, "k": name}}
            for _ in range(20):
                answer = await client.post(f"{acting.url}/graphql", json=body)
                if answer.status_code == 200:
                    break
                await asyncio.sleep(0.2)  # its record was not written in time: who repeats is answered
            return str(made(Said(answer.json()))["id"])

        ids = await asyncio.gather(*(call(name) for name in keys))
    by_key = {(name, id) for name, id in zip(keys, ids, strict=True)}
    assert len(by_key) == len(set(ids)) == 50
    assert set(Counter(ids).values()) == {4}


async def test_a_person_who_has_withdrawn_is_shown_to_nobody(acting: Hub) -> None:
    async def asked_before(change: Change) -> Introduction:
        made = Introduction(
            id=key(),
            uscc=CHUJINGLING,
            network_id="technology-managers",
            manager_id="tm-139",
            author="chujingling",
            about="x",
            state=IntroductionState.ACCEPTED,
            created_at=change.at,
            changed_at=change.at,
        )
        return await change.add(INTRODUCTION, made, "REQUEST")

    engine = open_store(acting.store_url)
    done = await Changes(engine).once(Call(Doer("chujingling", "li"), "before", key(), "d"), INTRODUCTION, asked_before)
    await engine.dispose()
    assert done.thing is not None
    shown = "{ introductions { id manager { name } contact { phone } } }"
    said = acting.ask(ENTERPRISE, f'{{ enterprise(uscc: "{CHUJINGLING}") {shown} }}')
    found = said.data["enterprise"]["introductions"]
    place = next(p for p, one in enumerate(found) if one["id"] == f"Introduction:{done.thing.id}")
    assert (found[place]["manager"], found[place]["contact"]) == (None, None)
    reasons = {path: reason for path, reason in said.absences().items() if f".{place}." in path}
    assert set(reasons.values()) == {"NOT_SHARED"}
    assert acting.ask(NETWORK, '{ node(id: "TechnologyManager:tm-139") { id } }').data == {"node": None}


def test_changes_and_refusals_are_in_the_enterprises_access_log(acting: Hub) -> None:
    made(request(acting, OFFICER))
    log = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ accessLog(first: 3) {{ nodes {{ {LOOK} }} }} }} }}'
    seen = acting.ask(ENTERPRISE, log).data["enterprise"]["accessLog"]["nodes"]
    assert {"organisation": "east-lake", "groups": ["INTRODUCTIONS"], "outcome": "GIVEN"} in seen
