"""Entitlements end to end: officers and enterprises by their tokens, over HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from codes.entitlements import FLOW, EntitlementAction, EntitlementState
from tests.flows.conftest import Hub
from tests.flows.entitling import (
    MASKED,
    RUN,
    SECOND,
    WHOLE,
    act,
    advance,
    confirm,
    fresh,
    matched,
    newest,
    passed,
    pool_of,
)
from tests.flows.policymaking import (
    ENTERPRISE,
    NANCHANG,
    OFFICER,
    OTHER,
    POLICY,
    advanced,
    condition,
    content,
    done,
    key,
    lawful,
    published,
    wrong,
)
from tests.world import CHUJINGLING

S = EntitlementState
NOBODY = ("anonymous", "portal", "bank-icbc", "guarantee-dongke", "partner-managers", "fund-nssf", "operator",
          "auditor", "security")  # fmt: skip
RISKY = [{"level": 1, "condition": lawful()}]
"""A rule by which every case is of level 1."""


def arrived(hub: Hub, state: EntitlementState) -> dict[str, Any]:
    """Return an entitlement that has come to a state."""
    risks = RISKY if state is S.REVIEW else []
    _, policy = fresh(hub, risks=risks, confirmDays=1)
    found = matched(hub, policy, push=state is not S.MATCHED)
    if state in (S.MATCHED, S.PUSHED):
        return found
    if state is S.DECLINED:
        return done(advance(hub, ENTERPRISE, found, "DECLINE"))
    if state is S.EXPIRED:
        passed(hub, found["id"])
        return done(advance(hub, OFFICER, found, "EXPIRE"))
    found = done(confirm(hub, found))
    for wanted, action in ((S.FULFILLED, "FULFIL"), (S.ARCHIVED, "ARCHIVE")):
        if state in (S.FULFILLED, S.ARCHIVED) and found["state"] != state.value:
            found = done(advance(hub, OFFICER, found, action))
            assert found["state"] == wanted.value
    assert found["state"] == state.value
    return found


def test_a_benefit_from_the_match_to_the_archive(acting: Hub) -> None:
    pool, policy = fresh(acting, "130000")
    found = matched(acting, policy, push=False)
    assert (found["state"], found["amount"], found["risk"], found["number"]) == ("MATCHED", "100000.00", 0, 1)
    assert found["allowedActions"] == ["PUSH", "EXPIRE"]
    assert {one["code"]: one["truth"] for one in found["findings"]} == {
        "on-roster": "SATISFIED", "lawful": "SATISFIED",
    }  # fmt: skip
    assert newest(acting, ENTERPRISE)["allowedActions"] == []
    pushed = done(advance(acting, OFFICER, found, "PUSH"))
    assert (pushed["state"], pushed["dueOn"] is not None) == ("PUSHED", True)
    assert newest(acting, ENTERPRISE)["allowedActions"] == ["CONFIRM", "DECLINE"]

    confirmed = done(confirm(acting, pushed))
    assert (confirmed["state"], confirmed["allowedActions"]) == ("CONFIRMED", ["DECLINE"])
    assert confirmed["account"] == {"holder": "楚精灵", "bank": "演示银行", "number": MASKED}, "its own, and masked"
    held = pool_of(acting, pool["id"])
    assert (held["reserved"], held["paid"], held["free"]) == ("100000.00", "0.00", "30000.00")
    assert (held["usedPercent"], held["warning"]) == ("76.92", 70)
    assert [entry["action"] for entry in held["history"]] == ["OPEN", "REACHED_70"]
    paying = newest(acting, OFFICER)
    assert (paying["account"]["number"], paying["allowedActions"]) == (WHOLE, ["FULFIL"])

    fulfilled = done(advance(acting, OFFICER, paying, "FULFIL", paymentReference="DEMO-77"))
    assert (fulfilled["state"], fulfilled["paymentReference"]) == ("FULFILLED", "DEMO-77")
    held = pool_of(acting, pool["id"])
    assert (held["reserved"], held["paid"]) == ("0.00", "100000.00")
    archived = done(advance(acting, OFFICER, fulfilled, "ARCHIVE"))
    assert (archived["state"], archived["allowedActions"]) == ("ARCHIVED", [])
    assert archived["account"]["number"] == MASKED, "nothing is to be paid any more"
    assert [(e["action"], e["state"], e["organisation"]) for e in archived["history"]] == [
        ("MATCH", "MATCHED", "east-lake"), ("PUSH", "PUSHED", "east-lake"), ("CONFIRM", "CONFIRMED", "chujingling"),
        ("FULFIL", "FULFILLED", "east-lake"), ("ARCHIVE", "ARCHIVED", "east-lake"),
    ]  # fmt: skip

    public = acting.ask(
        "anonymous",
        """query($p: ID!) { benefitsPaid(policy: $p, first: 5) { totalCount nodes {
        policy { title } number uscc enterprise { name } amount risk paidOn synthetic } } }""",
        p=policy["policy"]["id"],
    )
    (node,) = public.data["benefitsPaid"]["nodes"]
    assert node["policy"]["title"] == policy["policy"]["title"]
    assert (node["uscc"], node["enterprise"]["name"]) == (CHUJINGLING, "武汉楚精灵医疗科技有限公司")
    assert (node["amount"], node["number"], node["synthetic"]) == ("100000.00", 1, True)


@pytest.mark.parametrize("state", list(S))
def test_each_forbidden_step_is_refused_in_words(acting: Hub, state: EntitlementState) -> None:
    found = arrived(acting, state)
    parties = {ENTERPRISE: {"ENTERPRISE"}, OFFICER: {"OFFICER"}}
    for name, action in itertools.product(parties, EntitlementAction):
        held = [one for one in FLOW.steps if one.action is action and state in one.sources]
        if any(party.value in parties[name] for one in held for party in one.by):
            continue
        confirming = action is EntitlementAction.CONFIRM
        said = confirm(acting, found, name=name) if confirming else advance(acting, name, found, action.value)
        error = wrong(said)
        assert (error["code"], error["field"]) == ("NOT_ALLOWED", ["input", "id" if confirming else "action"])
        for word in (state.value, action.value, *parties[name], "You may do now: "):
            assert word in error["message"]


def test_strangers_are_told_nothing(acting: Hub) -> None:
    found = arrived(acting, S.PUSHED)
    for name in (OTHER, NANCHANG):
        for action in EntitlementAction:
            said = (
                confirm(acting, found, name=name)
                if action is EntitlementAction.CONFIRM
                else advance(acting, name, found, action.value)
            )
            error = wrong(said)
            assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "id"]), (name, action)
    for name in NOBODY:
        assert advance(acting, name, found, "PUSH").codes() == {"advanceEntitlement": "FORBIDDEN"}, name
        assert confirm(acting, found, name=name).codes() == {"confirmEntitlement": "FORBIDDEN"}, name
    policy = found["policy"]["id"]
    run = {"policy": policy, "usccs": [CHUJINGLING]}
    assert wrong(act(acting, NANCHANG, "matchEntitlements", RUN, **run))["code"] == "NOT_FOUND"
    assert wrong(act(acting, ENTERPRISE, "matchEntitlements", RUN, **run))["code"] == "NOT_FOUND"
    query = f"""query($p: ID!) {{ policy(id: $p) {{ entitlements {{ id }} }}
        enterprise(uscc: "{CHUJINGLING}") {{ entitlements {{ id }} }}
        zone(id: "east-lake") {{ unpaidEntitlements {{ id }} entitlementFigures {{ count }} }} }}"""
    for name in (*NOBODY, OTHER, NANCHANG):
        said = acting.ask(name, query, p=policy)
        assert said.data["zone"] == {"unpaidEntitlements": None, "entitlementFigures": None}, name
        assert said.data["enterprise"] == {"entitlements": None}, name
        assert not said.data["policy"]["entitlements"], name
    seen = acting.ask(ENTERPRISE, query, p=policy).data
    assert seen["policy"] == {"entitlements": None}
    assert found["id"] in {one["id"] for one in seen["enterprise"]["entitlements"]}
    assert [one["id"] for one in acting.ask(OFFICER, query, p=policy).data["policy"]["entitlements"]] == [found["id"]]
    assert seen["zone"] == {"unpaidEntitlements": None, "entitlementFigures": None}


def test_the_version_of_the_policy_is_frozen(acting: Hub) -> None:
    pool, policy = fresh(acting)
    found = matched(acting, policy)
    said = content(pool["id"], benefit={"amount": "1"}, conditions=[condition("new", "industry", oneOf=["Z"])])
    given = {"id": policy["id"], "version": policy["version"], "content": said}
    done(advanced(acting, OFFICER, "publishPolicy", done(acting.act(OFFICER, "editPolicy", POLICY, key(), **given))))
    confirmed = done(confirm(acting, found))
    assert (confirmed["number"], confirmed["amount"]) == (1, "100000.00")
    assert confirmed["rules"] == {"number": 1, "benefit": {"amount": "100000.00"}, "conditions": [{"code": "lawful"}]}


def test_a_higher_risk_is_reviewed_and_a_large_amount_by_two_officers(acting: Hub) -> None:
    pool, policy = fresh(acting, risks=RISKY)
    review = done(confirm(acting, matched(acting, policy)))
    assert (review["state"], review["risk"]) == ("REVIEW", 1)
    assert pool_of(acting, pool["id"])["reserved"] == "100000.00"
    assert newest(acting, OFFICER)["account"]["number"] == MASKED, "it is not to be paid yet"
    assert done(advance(acting, OFFICER, review, "APPROVE"))["state"] == "CONFIRMED"

    pool, policy = fresh(acting, reviewAbove="99999.99")
    review = done(confirm(acting, matched(acting, policy)))
    assert (review["state"], review["risk"]) == ("REVIEW", 0)
    once = done(advance(acting, OFFICER, review, "APPROVE"))
    assert (once["state"], len(once["approvals"])) == ("REVIEW", 1)
    again = wrong(advance(acting, OFFICER, once, "APPROVE"))
    assert (again["code"], "another officer has to" in again["message"]) == ("NOT_ALLOWED", True)
    twice = done(advance(acting, SECOND, once, "APPROVE"))
    assert (twice["state"], len(twice["approvals"])) == ("CONFIRMED", 2)

    pool, policy = fresh(acting, reviewAbove="1")
    review = done(confirm(acting, matched(acting, policy)))
    rejected = done(advance(acting, SECOND, review, "REJECT", reason="The figures are disputed"))
    assert (rejected["state"], rejected["reason"]) == ("DECLINED", "The figures are disputed")
    assert pool_of(acting, pool["id"])["reserved"] == "0.00"
    assert matched(acting, policy)["state"] == "PUSHED", "it may be matched anew"


def test_an_enterprise_declines_what_it_has_confirmed_and_the_money_is_free_again(acting: Hub) -> None:
    pool, policy = fresh(acting)
    confirmed = done(confirm(acting, matched(acting, policy)))
    done(advance(acting, ENTERPRISE, confirmed, "DECLINE", reason="We have moved"))
    held = pool_of(acting, pool["id"])
    assert (held["reserved"], held["free"]) == ("0.00", "1000000.00")


def test_an_enterprise_is_matched_once(acting: Hub) -> None:
    _, policy = fresh(acting)
    matched(acting, policy)
    again = done(act(acting, OFFICER, "matchEntitlements", RUN, policy=policy["id"], usccs=[CHUJINGLING]))
    assert (again["made"], again["already"], again["amount"]) == (0, 1, "0.00")


def test_a_pool_that_has_too_little_left_pays_nobody(acting: Hub) -> None:
    pool, policy = fresh(acting, "99999.99")
    found = matched(acting, policy)
    error = wrong(confirm(acting, found))
    assert (error["code"], "has not so much left" in error["message"]) == ("NOT_ALLOWED", True)
    assert newest(acting, ENTERPRISE)["state"] == "PUSHED"
    given = {"id": pool["id"], "version": 1, "total": "100000"}
    done(acting.act(OFFICER, "changeBudgetPool", "budgetPool { id }", key(), **given))
    assert done(confirm(acting, found))["state"] == "CONFIRMED"
    held = pool_of(acting, pool["id"])
    assert (held["warning"], held["free"]) == (100, "0.00")
    assert [entry["action"] for entry in held["history"]] == ["OPEN", "CHANGE", "REACHED_100"]


def test_exclusions_stacking_and_the_yearly_cap_count_when_it_is_confirmed(acting: Hub) -> None:
    def ended(found: dict[str, Any]) -> None:
        done(advance(acting, ENTERPRISE, found, "DECLINE"))

    for one in acting.ask(
        ENTERPRISE,
        f"""{{ enterprise(uscc: "{CHUJINGLING}") {{
            entitlements {{ id version state }} }} }}""",
    ).data["enterprise"]["entitlements"]:
        if one["state"] in ("CONFIRMED", "REVIEW"):
            ended(one)
    pool, first = fresh(acting)
    excluding = published(acting, pool["id"], excludes=[first["policy"]["id"]])
    held = done(confirm(acting, matched(acting, first)))
    error = wrong(confirm(acting, matched(acting, excluding)))
    assert "It is excluded by a benefit of the policy" in error["message"]
    alone = published(acting, pool["id"], stacks=False)
    error = wrong(confirm(acting, matched(acting, alone)))
    assert "does not go together with a benefit of" in error["message"]
    capped = published(acting, pool["id"], yearlyCap="150000")
    error = wrong(confirm(acting, matched(acting, capped)))
    assert "receives 150000.00 yuan a year at most; with this it were" in error["message"]
    assert pool_of(acting, pool["id"])["reserved"] == "100000.00"
    ended(held)


def test_what_is_wrong_with_an_input_is_named(acting: Hub) -> None:
    found = arrived(acting, S.PUSHED)
    for number in ("1234567", "12345678901234567890123456789012345", "62220000x111", "６２２２００００"):
        error = wrong(confirm(acting, found, number=number))
        assert (error["code"], error["field"]) == ("INVALID", ["input", "account", "number"])
    assert wrong(confirm(acting, found, bank=" "))["field"] == ["input", "account", "bank"]
    for action, given, field in (
        ("CONFIRM", {}, "action"),
        ("PUSH", {"reason": "x"}, "reason"),
        ("FULFIL", {"paidOn": "2999-01-01"}, "paidOn"),
        ("PUSH", {"paymentReference": "x"}, "paymentReference"),
    ):
        error = wrong(advance(acting, OFFICER, found, action, **given))
        assert (error["code"], error["field"]) == ("INVALID", ["input", field])
    stale = {**found, "version": 99}
    assert wrong(advance(acting, ENTERPRISE, stale, "DECLINE"))["code"] == "STALE_VERSION"


def test_a_policy_that_is_withdrawn_pays_nothing_more(acting: Hub) -> None:
    _, policy = fresh(acting)
    found = matched(acting, policy)
    done(advanced(acting, OFFICER, "withdrawPolicy", policy))
    assert wrong(confirm(acting, found))["message"] == "The policy was withdrawn."
    error = wrong(act(acting, OFFICER, "matchEntitlements", RUN, policy=policy["id"], usccs=[CHUJINGLING]))
    assert "Only a policy that is published" in error["message"]


def test_a_zone_sees_what_is_paid_by_policy_district_and_stage_and_what_is_late(acting: Hub) -> None:
    _, policy = fresh(acting)
    confirmed = done(confirm(acting, matched(acting, policy)))
    query = """query($by: FigureBy!, $days: Int!) { zone(id: "east-lake") {
        entitlementFigures(by: $by) { key title state count amount } unpaidEntitlements(days: $days) { id } } }"""
    seen = acting.ask(OFFICER, query, by="POLICY", days=0).data["zone"]
    assert confirmed["id"] in {one["id"] for one in seen["unpaidEntitlements"]}
    mine = [one for one in seen["entitlementFigures"] if one["key"] == policy["policy"]["id"]]
    assert [(one["state"], one["count"], one["amount"]) for one in mine] == [("CONFIRMED", 1, "100000.00")]
    assert mine[0]["title"] == policy["policy"]["title"]
    assert acting.ask(OFFICER, query, by="STAGE", days=10).data["zone"]["unpaidEntitlements"] == []
    for by in ("DISTRICT", "STAGE"):
        figures = acting.ask(OFFICER, query, by=by, days=0).data["zone"]["entitlementFigures"]
        counted = sum(one["count"] for one in figures)
        assert counted == sum(one["count"] for one in seen["entitlementFigures"]), by


def test_the_whole_roster_is_matched_at_once(acting: Hub) -> None:
    _, policy = fresh(acting)
    run = done(act(acting, OFFICER, "matchEntitlements", RUN, policy=policy["id"], push=True))
    counts = {one["fit"]: one["count"] for one in run["counts"]}
    assert run["made"] == counts["ELIGIBLE"] > 1
    page = acting.ask(OFFICER, "query($p: ID!) { policy(id: $p) { entitlements(first: 1000) { state uscc } } }",
                      p=policy["policy"]["id"]).data["policy"]["entitlements"]  # fmt: skip
    assert len(page) == run["made"]
    assert {one["state"] for one in page} == {"PUSHED"}
