"""Policies, loan products, funds, managers: filtered, paged, found again by identity."""

from __future__ import annotations

import pytest

from tests.world import Asker


async def test_products_that_are_published_are_told_from_made_up_ones(ask: Asker) -> None:
    reply = await ask("{ loanProducts(first: 100) { totalCount nodes { id name synthetic amountMax rateMin } } }")
    nodes = reply.data["loanProducts"]["nodes"]
    assert reply.data["loanProducts"]["totalCount"] == len(nodes) == 44
    assert sum(node["synthetic"] is False for node in nodes) == 8
    guarantee = next(node for node in nodes if node["id"] == "LoanProduct:points-e-guarantee")
    assert (guarantee["amountMax"], guarantee["rateMin"]) == ("10000000.00", "2.88")
    assert all(node["name"].startswith("演示") for node in nodes if node["synthetic"])


async def test_product_filters(ask: Asker) -> None:
    reply = await ask("""{
      lake: loanProducts(filter: { zone: "Zone:east-lake" }, search: "数字积分") { nodes { name zones { name } } }
      much: loanProducts(filter: { amount: "10000000", lender: "微众" }) { nodes { name guaranteeKinds } }
      past: loanProducts(filter: { listedOn: "2020-01-01", lender: "演示" }) { totalCount }
    }""")
    assert reply.errors == []
    assert reply.data["lake"]["nodes"] == [{"name": "数字积分贷", "zones": [{"name": "武汉东湖新技术开发区"}]}]
    assert reply.data["much"]["nodes"] == [{"name": "创新积分E担", "guaranteeKinds": ["GUARANTEE_COMPANY", "CREDIT"]}]
    assert reply.data["past"]["totalCount"] == 0


async def test_policies_newest_first_and_by_zone(ask: Asker) -> None:
    reply = await ask("""{
      policies(first: 2) { nodes { title publishedOn synthetic } }
      bound: policies(filter: { zone: "longwan", level: [DISTRICT] }) { nodes { documentNumber zone { id } } }
      valid: policies(filter: { validOn: "2023-05-31" }, search: "贴息") { totalCount }
      over: policies(filter: { validOn: "2023-06-01" }, search: "贴息") { totalCount }
    }""")
    assert [node["publishedOn"] for node in reply.data["policies"]["nodes"]] == ["2025-10-31", "2025-10-29"]
    assert reply.data["bound"]["nodes"] == [{"documentNumber": "温龙政发〔2022〕12号", "zone": {"id": "Zone:longwan"}}]
    assert (reply.data["valid"]["totalCount"], reply.data["over"]["totalCount"]) == (1, 0)


@pytest.mark.parametrize("root", ["policies", "loanProducts", "funds", "technologyManagers", "enterprises"])
async def test_pages_forward_and_backward_cover_the_list_once(ask: Asker, root: str) -> None:
    whole = await ask(f"{{ {root}(first: 1000) {{ nodes {{ id }} }} }}")
    expected = [node["id"] for node in whole.data[root]["nodes"]]
    assert len(expected) == len(set(expected))
    query = "edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    forward: list[str] = []
    backward: list[str] = []
    after = before = None
    for _ in range(len(expected)):
        page = (await ask(f"query($c: String) {{ {root}(first: 37, after: $c) {{ {query} }} }}", {"c": after})).data[
            root
        ]
        forward += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    for _ in range(len(expected)):
        page = (await ask(f"query($c: String) {{ {root}(last: 41, before: $c) {{ {query} }} }}", {"c": before})).data[
            root
        ]
        backward = [edge["node"]["id"] for edge in page["edges"]] + backward
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert forward == expected
    assert backward == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("first: 1001", "0 to 1,000"),
        ("first: -1", "0 to 1,000"),
        ("first: 1, last: 1", "one end"),
        ('after: "nonsense"', "cursor"),
    ],
)
@pytest.mark.parametrize("root", ["policies", "enterprises"])
async def test_pages_that_cannot_be_are_refused_in_words(ask: Asker, root: str, arguments: str, words: str) -> None:
    reply = await ask(f"{{ {root}({arguments}) {{ nodes {{ id }} }} }}")
    assert reply.data == {root: None}
    assert reply.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert words in reply.errors[0]["message"]


async def test_every_identity_finds_its_node_again(ask: Asker) -> None:
    listed = await ask("""{
      enterprises(first: 2) { nodes { id } } policies(first: 2) { nodes { id } } loanProducts(first: 2) { nodes { id } }
      funds { nodes { id } } technologyManagers(first: 2) { nodes { id } } networks { id } zones { id } sources { id }
    }""")
    ids = [
        node["id"] for found in listed.data.values() for node in (found["nodes"] if isinstance(found, dict) else found)
    ]
    asked = [*ids, "Policy:nothing", "Enterprise:123", "Nonsense:1", "nonsense", "Source:nothing"]
    reply = await ask("query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", {"ids": asked})
    assert reply.errors == []
    found = reply.data["nodes"]
    assert [node and node["id"] for node in found] == [*ids, None, None, None, None, None]
    assert [node["__typename"] for node in found[: len(ids)]] == [identity.split(":")[0] for identity in ids]
    one = await ask("""{ node(id: "Enterprise:91000000MAX000015T") {
        ... on Enterprise { name filings(years: 1) { year } }
        ... on Policy { title } } }""")
    assert one.data == {"node": {"name": "武汉楚精灵医疗科技有限公司", "filings": [{"year": 2022}]}}


async def test_enterprise_filters_and_orders(ask: Asker) -> None:
    reply = await ask("""{
      zone: enterprises(filter: { zone: ["Zone:nanchang-high-tech"] }, first: 100) { totalCount nodes { zone { id } } }
      held: enterprises(filter: { qualification: [LITTLE_GIANT], qualificationValidOn: "2023-01-01" }, search: "楚") {
        nodes { name } }
      rich: enterprises(orderBy: { field: REGISTERED_CAPITAL, direction: DESCENDING }, first: 3,
        filter: { registeredCapitalMin: "1000000", status: [ACTIVE], district: "42", synthetic: true }) {
        nodes { registeredCapital status district { code } } }
      initials: enterprises(search: "jxzjl") { nodes { name } }
      code: enterprises(search: "91000000MAX") { totalCount }
    }""")
    assert reply.errors == []
    assert {node["zone"]["id"] for node in reply.data["zone"]["nodes"]} == {"Zone:nanchang-high-tech"}
    assert len(reply.data["zone"]["nodes"]) == reply.data["zone"]["totalCount"] == 20
    assert reply.data["held"]["nodes"] == [{"name": "武汉楚精灵医疗科技有限公司"}]
    assert all(node["status"] == "ACTIVE" for node in reply.data["rich"]["nodes"])
    assert all(node["district"]["code"].startswith("42") for node in reply.data["rich"]["nodes"])
    assert {"name": "江西众加利高科技股份有限公司"} in reply.data["initials"]["nodes"]
    assert reply.data["code"]["totalCount"] == 2


async def test_a_source_says_what_it_feeds_and_how_it_is(ask: Asker) -> None:
    await ask("{ enterprises(first: 3) { nodes { name filings { revenue } } } }")
    reply = await ask("""{ source(id: "sw-income-tax") { title sharing cadence synthetic lastSuccessAt
      lastFailure { code } feeds { collection fields keepsHistory } }
      sources { id feeds { collection keepsHistory } } }""")
    tax = reply.data["source"]
    assert (tax["title"], tax["sharing"], tax["cadence"], tax["synthetic"]) == (
        "Income-tax returns",
        "CONDITIONAL",
        "P1Y",
        True,
    )
    assert tax["lastSuccessAt"] is not None
    assert tax["lastFailure"] is None
    assert "superDeduction" in tax["feeds"][0]["fields"]
    history = {f["collection"] for s in reply.data["sources"] for f in s["feeds"] if f["keepsHistory"]}
    assert history == {"registration"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ('search: "a\\u0000b"', "search holds a NUL"),
        ('filter: {industry: "\\u0000"}', "industry holds a NUL"),
        ('filter: {registeredCapitalMin: "NaN"}', "registeredCapitalMin is no number"),
    ],
)
async def test_what_no_directory_can_look_for_is_refused_in_words(ask: Asker, arguments: str, problem: str) -> None:
    reply = await ask(f"{{ enterprises({arguments}) {{ totalCount }} }}")
    assert problem in reply.errors[0]["message"]
    assert reply.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_amounts_beyond_all_bounds_find_nothing_or_all(ask: Asker) -> None:
    reply = await ask("""{
      none: enterprises(filter: {registeredCapitalMin: "1e40"}) { totalCount }
      all: enterprises(filter: {registeredCapitalMax: "Infinity"}) { totalCount }
    }""")
    assert reply.errors == []
    assert reply.data["none"]["totalCount"] == 0
    assert reply.data["all"]["totalCount"] > 0
