"""Financing demands: who sees them, what is wrong with one, and steps that are not to be taken."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.conftest import Hub
from tests.flows.lending import (
    DEMANDS,
    GIVEN,
    NOBODY,
    STANDING,
    publish,
    revise,
)
from tests.flows.parties import (
    BOC,
    ENTERPRISE,
    ICBC,
    OFFICER,
    OTHER_ENTERPRISE,
    agree,
    made,
    withdraw,
    wrong,
)
from tests.world import CHUJINGLING


def test_lenders_see_demands_by_consent_only(acting: Hub) -> None:
    demand = made(publish(acting, amount="1234567"))

    def ids(name: str, purpose: str | None = "PRE_LOAN") -> set[str]:
        return {one["id"] for one in acting.ask(name, STANDING, purpose).data["me"]["financingDemands"]["nodes"]}

    assert demand["id"] not in ids(ICBC)
    assert acting.ask(ICBC, DEMANDS, "PRE_LOAN").codes() == {"enterprise.financingDemands": "CONSENT_REQUIRED"}
    consent = agree(acting, ENTERPRISE, "icbc", ["DEMANDS"], ["PRE_LOAN"])
    assert demand["id"] in ids(ICBC)
    seen = acting.ask(ICBC, STANDING, "PRE_LOAN").data["me"]["financingDemands"]
    assert {one["uscc"] for one in seen["nodes"]} == {CHUJINGLING}
    assert seen["totalCount"] == len(seen["nodes"])
    assert demand["id"] in {
        one["id"] for one in acting.ask(ICBC, DEMANDS, "PRE_LOAN").data["enterprise"]["financingDemands"]
    }
    assert demand["id"] not in ids(ICBC, "MONITORING"), "for another purpose"
    assert demand["id"] not in ids(ICBC, None), "for no purpose"
    assert demand["id"] not in ids(BOC), "another organisation"
    assert demand["id"] in ids(ENTERPRISE, None)
    assert demand["id"] in ids(OFFICER, None), "of its zone"
    assert ids("officer-nanchang", None) == ids(OTHER_ENTERPRISE, None) == set()
    for name in NOBODY:
        assert acting.ask(name, STANDING).codes() == {"me.financingDemands": "FORBIDDEN"}
    withdraw(acting, ENTERPRISE, consent)
    assert demand["id"] not in ids(ICBC)
    closed = made(revise(acting, ENTERPRISE, demand, "CLOSE"))
    assert (closed["state"], closed["allowedActions"]) == ("CLOSED", [])
    assert demand["id"] not in ids(ENTERPRISE, None), "it does not stand any more"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "0.001"}, "amount"),
        ({"amount": "1e14"}, "amount"),
        ({"termMonths": 0}, "termMonths"),
        ({"about": " "}, "about"),
        ({"about": "a\0b"}, "about"),
        ({"guaranteeKinds": []}, "guaranteeKinds"),
        ({"validTo": "2020-01-01"}, "validTo"),
        ({"validTo": "9999-01-01"}, "validTo"),
    ],
)
def test_a_demand_that_cannot_be_is_told_where(acting: Hub, changes: Any, field: str) -> None:
    error = wrong(publish(acting, **changes))
    assert (error["field"], error["code"]) == (["input", field], "INVALID")
    nested = wrong(
        revise(acting, ENTERPRISE, {"id": "FinancingDemand:x", "version": 1}, "REVISE", demand={**GIVEN, **changes})
    )
    assert nested["field"] == ["input", "demand", field]


def test_what_is_closed_stays_as_it_was(acting: Hub) -> None:
    open_one = made(publish(acting))
    for name in (BOC, OFFICER):
        assert revise(acting, name, open_one, "CLOSE").codes() == {"advanceDemand": "FORBIDDEN"}
    stranger = wrong(revise(acting, OTHER_ENTERPRISE, open_one, "CLOSE"))
    assert (stranger["code"], stranger["field"]) == ("NOT_FOUND", ["input", "id"])
    stale = wrong(revise(acting, ENTERPRISE, {**open_one, "version": 7}, "CLOSE"))
    assert (stale["code"], stale["field"]) == ("STALE_VERSION", ["input", "version"])
    closed = made(revise(acting, ENTERPRISE, open_one, "CLOSE"))
    for action, more in (("CLOSE", {}), ("REVISE", {"demand": GIVEN})):
        error = wrong(revise(acting, ENTERPRISE, closed, action, **more))
        assert (error["code"], error["field"]) == ("NOT_ALLOWED", ["input", "action"])
        assert "CLOSED" in error["message"]
