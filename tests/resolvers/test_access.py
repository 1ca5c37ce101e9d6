"""Access in the graph: what is withheld, from whom, at what cost; masks, bands and what is the reader's own."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import event

from auth.principal import Principal
from codes.access import DataGroup, Purpose
from store.directory import Directory
from store.engine import open_store
from tests.consenting import ZHONGJIALI
from tests.world import CHUJINGLING, Asker, Ruling


async def test_what_is_withheld_is_not_asked_of_its_source(ask: Asker, readers: Mapping[str, Principal]) -> None:
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name filings {{ revenue }} workforce {{ headcount }} }} }}'
    reply = await ask.guarded()(query, principal=readers["portal"])
    assert reply.data == {"enterprise": {"name": "武汉楚精灵医疗科技有限公司", "filings": None, "workforce": None}}
    assert reply.codes() == {"enterprise.filings": "FORBIDDEN", "enterprise.workforce": "FORBIDDEN"}
    assert "FILINGS" in reply.errors[0]["message"]
    assert reply.fetches == {"scjg-entities.registration": 1}


async def test_an_officer_sees_its_own_zone_among_others(ask: Asker, readers: Mapping[str, Principal]) -> None:
    query = "query($usccs: [USCC!]!) { enterprisesByUscc(usccs: $usccs) { uscc legalRepresentative filings { year } } }"
    reply = await ask.guarded()(query, {"usccs": [ZHONGJIALI, CHUJINGLING]}, principal=readers["officer-eastlake"])
    other, own = reply.data["enterprisesByUscc"]
    assert other["filings"] is None
    assert len(own["filings"]) == 3
    assert reply.codes() == {"enterprisesByUscc.0.filings": "FORBIDDEN"}
    assert reply.source("sw-income-tax")["keys"] == 1, "only the key that may be seen is asked"


async def test_without_the_store_an_officer_is_told_that_the_hub_is_not_available(
    ask: Asker, readers: Mapping[str, Principal]
) -> None:
    gone = replace(ask.hub, directory=Directory(open_store("postgresql+asyncpg://hub@127.0.0.1:1/hub")))
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ filings {{ year }} }} }}'
    reply = await replace(ask, hub=gone).guarded()(query, principal=readers["officer-eastlake"])
    assert set(reply.codes().values()) == {"SOURCE_UNAVAILABLE"}
    assert reply.errors[0]["message"] == "Source hub: the store cannot be read (ConnectionRefusedError)."


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


async def test_me_says_who_asks_and_what_it_may_see(ask: Asker, readers: Mapping[str, Principal]) -> None:
    query = (
        "{ me { subject organisation client roles purposes purpose enterprise zones networks funds scopes "
        "rights { group verdict own } } }"
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
    limited = replace(readers["fund-nssf"], scopes=frozenset(("MANAGERS", "INVESTMENTS")))
    fund = (await ask.guarded()(query, principal=limited)).data["me"]
    assert (fund["funds"], fund["networks"], me["scopes"]) == (["Fund:nssf-zhongguancun"], [], None)
    assert fund["scopes"] == ["INVESTMENTS", "MANAGERS"]
    partner = (await ask.guarded()(query, principal=readers["partner-managers"])).data["me"]
    assert partner["networks"] == ["TechnologyManagerNetwork:technology-managers"]


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


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_masked_amount_is_withheld_with_its_reason_and_shown_as_a_band(
    ask: Asker, readers: Mapping[str, Principal], by: Ruling, compiled: bool
) -> None:
    guarded = ask.guarded(
        by(BANK='all = { PUBLIC = "ALLOW", REGISTRATION = "ALLOW", FILINGS = "MASK", CONTRACTS = "MASK" }'),
        compiled=compiled,
    )
    query = f"""{{ enterprise(uscc: "{CHUJINGLING}") {{
        filings {{ year revenue revenueBand {{ from to }} rdExpenseBand {{ from to }} }}
        technologyContracts {{ turnover turnoverBand {{ from to }} }}
    }} }}"""
    whole = (await ask(query)).data["enterprise"]
    reply = await guarded(query, principal=readers["bank-icbc"], headers={"hub-purpose": "PRE_LOAN"})
    shown = reply.data["enterprise"]
    for known, masked in zip(whole["filings"], shown["filings"], strict=True):
        assert masked["year"] == known["year"]
        assert masked["revenue"] is None
        assert masked["revenueBand"] == known["revenueBand"]
        band = masked["revenueBand"]
        if known["revenue"] is not None:
            assert float(band["from"]) <= float(known["revenue"]) < float(band["to"])
    assert [band["revenueBand"] for band in shown["filings"] if band["revenueBand"]]
    assert reply.absences()["enterprise.filings.0.revenue"] == "MASKED"
    if whole["technologyContracts"]:
        assert shown["technologyContracts"]["turnover"] is None
        assert shown["technologyContracts"]["turnoverBand"] == whole["technologyContracts"]["turnoverBand"]


UNPUBLISHED = "query($c: USCC!) { enterprise(uscc: $c) { filings { year totalAssets totalAssetsBand { from } } } }"


@pytest.mark.parametrize("compiled", [True, False])
async def test_what_a_report_does_not_publish_is_whole_for_its_own_and_for_nobody_else(
    ask: Asker, readers: Mapping[str, Principal], by: Ruling, compiled: bool
) -> None:
    banks = 'all = { PUBLIC = "ALLOW", REGISTRATION = "ALLOW", FILINGS = "ALLOW" }'
    own = 'own = { UNPUBLISHED = "ALLOW" }'
    ruled = by(BANK=banks, ENTERPRISE=f"{banks}\n{own}", OFFICER=f"{banks}\n{own}")
    guarded = ask.guarded(ruled, compiled=compiled)
    code = await _with_unpublished(ask)
    readers = {
        "bank": readers["bank-icbc"],
        "itself": replace(readers["enterprise-chujingling"], enterprise=code),
        "its officer": replace(readers["officer-eastlake"], zones=frozenset((await _zone(ask, code),))),
        "another": readers["enterprise-chujingling"],
        "an officer elsewhere": replace(readers["officer-eastlake"], zones=frozenset(("longwan-east",))),
    }
    found = {}
    for name in (*readers, *reversed(readers)):  # each after each, by the caches that the others have filled
        purposes = frozenset((Purpose.PRE_LOAN,))
        reader = replace(readers[name], purposes=purposes)
        reply = await guarded(UNPUBLISHED, {"c": code}, principal=reader, headers={"hub-purpose": "PRE_LOAN"})
        assert reply.errors == []
        filings = reply.data["enterprise"]["filings"]
        reasons = {r for path, r in reply.absences().items() if "totalAssets" in path}
        found[name] = (all(f["totalAssets"] and f["totalAssetsBand"] for f in filings), reasons)
    assert found == {
        "bank": (False, {"NOT_SHARED"}),
        "itself": (True, set()),
        "its officer": (True, set()),
        "another": (False, {"NOT_SHARED"}),
        "an officer elsewhere": (False, {"NOT_SHARED"}),
    }


async def _with_unpublished(ask: Asker) -> str:
    """An enterprise on a roster that has not published what its assets are in some year."""
    page = await ask("{ enterprises(first: 400) { nodes { uscc zone { id } filings { totalAssets } } } }")
    withheld = {p.split(".")[2] for p, reason in page.absences().items() if reason == "NOT_SHARED"}
    nodes = page.data["enterprises"]["nodes"]
    return next(str(node["uscc"]) for place, node in enumerate(nodes) if node["zone"] and str(place) in withheld)


async def _zone(ask: Asker, code: str) -> str:
    reply = await ask(f'{{ enterprise(uscc: "{code}") {{ zone {{ id }} }} }}')
    return str(reply.data["enterprise"]["zone"]["id"]).removeprefix("Zone:")


async def test_a_partner_sees_the_people_of_its_own_network(ask: Asker, readers: Mapping[str, Principal]) -> None:
    query = "{ technologyManagers(first: 50) { nodes { id name certificateNumber network { id } } } }"
    whole = (await ask(query)).data["technologyManagers"]["nodes"]
    partner = readers["partner-managers"]
    for guarded in (ask.guarded(), ask.guarded(compiled=False)):
        own = (await guarded(query, principal=partner)).data["technologyManagers"]["nodes"]
        assert own == whole
        other = replace(partner, networks=frozenset(("another-network",)))
        shown = (await guarded(query, principal=other)).data["technologyManagers"]["nodes"]
        assert all(node["name"] == real["name"][0] + "*" for node, real in zip(shown, whole, strict=True))
        by_identity = f'{{ node(id: "{whole[0]["id"]}") {{ ... on TechnologyManager {{ name }} }} }}'
        one = await guarded(by_identity, principal=partner)
        assert one.data["node"]["name"] == whole[0]["name"]


async def test_a_funds_partner_sees_its_own_fund_where_others_are_closed(
    ask: Asker, readers: Mapping[str, Principal], by: Ruling
) -> None:
    guarded = ask.guarded(by(PARTNER='all = { REGISTRATION = "ALLOW" }\nown = { PUBLIC = "ALLOW" }'))
    funds = (await ask("{ funds { nodes { id } } }")).data["funds"]["nodes"]
    own = "Fund:nssf-zhongguancun"
    other = next((fund["id"] for fund in funds if fund["id"] != own), "Fund:of-another")
    query = "query($id: ID!) { fund(id: $id) { name asOf } }"
    seen = await guarded(query, {"id": own}, principal=readers["fund-nssf"])
    assert seen.data["fund"]["name"]
    refused = await guarded(query, {"id": other}, principal=readers["fund-nssf"])
    assert refused.codes() == {"fund": "FORBIDDEN"}


async def test_what_is_shared_under_conditions_needs_a_purpose_or_is_ones_own(
    ask: Asker, readers: Mapping[str, Principal]
) -> None:
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name investments {{ round }} }} }}'
    for guarded in (ask.guarded(), ask.guarded(compiled=False)):
        for name in ("anonymous", "portal", "bank-icbc", "enterprise-zhongjiali", "officer-nanchang"):
            reply = await guarded(query, principal=readers[name])
            assert reply.data["enterprise"]["investments"] is None
            assert reply.codes() == {"enterprise.investments": "PURPOSE_REQUIRED"}
            assert "tz-investments.investments" not in reply.fetches
        for name, purpose in (("enterprise-chujingling", ""), ("officer-eastlake", ""), ("bank-icbc", "PRE_LOAN")):
            reply = await guarded(query, principal=readers[name], headers={"hub-purpose": purpose} if purpose else {})
            assert reply.errors == []
            assert reply.data["enterprise"]["investments"] is not None


@pytest.mark.parametrize("compiled", [True, False])
async def test_whose_enterprises_are_is_looked_up_once_for_all_fields(
    ask: Asker, readers: Mapping[str, Principal], compiled: bool
) -> None:
    looked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "zone_id IN" in statement:
            looked.append(statement)

    event.listen(ask.hub.directory.engine.sync_engine, "before_cursor_execute", note)
    query = f"""{{ enterprise(uscc: "{CHUJINGLING}") {{
        filings {{ revenue }} workforce {{ headcount }} utilities {{ asOf }} taxPayments {{ asOf }} talents {{ asOf }}
    }} }}"""
    reply = await ask.guarded(compiled=compiled)(
        query, principal=readers["officer-eastlake"], headers={"hub-purpose": "POLICY"}
    )
    assert reply.errors == []
    assert len(looked) == 1
