"""What the engine records of a request: looks at groups of level 3 and above, refusals, receipts, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from auth import rules
from auth.audit.record import Kind, Looks, Outcome, Record
from auth.audit.refusals import Refusals
from auth.audit.tree import Hashing
from auth.principal import ANONYMOUS, Principal
from codes.access import DataGroup
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from schema.graph import build_schema
from tests.auditing import found_by, records
from tests.resolvers.audited import BOTH, FILINGS, ZHONGJIALI, Audited, agreement
from tests.world import CHUJINGLING, Asker


@pytest.mark.parametrize("compiled", [True, False])
async def test_public_reads_write_nothing(audited: Audited, readers: Mapping[str, Principal], compiled: bool) -> None:
    public = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name legalRepresentative zone {{ name }} }} me {{ roles }} }}'
    managers = "{ technologyManagers(first: 3) { nodes { name certificateNumber } } }"
    for name in ("anonymous", "portal", "bank-icbc", "operator"):
        for query in (public, managers):
            assert (await audited(query, readers[name], compiled=compiled)).errors == []
    assert await records(audited.auditor) == []


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_look_is_recorded_with_who_why_and_what(
    audited: Audited, readers: Mapping[str, Principal], compiled: bool
) -> None:
    given = await audited.consents.grant(agreement(CHUJINGLING, DataGroup.FILINGS))
    headers = {"hub-purpose": "PRE_LOAN", "hub-reference": "案件 7".encode().decode("latin-1")}
    variables = {"usccs": [ZHONGJIALI, CHUJINGLING]}
    reply = await audited(BOTH, readers["bank-icbc"], compiled=compiled, headers=headers, variables=variables)
    assert [e["filings"] is None for e in reply.data["enterprisesByUscc"]] == [True, False]
    (record,) = await records(audited.auditor)
    assert (record.kind, record.outcome) == (Kind.REQUEST, Outcome.PARTLY)
    assert (record.organisation, record.subject, record.client) == ("icbc", "bank-icbc", "bank-icbc")
    assert record.credential == readers["bank-icbc"].credential
    assert (record.purpose, record.reference) == ("PRE_LOAN", "案件 7")
    assert record.consents == (given.id,)
    assert record.operation == Hashing.SHA256.named(BOTH.encode())
    assert record.looks == (
        Looks((), ("FILINGS", "WORKFORCE"), (ZHONGJIALI,)),
        Looks(("FILINGS",), ("WORKFORCE",), (CHUJINGLING,)),
    )
    assert {"scjg-entities", "sw-income-tax"} <= set(record.sources)
    assert [(w.field, w.code) for w in record.withheld] == [
        ("Enterprise.filings", "CONSENT_REQUIRED"), ("Enterprise.workforce", "CONSENT_REQUIRED"),
    ]  # fmt: skip
    assert "38000000" not in str(record), "no values"


ASKED = {
    "own filings": ("enterprise-chujingling", FILINGS, {}),
    "another's": ("enterprise-zhongjiali", FILINGS, {}),
    "own and another's": ("officer-eastlake", BOTH, {"usccs": [CHUJINGLING, ZHONGJIALI]}),
    "the legal representative": (
        "officer-eastlake", "query($usccs: [USCC!]!) { enterprisesByUscc(usccs: $usccs) { legalRepresentative } }",
        {"usccs": [CHUJINGLING, ZHONGJIALI]},
    ),
    "consents": ("auditor", f'{{ enterprise(uscc: "{CHUJINGLING}") {{ consents {{ id }} }} }}', {}),
    "the log": ("auditor", f'{{ enterprise(uscc: "{CHUJINGLING}") {{ accessLog {{ nodes {{ id }} }} }} }}', {}),
    "a page": (
        "officer-nanchang", "{ enterprises(first: 50) { nodes { legalRepresentative filings { year } } } }", {},
    ),
    "by node": (
        "enterprise-chujingling",
        f'{{ node(id: "Enterprise:{CHUJINGLING}") {{ ... on Enterprise {{ x: workforce {{ headcount }} }} }} }}', {},
    ),
    "forbidden to all": ("portal", BOTH, {"usccs": [CHUJINGLING, ZHONGJIALI]}),
    "by nobody": ("anonymous", FILINGS, {}),
}  # fmt: skip


@pytest.mark.parametrize("asked", ASKED)
async def test_both_ways_through_the_engine_record_the_same(
    audited: Audited, readers: Mapping[str, Principal], asked: str
) -> None:
    name, query, variables = ASKED[asked]
    for compiled in (True, True, False):  # the first fills the caches, which have sources of their own
        await audited(query, readers[name], compiled=compiled, variables=variables)
    _, one, other = await records(audited.auditor)
    assert msgspec.to_builtins(timeless(one)) == msgspec.to_builtins(timeless(other))
    assert one.looks or name == "anonymous"
    assert one.withheld or one.outcome is Outcome.GIVEN


def timeless(record: Record) -> Record:
    """The record as if it were of another time."""
    return msgspec.structs.replace(record, at=datetime.min)


async def test_an_officer_looks_at_its_own_zones_people(audited: Audited, readers: Mapping[str, Principal]) -> None:
    name, query, variables = ASKED["the legal representative"]
    await audited(query, readers[name], variables=variables)
    record = await audited.newest()
    assert record.looks == (Looks(("PEOPLE",), (), (CHUJINGLING,)),), "a masked name is no look"


async def test_a_thousand_enterprises_are_one_record(audited: Audited, readers: Mapping[str, Principal]) -> None:
    nodes = (await audited.asker("{ enterprises(first: 400) { nodes { uscc } } }")).data["enterprises"]["nodes"]
    codes = [node["uscc"] for node in nodes]
    for code in codes:
        await audited.consents.grant(agreement(code, DataGroup.FILINGS))
    query = "query($usccs: [USCC!]!) { enterprisesByUscc(usccs: $usccs) { filings { year } } }"
    headers = {"hub-purpose": "PRE_LOAN"}
    await audited(query, readers["bank-icbc"], variables={"usccs": codes + codes[:9]}, headers=headers)
    (record,) = await records(audited.auditor)
    assert record.looks == (Looks(("FILINGS",), (), tuple(codes)),)
    assert len(record.consents) == len(codes)


async def test_a_consent_given_and_withdrawn_is_recorded(audited: Audited, readers: Mapping[str, Principal]) -> None:
    grant = """mutation { grantConsent(input: { grantee: "icbc", groups: [FILINGS], purposes: [PRE_LOAN] }) {
        consent { id } userErrors { message } } }"""
    own = readers["enterprise-chujingling"]
    made = (await audited(grant, own)).data["grantConsent"]["consent"]["id"]
    revoke = f'mutation {{ revokeConsent(id: "{made}") {{ consent {{ withdrawnAt }} }} }}'
    assert (await audited(revoke, own)).errors == []
    assert (await audited(grant, readers["bank-icbc"])).codes() == {"grantConsent": "FORBIDDEN"}
    given, withdrawn, refused = await records(audited.auditor)
    for record, query in ((given, grant), (withdrawn, revoke)):
        assert record.looks == (Looks(("CONSENTS",), (), (CHUJINGLING,)),)
        assert record.consents == (made,)
        assert record.operation == Hashing.SHA256.named(query.encode())
    assert [(w.field, w.code) for w in refused.withheld] == [("Mutation.grantConsent", "FORBIDDEN")]


async def test_refusals_to_nobody_in_particular_are_bounded(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audited.auditor, "_refusals", Refusals(clock=lambda: 0.0))  # all within one minute
    for _ in range(25):
        assert (await audited(FILINGS, ANONYMOUS)).codes() == {"enterprise.filings": "FORBIDDEN"}
    await audited.auditor.aclose()
    written = await records(audited.auditor)
    assert [record.kind for record in written] == [Kind.REQUEST] * 20 + [Kind.REFUSALS]
    assert written[0].looks == ()
    assert written[-1].count == 5
    assert await found_by(audited.auditor) == []


async def test_what_is_learnt_on_the_chance_that_an_enterprise_exists_is_kept(
    audited: Audited, readers: Mapping[str, Principal], tmp_path: Path
) -> None:
    by_consent = tmp_path / "access.toml"
    by_consent.write_text(
        '[roles.BANK]\nall = { PUBLIC = "ALLOW", REGISTRATION = "ALLOW", PEOPLE = "CONSENT", FILINGS = "ALLOW" }\n',
        encoding="utf-8",
    )
    given = await audited.consents.grant(agreement(CHUJINGLING, DataGroup.PEOPLE))
    hub, known = audited.ways[True].hub, rules.load(by_consent)
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ legalRepresentative filings(years: 1) {{ year }} }} }}'
    for compiled in (True, False):
        engine = Engine(build_schema(), GRAPH, hub, compiled=compiled, rules=known)
        asker = replace(audited.asker, hub=hub, engine=engine)
        reply = await asker(query, principal=readers["bank-icbc"], headers={"hub-purpose": "PRE_LOAN"})
        assert reply.errors == [], "as the enterprise has agreed"
        assert reply.data["enterprise"]["filings"][0]["year"] == 2022
        assert (await audited.newest()).consents == (given.id,)
    one, other = await records(audited.auditor)
    assert one.looks == other.looks == (Looks(("FILINGS", "PEOPLE"), (), (CHUJINGLING,)),)
    unknown = query.replace(CHUJINGLING, "91000000NKNWN0004T")
    for compiled in (True, False):
        engine = Engine(build_schema(), GRAPH, hub, compiled=compiled, rules=known)
        asker = replace(audited.asker, hub=hub, engine=engine)
        reply = await asker(unknown, principal=readers["bank-icbc"], headers={"hub-purpose": "PRE_LOAN"})
        assert reply.data == {"enterprise": None}
    assert len(await records(audited.auditor)) == 2, "of what is not there is nothing to see"


async def test_introspection_that_is_refused_is_recorded(
    audited: Audited, readers: Mapping[str, Principal], tmp_path: Path
) -> None:
    closed = tmp_path / "access.toml"
    closed.write_text('[roles.PORTAL]\nall = { PUBLIC = "ALLOW" }\n', encoding="utf-8")
    hub = audited.ways[True].hub
    asker = replace(audited.asker, engine=Engine(build_schema(), GRAPH, hub, rules=rules.load(closed)))
    reply = await asker("{ __schema { queryType { name } } }", principal=readers["portal"])
    assert reply.request_error
    record = await audited.newest()
    assert (record.organisation, record.outcome) == ("east-lake-portal", Outcome.REFUSED)
    assert record.withheld[0].field == "__schema"


@pytest.mark.parametrize(
    ("headers", "name", "code", "words"),
    [
        ({"hub-reference": "x" * 201}, "bank-icbc", "BAD_USER_INPUT", "Hub-Reference is no text of at most 200"),
        ({"hub-reference": "a\x07"}, "bank-icbc", "BAD_USER_INPUT", "printable"),
        ({"hub-reference": "\xff"}, "bank-icbc", "BAD_USER_INPUT", "UTF-8"),
        ({"hub-receipt": "perhaps"}, "bank-icbc", "BAD_USER_INPUT", "Hub-Receipt is 'perhaps'"),
        ({"hub-receipt": "true"}, "anonymous", "FORBIDDEN", "signed in"),
    ],
)
async def test_headers_that_cannot_be_followed_are_refused(
    audited: Audited, readers: Mapping[str, Principal], headers: dict[str, str], name: str, code: str, words: str
) -> None:
    reply = await audited("{ __typename }", readers[name], headers=headers)
    assert reply.request_error
    assert reply.errors[0]["extensions"]["code"] == code
    assert words in reply.errors[0]["message"]
    assert await records(audited.auditor) == []


async def test_a_hub_without_an_audit_says_that_it_gives_no_receipts(
    ask: Asker, readers: Mapping[str, Principal]
) -> None:
    reply = await ask.guarded()("{ __typename }", principal=readers["bank-icbc"], headers={"hub-receipt": "true"})
    assert reply.request_error
    assert "keeps no audit" in reply.errors[0]["message"]
