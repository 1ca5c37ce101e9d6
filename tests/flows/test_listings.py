"""Loan products of lenders end to end: drafted, listed, edited, withdrawn; applied for; held to enterprises."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.flows.conftest import Hub, Said
from tests.flows.lending import apply
from tests.flows.parties import (
    BOC,
    ENTERPRISE,
    GUARANTOR,
    ICBC,
    OFFICER,
    OTHER_ENTERPRISE,
    agree,
    key,
    made,
    withdraw,
    wrong,
)
from tests.world import CHUJINGLING

TODAY = date.today()
SHOWN = """loanListing { id version state allowedActions lender withdrawnOn
    terms { name amountMax rateMin zones scores { scheme atLeast stages } synthetic }
    product { id version name } history { version action } }"""
FOUND = """query($id: ID!) { loanProduct(id: $id) { id version name lender lenderId amountMin amountMax rateMin rateMax
    rateText termMonthsMin termMonthsMax guaranteeKinds zones { id } regions industries qualifications
    scores { scheme atLeast stages } documents turnaroundDays riskSharing gate listedOn withdrawnOn synthetic
    source { id } } }"""
SEARCH = """query($s: String!, $f: LoanProductFilter) {
    loanProducts(search: $s, filter: $f) { nodes { id version } } }"""
MATCHES = """query($code: USCC!, $amount: Decimal, $months: Int) { enterprise(uscc: $code) {
    loanProductMatches(first: 100, amount: $amount, termMonths: $months) {
        fit product { id name } conditions { kind truth required actual reason hint source { id } } } } }"""
TERMS: dict[str, Any] = {
    "name": "演示自主上架贷", "lenderName": "中国工商银行", "amountMin": "100000", "amountMax": "3000000",
    "rateMin": "3.1", "rateMax": "4.2", "rateBasis": "LPR 1Y + 0 至 110 bp", "termMonthsMin": 6, "termMonthsMax": 36,
    "guaranteeKinds": ["CREDIT", "IP_PLEDGE"], "zones": ["Zone:east-lake"], "regions": ["4201"],
    "qualifications": ["HIGH_TECH", "GAZELLE"], "documents": ["营业执照"], "turnaroundDays": 3,
    "riskSharing": ["演示风险补偿资金池"], "validFrom": TODAY.isoformat(), "synthetic": True,
}  # fmt: skip


def draft(hub: Hub, name: str = ICBC, given: str = "", /, **changes: Any) -> Said:
    return hub.act(name, "draftLoanProduct", SHOWN, given or key(), terms={**TERMS, **changes})


def edit(hub: Hub, name: str, found: dict[str, Any], /, **changes: Any) -> Said:
    asked = {"id": found["id"], "version": found["version"], "terms": {**TERMS, **changes}}
    return hub.act(name, "editLoanProduct", SHOWN, key(), **asked)


def advance(hub: Hub, name: str, found: dict[str, Any], mutation: str) -> Said:
    asked = {"id": found["id"], "version": found["version"]}
    query = f"""mutation($input: AdvanceLoanProductInput!, $key: String!) {{
        {mutation}(input: $input, idempotencyKey: $key) {{ {SHOWN} userErrors {{ field message code }} }} }}"""
    return hub.ask(name, query, input=asked, key=key())


def listed(hub: Hub, name: str = ICBC, /, **changes: Any) -> dict[str, Any]:
    return made(advance(hub, name, made(draft(hub, name, **changes)), "listLoanProduct"))


def product(found: dict[str, Any]) -> str:
    return str(found["id"]).replace("LoanListing:", "LoanProduct:")


def search(hub: Hub, words: str, **filter: Any) -> set[str]:
    said = hub.ask("anonymous", SEARCH, s=words, f=filter or None)
    return {one["id"] for one in said.data["loanProducts"]["nodes"]}


def matched(hub: Hub, name: str, of: dict[str, Any], purpose: str | None = None, **given: Any) -> dict[str, Any]:
    """What one product comes to for the enterprise of East Lake, as a reader sees it."""
    said = hub.ask(name, MATCHES, purpose, code=CHUJINGLING, **given)
    matches = said.data["enterprise"]["loanProductMatches"]
    found: dict[str, Any] = next(one for one in matches if one["product"]["id"] == product(of))
    return {**found, **{one["kind"]: one for one in found["conditions"]}}


def test_a_product_from_the_draft_to_its_end(acting: Hub) -> None:
    name = f"演示{key()[:8]}"
    found = made(draft(acting, name=name))
    assert (found["state"], found["version"], found["lender"], found["product"]) == ("DRAFT", 1, "icbc", None)
    assert found["allowedActions"] == ["EDIT", "LIST", "WITHDRAW"]
    assert acting.ask("anonymous", FOUND, id=product(found)).data["loanProduct"] is None, "a draft is its lender's own"
    assert search(acting, name) == set()
    found = made(edit(acting, ICBC, found, name=name, amountMax="2000000"))
    found = made(advance(acting, ICBC, found, "listLoanProduct"))
    assert (found["state"], found["version"]) == ("LISTED", 3)
    assert found["product"] == {"id": product(found), "version": 3, "name": name}
    public = acting.ask("anonymous", FOUND, id=product(found)).data["loanProduct"]
    assert public == {
        "id": product(found), "version": 3, "name": name, "lender": "中国工商银行", "lenderId": "icbc",
        "amountMin": "100000.00", "amountMax": "2000000.00", "rateMin": "3.1", "rateMax": "4.2",
        "rateText": "LPR 1Y + 0 至 110 bp", "termMonthsMin": 6, "termMonthsMax": 36,
        "guaranteeKinds": ["CREDIT", "IP_PLEDGE"], "zones": [{"id": "Zone:east-lake"}], "regions": ["4201"],
        "industries": [], "qualifications": ["HIGH_TECH", "GAZELLE"], "scores": [], "documents": ["营业执照"],
        "turnaroundDays": 3, "riskSharing": ["演示风险补偿资金池"], "gate": None, "listedOn": TODAY.isoformat(),
        "withdrawnOn": None, "synthetic": True, "source": {"id": "Source:hub"},
    }  # fmt: skip
    assert search(acting, name) == {product(found)}
    assert search(acting, name, lenderId="icbc", termMonths=36, qualification=["GAZELLE"]) == {product(found)}
    others = ({"lenderId": "boc"}, {"termMonths": 37}, {"qualification": ["UNICORN"]}, {"zone": "nanchang-high-tech"})
    for refused in others:
        assert search(acting, name, **refused) == set()
    assert search(acting, "演示") > {product(found)}, "beside those that sources deliver"
    by_identity = f'{{ node(id: "{product(found)}") {{ ... on LoanProduct {{ name version }} }} }}'
    assert acting.ask("anonymous", by_identity).data["node"] == {"name": name, "version": 3}

    applied = made(apply(acting, product=product(found).partition(":")[2]))
    assert (applied["lender"], applied["product"]["version"], applied["product"]["name"]) == ("icbc", 3, name)
    found = made(edit(acting, ICBC, found, name=f"{name}二版"))
    assert (found["state"], found["version"]) == ("LISTED", 4)
    mine = f"""{{ enterprise(uscc: "{CHUJINGLING}") {{ loanApplications {{
        id product {{ version name }} productNow {{ name }} }} }} }}"""
    kept = next(
        one for one in acting.ask(ENTERPRISE, mine).data["enterprise"]["loanApplications"] if one["id"] == applied["id"]
    )
    assert kept["product"] == {"version": 3, "name": name}, "as it was when it was applied for"
    assert kept["productNow"]["name"] == f"{name}二版"
    found = made(advance(acting, ICBC, found, "withdrawLoanProduct"))
    assert (found["state"], found["withdrawnOn"], found["allowedActions"]) == ("WITHDRAWN", TODAY.isoformat(), [])
    assert search(acting, name) == set()
    gone = acting.ask("anonymous", FOUND, id=product(found)).data["loanProduct"]
    assert (gone["name"], gone["withdrawnOn"]) == (f"{name}二版", TODAY.isoformat())
    assert [one["action"] for one in found["history"]] == ["DRAFT", "EDIT", "LIST", "EDIT", "WITHDRAW"]


def test_what_may_not_be_done_is_refused(acting: Hub) -> None:
    found = listed(acting)
    again = wrong(advance(acting, ICBC, found, "listLoanProduct"))
    assert (again["code"], again["field"]) == ("NOT_ALLOWED", ["input", "id"])
    assert "LISTED" in again["message"]
    gone = made(advance(acting, ICBC, found, "withdrawLoanProduct"))
    for said in (
        edit(acting, ICBC, gone),
        *(advance(acting, ICBC, gone, m) for m in ("listLoanProduct", "withdrawLoanProduct")),
    ):
        error = wrong(said)
        assert (error["code"], error["field"]) == ("NOT_ALLOWED", ["input", "id"])
        assert "WITHDRAWN" in error["message"]
    stale = wrong(edit(acting, ICBC, found))
    assert (stale["code"], stale["field"]) == ("STALE_VERSION", ["input", "version"])


def test_a_lender_changes_its_own_only(acting: Hub) -> None:
    found = made(draft(acting))
    nothing = {"id": "LoanListing:0", "version": 1}
    listings = "{ me { loanListings(first: 100) { id terms { name } } } }"
    assert found["id"] in {one["id"] for one in acting.ask(ICBC, listings).data["me"]["loanListings"]}
    for name in (BOC, GUARANTOR):
        for mutation in ("listLoanProduct", "withdrawLoanProduct"):
            error, none = wrong(advance(acting, name, found, mutation)), wrong(advance(acting, name, nothing, mutation))
            assert (error["code"], none["code"]) == ("NOT_FOUND", "NOT_FOUND")
            assert error["message"].replace(found["id"], nothing["id"]) == none["message"]
        assert wrong(edit(acting, name, found))["code"] == "NOT_FOUND"
        assert found["id"] not in {one["id"] for one in acting.ask(name, listings).data["me"]["loanListings"]}
    for name in (ENTERPRISE, OTHER_ENTERPRISE, OFFICER, "portal", "anonymous", "partner-managers", "auditor"):
        assert draft(acting, name).codes() == {"draftLoanProduct": "FORBIDDEN"}
        assert edit(acting, name, found).codes() == {"editLoanProduct": "FORBIDDEN"}
        assert advance(acting, name, found, "listLoanProduct").codes() == {"listLoanProduct": "FORBIDDEN"}
        assert acting.ask(name, listings).codes() == {"me.loanListings": "FORBIDDEN"}


def test_keys_of_a_draft(acting: Hub) -> None:
    first = key()
    once = made(draft(acting, ICBC, first))
    assert made(draft(acting, ICBC, first)) == once
    assert draft(acting, ICBC, first, name="另一个").codes() == {"draftLoanProduct": "CONFLICT"}


def test_a_product_expires(acting: Hub) -> None:
    yesterday = (TODAY - timedelta(1)).isoformat()
    over = made(draft(acting, validFrom="2020-01-01", validTo=yesterday))
    error = wrong(advance(acting, ICBC, over, "listLoanProduct"))
    assert (error["code"], error["field"]) == ("NOT_ALLOWED", ["input", "id"])
    found = listed(acting, validTo=TODAY.isoformat())
    error = wrong(edit(acting, ICBC, found, validFrom="2020-01-01", validTo=yesterday))
    assert (error["code"], error["field"]) == ("NOT_ALLOWED", ["input", "terms", "validTo"])
    later = listed(acting, validFrom=(TODAY + timedelta(1)).isoformat())
    refused = wrong(apply(acting, product=product(later).partition(":")[2]))
    assert (refused["code"], refused["field"]) == ("NOT_ALLOWED", ["input", "product"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, ["name"]),
        ({"lenderName": ""}, ["lenderName"]),
        ({"amountMax": "0", "amountMin": None}, ["amountMax"]),
        ({"amountMin": "3000001"}, ["amountMin"]),
        ({"rateMin": "5"}, ["rateMin"]),
        ({"rateMax": "37"}, ["rateMax"]),
        ({"rateBasis": None}, ["rateBasis"]),
        ({"termMonthsMax": 0, "termMonthsMin": None}, ["termMonthsMax"]),
        ({"termMonthsMin": 37}, ["termMonthsMin"]),
        ({"guaranteeKinds": []}, ["guaranteeKinds"]),
        ({"zones": ["Zone:nowhere"]}, ["zones", "0"]),
        ({"regions": ["4201", "武汉"]}, ["regions", "1"]),
        ({"industries": ["Z9"]}, ["industries", "0"]),
        ({"documents": ["a", ""]}, ["documents", "1"]),
        ({"turnaroundDays": -1}, ["turnaroundDays"]),
        ({"validTo": "2020-01-01"}, ["validTo"]),
        ({"scores": [{"scheme": "national-18-demo", "atLeast": "60"}]}, ["scores", "0", "scheme"]),
        ({"scores": [{"scheme": "national-18-demo@1.0-demo"}]}, ["scores", "0", "atLeast"]),
        ({"scores": [{"scheme": "national-18-demo@1.0-demo", "stages": ["x"]}]}, ["scores", "0", "stages", "0"]),
    ],
)
def test_a_product_that_cannot_be_is_told_where(acting: Hub, changes: dict[str, Any], field: list[str]) -> None:
    error = wrong(draft(acting, **changes))
    assert (error["field"], error["code"]) == (["input", "terms", *field], "INVALID")


OPEN = {"regions": None, "qualifications": None}


def test_an_enterprise_is_held_to_what_a_product_asks(acting: Hub) -> None:
    found = matched(acting, ENTERPRISE, listed(acting, **OPEN))
    assert (found["fit"], found["ZONE"]["truth"], found["ZONE"]["actual"]) == ("ELIGIBLE", "SATISFIED", "east-lake")
    assert found["ZONE"]["source"]
    elsewhere = listed(acting, regions=None, qualifications=["UNICORN"], zones=["nanchang-high-tech"])
    unmet = matched(acting, ENTERPRISE, elsewhere)
    assert (unmet["fit"], unmet["ZONE"]["truth"], unmet["QUALIFICATION"]["truth"]) == ("NOT_ELIGIBLE", "UNMET", "UNMET")
    assert (unmet["QUALIFICATION"]["required"], unmet["ZONE"]["required"]) == (["UNICORN"], ["nanchang-high-tech"])
    assert "UNICORN" in unmet["QUALIFICATION"]["hint"]
    nearly = matched(acting, ENTERPRISE, listed(acting, regions=None, qualifications=["UNICORN"]))
    assert nearly["fit"] == "NEARLY"
    small = matched(acting, ENTERPRISE, listed(acting, **OPEN), amount="3000001", months=12)
    assert (small["AMOUNT"]["truth"], small["TERM"]["truth"], small["fit"]) == ("UNMET", "SATISFIED", "NEARLY")
    assert small["AMOUNT"]["required"] == [">= 100000.00 CNY", "<= 3000000.00 CNY"]
    words = matched(acting, ENTERPRISE, listed(acting, **OPEN, gate="另行审核"))
    assert (words["fit"], words["IN_WORDS"]["truth"]) == ("UNKNOWN", "UNKNOWN")
    assert (words["IN_WORDS"]["reason"], words["IN_WORDS"]["required"]) == ("TEXT_ONLY", ["另行审核"])


def test_a_score_that_may_not_be_seen_is_unknown(acting: Hub) -> None:
    scheme = "national-18-demo@1.0-demo"
    asked = listed(acting, **OPEN, scores=[{"scheme": scheme, "atLeast": "1"}])
    strict = listed(acting, **OPEN, scores=[{"scheme": scheme, "atLeast": "1000"}])
    own = matched(acting, ENTERPRISE, asked)
    assert own["SCORE"]["truth"] in ("SATISFIED", "UNKNOWN")
    for product_ in (asked, strict):
        for name, purpose, reason in (
            (ICBC, "PRE_LOAN", "CONSENT_REQUIRED"),
            (ICBC, None, "PURPOSE_REQUIRED"),
            ("portal", None, "FORBIDDEN"),
            (OTHER_ENTERPRISE, None, "FORBIDDEN"),
        ):
            found = matched(acting, name, product_, purpose)
            score = found["SCORE"]
            assert (score["truth"], score["reason"], score["actual"]) == ("UNKNOWN", reason, None), name
            assert score["required"] == [f"{scheme} score >= {'1' if product_ is asked else '1000'} POINTS"]
            assert found["fit"] == "UNKNOWN"
    consent = agree(acting, ENTERPRISE, "icbc", ["SCORE"], ["PRE_LOAN"])
    seen = matched(acting, ICBC, asked, "PRE_LOAN")["SCORE"]
    assert (seen["truth"], seen["actual"]) == (own["SCORE"]["truth"], own["SCORE"]["actual"])
    withdraw(acting, ENTERPRISE, consent)
    assert matched(acting, ICBC, asked, "PRE_LOAN")["SCORE"]["reason"] == "CONSENT_REQUIRED"
