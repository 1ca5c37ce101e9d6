"""Other ways to what may not be seen: filters, orders, counts, cursors, existence, the schema, errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from auth.principal import Principal
from codes import uscc
from tests.consenting import ZHONGJIALI
from tests.world import CHUJINGLING, Asker, Ruling


async def test_what_is_withheld_is_not_asked_of_its_source(ask: Asker, readers: Mapping[str, Principal]) -> None:
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name filings {{ revenue }} workforce {{ headcount }} }} }}'
    reply = await ask.guarded()(query, principal=readers["portal"])
    assert reply.data == {"enterprise": {"name": "武汉楚精灵医疗科技有限公司", "filings": None, "workforce": None}}
    assert reply.codes() == {"enterprise.filings": "FORBIDDEN", "enterprise.workforce": "FORBIDDEN"}
    assert "FILINGS" in reply.errors[0]["message"]
    assert reply.fetches == {"scjg-entities.registration": 1}


UNKNOWN = uscc.compose("91", "000000", "NKNWN004")


async def test_what_may_not_be_seen_may_not_be_filtered_by(ask: Asker, by: Ruling) -> None:
    guarded = ask.guarded(by(ANONYMOUS='all = { PUBLIC = "ALLOW", REGISTRATION = "ALLOW" }'))
    reply = await guarded("{ enterprises(filter: { qualification: [HIGH_TECH] }) { totalCount } me { subject } }")
    assert reply.data == {"enterprises": None, "me": {"subject": "anonymous"}}
    assert reply.codes() == {"enterprises": "FORBIDDEN"}
    assert "filter.qualification" in reply.errors[0]["message"]
    assert (await guarded('{ enterprises(filter: { district: "42" }) { totalCount } }')).errors == []


@pytest.mark.parametrize(
    "question",
    [
        '{ enterprises(search: "楚") { totalCount } }',
        '{ enterprises(filter: { district: "42" }) { totalCount } }',
        "{ enterprises(orderBy: { field: REGISTERED_CAPITAL }) { edges { cursor } } }",
        "{ enterprises { pageInfo { endCursor hasNextPage } } }",
    ],
)
async def test_neither_counts_nor_cursors_tell_what_may_not_be_seen(ask: Asker, by: Ruling, question: str) -> None:
    for compiled in (True, False):
        guarded = ask.guarded(by(ANONYMOUS='all = { PUBLIC = "ALLOW", QUALIFICATIONS = "ALLOW" }'), compiled=compiled)
        reply = await guarded(question)
        assert reply.data == {"enterprises": None}
        assert reply.codes() == {"enterprises": "FORBIDDEN"}


async def test_what_is_masked_may_be_listed_but_not_narrowed_or_ordered_by(ask: Asker, by: Ruling) -> None:
    guarded = ask.guarded(by(ANONYMOUS='all = { PUBLIC = "ALLOW", REGISTRATION = "MASK" }'))
    for arguments in ('search: "楚"', 'filter: { district: "42" }', "orderBy: { field: NAME }"):
        reply = await guarded(f"{{ enterprises({arguments}) {{ totalCount }} }}")
        assert reply.data == {"enterprises": None}
        assert reply.codes() == {"enterprises": "FORBIDDEN"}
    assert (await guarded("{ enterprises { totalCount } }")).errors == []
    reply = await guarded("{ enterprises(filter: { registeredCapitalMin: 1 }) { totalCount } }")
    assert "filter.registeredCapitalMin of Query.enterprises" in reply.errors[0]["message"], "as the schema names it"


async def test_a_refusal_says_what_it_is_for(ask: Asker, readers: Mapping[str, Principal]) -> None:
    guarded = ask.guarded()
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ filings {{ year }} }} }}'
    revoke = 'mutation { revokeConsent(id: "x") { userErrors { message } } }'
    officer = readers["officer-eastlake"]
    scoped = replace(officer, scopes=frozenset(("REGISTRATION",)))
    for question, reader, reason in (
        (query, readers["portal"], "your roles may not see it"),
        (query, scoped, "your token or key is limited to other scopes"),
        (revoke, readers["auditor"], "your roles may not do it"),
    ):
        reply = await guarded(question, principal=reader)
        assert [error["extensions"]["code"] for error in reply.errors] == ["FORBIDDEN"]
        assert reason in reply.errors[0]["message"]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(
    "question",
    [
        '{ enterprise(uscc: "CODE") { uscc name filings { year } } }',
        '{ enterprisesByUscc(usccs: ["CODE"]) { uscc name } }',
        '{ node(id: "Enterprise:CODE") { id ... on Enterprise { name } } }',
        '{ nodes(ids: ["Enterprise:CODE"]) { id } }',
        '{ enterprises(search: "CODE") { totalCount nodes { uscc } } }',
    ],
)
async def test_a_denial_does_not_tell_whether_there_is_such_an_enterprise(
    ask: Asker, readers: Mapping[str, Principal], by: Ruling, question: str, compiled: bool
) -> None:
    ruled = by(
        PORTAL='all = { PUBLIC = "ALLOW", FILINGS = "ALLOW" }',
        OFFICER='like = "PORTAL"\nown = { REGISTRATION = "ALLOW" }',
    )
    guarded = ask.guarded(ruled, compiled=compiled)
    for reader in (readers["portal"], readers["officer-nanchang"]):
        replies = [
            await guarded(question.replace("CODE", code), principal=reader) for code in (UNKNOWN, CHUJINGLING, UNKNOWN)
        ]
        assert replies[0].body == replies[1].body == replies[2].body
        assert set(replies[1].codes().values()) == {"FORBIDDEN"}
        assert [reply.fetches for reply in replies] == [{}, {}, {}]


async def test_what_is_denied_outright_costs_the_same_for_a_code_of_another_zone_and_for_one_that_is_denied(
    ask: Asker, readers: Mapping[str, Principal]
) -> None:
    query = "query($c: USCC!) { enterprise(uscc: $c) { filings { revenue } workforce { headcount } } }"
    guarded = ask.guarded()
    found = [await guarded(query, {"c": code}, principal=readers["portal"]) for code in (CHUJINGLING, ZHONGJIALI)]
    unknown = await guarded(query, {"c": UNKNOWN}, principal=readers["portal"])
    assert [reply.fetches for reply in (*found, unknown)] == [{"scjg-entities.registration": 1}] * 3
    elsewhere = await guarded(query, {"c": ZHONGJIALI}, principal=readers["officer-eastlake"])
    refused = {"enterprise.filings": "FORBIDDEN", "enterprise.workforce": "FORBIDDEN"}
    for reply in (*found, elsewhere):
        assert reply.data == {"enterprise": {"filings": None, "workforce": None}}
        assert reply.codes() == refused


async def test_who_may_see_its_own_record_only_sees_that(
    ask: Asker, readers: Mapping[str, Principal], by: Ruling
) -> None:
    guarded = ask.guarded(by(ENTERPRISE='all = { PUBLIC = "ALLOW" }\nown = { REGISTRATION = "ALLOW" }'))
    own = readers["enterprise-chujingling"]
    query = f"""{{
        enterprise(uscc: "{CHUJINGLING}") {{ uscc }} other: enterprise(uscc: "{ZHONGJIALI}") {{ uscc }}
        enterprisesByUscc(usccs: ["{ZHONGJIALI}", "{CHUJINGLING}"]) {{ uscc }}
        nodes(ids: ["Enterprise:{ZHONGJIALI}", "Zone:east-lake", "Enterprise:{CHUJINGLING}"]) {{ id }}
    }}"""
    reply = await guarded(query, principal=own)
    assert reply.data == {
        "enterprise": {"uscc": CHUJINGLING},
        "other": None,
        "enterprisesByUscc": [None, {"uscc": CHUJINGLING}],
        "nodes": [None, {"id": "Zone:east-lake"}, {"id": f"Enterprise:{CHUJINGLING}"}],
    }
    assert reply.codes() == {"other": "FORBIDDEN", "enterprisesByUscc.0": "FORBIDDEN", "nodes.0": "FORBIDDEN"}


async def test_the_schema_is_read_and_guessed_only_by_who_may(ask: Asker, by: Ruling) -> None:
    for guarded, opens in ((ask.guarded(), True), (ask.guarded(by(ANONYMOUS='all = { PUBLIC = "ALLOW" }')), False)):
        told = await guarded("{ ...F } fragment F on Query { __schema { queryType { name } } }")
        assert told.request_error is not opens


@pytest.mark.parametrize(
    ("question", "variables"),
    [
        ("{ enterprizes { totalCount } }", {}),
        ("{ enterprises(filterr: null) { totalCount } }", {}),
        ('{ enterprises(filter: { distric: "4" }) { totalCount } }', {}),
        ("{ enterprises(orderBy: { field: NAMEE }) { totalCount } }", {}),
        (f'{{ enterprises(first: "?{" Did you mean" * 9}", orderBy: {{ field: NAMEE }}) {{ totalCount }} }}', {}),
        ("query($f: EnterpriseFiltr) { enterprises(filter: $f) { totalCount } }", {}),
        ("query($f: EnterpriseFilter) { enterprises(filter: $f) { totalCount } }", {"f": {"distric": "4"}}),
        ("query($f: EnterpriseOrderField!) { enterprises(orderBy: { field: $f }) { totalCount } }", {"f": "NAMEE"}),
        ("{ nodes(ids: []) { nam } }", {}),
        ("{ zones { ... on Zon { id } } }", {}),
        ("{ zones @skp(if: true) { id } }", {}),
    ],
)
async def test_errors_suggest_no_names_to_who_may_not_read_the_schema(
    ask: Asker, by: Ruling, question: str, variables: Mapping[str, object]
) -> None:
    closed = ask.guarded(by(ANONYMOUS='all = { PUBLIC = "ALLOW", REGISTRATION = "ALLOW" }'))
    told, untold = [" ".join(e["message"] for e in (await a(question, variables)).errors) for a in (ask, closed)]
    assert told
    assert "Did you mean" not in untold
    for name in ("enterprises(", "filter", "district", "NAME", "skip"):
        assert name in question or name in str(variables) or name not in untold.replace(question, ""), untold
