"""Many entitlements moved by one call: each with its own outcome, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.flows.conftest import Hub, Said
from tests.flows.entitling import advance, confirm, fresh, matched, newest, pool_of
from tests.flows.policymaking import ENTERPRISE, NANCHANG, OFFICER, done, key

TODAY = date.today().isoformat()
MANY = """mutation($items: [AdvanceEntitlementInput!]!, $key: String!) {
    advanceEntitlements(items: $items, idempotencyKey: $key) {
        outcomes { entitlement { id version state history { action } } userErrors { field message code } }
        userErrors { field message code } } }"""


def many(hub: Hub, name: str, items: list[dict[str, Any]], given: str = "") -> Said:
    return hub.ask(name, MANY, items=items, key=given or key())


def item(found: dict[str, Any], action: str, **more: Any) -> dict[str, Any]:
    if action == "FULFIL":
        more = {"paymentReference": "DEMO-1", "paidOn": TODAY, **more}
    return {"id": found["id"], "version": found["version"], "action": action, **more}


def outcomes(said: Said) -> list[Any]:
    """The new state of each, or the code and the field of what is wrong with it."""
    assert said.codes() == {}, said.body
    payload = said.data["advanceEntitlements"]
    assert payload["userErrors"] == []
    return [
        one["entitlement"]["state"]
        if one["entitlement"]
        else [(error["code"], *error["field"]) for error in one["userErrors"]]
        for one in payload["outcomes"]
    ]


def test_what_one_is_refused_costs_none_of_the_others(acting: Hub) -> None:
    pools, found = [], []
    for _ in range(3):
        pool, policy = fresh(acting, reviewAbove="50000")
        pools.append(pool["id"])
        found.append(done(confirm(acting, matched(acting, policy))))
    first, second, third = found
    assert first["state"] == "REVIEW"
    nothing = {"id": "Entitlement:0", "version": 1}
    approved = many(acting, OFFICER, [item(one, "APPROVE") for one in (first, second, nothing)])
    assert outcomes(approved) == ["REVIEW", "REVIEW", [("NOT_FOUND", "items", "2", "id")]], "a second officer has to"

    for one in (first, second):
        again = newest_of(acting, one)
        done(advance(acting, "officer-eastlake#second", again, "APPROVE"))
    once = key()
    pay = [
        item(newest_of(acting, first), "FULFIL"),
        item(first, "FULFIL") | {"id": third["id"]},
        item(newest_of(acting, second), "FULFIL", paidOn=None),
    ]
    paid = many(acting, OFFICER, pay, once)
    assert outcomes(paid) == [
        "FULFILLED",
        [("NOT_ALLOWED", "items", "1", "action")],
        [("INVALID", "items", "2", "paidOn")],
    ]
    assert pool_of(acting, pools[0])["paid"] == "100000.00"
    assert many(acting, OFFICER, pay, once).data == paid.data, "the same key, the same answer"
    assert pool_of(acting, pools[0])["paid"] == "100000.00"
    assert many(acting, OFFICER, pay[:1], once).codes() == {"advanceEntitlements": "CONFLICT"}

    stale = item(first, "ARCHIVE")
    ended = many(acting, OFFICER, [item(newest_of(acting, first), "ARCHIVE"), {**stale, "id": second["id"]}])
    assert outcomes(ended)[0] == "ARCHIVED"
    assert outcomes(ended)[1] == [("STALE_VERSION", "items", "1", "version")]
    (archived, _) = ended.data["advanceEntitlements"]["outcomes"]
    actions = [one["action"] for one in archived["entitlement"]["history"]]
    assert actions[-3:] == ["APPROVE", "FULFIL", "ARCHIVE"], "each step is in its own history"


def newest_of(hub: Hub, found: dict[str, Any]) -> dict[str, Any]:
    said = hub.ask(OFFICER, f'{{ enterprise(uscc: "{found["uscc"]}") {{ entitlements {{ id version }} }} }}')
    return next(one for one in said.data["enterprise"]["entitlements"] if one["id"] == found["id"])


def test_wrong_parties_and_wrong_calls(acting: Hub) -> None:
    _, policy = fresh(acting)
    found = matched(acting, policy)
    for name, expected in (
        (ENTERPRISE, [("NOT_ALLOWED", "items", "0", "action")]),
        (NANCHANG, [("NOT_FOUND", "items", "0", "id")]),
        ("enterprise-zhongjiali", [("NOT_FOUND", "items", "0", "id")]),
    ):
        assert outcomes(many(acting, name, [item(found, "EXPIRE")])) == [expected], name
    for name in ("bank-icbc", "anonymous", "portal", "auditor"):
        assert many(acting, name, [item(found, "EXPIRE")]).codes() == {"advanceEntitlements": "FORBIDDEN"}, name
    for items, message in (
        ([], "Name 1 to 200 entitlements."),
        ([item(found, "ARCHIVE")] * 2, "Name each entitlement once."),
        (
            [item({"id": f"Entitlement:{n}", "version": 1}, "ARCHIVE") for n in range(201)],
            "Name 1 to 200 entitlements.",
        ),
    ):
        payload = many(acting, OFFICER, items).data["advanceEntitlements"]
        assert (payload["outcomes"], payload["userErrors"]) == (
            [],
            [{"field": ["items"], "message": message, "code": "INVALID"}],
        )
    assert newest(acting, OFFICER)["state"] == "PUSHED", "nothing was done to it"
