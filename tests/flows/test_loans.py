"""Demands and loan applications end to end: each party by its own token, over HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from codes.lending import LOAN_FLOW, LoanAction, LoanState
from tests.flows.conftest import Hub, Said
from tests.flows.lending import (
    GIVEN,
    LOAN,
    MINE,
    NOBODY,
    OF_ENTERPRISE,
    TOMORROW,
    S,
    advance,
    apply,
    arrived,
    move,
    publish,
    revise,
)
from tests.flows.parties import (
    BOC,
    DAY,
    ENTERPRISE,
    GUARANTOR,
    ICBC,
    OFFICER,
    OTHER_ENTERPRISE,
    all_at_once,
    key,
    made,
    wrong,
)
from tests.world import CHUJINGLING


def test_a_loan_from_the_demand_to_the_last_repayment(acting: Hub) -> None:
    demand = made(publish(acting))
    assert (demand["state"], demand["uscc"], demand["allowedActions"]) == ("OPEN", CHUJINGLING, ["REVISE", "CLOSE"])
    assert demand["validTo"] == (date.today() + timedelta(90)).isoformat()
    found = made(apply(acting, demand=demand["id"], guarantor="dongke"))
    assert (found["state"], found["lender"], found["guarantor"], found["version"]) == ("APPLIED", "boc", "dongke", 1)
    assert (found["demand"], found["demandVersion"], found["amount"]) == (demand["id"], 1, "6000000.00")
    assert found["product"]["name"] == found["productNow"]["name"] == "积分贷"
    assert found["product"]["version"] is None
    assert found["product"]["asOf"]
    assert found["allowedActions"] == ["WITHDRAW"]
    assert (found["line"], found["available"], found["drawn"], found["balance"]) == (None, None, "0.00", "0.00")

    found = made(advance(acting, BOC, found, "ACCEPT"))
    found = made(advance(acting, BOC, found, "REVIEW"))
    assert found["allowedActions"] == ["APPROVE", "REJECT"]
    found = made(advance(acting, BOC, found, "APPROVE"))
    assert (found["line"], found["terms"]["rate"], found["terms"]["rateBasis"]) == ("6000000.00", "3.45", "LPR 1Y")
    found = made(advance(acting, BOC, found, "SIGN"))
    found = made(move(acting, BOC, found, "DRAW", "3000000", reference="演示借据1"))
    numbers = ("line", "drawn", "repaid", "balance", "available")
    assert [Decimal(found[name]) for name in numbers] == [6_000_000, 3_000_000, 0, 3_000_000, 3_000_000]
    found = made(move(acting, BOC, found, "REPAYMENT", "500000.05"))
    found = made(move(acting, BOC, found, "DRAW", "2000000.50"))
    assert [Decimal(found[name]) for name in numbers] == [
        6_000_000, Decimal("5000000.50"), Decimal("500000.05"), Decimal("4500000.45"), Decimal("999999.50")
    ]  # fmt: skip
    assert [(m["kind"], Decimal(m["amount"]), m["reference"]) for m in found["terms"]["movements"]] == [
        ("DRAW", 3_000_000, "演示借据1"),
        ("REPAYMENT", Decimal("500000.05"), None),
        ("DRAW", Decimal("2000000.50"), None),
    ]
    owing = wrong(advance(acting, BOC, found, "SETTLE"))
    assert (owing["code"], owing["field"]) == ("NOT_ALLOWED", ["input", "action"])
    assert "4,500,000.45 yuan are still owed" in owing["message"]
    found = made(move(acting, BOC, found, "REPAYMENT", "4500000.45"))
    found = made(advance(acting, BOC, found, "SETTLE"))
    assert (found["state"], found["allowedActions"], found["available"]) == ("SETTLED", [], None)
    assert [(e["action"], e["organisation"]) for e in found["history"]] == [
        ("APPLY", "chujingling"), ("ACCEPT", "boc"), ("REVIEW", "boc"), ("APPROVE", "boc"), ("SIGN", "boc"),
        ("DRAW", "boc"), ("REPAY", "boc"), ("DRAW", "boc"), ("REPAY", "boc"), ("SETTLE", "boc"),
    ]  # fmt: skip


def test_each_party_sees_what_is_its_to_see(acting: Hub) -> None:
    found = arrived(acting, S.DISBURSED, guarantor="dongke")
    text = f"""query($first: Int!) {{ me {{ loanApplications(first: $first) {{ nodes {{
        {LOAN.partition("{")[2].rpartition("}")[0]} }} }} }} }}"""

    def seen(name: str) -> tuple[dict[str, Any], Said]:
        said = acting.ask(name, text, first=1)
        return said.data["me"]["loanApplications"]["nodes"][0], said

    for name in (ENTERPRISE, BOC):
        one, said = seen(name)
        assert (one["id"], said.codes()) == (found["id"], {})
        assert one["terms"] == {
            "rate": "3.45", "rateBasis": "LPR 1Y", "reason": None,
            "movements": [{"kind": "DRAW", "amount": "1000000.00", "day": DAY, "reference": None}],
        }  # fmt: skip
    one, said = seen(GUARANTOR)
    assert (one["id"], one["line"], one["balance"], one["allowedActions"]) == (
        found["id"],
        "6000000.00",
        "1000000.00",
        [],
    )
    assert one["terms"] == dict.fromkeys(("rate", "rateBasis", "reason", "movements"))
    assert set(said.codes().values()) == {"FORBIDDEN"}
    assert {path.rpartition(".")[0] for path in said.codes()} == {"me.loanApplications.nodes.0.terms"}
    for name in (ICBC, OTHER_ENTERPRISE):
        mine = acting.ask(name, MINE, first=50).data["me"]["loanApplications"]
        assert found["id"] not in {one["id"] for one in mine["nodes"]}
    for name in (OFFICER, *NOBODY):
        assert acting.ask(name, MINE, first=50).codes() == {"me.loanApplications": "FORBIDDEN"}
    for name in (OFFICER, BOC, ICBC, GUARANTOR, OTHER_ENTERPRISE, *NOBODY):
        assert acting.ask(name, OF_ENTERPRISE).codes() == {"enterprise.loanApplications": "FORBIDDEN"}
    whole = acting.ask(ENTERPRISE, OF_ENTERPRISE).data["enterprise"]["loanApplications"]
    assert found["id"] in {one["id"] for one in whole}


def test_pages_of_a_lender(acting: Hub) -> None:
    made_ = [arrived(acting, S.REVIEW)["id"] for _ in range(3)]
    found: list[str] = []
    after = None
    while True:
        page = acting.ask(BOC, MINE, state=["REVIEW"], first=2, after=after).data["me"]["loanApplications"]
        found += [one["id"] for one in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert found[:3] == made_[::-1]
    assert len(found) == len(set(found)) == page["totalCount"]
    strange = acting.ask(BOC, MINE, first=2, after="WyJhIl0")
    assert strange.codes() == {"me.loanApplications": "BAD_USER_INPUT"}


@pytest.mark.parametrize("state", list(S))
def test_each_forbidden_step_is_refused_in_words(acting: Hub, state: LoanState) -> None:
    found = arrived(acting, state, guarantor="dongke")
    parties = {ENTERPRISE: {"ENTERPRISE"}, BOC: {"LENDER"}, GUARANTOR: {"GUARANTOR"}}
    for name, action in itertools.product(parties, LoanAction):
        held = [one for one in LOAN_FLOW.steps if one.action is action and state in one.sources]
        if any(party.value in parties[name] for one in held for party in one.by):
            continue
        if action in (LoanAction.DRAW, LoanAction.REPAY):
            kind = "DRAW" if action is LoanAction.DRAW else "REPAYMENT"
            error, field = wrong(move(acting, name, found, kind, "1")), ["input", "kind"]
        else:
            error, field = wrong(advance(acting, name, found, action.value)), ["input", "action"]
        assert (error["code"], error["field"]) == ("NOT_ALLOWED", field)
        for word in (state.value, action.value, *parties[name], "You may do now: "):
            assert word in error["message"]
    mine = acting.ask(ENTERPRISE, OF_ENTERPRISE).data["enterprise"]["loanApplications"]
    assert next(one["state"] for one in mine if one["id"] == found["id"]) == state.value


def test_whoever_is_no_party_learns_nothing_and_does_nothing(acting: Hub) -> None:
    found = arrived(acting, S.SIGNED)
    nothing = {"id": "LoanApplication:0", "version": 1}
    for name in (ICBC, GUARANTOR, OTHER_ENTERPRISE):
        for said, none_said in (
            (advance(acting, name, found, "SETTLE"), advance(acting, name, nothing, "SETTLE")),
            (move(acting, name, found, "DRAW", "1"), move(acting, name, nothing, "DRAW", "1")),
        ):
            error, none = wrong(said), wrong(none_said)
            assert (error["code"], none["code"]) == ("NOT_FOUND", "NOT_FOUND")
            assert error["message"].replace(found["id"], nothing["id"]) == none["message"]
    for name in (OFFICER, *NOBODY):
        assert advance(acting, name, found, "SETTLE").codes() == {"advanceLoan": "FORBIDDEN"}
        assert move(acting, name, found, "DRAW", "1").codes() == {"recordLoanMovement": "FORBIDDEN"}
        assert apply(acting, name).codes() == {"applyForLoan": "FORBIDDEN"}
        assert publish(acting, name).codes() == {"publishDemand": "FORBIDDEN"}
    demand = made(publish(acting))
    for name in (BOC, GUARANTOR, OTHER_ENTERPRISE):
        error = wrong(apply(acting, name, demand["id"]))
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "demand"])
    assert publish(acting, BOC).codes() == {"publishDemand": "FORBIDDEN"}
    assert wrong(revise(acting, OTHER_ENTERPRISE, demand, "CLOSE"))["code"] == "NOT_FOUND"


def test_an_application_keeps_what_it_was_made_of(acting: Hub) -> None:
    demand = made(publish(acting))
    first = made(apply(acting, demand=demand["id"]))
    again = wrong(apply(acting, demand=demand["id"]))
    assert (again["code"], again["field"]) == ("NOT_ALLOWED", ["input", "product"])
    other = made(apply(acting, demand=demand["id"], product="icbc-digital-points-loan"))
    assert other["lender"] == "icbc", "the same demand may be put to several lenders"
    revised = made(revise(acting, ENTERPRISE, demand, "REVISE", demand={**GIVEN, "amount": "1"}))
    assert (revised["version"], revised["amount"], revised["state"]) == (2, "1.00", "OPEN")
    made(advance(acting, ENTERPRISE, first, "WITHDRAW", reason="不再需要"))
    second = made(apply(acting, demand=demand["id"]))
    assert (first["amount"], first["demandVersion"]) == ("6000000.00", 1)
    assert (second["amount"], second["demandVersion"]) == ("1.00", 2)
    made(revise(acting, ENTERPRISE, revised, "CLOSE"))
    closed = wrong(apply(acting, demand=demand["id"], product="icbc-tech-loan"))
    assert (closed["code"], closed["field"]) == ("NOT_ALLOWED", ["input", "demand"])


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"product": "nothing"}, ["input", "product"], "NOT_FOUND"),
        ({"product": "qingdao-easy-loan"}, ["input", "product"], "NOT_ALLOWED"),
        ({"guarantor": " "}, ["input", "guarantor"], "INVALID"),
        ({"demand": "FinancingDemand:0"}, ["input", "demand"], "NOT_FOUND"),
    ],
)
def test_an_application_that_cannot_be_is_told_where(acting: Hub, changes: Any, field: list[str], code: str) -> None:
    error = wrong(apply(acting, **changes))
    assert (error["field"], error["code"]) == (field, code)


@pytest.mark.parametrize(
    ("action", "more", "field"),
    [
        ("DRAW", {}, "action"),
        ("ACCEPT", {"reason": "x"}, "reason"),
        ("REJECT", {"reason": ""}, "reason"),
        ("REJECT", {"reason": None}, "reason"),
        ("ACCEPT", {"line": "1"}, "line"),
        ("APPROVE", {"line": None}, "line"),
        ("APPROVE", {"line": "0"}, "line"),
        ("APPROVE", {"rate": None}, "rate"),
        ("APPROVE", {"rate": "36.1"}, "rate"),
        ("APPROVE", {"rate": "3.45678"}, "rate"),
        ("APPROVE", {"rateBasis": ""}, "rateBasis"),
        ("APPROVE", {"lineExpiresOn": "2020-01-01"}, "lineExpiresOn"),
        ("SIGN", {"signedOn": None}, "signedOn"),
        ("SIGN", {"signedOn": (date.today() + timedelta(2)).isoformat()}, "signedOn"),
    ],
)
def test_a_step_that_cannot_be_is_told_where(acting: Hub, action: str, more: Any, field: str) -> None:
    error = wrong(advance(acting, BOC, {"id": "LoanApplication:x", "version": 1}, action, **more))
    assert (error["field"], error["code"]) == (["input", field], "INVALID")


@pytest.mark.parametrize(
    ("kind", "amount", "more", "field", "words"),
    [
        ("DRAW", "5000000.01", {}, "amount", "5,000,000.00 are left, less than 5,000,000.01"),
        ("REPAYMENT", "1000000.01", {}, "amount", "1,000,000.00 yuan are owed"),
        ("DRAW", "1", {"day": "2019-12-31"}, "day", "It was signed on 2020-01-01"),
    ],
)
def test_money_that_cannot_move_is_told_why(
    acting: Hub, kind: str, amount: str, more: Any, field: str, words: str
) -> None:
    found = arrived(acting, S.DISBURSED)
    error = wrong(move(acting, BOC, found, kind, amount, **more))
    assert (error["code"], error["field"]) == ("NOT_ALLOWED", ["input", field])
    assert words in error["message"]
    assert made(move(acting, BOC, found, "DRAW", "5000000"))["available"] == "0.00"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"amount": "0"}, "amount"), ({"day": TOMORROW}, "day"), ({"reference": ""}, "reference")],
)
def test_a_movement_that_cannot_be_is_told_where(acting: Hub, changes: Any, field: str) -> None:
    asked = {"application": "LoanApplication:x", "kind": "DRAW", "amount": "1", "day": DAY, **changes}
    error = wrong(acting.act(BOC, "recordLoanMovement", LOAN, key(), **asked))
    assert (error["field"], error["code"]) == (["input", field], "INVALID")


def test_keys_versions_and_conflicts(acting: Hub) -> None:
    found = arrived(acting, S.SIGNED)
    first = key()
    once = made(move(acting, BOC, found, "DRAW", "1000000", first))
    assert made(move(acting, BOC, found, "DRAW", "1000000", first)) == once, "nothing is drawn a second time"
    assert move(acting, BOC, found, "DRAW", "1000001", first).codes() == {"recordLoanMovement": "CONFLICT"}
    stale = wrong(advance(acting, BOC, found, "SETTLE"))
    assert (stale["code"], stale["field"]) == ("STALE_VERSION", ["input", "version"])
    nothing_drawn = made(advance(acting, BOC, arrived(acting, S.SIGNED), "SETTLE"))
    assert (nothing_drawn["state"], nothing_drawn["drawn"]) == ("SETTLED", "0.00"), "a line of which nothing was drawn"


def test_what_was_repaid_of_a_line_that_revolves_can_be_drawn_again(acting: Hub) -> None:
    found = arrived(acting, S.REVIEW)
    early = wrong(advance(acting, BOC, found, "REJECT", revolving=True))
    assert (early["code"], early["field"]) == ("INVALID", ["input", "revolving"])
    found = made(advance(acting, BOC, found, "APPROVE", line="1000000", revolving=True))
    assert (found["revolving"], found["product"]["revolving"]) == (True, None)
    found = made(advance(acting, BOC, found, "SIGN"))
    found = made(move(acting, BOC, found, "DRAW", "800000"))
    found = made(move(acting, BOC, found, "REPAYMENT", "500000"))
    assert wrong(move(acting, BOC, found, "DRAW", "700000.01"))["message"] == (
        "Of the line of 1,000,000.00 yuan 300,000.00 are owed: 700,000.00 are left, less than 700,000.01."
    )
    found = made(move(acting, BOC, found, "DRAW", "700000"))
    numbers = [found[name] for name in ("line", "drawn", "repaid", "balance", "available")]
    assert numbers == ["1000000.00", "1500000.00", "500000.00", "1000000.00", "0.00"], (
        "drawn in all is more than the line"
    )


async def test_no_line_is_over_drawn_by_many_at_once(acting: Hub) -> None:
    import asyncio

    callers = 200 if "postgresql" in acting.store_url else 60
    found = await asyncio.to_thread(arrived, acting, S.SIGNED)
    text = """mutation($i: RecordLoanMovementInput!, $k: String!) { recordLoanMovement(input: $i, idempotencyKey: $k) {
        loanApplication { id version drawn } userErrors { code message } } }"""
    given = {"application": found["id"], "kind": "DRAW", "amount": "500000", "day": DAY}
    # 6,000,000 holds twelve; every key is used twice, so that half of the calls repeat another.
    calls = [(f"draw-{found['id']}-{number % (callers // 2)}", given) for number in range(callers)]
    payloads = await all_at_once(acting, BOC, text, calls)
    by_key: dict[str, list[Any]] = {}
    for (name, _), payload in zip(calls, payloads, strict=True):
        by_key.setdefault(name, []).append(payload)
    assert all(one == two for one, two in by_key.values()), "a repetition is answered as the first call was"
    firsts = [one for one, _ in by_key.values()]
    outcomes = Counter("drawn" if one["loanApplication"] else one["userErrors"][0]["code"] for one in firsts)
    assert outcomes == {"drawn": 12, "NOT_ALLOWED": callers // 2 - 12}
    after = await asyncio.to_thread(move, acting, BOC, found, "REPAYMENT", "1")
    now = made(after)
    assert (now["drawn"], now["available"], len(now["terms"]["movements"])) == ("6000000.00", "0.00", 13)


def test_looks_and_changes_are_in_the_enterprises_access_log(acting: Hub) -> None:
    arrived(acting, S.ACCEPTED)
    acting.ask(BOC, MINE, first=1)
    log = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ accessLog(first: 3) {{ nodes {{ organisation groups }} }} }} }}'
    seen = acting.ask(ENTERPRISE, log).data["enterprise"]["accessLog"]["nodes"]
    assert {"organisation": "boc", "groups": ["APPLICATIONS"]} in seen
