"""Funds held to enterprises: three values with their reasons, by what the reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auth.principal import Principal
from tests.world import CHUJINGLING, Asker

MATCHES = """{ enterprise(uscc: "CODE") { source { id } district { province name } industry { code text } name address
    investments { round announcedOn }
    fundMatches { fund { id } fit conditions { kind truth required actual reason hint source { id } } } } }"""
NSSF = "Fund:nssf-zhongguancun"


def by_kind(found: Any, fund: str = NSSF) -> dict[str, Any]:
    """Return a fund's conditions by their kind."""
    match = next(one for one in found["fundMatches"] if one["fund"]["id"] == fund)
    return {"fit": match["fit"], **{one["kind"]: one for one in match["conditions"]}}


async def test_the_zhongguancun_fund_is_told_as_published(ask: Asker) -> None:
    reply = await ask("""{ fund(id: "nssf-zhongguancun") { firstTranche size custodian strategyCommittee followedUpBy
        governance termYearsMin } }""")
    fund = reply.data["fund"]
    assert (fund["firstTranche"], fund["size"], fund["custodian"]) == ("5000000000.00", None, None)
    assert fund["strategyCommittee"] == ["全国社会保障基金理事会", "北京市"]
    assert fund["followedUpBy"] == ["北京市科学技术委员会", "中关村科技园区管理委员会", "北京市海淀区"]


async def test_what_a_fund_has_invested_in(ask: Asker) -> None:
    reply = await ask("""{ funds { nodes { id synthetic investments { number uscc name enterprise { name }
        round amount investedOn exitedOn source { id } synthetic } } } }""")
    assert reply.errors == []
    funds = {one["id"]: one for one in reply.data["funds"]["nodes"]}
    assert funds[NSSF]["investments"] == [], "of the published fund none is known"
    own = funds["Fund:demo-growth-fund"]
    assert own["synthetic"] is True
    assert 4 <= len(own["investments"]) <= 12, "the first rounds of the small world"
    for one in own["investments"]:
        assert one["enterprise"]["name"]
        assert (one["source"]["id"], one["synthetic"]) == ("Source:fund-deals", True)
    assert {one["exitedOn"] for one in own["investments"]} == {None, "2023-05-31"}
    assert reply.fetches["fund-deals.fund_investments"] == 1, "asked once for all funds"


async def test_what_is_not_known_is_unknown_and_says_why(ask: Asker) -> None:
    reply = await ask(MATCHES.replace("CODE", CHUJINGLING))
    assert reply.errors == []
    found = by_kind(reply.data["enterprise"])
    assert found["fit"] == "UNKNOWN"
    region = found["REGION"]
    assert (region["truth"], region["actual"], region["reason"]) == ("UNKNOWN", None, "NOT_DELIVERED")
    assert region["required"] == ["北京市"]
    field = found["FIELD"]
    assert (field["truth"], field["reason"]) == ("UNKNOWN", "CANNOT_BE_TOLD")
    assert field["actual"] == "武汉楚精灵医疗科技有限公司"
    assert field["hint"] == "Ask the fund: what the hub knows does not decide it."
    assert field["source"] == reply.data["enterprise"]["source"]


async def test_conditions_agree_with_what_the_graph_tells_of_the_enterprise(ask: Asker) -> None:
    page = await ask("{ enterprises(first: 400) { nodes { uscc } } }")
    seen: set[tuple[str, str]] = set()
    for node in page.data["enterprises"]["nodes"][::3]:
        found = (await ask(MATCHES.replace("CODE", node["uscc"]))).data["enterprise"]
        held = by_kind(found)
        seen |= {(kind, held[kind]["truth"]) for kind in ("STAGE", "REGION", "FIELD")}
        if found["district"] and found["district"]["province"]:
            expected = "SATISFIED" if found["district"]["province"] == "北京市" else "UNMET"
            assert held["REGION"]["truth"] == expected
            assert held["REGION"]["actual"].startswith(found["district"]["province"])
        rounds = sorted((one["announcedOn"], one["round"]) for one in found["investments"] or ())
        if rounds:
            assert (held["STAGE"]["truth"], held["STAGE"]["actual"]) == ("SATISFIED", rounds[-1][1])
        else:
            assert (held["STAGE"]["truth"], held["STAGE"]["actual"]) == ("UNKNOWN", None)
            assert held["STAGE"]["reason"] == "NOT_FOUND"
        assert (held["fit"] == "NOT_ELIGIBLE") is (held["REGION"]["truth"] == "UNMET")
    assert seen >= {("STAGE", "SATISFIED"), ("STAGE", "UNKNOWN"), ("REGION", "SATISFIED"), ("REGION", "UNMET")}


async def test_facts_that_the_reader_may_not_see_are_unknown_and_asked_of_no_source(
    ask: Asker, readers: Mapping[str, Principal]
) -> None:
    guarded = ask.guarded()
    asked = "fundMatches { fund { id } conditions { kind reason hint } }"
    text = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ {asked} }} }}'
    reply = await guarded(text)
    (match,) = [one for one in reply.data["enterprise"]["fundMatches"] if one["fund"]["id"] == NSSF]
    stage = next(one for one in match["conditions"] if one["kind"] == "STAGE")
    assert stage["reason"] == "PURPOSE_REQUIRED"
    assert stage["hint"] == "Ask for a purpose that your client may use (Hub-Purpose)."
    assert not [name for name in reply.fetches if name.endswith(".investments")]
    told = await guarded(text, principal=readers["fund-nssf"], headers={"hub-purpose": "INVESTMENT"})
    (match,) = [one for one in told.data["enterprise"]["fundMatches"] if one["fund"]["id"] == NSSF]
    stage = next(one for one in match["conditions"] if one["kind"] == "STAGE")
    assert stage["reason"] != "PURPOSE_REQUIRED"
    assert [name for name in told.fetches if name.endswith(".investments")]
    own = await guarded(text, principal=readers["enterprise-chujingling"])
    (match,) = [one for one in own.data["enterprise"]["fundMatches"] if one["fund"]["id"] == NSSF]
    assert "PURPOSE_REQUIRED" not in {one["reason"] for one in match["conditions"]}, "its own, for no purpose"
