"""What the tests of loans have in common: a demand, an application, and its way to a state."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from codes.lending import LoanState
from tests.flows.conftest import Hub, Said
from tests.flows.parties import (
    BOC,
    DAY,
    ENTERPRISE,
    key,
    made,
)
from tests.world import CHUJINGLING

S = LoanState
DEMAND = """financingDemand {
    id version state allowedActions uscc amount termMonths about guaranteeKinds validTo history { version action }
}"""
LOAN = """loanApplication {
    id version state allowedActions uscc lender guarantor demand demandVersion amount termMonths about guaranteeKinds
    product { id version name lender gate revolving guaranteeKinds asOf } productNow { id name }
    line revolving lineExpiresOn signedOn drawn repaid balance available
    terms { rate rateBasis reason movements { kind amount day reference } }
    enterprise { name } history { version action state organisation }
}"""
STANDING = "{ me { financingDemands(first: 50) { totalCount nodes { id uscc amount enterprise { name } } } } }"
MINE = """query($state: [LoanState!], $first: Int!, $after: String) { me { loanApplications(
    first: $first, after: $after, state: $state) {
        totalCount nodes { id state lender terms { rate } } pageInfo { hasNextPage endCursor } } } }"""
OF_ENTERPRISE = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ loanApplications {{ id state }} }} }}'
DEMANDS = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ financingDemands {{ id amount }} }} }}'
TOMORROW = (date.today() + timedelta(1)).isoformat()
NOBODY = ("anonymous", "portal", "partner-managers", "operator", "auditor", "security")
KINDS = ["CREDIT", "GUARANTEE_COMPANY"]
GIVEN = {"amount": "6000000", "termMonths": 24, "about": "演示：设备采购", "guaranteeKinds": KINDS}
APPROVAL = {"line": "6000000", "rate": "3.45", "rateBasis": "LPR 1Y", "lineExpiresOn": TOMORROW}


def publish(hub: Hub, name: str = ENTERPRISE, given: str = "", **changes: Any) -> Said:
    return hub.act(name, "publishDemand", DEMAND, given or key(), **{**GIVEN, **changes})


def revise(hub: Hub, name: str, found: dict[str, Any], action: str, **more: Any) -> Said:
    return hub.act(
        name, "advanceDemand", DEMAND, key(), id=found["id"], version=found["version"], action=action, **more
    )


def apply(hub: Hub, name: str = ENTERPRISE, demand: str = "", product: str = "boc-points-loan", **more: Any) -> Said:
    of = demand or made(publish(hub))["id"]
    return hub.act(name, "applyForLoan", LOAN, key(), demand=of, product=f"LoanProduct:{product}", **more)


def advance(hub: Hub, name: str, found: dict[str, Any], action: str, given: str = "", **more: Any) -> Said:
    if action == "REJECT":
        more.setdefault("reason", "材料不全")
    if action == "APPROVE":
        more = {**APPROVAL, **more}
    if action == "SIGN":
        more.setdefault("signedOn", DAY)
    asked = {"id": found["id"], "version": found["version"], "action": action, **more}
    return hub.act(name, "advanceLoan", LOAN, given or key(), **asked)


def move(hub: Hub, name: str, found: dict[str, Any], kind: str, amount: str, given: str = "", **more: Any) -> Said:
    asked = {"application": found["id"], "kind": kind, "amount": amount, "day": DAY, **more}
    return hub.act(name, "recordLoanMovement", LOAN, given or key(), **asked)


def arrived(hub: Hub, state: LoanState, **more: Any) -> dict[str, Any]:
    """Return an application that has come to a state."""
    found = made(apply(hub, **more))
    if state in (S.REJECTED, S.WITHDRAWN):
        name, action = (BOC, "REJECT") if state is S.REJECTED else (ENTERPRISE, "WITHDRAW")
        return made(advance(hub, name, found, action))
    for action, after in (
        ("ACCEPT", S.ACCEPTED),
        ("REVIEW", S.REVIEW),
        ("APPROVE", S.CREDIT_APPROVED),
        ("SIGN", S.SIGNED),
    ):
        if found["state"] == state.value:
            return found
        found = made(advance(hub, BOC, found, action))
        assert found["state"] == after.value
    if state is not S.SIGNED:
        found = made(move(hub, BOC, found, "DRAW", "1000000"))
    if state is S.SETTLED:
        found = made(move(hub, BOC, found, "REPAYMENT", "1000000"))
        found = made(advance(hub, BOC, found, "SETTLE"))
    return found
