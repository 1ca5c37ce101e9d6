"""Enterprises held to published policies, by each reader's own rights, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.conftest import Hub
from tests.flows.policymaking import ENTERPRISE, OFFICER, condition, key, lawful, opened, published
from tests.world import CHUJINGLING

MATCHES = f"""query($first: Int!) {{ enterprise(uscc: "{CHUJINGLING}") {{ policyMatches(first: $first) {{
    policy {{ id title source {{ id }} }} fit structured number amount reason conditions {{
        condition {{ code importance text textEn fact }} truth required actual reason hint source {{ id }} asOf
    }} }} }} }}"""
CONDITIONS = [
    condition("research", "rdIntensity", unit="%", atLeast="3", year=2022),
    condition("big", "revenue", unit="万元", atLeast="100000", year=2022, importance="PREFERRED"),
    condition("holder", "qualification", oneOf=["HIGH_TECH"], validOn="2023-06-30"),
    condition("clean", "riskFlag", noneOf=["TAX_ARREARS", "DISHONEST_DEBTOR"]),
    condition("growing", "revenueGrowth", unit="PERCENT", atLeast="0", year=2022, importance="GENERAL"),
    lawful(),
]


@pytest.fixture(scope="module")
def policy(acting: Hub) -> dict[str, Any]:
    """A published policy whose benefit is a part of what was filed."""
    benefit = {"percent": "5", "of": "rdExpense", "year": 2022, "cap": "5000000"}
    return published(acting, opened(acting)["id"], title=f"演示 {key()}", conditions=CONDITIONS, benefit=benefit)


def match(hub: Hub, name: str, policy: dict[str, Any], purpose: str | None = None) -> tuple[Any, dict[str, Any]]:
    """A reader's match of the policy, and its conditions by code."""
    said = hub.ask(name, MATCHES, purpose, first=50)
    assert said.codes() == {}, said.body
    found = said.data["enterprise"]["policyMatches"]
    wanted = policy["id"].replace("ZonePolicy:", "Policy:")
    one = next(one for one in found if one["policy"]["id"] == wanted)
    return one, {held["condition"]["code"]: held for held in one["conditions"]}


def test_each_condition_has_its_value_its_source_and_a_hint(acting: Hub, policy: dict[str, Any]) -> None:
    for name in (ENTERPRISE, OFFICER):
        one, held = match(acting, name, policy)
        assert (one["structured"], one["number"]) == (True, 1)
        truths = {code: found["truth"] for code, found in held.items()}
        assert truths == {
            "on-roster": "SATISFIED", "research": "SATISFIED", "big": "UNMET", "holder": "SATISFIED",
            "clean": "SATISFIED", "growing": "UNMET", "lawful": "SATISFIED",
        }  # fmt: skip
        assert one["fit"] == "NEARLY", "a general condition is unmet; the preferred one decides nothing"
        assert held["big"]["required"] == [">= 1000000000 CNY"]
        assert held["big"]["actual"] == "38000000.00 CNY"
        assert held["big"]["hint"].startswith("962000000.00 CNY more are needed.")
        assert (held["research"]["actual"], held["holder"]["actual"]) == ("58.9474 PERCENT", "HIGH_TECH")
        assert held["research"]["source"]["id"] == "Source:sw-income-tax"
        assert held["research"]["asOf"] is not None
        assert held["clean"]["condition"]["textEn"] == "Condition clean"
        assert one["amount"] == "1120000.00", "5 per cent of 22.4 million"


def test_what_a_reader_may_not_see_is_unknown_and_leaks_by_no_way(acting: Hub, policy: dict[str, Any]) -> None:
    for name, purpose, reason in (
        ("anonymous", None, "FORBIDDEN"),
        ("officer-nanchang", "POLICY", "FORBIDDEN"),
        ("bank-icbc", None, "PURPOSE_REQUIRED"),
        ("bank-icbc", "PRE_LOAN", "CONSENT_REQUIRED"),
    ):
        one, held = match(acting, name, policy, purpose)
        for code in ("research", "big", "growing"):
            assert (held[code]["truth"], held[code]["reason"]) == ("UNKNOWN", reason), (name, code)
            assert (held[code]["actual"], held[code]["source"], held[code]["asOf"]) == (None, None, None)
            assert held[code]["hint"]
        assert held["holder"]["truth"] == "SATISFIED", "which anybody may see"
        assert (one["fit"], one["amount"], one["reason"]) == ("UNKNOWN", None, reason)


def test_policies_of_other_sources_say_that_they_are_text_only(acting: Hub, policy: dict[str, Any]) -> None:
    found = acting.ask(ENTERPRISE, MATCHES, first=50).data["enterprise"]["policyMatches"]
    textual = [one for one in found if not one["structured"]]
    assert textual
    for one in textual:
        assert (one["fit"], one["reason"], one["conditions"], one["number"]) == ("UNKNOWN", "TEXT_ONLY", [], None)
        assert one["policy"]["source"]["id"] == "Source:facts"
    assert not any(one["structured"] for one in found[found.index(textual[0]) :]), "they come last"
    rules = acting.ask("anonymous", '{ policy(id: "demo-rd-subsidy") { title rules { number } } }')
    assert rules.absences() == {"policy.rules": "NOT_DELIVERED"}


def test_a_policy_that_was_withdrawn_or_is_of_another_day_is_no_match(acting: Hub) -> None:
    past = published(acting, opened(acting)["id"], title=f"演示 {key()}", validFrom="2990-01-01")
    found = acting.ask(ENTERPRISE, MATCHES, first=50).data["enterprise"]["policyMatches"]
    assert past["policy"]["id"] not in {one["policy"]["id"] for one in found}


def test_facts_are_listed_for_whoever_writes_conditions(acting: Hub) -> None:
    facts = acting.ask("anonymous", "{ policyFacts { name form group unit units members ofScheme } }").data[
        "policyFacts"
    ]
    by_name = {fact["name"]: fact for fact in facts}
    assert by_name["revenue"]["units"] == ["CNY", "元", "万元", "亿元"]
    assert by_name["score"]["ofScheme"] is True
    assert "HIGH_TECH" in by_name["qualification"]["members"]
