"""Policies made in the hub, end to end: officers by their tokens, over HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.conftest import Hub
from tests.flows.policymaking import (
    ENTERPRISE,
    NANCHANG,
    OFFICER,
    POLICY,
    POOL,
    advanced,
    condition,
    content,
    done,
    drafted,
    key,
    lawful,
    opened,
    published,
    wrong,
    wrongs,
)

NOBODY = ("anonymous", "portal", ENTERPRISE, "bank-icbc", "guarantee-dongke", "partner-managers", "fund-nssf",
          "operator", "auditor", "security")  # fmt: skip
LISTED = """query($q: String!) { policies(search: $q, first: 50) { totalCount nodes {
    id title number source { id title } asOf synthetic zone { id } amountMax withdrawnOn } } }"""


def test_a_policy_from_the_draft_to_its_withdrawal(acting: Hub) -> None:
    pool = opened(acting)
    assert (pool["free"], pool["usedPercent"], pool["warning"]) == ("1000000.00", "0.00", None)
    title = f"演示政策 {key()}"
    draft = drafted(acting, pool["id"], title=title)
    assert (draft["state"], draft["number"], draft["author"]) == ("DRAFT", 0, "east-lake")
    assert draft["allowedActions"] == ["EDIT", "PUBLISH", "WITHDRAW"]
    assert draft["policy"] is None
    assert draft["published"] is None

    def public() -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = acting.ask("anonymous", LISTED, q=title).data["policies"]["nodes"]
        return nodes

    assert public() == [], "a draft is seen by nobody"
    local = draft["id"].partition(":")[2]
    hidden = acting.ask("anonymous", "query($id: ID!) { policy(id: $id) { title } }", id=local)
    assert (hidden.data, hidden.absences()) == ({"policy": None}, {"policy": "NOT_FOUND"})

    first = done(advanced(acting, OFFICER, "publishPolicy", draft))
    assert (first["state"], first["number"], first["draft"]) == ("PUBLISHED", 1, None)
    (shown,) = public()
    assert (shown["id"], shown["number"]) == (f"Policy:{local}", 1)
    assert shown["source"] == {"id": "Source:hub", "title": "Published in this hub"}
    assert (shown["synthetic"], shown["zone"], shown["amountMax"]) == (True, {"id": "Zone:east-lake"}, "100000.00")
    assert first["policy"]["rules"] == {"number": 1, "conditions": [{"code": "lawful"}]}

    said = content(pool["id"], title=title, benefit={"percent": "5", "of": "rdExpense", "cap": "300000"})
    edited = done(acting.act(OFFICER, "editPolicy", POLICY, key(), id=first["id"], version=2, content=said))
    assert (edited["state"], edited["number"]) == ("PUBLISHED", 1)
    assert edited["draft"]["benefit"]["of"] == "rdExpense"
    assert public()[0]["amountMax"] == "100000.00", "an amendment that is drafted changes nothing yet"
    second = done(advanced(acting, OFFICER, "publishPolicy", edited))
    assert (second["number"], public()[0]["number"], public()[0]["amountMax"]) == (2, 2, "300000.00")
    node = acting.ask("anonymous", "query($id: ID!) { node(id: $id) { ... on Policy { number } } }", id=shown["id"])
    assert node.data["node"] == {"number": 2}

    withdrawn = done(advanced(acting, OFFICER, "withdrawPolicy", second))
    assert (withdrawn["state"], withdrawn["allowedActions"]) == ("WITHDRAWN", [])
    assert public() == []
    kept = acting.ask("anonymous", "query($id: ID!) { policy(id: $id) { title withdrawnOn } }", id=shown["id"])
    assert kept.data["policy"]["title"] == title
    assert kept.data["policy"]["withdrawnOn"] is not None
    assert [(e["action"], e["state"], e["organisation"]) for e in withdrawn["history"]] == [
        ("DRAFT", "DRAFT", "east-lake"), ("PUBLISH", "PUBLISHED", "east-lake"), ("EDIT", "PUBLISHED", "east-lake"),
        ("PUBLISH", "PUBLISHED", "east-lake"), ("WITHDRAW", "WITHDRAWN", "east-lake"),
    ]  # fmt: skip


def test_each_forbidden_step_and_each_stranger_is_refused(acting: Hub) -> None:
    pool = opened(acting)
    draft = drafted(acting, pool["id"])
    for name in ("publishPolicy", "withdrawPolicy"):
        error = wrong(advanced(acting, NANCHANG, name, draft))
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "id"])
        for stranger in NOBODY:
            said = advanced(acting, stranger, name, draft)
            assert said.codes() == {name: "FORBIDDEN"}, stranger
    given = {"zone": "Zone:east-lake", "content": content(pool["id"])}
    assert wrong(acting.act(NANCHANG, "draftPolicy", POLICY, key(), **given))["code"] == "NOT_ALLOWED"
    assert acting.act(ENTERPRISE, "draftPolicy", POLICY, key(), **given).codes() == {"draftPolicy": "FORBIDDEN"}
    edit = {"id": draft["id"], "version": 1, "content": content(pool["id"])}
    assert wrong(acting.act(NANCHANG, "editPolicy", POLICY, key(), **edit))["code"] == "NOT_FOUND"

    stale = done(advanced(acting, OFFICER, "publishPolicy", draft))
    assert wrong(advanced(acting, OFFICER, "publishPolicy", draft))["code"] == "STALE_VERSION"
    nothing = wrong(advanced(acting, OFFICER, "publishPolicy", stale))
    assert (nothing["code"], "Nothing is drafted" in nothing["message"]) == ("NOT_ALLOWED", True)
    gone = done(advanced(acting, OFFICER, "withdrawPolicy", stale))
    for name in ("publishPolicy", "withdrawPolicy"):
        assert wrong(advanced(acting, OFFICER, name, gone))["code"] == "NOT_ALLOWED"
    edit = {"id": gone["id"], "version": gone["version"], "content": content(pool["id"])}
    refused = wrong(acting.act(OFFICER, "editPolicy", POLICY, key(), **edit))
    assert "A policy that is WITHDRAWN: EDIT" in refused["message"]


def test_only_officers_of_the_zone_see_drafts_and_pools(acting: Hub) -> None:
    pool = opened(acting)
    draft = drafted(acting, pool["id"])
    query = '{ zone(id: "east-lake") { policyWork(state: [DRAFT]) { id } budgetPools { id } } }'
    seen = acting.ask(OFFICER, query).data["zone"]
    assert draft["id"] in {one["id"] for one in seen["policyWork"]}
    assert pool["id"] in {one["id"] for one in seen["budgetPools"]}
    for name in (NANCHANG, *NOBODY):
        said = acting.ask(name, query)
        assert said.data == {"zone": {"policyWork": None, "budgetPools": None}}, name
        assert said.codes() == {"zone.policyWork": "FORBIDDEN", "zone.budgetPools": "FORBIDDEN"}, name


def test_a_pool_holds_at_least_what_is_used(acting: Hub) -> None:
    pool = opened(acting, "500")
    given = {"id": pool["id"], "version": 1}
    more = done(acting.act(OFFICER, "changeBudgetPool", POOL, key(), **given, total="700.50"))
    assert (more["total"], more["version"]) == ("700.50", 2)
    assert [entry["action"] for entry in more["history"]] == ["OPEN", "CHANGE"]
    assert wrong(acting.act(OFFICER, "changeBudgetPool", POOL, key(), **given, total="1"))["code"] == "STALE_VERSION"
    for total in ("0", "-1", "1.001", "1e30"):
        error = wrong(acting.act(OFFICER, "changeBudgetPool", POOL, key(), **given, total=total))
        assert (error["code"], error["field"]) == ("INVALID", ["input", "total"])
    assert wrong(acting.act(NANCHANG, "changeBudgetPool", POOL, key(), **given, total="1"))["code"] == "NOT_FOUND"
    other = {"zone": "Zone:nanchang-high-tech", "name": "x", "total": "1"}
    assert wrong(acting.act(OFFICER, "openBudgetPool", POOL, key(), **other))["code"] == "NOT_ALLOWED"


BAD_CONDITIONS: tuple[tuple[dict[str, Any], list[str], str], ...] = (
    (condition("a", "revenu", unit="CNY", atLeast="1"), ["fact"], "There is no fact 'revenu'. Did you mean 'revenue'?"),
    (condition("a", "revenue", unit="GBP", atLeast="1"), ["unit"], "There is no unit of revenue 'GBP'. Known are:"),
    (condition("a", "revenue", atLeast="1"), ["unit"], "Say in which unit: CNY, 元, 万元, 亿元."),
    (condition("a", "revenue", unit="CNY"), ["atLeast"], "Give a bound"),
    (condition("a", "revenue", unit="CNY", atLeast="2", atMost="1"), ["atMost"], "No number lies between"),
    (condition("a", "revenue", unit="CNY", atLeast="1", oneOf=["x"]), ["oneOf"], "does not go with the fact 'revenue'"),
    (condition("a", "score", unit="POINTS", atLeast="60"), ["scheme"], "There is no scheme with its version ''."),
    (
        condition("a", "score", unit="POINTS", atLeast="60", scheme="east-lake-28-demo"),
        ["scheme"],
        "There is no scheme with its version 'east-lake-28-demo'. Did you mean 'east-lake-28-demo@2023-demo'?",
    ),
    (
        condition("a", "stage", scheme="east-lake-28-demo@2023-demo", oneOf=["startup"]),
        ["oneOf", "0"],
        "There is no stage of east-lake-28-demo@2023-demo 'startup'. Did you mean 'start_up'?",
    ),
    (condition("a", "qualification", oneOf=["HIGHTECH"]), ["oneOf", "0"], "Did you mean 'HIGH_TECH'?"),
    (condition("a", "qualification"), ["oneOf"], "Give either `oneOf` or"),
    (condition("a", "industry", noneOf=["C"], oneOf=["C"]), ["noneOf"], "does not go with the fact 'industry'"),
    (condition("a", "zone", oneOf=["atlantis"]), ["oneOf", "0"], "There is no zone 'atlantis'."),
    (condition("A b", "industry", oneOf=["C39"]), ["code"], "small letters"),
    (condition("a", "industry", oneOf=["C39"], text=" "), ["text"], "Give 1 to 2,000 characters."),
    (condition("a", "revenue", unit="CNY", atLeast="1", year=23), ["year"], "four digits"),
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD_CONDITIONS)))
def test_a_condition_that_cannot_be_is_named_with_its_place(acting: Hub, number: int) -> None:
    bad, field, message = BAD_CONDITIONS[number]
    given = content(opened(acting)["id"], conditions=[lawful(), bad])
    error = wrong(acting.act(OFFICER, "draftPolicy", POLICY, key(), zone="Zone:east-lake", content=given))
    assert (error["code"], error["field"]) == ("INVALID", ["input", "content", "conditions", "1", *field])
    assert message in error["message"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"conditions": []}, ["conditions"]),
        ({"conditions": [lawful(importance="PREFERRED")]}, ["conditions"]),
        ({"conditions": [lawful(), lawful()]}, ["conditions", "1", "code"]),
        ({"benefit": {}}, ["benefit"]),
        ({"benefit": {"amount": "1", "cap": "2"}}, ["benefit"]),
        ({"benefit": {"percent": "5", "of": "rdExpense"}}, ["benefit", "cap"]),
        ({"benefit": {"percent": "500", "of": "rdExpense", "cap": "1"}}, ["benefit", "percent"]),
        ({"benefit": {"percent": "5", "of": "debtRatio", "cap": "1"}}, ["benefit", "of"]),
        ({"benefit": {"amount": "0.001"}}, ["benefit", "amount"]),
        ({"pool": "nowhere"}, ["pool"]),
        ({"excludes": ["Policy:nowhere"]}, ["excludes", "0"]),
        ({"validTo": "2022-01-01"}, ["validTo"]),
        ({"confirmDays": 0}, ["confirmDays"]),
        ({"yearlyCap": "-1"}, ["yearlyCap"]),
        ({"title": ""}, ["title"]),
        ({"risks": [{"level": 3, "condition": lawful()}]}, ["risks", "0", "level"]),
    ],
)
def test_content_that_cannot_be_is_named_with_its_place(acting: Hub, said: dict[str, Any], field: list[str]) -> None:
    given = content(**{"pool": opened(acting)["id"], **said})
    errors = wrongs(acting.act(OFFICER, "draftPolicy", POLICY, key(), zone="Zone:east-lake", content=given))
    assert [error["field"] for error in errors] == [["input", "content", *field]]


def test_bounds_are_kept_in_the_unit_of_the_fact(acting: Hub) -> None:
    big = condition("big", "revenue", unit="万元", atLeast="500")
    made = published(acting, opened(acting)["id"], conditions=[lawful(), big])
    (_, kept) = made["published"]["conditions"]
    assert (kept["unit"], kept["atLeast"]) == ("CNY", "5000000")
