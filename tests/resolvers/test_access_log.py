"""Enterprise.accessLog: who looked, page by page, for those who may know; and what proves a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from auth import rules
from auth.audit.tree import Hashing, included
from auth.principal import Principal
from auth.rules import Verdict
from codes.access import DataGroup
from tests.auditing import records
from tests.resolvers.audited import BOTH, FILINGS, ZHONGJIALI, Audited, agreement
from tests.world import CHUJINGLING

ON_ENTERPRISE = "{ ... on Enterprise { accessLog(first: 2) { totalCount nodes { organisation } edges { cursor } } } }"
LOG_WAYS = {
    "enterprise": f'{{ enterprise(uscc: "CODE") {ON_ENTERPRISE} }}',
    "list": f'{{ enterprisesByUscc(usccs: ["CODE"]) {ON_ENTERPRISE} }}',
    "node": f'{{ node(id: "Enterprise:CODE") {ON_ENTERPRISE} }}',
    "page": f'{{ enterprises(search: "CODE") {{ nodes {ON_ENTERPRISE} }} }}',
}
LOG = """query($code: USCC!, $first: Int! = 20, $after: String) {
  enterprise(uscc: $code) { accessLog(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor node { place } }
    nodes { id place at organisation client purpose reference groups withheld consents outcome } } } }"""


async def test_an_enterprise_reads_who_looked_page_by_page(audited: Audited, readers: Mapping[str, Principal]) -> None:
    given = await audited.consents.grant(agreement(CHUJINGLING, DataGroup.FILINGS))
    other = await audited.consents.grant(agreement(ZHONGJIALI, DataGroup.FILINGS, DataGroup.WORKFORCE))
    both = {"usccs": [ZHONGJIALI, CHUJINGLING]}
    for number in range(5):
        headers = {"hub-purpose": "PRE_LOAN", "hub-reference": f"case-{number}"}
        await audited(BOTH, readers["bank-icbc"], headers=headers, variables=both)
    for compiled in (True, False):
        seen: list[Any] = []
        after, pages = None, 0
        before = len(await records(audited.auditor))
        while True:
            variables = {"code": CHUJINGLING, "first": 2, "after": after}
            reply = await audited(LOG, readers["enterprise-chujingling"], variables=variables, compiled=compiled)
            assert reply.errors == []
            log = reply.data["enterprise"]["accessLog"]
            assert log["totalCount"] == before + pages, "reading the log is a look too"
            assert [edge["node"]["place"] for edge in log["edges"]] == [node["place"] for node in log["nodes"]]
            assert log["pageInfo"]["hasPreviousPage"] is (after is not None)
            seen += log["nodes"]
            pages += 1
            if not log["pageInfo"]["hasNextPage"]:
                break
            after = log["pageInfo"]["endCursor"]
        assert [int(node["place"]) for node in seen] == list(range(before))[::-1]
    last = next(node for node in seen if node["reference"] == "case-4")
    assert {name: last[name] for name in last if name != "at"} == {
        "id": "AccessRecord:4", "place": "4", "organisation": "icbc", "client": "bank-icbc", "purpose": "PRE_LOAN",
        "reference": "case-4", "groups": ["FILINGS"], "withheld": ["WORKFORCE"], "consents": [given.id],
        "outcome": "PARTLY",
    }  # fmt: skip
    assert other.id in (await records(audited.auditor))[0].consents, "which the other enterprise is shown"
    assert [node["groups"] for node in seen if node["organisation"] == "chujingling"][-1] == ["ACCESS_LOG"]


async def test_nobody_else_reads_the_log(audited: Audited, readers: Mapping[str, Principal]) -> None:
    for name in set(readers) - {"enterprise-chujingling", "auditor"}:
        reply = await audited(LOG, readers[name], variables={"code": CHUJINGLING})
        assert reply.data == {"enterprise": {"accessLog": None}}, name
        assert reply.codes() == {"enterprise.accessLog": "FORBIDDEN"}, name
    log = (await audited(LOG, readers["auditor"], variables={"code": CHUJINGLING})).data["enterprise"]["accessLog"]
    assert "zhongjiali" in {node["organisation"] for node in log["nodes"]}, "who tried is in the log"
    assert {node["outcome"] for node in log["nodes"]} == {"REFUSED"}


async def test_a_record_is_proved_to_be_in_the_tree(audited: Audited, readers: Mapping[str, Principal]) -> None:
    own = readers["enterprise-chujingling"]
    for _ in range(3):
        await audited(FILINGS, own)
    query = f"""{{ enterprise(uscc: "{CHUJINGLING}") {{ accessLog {{ nodes {{ place proof {{
        algorithm leafHash treeSize hashes root signedHead }} }} }} }} }}"""
    reply = await audited(query, own)
    assert reply.errors == []
    for node in reply.data["enterprise"]["accessLog"]["nodes"]:
        proof = node["proof"]
        head = audited.auditor.keys.head(proof["signedHead"])
        assert (head.size, head.root, head.algorithm) == (int(proof["treeSize"]), proof["root"], proof["algorithm"])
        path = [bytes.fromhex(step) for step in proof["hashes"]]
        leaf, root = bytes.fromhex(proof["leafHash"]), bytes.fromhex(proof["root"])
        assert included(Hashing.SHA256, leaf, int(node["place"]), head.size, path, root)


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ("UPDATE audit_tree SET signed = 'x:1'", "Ask again after the next record"),
        ("UPDATE audit_tree SET signed = 'a.b.c'", "Ask again after the next record"),
        ("DELETE FROM audit_record WHERE place = 0", "the audit is not whole"),
    ],
)
async def test_what_cannot_be_proved_is_said(
    audited: Audited, readers: Mapping[str, Principal], spoilt: str, words: str
) -> None:
    own = readers["enterprise-chujingling"]
    for _ in range(3):
        await audited(FILINGS, own)
    async with audited.auditor.ledger.engine.begin() as connection:
        await connection.execute(text(spoilt))
    log = "accessLog(first: 1) { nodes { place proof { root } } }"
    reply = await audited(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ {log} }} }}', own)
    (node,) = reply.data["enterprise"]["accessLog"]["nodes"]
    assert (node["place"], node["proof"]) == ("2", None)
    assert reply.codes() == {"enterprise.accessLog.nodes.0.proof": "SOURCE_UNAVAILABLE"}
    assert words in reply.errors[0]["message"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"first": 1001}, "first is 1001"),
        ({"first": -1}, "first is -1"),
        ({"after": "rubbish"}, "is no cursor of this list"),
        ({"after": "WyJ4Il0"}, "is no cursor of this list"),
    ],
)
async def test_what_cannot_be_a_page_is_said(
    audited: Audited, readers: Mapping[str, Principal], given: dict[str, Any], words: str
) -> None:
    reply = await audited(LOG, readers["enterprise-chujingling"], variables={"code": CHUJINGLING, **given})
    assert reply.codes() == {"enterprise.accessLog": "BAD_USER_INPUT"}
    assert words in reply.errors[0]["message"]


async def test_a_thousand_logs_are_not_read_at_once(audited: Audited, readers: Mapping[str, Principal]) -> None:
    query = "{ enterprises(first: 21) { nodes { accessLog(first: 1) { totalCount } } } }"
    reply = await audited(query, readers["auditor"])
    assert {error["extensions"]["code"] for error in reply.errors} == {"BAD_USER_INPUT"}
    assert "at most 20" in reply.errors[0]["message"]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("way", LOG_WAYS)
async def test_every_reader_gets_the_log_that_the_rules_give_it(
    audited: Audited, readers: Mapping[str, Principal], way: str, compiled: bool
) -> None:
    await audited.consents.grant(agreement(CHUJINGLING, DataGroup.FILINGS))
    await audited(FILINGS, readers["bank-icbc"], headers={"hub-purpose": "PRE_LOAN"})
    zones = {CHUJINGLING: "east-lake", ZHONGJIALI: "nanchang-high-tech"}
    allowed = 0
    for reader in readers.values():
        rights = rules.load().rights(reader, None)
        for code, zone in zones.items():
            own = reader.enterprise == code or zone in reader.zones
            given = (rights.own if own else rights.others)[DataGroup.ACCESS_LOG] is Verdict.ALLOW
            reply = await audited(LOG_WAYS[way].replace("CODE", code), reader, compiled=compiled)
            assert set(reply.codes().values()) == (set() if given else {"FORBIDDEN"}), (reader.subject, code)
            assert (b'"totalCount":' in orjson.dumps(reply.data)) is given, (reader.subject, code)
            allowed += given
    assert allowed == 4, "each enterprise its own, the auditor both"
