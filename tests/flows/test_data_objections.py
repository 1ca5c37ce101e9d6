"""Objections to data end to end: each party by its own token, over HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from codes.data_objections import FLOW, DataObjectionAction, DataObjectionState
from tests.flows.conftest import Hub, Said
from tests.listening import listening
from tests.world import CHUJINGLING

SHOWN = """dataObjection {
    id version state allowedActions uscc collection record field source { id organisation } owner value claim reason
    outcome answer history { version action state organisation }
}"""
ENTERPRISE, OFFICER, DEPARTMENT = "enterprise-chujingling", "officer-eastlake", "department-tax"
OUTSIDERS = ("enterprise-zhongjiali", "officer-nanchang")
NOBODY = ("anonymous", "portal", "bank-icbc", "operator", "auditor", "partner-managers")
OF_ENTERPRISE = f"""{{ enterprise(uscc: "{CHUJINGLING}") {{
    disputed filings(years: 5) {{ year revenue disputed }} dataObjections {{ id state }} }} }}"""
OF_SOURCE = 'query($s: [DataObjectionState!]) { source(id: "sw-income-tax") { dataObjections(state: $s) { id uscc } } }'
INDICATORS = f"""{{ enterprise(uscc: "{CHUJINGLING}") {{ score(scheme: "national-18-demo", live: true) {{
    indicators {{ indicator {{ id }} disputedInputs }} }} }} }}"""

S = DataObjectionState


def key() -> str:
    return uuid.uuid4().hex


def object_to(hub: Hub, field: str, name: str = ENTERPRISE, given: str = "", **changes: Any) -> Said:
    asked = {"enterprise": CHUJINGLING, "collection": "filings", "record": "2022", "field": field, **changes}
    return hub.act(name, "objectToDatum", SHOWN, given or key(), **{"reason": "See the audited report", **asked})


def advance(hub: Hub, name: str, found: dict[str, Any], action: str, **more: Any) -> Said:
    if action in ("UPHOLD", "REJECT"):
        more.setdefault("answer", "It will be 38.1 million from the next delivery on.")
    asked = {"id": found["id"], "version": found["version"], "action": action, **more}
    return hub.act(name, "advanceDataObjection", SHOWN, key(), **asked)


def made(said: Said) -> dict[str, Any]:
    """Return the objection that came of a mutation."""
    assert said.codes() == {}, said.body
    (payload,) = said.data.values()
    assert payload["userErrors"] == []
    found: dict[str, Any] = payload["dataObjection"]
    return found


def wrong(said: Said) -> dict[str, Any]:
    """Return the one thing that was wrong with a mutation."""
    assert said.codes() == {}, said.body
    (payload,) = said.data.values()
    assert payload["dataObjection"] is None
    (error,) = payload["userErrors"]
    found: dict[str, Any] = error
    return found


def flags(hub: Hub, name: str = ENTERPRISE) -> list[str]:
    """Return what is disputed of the filing of 2022."""
    said = hub.ask(name, OF_ENTERPRISE)
    (found,) = [one["disputed"] for one in said.data["enterprise"]["filings"] if one["year"] == 2022]
    return list(found)


def test_an_objection_from_its_making_to_its_end(acting: Hub) -> None:
    found = made(object_to(acting, "revenue", claim="38,100,000"))
    assert (found["state"], found["collection"], found["record"], found["field"]) == (
        "OPEN",
        "filings",
        "2022",
        "revenue",
    )
    assert found["source"] == {"id": "Source:sw-income-tax", "organisation": "tax-bureau"}
    assert (found["owner"], found["claim"], found["allowedActions"]) == ("tax-bureau", "38,100,000", ["WITHDRAW"])
    shown = acting.ask(ENTERPRISE, OF_ENTERPRISE).data["enterprise"]["filings"]
    (now,) = [one for one in shown if one["year"] == 2022]
    assert (now["revenue"], now["disputed"]) == (found["value"], ["revenue"])
    assert not any(one["disputed"] for one in shown if one["year"] != 2022)
    assert flags(acting, OFFICER) == ["revenue"]
    by_indicator = acting.ask(ENTERPRISE, INDICATORS).data["enterprise"]["score"]["indicators"]
    concerned = {one["indicator"]["id"] for one in by_indicator if one["disputedInputs"] == ["filings.revenue 2022"]}
    assert concerned
    assert len(concerned) < len(by_indicator)

    waiting = acting.ask(DEPARTMENT, OF_SOURCE, s=["OPEN"]).data["source"]["dataObjections"]
    assert {"id": found["id"], "uscc": CHUJINGLING} in waiting
    answered = made(advance(acting, DEPARTMENT, found, "UPHOLD"))
    assert (answered["state"], answered["outcome"]) == ("ANSWERED", "UPHELD")
    assert answered["answer"] == "It will be 38.1 million from the next delivery on."
    assert flags(acting) == ["revenue"], "it is yet to be corrected"
    closed = made(advance(acting, ENTERPRISE, answered, "CLOSE"))
    assert [(e["action"], e["state"], e["organisation"]) for e in closed["history"]] == [
        ("OBJECT", "OPEN", "chujingling"),
        ("UPHOLD", "ANSWERED", "tax-bureau"),
        ("CLOSE", "CLOSED", "chujingling"),
    ]
    assert (closed["outcome"], closed["answer"]) == ("UPHELD", answered["answer"])
    assert flags(acting) == []


def test_what_was_found_right_or_withdrawn_is_not_disputed(acting: Hub) -> None:
    rejected = made(advance(acting, DEPARTMENT, made(object_to(acting, "profit")), "REJECT", answer="As declared."))
    withdrawn = made(object_to(acting, "profit"))
    assert flags(acting) == ["profit"]
    assert made(advance(acting, ENTERPRISE, withdrawn, "WITHDRAW"))["state"] == "WITHDRAWN"
    assert flags(acting) == []
    assert made(advance(acting, DEPARTMENT, rejected, "CLOSE"))["outcome"] == "REJECTED"


@pytest.mark.parametrize("state", list(S))
def test_each_forbidden_step_is_refused_in_words(acting: Hub, state: DataObjectionState) -> None:
    found = made(object_to(acting, "rdExpense"))
    if state is S.WITHDRAWN:
        found = made(advance(acting, ENTERPRISE, found, "WITHDRAW"))
    if state in (S.ANSWERED, S.CLOSED):
        found = made(advance(acting, DEPARTMENT, found, "REJECT"))
    if state is S.CLOSED:
        found = made(advance(acting, ENTERPRISE, found, "CLOSE"))
    assert found["state"] == state.value
    parties = {ENTERPRISE: {"ENTERPRISE", "AUTHOR"}, OFFICER: {"OFFICER"}, DEPARTMENT: {"SOURCE_OWNER"}}
    for name, action in itertools.product(parties, DataObjectionAction):
        held = [one for one in FLOW.steps if one.action is action and state in one.sources]
        if any(party.value in parties[name] for one in held for party in one.by):
            continue
        if name == OFFICER:
            assert advance(acting, name, found, action.value).codes() == {"advanceDataObjection": "FORBIDDEN"}
            continue
        error = wrong(advance(acting, name, found, action.value))
        assert (error["code"], error["field"]) == ("NOT_ALLOWED", ["input", "action"])
        for word in (state.value, action.value, *parties[name]):
            assert word in error["message"]
    if state is S.OPEN:
        made(advance(acting, ENTERPRISE, found, "WITHDRAW"))


def test_whoever_is_no_party_learns_nothing_and_does_nothing(acting: Hub) -> None:
    found = made(object_to(acting, "superDeduction"))
    error = wrong(advance(acting, "enterprise-zhongjiali", found, "WITHDRAW"))
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "id"])
    refused = wrong(object_to(acting, "superDeduction", "enterprise-zhongjiali"))
    assert (refused["code"], refused["field"]) == ("NOT_ALLOWED", ["input", "enterprise"])
    for name in (*NOBODY, *OUTSIDERS, OFFICER):
        if name != "enterprise-zhongjiali":
            assert object_to(acting, "superDeduction", name).codes() == {"objectToDatum": "FORBIDDEN"}
        assert acting.ask(name, OF_SOURCE).codes() == {"source.dataObjections": "FORBIDDEN"}
    for name in (*NOBODY, *OUTSIDERS, DEPARTMENT):
        own = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ dataObjections {{ id }} }} }}'
        assert acting.ask(name, own).codes() == {"enterprise.dataObjections": "FORBIDDEN"}
    made(advance(acting, ENTERPRISE, found, "WITHDRAW"))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"collection": "policies"}, ["input", "collection"], "INVALID"),
        ({"collection": "nothing"}, ["input", "collection"], "INVALID"),
        ({"field": "colour"}, ["input", "field"], "INVALID"),
        ({"record": None}, ["input", "record"], "INVALID"),
        ({"record": "1999"}, ["input", "record"], "NOT_FOUND"),
        ({"collection": "registration", "field": "name", "record": "1"}, ["input", "record"], "INVALID"),
        ({"collection": "registration", "field": "name", "record": None}, ["input", "collection"], "NOT_ALLOWED"),
        ({"reason": " "}, ["input", "reason"], "INVALID"),
        ({"claim": "x" * 2001}, ["input", "claim"], "INVALID"),
    ],
)
def test_an_objection_that_cannot_be_is_told_where(acting: Hub, changes: Any, field: list[str], code: str) -> None:
    error = wrong(object_to(acting, **{"field": "totalCost", **changes}))
    assert (error["field"], error["code"]) == (field, code)


def test_of_one_datum_there_is_one_open_objection_however_many_ask(acting: Hub) -> None:
    with ThreadPoolExecutor(16) as many:
        said = list(many.map(lambda _: object_to(acting, "totalCost"), range(16)))
    payloads = [one.data["objectToDatum"] for one in said]
    assert sum(one["dataObjection"] is not None for one in payloads) == 1
    refused = [one["userErrors"][0]["code"] for one in payloads if one["userErrors"]]
    assert refused == ["NOT_ALLOWED"] * 15
    (found,) = [one["dataObjection"] for one in payloads if one["dataObjection"]]
    made(advance(acting, ENTERPRISE, found, "WITHDRAW"))


async def test_its_parties_can_listen(acting: Hub) -> None:
    query = "subscription { dataObjectionUpdated { id state field } }"
    async with listening(acting.url, acting.headers(DEPARTMENT)) as socket:
        await socket.subscribe("it", query)
        await socket.settled()
        found = await asyncio.to_thread(lambda: made(object_to(acting, "superDeduction")))
        told = (await socket.next("it"))["data"]["dataObjectionUpdated"]
        assert told == {"id": found["id"], "state": "OPEN", "field": "superDeduction"}
    await asyncio.to_thread(lambda: made(advance(acting, ENTERPRISE, found, "WITHDRAW")))
