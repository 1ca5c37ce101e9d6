"""Access in the graph: every field for every reader, by every way to it, held against what the rules say."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from auth import masks, rules
from auth.identity import demo
from auth.principal import Principal
from auth.rules import Rights, Verdict
from codes import uscc
from codes.access import DataGroup, Mask
from resolvers.access import access
from schema.access import Held, held
from schema.graph import build_schema
from tests.world import CHUJINGLING, Asker

ZHONGJIALI = uscc.compose("91", "000000", "MAX00002")
SCHEMA = build_schema()
HELD = held(SCHEMA)
READERS = ("anonymous", *demo.NAMES)
VOLATILE = {
    "accessLog",
    "asOf",
    "lastSuccessAt",
    "newestAsOf",
    "late",
    "unreadableValues",
    "unmatchedRecords",
    "lastFailure",
    "feeds",
}
GIVEN = (Verdict.ALLOW, Verdict.MASK)

WAYS: Mapping[str, str] = {
    "enterprise": '{{ found: enterprise(uscc: "{code}") {{ {fields} }} }}',
    "enterprisesByUscc": '{{ found: enterprisesByUscc(usccs: ["{code}"]) {{ {fields} }} }}',
    "node": '{{ found: node(id: "Enterprise:{code}") {{ ... on Enterprise {{ {fields} }} }} }}',
    "nodes": '{{ found: nodes(ids: ["Enterprise:{code}"]) {{ ...F }} }} fragment F on Enterprise {{ {fields} }}',
    "edges": '{{ enterprises(search: "{code}") {{ edges {{ found: node {{ {fields} }} }} }} }}',
    "nodes of a page": '{{ enterprises(search: "{code}") {{ found: nodes {{ {fields} }} }} }}',
}


def everything(type_name: str, above: tuple[str, ...] = ()) -> str:
    """All fields of a type, and of the types below it that are not above it."""
    type_ = SCHEMA._schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    parts: list[str] = []
    for name, field in type_.fields.items():
        target = get_named_type(field.type)
        if name in VOLATILE:
            continue
        if is_leaf_type(target):
            parts.append(name)
        elif target.name not in (*above, type_name):
            parts.append(f"{name} {{ {everything(target.name, (*above, type_name))} }}")
    return " ".join(parts)


FIELDS = everything("Enterprise")


def expected(value: Any, type_name: str, rights: Rights, own: bool) -> Any:
    """What is left of an open answer: the rules, applied to the finished data rather than in a plan."""
    if isinstance(value, list):
        return [expected(item, type_name, rights, own) for item in value]
    if value is None:
        return None
    type_ = SCHEMA._schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    return {
        name: _left(inner, get_named_type(type_.fields[name].type), HELD[type_name][name], rights, own)
        for name, inner in value.items()
    }


def _left(value: Any, target: Any, what: Held, rights: Rights, own: bool) -> Any:
    verdict = (rights.own if own else rights.others)[what.group]
    if verdict not in GIVEN:
        return None
    if not is_leaf_type(target):
        return expected(value, target.name, rights, own)
    if verdict is Verdict.MASK and what.mask and value is not None:
        return None if what.mask is Mask.AMOUNT else masks.TEXTS[what.mask](value)
    return value


def found(data: Any) -> Any:
    """The enterprise, wherever an answer has it."""
    if isinstance(data, list):
        return found(data[0])
    if "found" in data:
        return found(data["found"]) if isinstance(data["found"], list) else data["found"]
    return found(next(iter(data.values()))) if "uscc" not in data else data


def is_own(reader: Principal, code: str) -> bool:
    zone = {CHUJINGLING: "east-lake", ZHONGJIALI: "nanchang-high-tech"}[code]
    return reader.enterprise == code or zone in reader.zones


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", READERS)
async def test_a_reader_gets_what_the_rules_say_and_nothing_else(
    ask: Asker, readers: Mapping[str, Principal], name: str, way: str
) -> None:
    reader = readers[name]
    for code in (CHUJINGLING, ZHONGJIALI):
        query = WAYS[way].format(code=code, fields=FIELDS)
        whole = found((await ask(query)).data)
        for purpose in (None, *sorted(reader.purposes, key=lambda p: p.value)):
            headers = {"hub-purpose": purpose.value} if purpose else {}
            rights = access(rules.load(), reader, headers).rights
            assert rights is not None
            wanted = expected(whole, "Enterprise", rights, is_own(reader, code))
            for compiled in (True, False):
                guarded = ask.guarded(compiled=compiled)
                for _ in range(2):  # the second time from warm caches
                    reply = await guarded(query, principal=reader, headers=headers)
                    assert found(reply.data) == wanted
                    assert set(reply.codes().values()) <= {v.value for v in Verdict if v not in GIVEN}


def test_the_matrix_withholds_something_and_gives_something(readers: Mapping[str, Principal]) -> None:
    verdicts = {
        name: {access(rules.load(), reader, {}).rights.others[what.group] for what in HELD["Enterprise"].values()}  # type: ignore[union-attr]  # with rules there are rights
        for name, reader in readers.items()
    }
    assert all(Verdict.ALLOW in found and found & set(Verdict) - set(GIVEN) for found in verdicts.values()), verdicts


async def test_what_is_withheld_is_not_asked_of_its_source(ask: Asker, readers: Mapping[str, Principal]) -> None:
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name filings {{ revenue }} workforce {{ headcount }} }} }}'
    reply = await ask.guarded()(query, principal=readers["portal"])
    assert reply.data == {"enterprise": {"name": "武汉楚精灵医疗科技有限公司", "filings": None, "workforce": None}}
    assert reply.codes() == {"enterprise.filings": "FORBIDDEN", "enterprise.workforce": "FORBIDDEN"}
    assert "FILINGS" in reply.errors[0]["message"]
    assert reply.fetches == {"registry.registration": 1}


async def test_an_officer_sees_its_own_zone_among_others(ask: Asker, readers: Mapping[str, Principal]) -> None:
    query = "query($usccs: [USCC!]!) { enterprisesByUscc(usccs: $usccs) { uscc legalRepresentative filings { year } } }"
    reply = await ask.guarded()(query, {"usccs": [ZHONGJIALI, CHUJINGLING]}, principal=readers["officer-eastlake"])
    other, own = reply.data["enterprisesByUscc"]
    assert other["filings"] is None
    assert len(own["filings"]) == 3
    assert reply.codes() == {"enterprisesByUscc.0.filings": "FORBIDDEN"}
    assert reply.source("tax")["keys"] == 1, "only the key that may be seen is asked"


async def test_a_bank_is_told_what_is_missing(ask: Asker, readers: Mapping[str, Principal]) -> None:
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ filings {{ year }} }} }}'
    guarded, bank = ask.guarded(), readers["bank-icbc"]
    assert (await guarded(query, principal=bank)).codes() == {"enterprise.filings": "PURPOSE_REQUIRED"}
    for purpose, code in (("pre-loan", "CONSENT_REQUIRED"), ("POLICY", "PURPOSE_REQUIRED")):
        reply = await guarded(query, principal=bank, headers={"hub-purpose": purpose})
        assert reply.codes() == {"enterprise.filings": code}
    strange = await guarded(query, principal=bank, headers={"hub-purpose": "curiosity"})
    assert strange.request_error
    assert "curiosity" in strange.errors[0]["message"]
    assert "PRE_LOAN" in strange.errors[0]["message"]


async def test_what_may_not_be_seen_may_not_be_filtered_by(ask: Asker, tmp_path: Path) -> None:
    closed = tmp_path / "access.toml"
    closed.write_text('[roles.ANONYMOUS]\nall = { PUBLIC = "ALLOW", REGISTRATION = "ALLOW" }\n', encoding="utf-8")
    guarded = ask.guarded(rules.load(closed))
    reply = await guarded("{ enterprises(filter: { qualification: [HIGH_TECH] }) { totalCount } }")
    assert reply.data is None
    assert reply.codes() == {"enterprises": "FORBIDDEN"}
    assert "filter.qualification" in reply.errors[0]["message"]
    assert (await guarded('{ enterprises(filter: { district: "42" }) { totalCount } }')).errors == []


async def test_the_schema_is_read_and_guessed_only_by_who_may(ask: Asker, tmp_path: Path) -> None:
    closed = tmp_path / "access.toml"
    closed.write_text('[roles.ANONYMOUS]\nall = { PUBLIC = "ALLOW" }\n', encoding="utf-8")
    for guarded, opens in ((ask.guarded(), True), (ask.guarded(rules.load(closed)), False)):
        told = await guarded("{ ...F } fragment F on Query { __schema { queryType { name } } }")
        assert told.request_error is not opens
        misspelt = await guarded("{ enterprizes { totalCount } }")
        assert ("Did you mean" in misspelt.errors[0]["message"]) is opens


async def test_me_says_who_asks_and_what_it_may_see(ask: Asker, readers: Mapping[str, Principal]) -> None:
    query = (
        "{ me { subject organisation client roles purposes purpose enterprise zones rights { group verdict own } } }"
    )
    bank = await ask.guarded()(query, principal=readers["bank-icbc"], headers={"hub-purpose": "MONITORING"})
    me = bank.data["me"]
    assert (me["subject"], me["organisation"], me["roles"]) == ("bank-icbc", "icbc", ["BANK"])
    assert (me["purposes"], me["purpose"]) == (["MONITORING", "PRE_LOAN"], "MONITORING")
    assert {right["group"] for right in me["rights"]} == {group.value for group in DataGroup}
    assert {"group": "FILINGS", "verdict": "CONSENT_REQUIRED", "own": "CONSENT_REQUIRED"} in me["rights"]
    enterprise = await ask.guarded()(query, principal=readers["enterprise-chujingling"])
    assert enterprise.data["me"]["enterprise"] == CHUJINGLING
    assert {"group": "FILINGS", "verdict": "FORBIDDEN", "own": "ALLOW"} in enterprise.data["me"]["rights"]


async def test_what_is_masked_is_shown_in_part_and_told_by_no_other_way(ask: Asker) -> None:
    query = "{ enterprises(first: 400) { nodes { uscc legalRepresentative } } }"
    whole = (await ask(query)).data["enterprises"]["nodes"]
    named = [node for node in whole if node["legalRepresentative"]]
    assert named
    for guarded in (ask.guarded(), ask.guarded(compiled=False)):
        nodes = (await guarded(query)).data["enterprises"]["nodes"]
        shown = {node["uscc"]: node["legalRepresentative"] for node in nodes}
        assert all(shown[node["uscc"]] == node["legalRepresentative"][0] + "*" for node in named)
    managers = "{ technologyManagers(first: 1000) { edges { cursor node { id name } } } }"
    names = {edge["node"]["name"] for edge in (await ask(managers)).data["technologyManagers"]["edges"]}
    edges = (await ask.guarded()(managers)).data["technologyManagers"]["edges"]
    told = "".join(base64.urlsafe_b64decode(edge["cursor"] + "==").decode() + edge["node"]["name"] for edge in edges)
    assert not [name for name in names if name and name in told]
    name = next(name for name in names if name)
    found = await ask.guarded()("query($s: String) { technologyManagers(search: $s) { totalCount } }", {"s": name})
    assert found.data == {"technologyManagers": {"totalCount": 0}}


async def test_a_masked_amount_is_withheld_with_its_reason(ask: Asker, tmp_path: Path) -> None:
    masked = tmp_path / "access.toml"
    masked.write_text(
        '[roles.ANONYMOUS]\nall = { PUBLIC = "ALLOW", REGISTRATION = "ALLOW", FILINGS = "MASK" }\n', encoding="utf-8"
    )
    for compiled in (True, False):
        reply = await ask.guarded(rules.load(masked), compiled=compiled)(
            f'{{ enterprise(uscc: "{CHUJINGLING}") {{ filings(years: 1) {{ year revenue }} }} }}'
        )
        assert reply.data == {"enterprise": {"filings": [{"year": 2022, "revenue": None}]}}
        assert reply.absences() == {"enterprise.filings.0.revenue": "MASKED"}
