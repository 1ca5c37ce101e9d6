"""Pre-credit, credit summaries and portfolios end to end, over HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from resolvers.scores.orders import Order, moment_of
from resolvers.scores.running import run
from store.edition_tables import edition
from tests.flows.conftest import Hub, Said
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
from tests.flows.test_listings import OPEN, listed, matched
from tests.flows.test_loans import S, arrived
from tests.world import CHUJINGLING, World, asking

ZHONGJIALI = "91000000MAX000023M"
NEXT_WEEK = (date.today() + timedelta(7)).isoformat()
BATCH = """preCreditBatch { id version state allowedActions lender edition line total expiresOn scoreAtLeast offered
    usccs     leftOut { reason count usccs } history { action organisation } }"""
LIST = "portfolioList { id version name count usccs }"
PORTFOLIO = """query($usccs: [USCC!], $list: String, $since: Date!, $first: Int, $after: String) {
    portfolio(usccs: $usccs, list: $list, since: $since, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { uscc enterprise { name } score { edition { code } since { code } change { before after change
            moved { indicator { id } change } } }
            flags { kind since until } qualifications { kind validFrom validTo } filings { year revenue } } } }"""
SUMMARY = """{ enterprise(uscc: "%s") { creditSummary {
    delivered { line drawn balance credits { lender product line drawn balance rate note source { id } synthetic } }
    hub { line drawn balance preCredit preCredits { batch lender line expiresOn }
          credits { application lender state line drawn balance } } } } }"""
ZONE = """{ zone(id: "%s") { creditSummary {
    published { name lender product enterprises line drawn balance preCredit source { id } }
    hub { enterprises line drawn balance preCredits preCredit lenders { lender enterprises line drawn balance } }
} } }"""


@dataclass(frozen=True)
class Scored:
    """Two published editions of East Lake, and who is in the newer one."""

    older: str
    newer: str
    codes: tuple[str, ...]


@pytest.fixture(scope="module")
def scored(acting: Hub, world: World) -> Scored:
    """Editions of two years; the older one was published half a year ago."""

    async def make() -> Scored:
        async with asking(replace(world, store_url=acting.store_url)) as ask:
            scheme, shelf = ask.hub.schemes.find("national-18-demo"), ask.hub.shelf
            assert scheme is not None
            assert shelf is not None
            ids: list[str] = []
            for period in ("2021", "2022"):
                order = Order("east-lake", scheme, moment_of(period, ask.hub.today()), "li")
                ids.append((await run(ask.hub.sources, shelf.editions, shelf.runs, order, lambda *_: None)).id)
                await shelf.editions.open_notice(ids[-1], ask.hub.today(), ask.hub.today(), "li")
            before = datetime.now(UTC) - timedelta(180)
            async with shelf.editions.engine.begin() as connection:
                await connection.execute(update(edition).where(edition.c.id == ids[0]).values(noticed_at=before))
            codes = tuple(sorted(await shelf.rankings.all(ids[1])))
            return Scored(ids[0], ids[1], codes)

    found = asyncio.run(make())
    assert CHUJINGLING in found.codes
    assert ZHONGJIALI not in found.codes
    return found


def offer(hub: Hub, name: str, of: Scored, purpose: str | None = "PRE_LOAN", given: str = "", **more: Any) -> Said:
    asked = {"edition": f"Edition:{of.newer}", "line": "2000000", "expiresOn": NEXT_WEEK, **more}
    query = f"""mutation($input: OfferPreCreditInput!, $key: String!) {{
        offerPreCredit(input: $input, idempotencyKey: $key) {{ {BATCH} userErrors {{ field message code }} }} }}"""
    return hub.ask(name, query, purpose, input=asked, key=given or key())


def set_list(hub: Hub, name: str, given: str = "", /, **asked: Any) -> Said:
    return hub.act(name, "setPortfolioList", LIST, given or key(), **asked)


def test_pre_credit_goes_only_to_those_who_have_agreed(acting: Hub, scored: Scored) -> None:
    nobody = made(offer(acting, ICBC, scored, scoreAtLeast="0"))
    assert (nobody["offered"], nobody["usccs"]) == (0, [])
    assert nobody["leftOut"] == [{"reason": "CONSENT_REQUIRED", "count": len(scored.codes), "usccs": None}]

    consent = agree(acting, ENTERPRISE, "icbc", ["SCORE"], ["PRE_LOAN"])
    agree(acting, OTHER_ENTERPRISE, "icbc", ["SCORE"], ["PRE_LOAN"])
    found = made(offer(acting, ICBC, scored, scoreAtLeast="0"))
    assert (found["state"], found["lender"], found["edition"]) == ("OFFERED", "icbc", f"Edition:{scored.newer}")
    assert (found["offered"], found["usccs"], found["total"]) == (1, [CHUJINGLING], "2000000.00")
    assert found["leftOut"] == [{"reason": "CONSENT_REQUIRED", "count": len(scored.codes) - 1, "usccs": None}]

    stranger = next(code for code in scored.codes if code != CHUJINGLING)
    named = made(offer(acting, ICBC, scored, usccs=[stranger, ZHONGJIALI, CHUJINGLING, CHUJINGLING]))
    assert named["usccs"] == [CHUJINGLING]
    assert {one["reason"]: one["usccs"] for one in named["leftOut"]} == {
        "CONSENT_REQUIRED": [stranger],
        "NOT_IN_EDITION": [ZHONGJIALI],
    }
    below = made(offer(acting, ICBC, scored, usccs=[CHUJINGLING], scoreAtLeast="1000"))
    assert below["leftOut"] == [{"reason": "BELOW_BOUND", "count": 1, "usccs": [CHUJINGLING]}]
    other = made(offer(acting, ICBC, scored, usccs=[CHUJINGLING], stage="nothing-like-it"))
    assert [one["reason"] for one in other["leftOut"]] == ["OTHER_STAGE"]

    seen = acting.ask(ENTERPRISE, SUMMARY % CHUJINGLING).data["enterprise"]["creditSummary"]["hub"]
    mine = {one["batch"]: one for one in seen["preCredits"]}
    assert {found["id"], named["id"]} == set(mine)
    assert Decimal(seen["preCredit"]) == 4_000_000
    assert mine[found["id"]] == {"batch": found["id"], "lender": "icbc", "line": "2000000.00", "expiresOn": NEXT_WEEK}
    assert seen["line"] == "0.00" or seen["credits"], "what is held out is no line"

    gone = acting.act(ICBC, "withdrawPreCredit", BATCH, key(), id=found["id"], version=1)
    assert (made(gone)["state"], made(gone)["allowedActions"]) == ("WITHDRAWN", [])
    again = wrong(acting.act(ICBC, "withdrawPreCredit", BATCH, key(), id=found["id"], version=2))
    assert (again["code"], again["field"]) == ("NOT_ALLOWED", ["input", "id"])
    strange = wrong(acting.act(BOC, "withdrawPreCredit", BATCH, key(), id=named["id"], version=1))
    assert (strange["code"], strange["field"]) == ("NOT_FOUND", ["input", "id"])
    after = acting.ask(ENTERPRISE, SUMMARY % CHUJINGLING).data["enterprise"]["creditSummary"]["hub"]
    assert [one["batch"] for one in after["preCredits"]] == [named["id"]]

    listed = "{ me { preCreditBatches(first: 50) { id usccs } } }"
    assert {one["id"] for one in acting.ask(ICBC, listed).data["me"]["preCreditBatches"]} >= {found["id"], named["id"]}
    assert acting.ask(BOC, listed).data["me"]["preCreditBatches"] == []
    withdraw(acting, ENTERPRISE, consent)
    assert made(offer(acting, ICBC, scored, scoreAtLeast="0"))["offered"] == 0


def test_pre_credit_has_a_key_a_purpose_and_a_lender(acting: Hub, scored: Scored) -> None:
    first = key()
    once = made(offer(acting, BOC, scored, given=first, scoreAtLeast="1"))
    assert made(offer(acting, BOC, scored, given=first, scoreAtLeast="1")) == once
    assert offer(acting, BOC, scored, given=first, scoreAtLeast="2").codes() == {"offerPreCredit": "CONFLICT"}
    assert offer(acting, BOC, scored, None, scoreAtLeast="1").codes() == {"offerPreCredit": "PURPOSE_REQUIRED"}
    for name in (ENTERPRISE, OFFICER, "portal", "anonymous", "partner-managers"):
        assert offer(acting, name, scored, None, scoreAtLeast="1").codes() == {"offerPreCredit": "FORBIDDEN"}
    looked = '{ enterprise(uscc: "%s") { accessLog(first: 5) { nodes { organisation groups withheld } } } }'
    offer(acting, BOC, scored, usccs=[CHUJINGLING])
    seen = acting.ask(ENTERPRISE, looked % CHUJINGLING).data["enterprise"]["accessLog"]["nodes"]
    assert {"organisation": "boc", "groups": [], "withheld": ["SCORE"]} in seen


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"scoreAtLeast": "1", "line": "0"}, "line", "INVALID"),
        ({"scoreAtLeast": "1", "expiresOn": "2020-01-01"}, "expiresOn", "INVALID"),
        ({}, "scoreAtLeast", "INVALID"),
        ({"scoreAtLeast": "-1"}, "scoreAtLeast", "INVALID"),
        ({"usccs": []}, "usccs", "INVALID"),
        ({"scoreAtLeast": "1", "edition": "Edition:none"}, "edition", "NOT_FOUND"),
        ({"scoreAtLeast": "1", "product": "boc-points-loan"}, "product", "NOT_ALLOWED"),
    ],
)
def test_an_offer_that_cannot_be_is_told_where(
    acting: Hub, scored: Scored, more: dict[str, Any], field: str, code: str
) -> None:
    error = wrong(offer(acting, ICBC, scored, **more))
    assert (error["field"], error["code"]) == (["input", field], code)


def test_a_summary_says_which_part_is_from_where(acting: Hub) -> None:
    found = arrived(acting, S.DISBURSED)
    summary = acting.ask(ENTERPRISE, SUMMARY % CHUJINGLING).data["enterprise"]["creditSummary"]
    delivered = summary["delivered"]
    assert [Decimal(delivered[name]) for name in ("line", "drawn")] == [6_000_000, 3_000_000]
    assert delivered["balance"] is None, "it was not published, and is not zero"
    assert delivered["credits"] == [
        {
            "lender": "中国银行武汉东湖支行", "product": "积分贷", "line": "6000000.00", "drawn": "3000000.00",
            "balance": None, "rate": None, "note": "首笔放款300万元", "source": {"id": "Source:facts"},
            "synthetic": False,
        }
    ]  # fmt: skip
    mine = {one["application"]: one for one in summary["hub"]["credits"]}
    assert mine[found["id"]] == {
        "application": found["id"], "lender": "boc", "state": "DISBURSED", "line": "6000000.00",
        "drawn": "1000000.00", "balance": "1000000.00",
    }  # fmt: skip
    stand = [one for one in mine.values() if one["state"] != "SETTLED"]
    for name in ("line", "drawn", "balance"):
        assert Decimal(summary["hub"][name]) == sum(Decimal(one[name]) for one in stand)
    for name, purpose in ((ICBC, "PRE_LOAN"), ("portal", None), (OTHER_ENTERPRISE, None), ("officer-nanchang", None)):
        codes = acting.ask(name, SUMMARY % CHUJINGLING, purpose).codes()
        assert set(codes) == {"enterprise.creditSummary"}
    assert acting.ask(OFFICER, SUMMARY % CHUJINGLING).codes() == {}
    consent = agree(acting, ENTERPRISE, "icbc", ["LENDING"], ["PRE_LOAN"])
    assert acting.ask(ICBC, SUMMARY % CHUJINGLING, "PRE_LOAN").data["enterprise"]["creditSummary"] == summary
    withdraw(acting, ENTERPRISE, consent)
    other = acting.ask(OTHER_ENTERPRISE, SUMMARY % ZHONGJIALI).data["enterprise"]["creditSummary"]
    assert (other["delivered"]["line"], other["delivered"]["drawn"]) == ("50000000.00", None)
    assert other["delivered"]["credits"][0]["rate"] == "3"


def test_a_zones_summary_has_the_published_figures_and_the_hubs_own(acting: Hub, scored: Scored) -> None:
    arrived(acting, S.DISBURSED)
    lake = acting.ask(OFFICER, ZONE % "east-lake").data["zone"]["creditSummary"]
    published = {one["name"]: one for one in lake["published"]}
    assert (published["线上授信"]["enterprises"], published["线上授信"]["line"]) == (116, "545000000.00")
    assert published["线上授信"]["drawn"] is None
    assert published["数字积分贷预授信"]["preCredit"] == "2000000000.00"
    assert published["数字积分贷预授信"]["line"] is None
    hub = lake["hub"]
    (boc,) = [one for one in hub["lenders"] if one["lender"] == "boc"]
    assert (hub["enterprises"], boc["enterprises"]) == (1, 1), "one enterprise, however many lines it has"
    for name in ("line", "drawn", "balance"):
        assert Decimal(hub[name]) == sum(Decimal(one[name]) for one in hub["lenders"]) > 0
    mine = acting.ask(ENTERPRISE, SUMMARY % CHUJINGLING).data["enterprise"]["creditSummary"]["hub"]
    assert [hub[name] for name in ("line", "drawn", "balance")] == [mine[name] for name in ("line", "drawn", "balance")]
    assert (hub["preCredits"], hub["preCredit"]) == (len(mine["preCredits"]), mine["preCredit"])

    nanchang = acting.ask("officer-nanchang", ZONE % "nanchang-high-tech").data["zone"]["creditSummary"]
    loans = next(one for one in nanchang["published"] if one["product"] == "科创贷")
    assert (loans["enterprises"], loans["line"], loans["drawn"]) == (11, "359500000.00", "15300000.00")
    assert (nanchang["hub"]["enterprises"], nanchang["hub"]["line"], nanchang["hub"]["lenders"]) == (0, "0.00", [])
    for name in ("anonymous", ENTERPRISE, ICBC, "officer-nanchang"):
        said = acting.ask(name, ZONE % "east-lake")
        assert said.data["zone"]["creditSummary"]["published"] == lake["published"]
        assert said.codes() == {"zone.creditSummary.hub": "FORBIDDEN"}


def test_a_portfolio_by_a_list(acting: Hub, scored: Scored) -> None:
    since = (date.today() - timedelta(30)).isoformat()
    agree(acting, ENTERPRISE, "icbc", ["SCORE", "FILINGS"], ["MONITORING"])
    name = key()
    made(set_list(acting, ICBC, name=name, usccs=[ZHONGJIALI, CHUJINGLING]))
    said = acting.ask(ICBC, PORTFOLIO, "MONITORING", list=name, since=since)
    first, second = said.data["portfolio"]["nodes"]
    assert (first["uscc"], second["uscc"]) == (CHUJINGLING, ZHONGJIALI)
    score = first["score"]
    assert (score["edition"]["code"], score["since"]["code"]) == (scored.newer, scored.older)
    change = score["change"]
    assert Decimal(change["after"]) - Decimal(change["before"]) == Decimal(change["change"]) != 0
    assert sum(Decimal(one["change"]) for one in change["moved"]) == Decimal(change["change"]), "and by what"
    assert first["filings"] is not None
    assert second["enterprise"]["name"] == "江西众加利高科技股份有限公司"
    assert second["flags"] is not None, "what everybody may see"
    assert said.codes() == {
        "portfolio.nodes.1.score": "CONSENT_REQUIRED",
        "portfolio.nodes.1.filings": "CONSENT_REQUIRED",
    }
    earlier = acting.ask(ICBC, PORTFOLIO, "MONITORING", list=name, since="2020-01-01").data["portfolio"]["nodes"][0]
    assert earlier["score"] == {"edition": {"code": scored.newer}, "since": None, "change": None}
    today = acting.ask(ICBC, PORTFOLIO, "MONITORING", list=name, since=date.today().isoformat())
    assert today.data["portfolio"]["nodes"][0]["score"]["change"] is None, "nothing was published since"
    assert len(earlier["filings"]) > len(today.data["portfolio"]["nodes"][0]["filings"]) == 0


def test_pages_of_a_portfolio(acting: Hub, scored: Scored) -> None:
    name, codes = key(), list(scored.codes[:7])
    made(set_list(acting, ICBC, name=name, usccs=codes))
    found: list[str] = []
    after = None
    while True:
        said = acting.ask(ICBC, PORTFOLIO, list=name, since="2022-01-01", first=3, after=after)
        page = said.data["portfolio"]
        found += [one["uscc"] for one in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert found == sorted(codes)
    assert page["totalCount"] == 7


def test_lists_are_of_one_organisation(acting: Hub) -> None:
    name, first = key(), key()
    found = made(set_list(acting, ICBC, first, name=name, usccs=[CHUJINGLING, CHUJINGLING]))
    assert (found["version"], found["count"], found["usccs"]) == (1, 1, [CHUJINGLING])
    assert made(set_list(acting, ICBC, first, name=name, usccs=[CHUJINGLING, CHUJINGLING])) == found
    taken = wrong(set_list(acting, ICBC, name=name, usccs=[]))
    assert (taken["code"], taken["field"]) == ("STALE_VERSION", ["input", "version"])
    changed = made(set_list(acting, ICBC, name=name, usccs=[ZHONGJIALI], version=1))
    assert (changed["version"], changed["usccs"]) == (2, [ZHONGJIALI])
    assert wrong(set_list(acting, ICBC, name=name, usccs=[], version=1))["code"] == "STALE_VERSION"
    other = made(set_list(acting, BOC, name=name, usccs=[]))
    assert (other["version"], other["count"]) == (1, 0), "another's list of that name is another list"
    lists = "{ me { portfolioLists { id name count } } }"
    assert found["id"] in {one["id"] for one in acting.ask(ICBC, lists).data["me"]["portfolioLists"]}
    assert found["id"] not in {one["id"] for one in acting.ask(BOC, lists).data["me"]["portfolioLists"]}
    assert acting.ask(GUARANTOR, lists).data["me"]["portfolioLists"] == []
    for reader in (ENTERPRISE, OFFICER, "portal", "anonymous", "partner-managers"):
        assert set_list(acting, reader, name=name, usccs=[]).codes() == {"setPortfolioList": "FORBIDDEN"}
        assert acting.ask(reader, lists).codes() == {"me.portfolioLists": "FORBIDDEN"}
    for reader in (GUARANTOR, ENTERPRISE, "anonymous"):
        assert acting.ask(reader, PORTFOLIO, list=name, since="2022-01-01").codes() == {"portfolio": "BAD_USER_INPUT"}


@pytest.mark.parametrize("asked", [{}, {"usccs": [CHUJINGLING], "list": "x"}, {"usccs": [CHUJINGLING[:-1] + "0"]}])
def test_a_portfolio_that_cannot_be(acting: Hub, asked: Any) -> None:
    assert acting.ask(ICBC, PORTFOLIO, since="2022-01-01", **asked).codes() == {"portfolio": "BAD_USER_INPUT"}
    tomorrow = (date.today() + timedelta(1)).isoformat()
    assert acting.ask(ICBC, PORTFOLIO, since=tomorrow, usccs=[CHUJINGLING]).codes() == {"portfolio": "BAD_USER_INPUT"}


def test_a_list_holds_five_thousand(acting: Hub) -> None:
    from codes import uscc

    codes = [uscc.compose("91", "000000", f"MAY{number:05d}") for number in range(5_001)]
    query = f"""mutation($input: SetPortfolioListInput!, $key: String!) {{
        setPortfolioList(input: $input, idempotencyKey: $key) {{ {LIST} userErrors {{ field code }} }} }}"""

    def said(count: int, purpose: str | None) -> Said:
        given = {"name": f"many-{count}", "usccs": codes[:count]}
        return acting.ask(ICBC, query, purpose, input=given, key=key())

    assert made(said(5_000, "MONITORING"))["count"] == 5_000
    assert "errors" in said(5_001, "MONITORING").body
    assert "errors" in said(1_001, None).body, "a list in a question has 1,000 members, for monitoring 5,000"
    whole = acting.ask(ICBC, PORTFOLIO, "MONITORING", list="many-5000", since="2022-01-01", first=2)
    assert whole.data["portfolio"]["totalCount"] == 5_000
    assert whole.data["portfolio"]["nodes"][0]["enterprise"]["name"] is None


def test_a_match_that_a_score_satisfies(acting: Hub, scored: Scored) -> None:
    scheme = "national-18-demo@1.0-demo"
    query = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ score(scheme: "{scheme}") {{ total stage {{ id }} }} }} }}'
    own = acting.ask(ENTERPRISE, query).data["enterprise"]
    total, stage = Decimal(own["score"]["total"]), own["score"]["stage"]["id"]
    asked = {"scheme": scheme, "atLeast": str(total), "stages": [stage]}
    found = matched(acting, ENTERPRISE, listed(acting, **OPEN, scores=[asked]))
    assert (found["fit"], found["SCORE"]["truth"], found["SCORE"]["reason"]) == ("ELIGIBLE", "SATISFIED", None)
    above = matched(acting, ENTERPRISE, listed(acting, **OPEN, scores=[{**asked, "atLeast": str(total + 1)}]))
    assert (above["SCORE"]["truth"], above["SCORE"]["actual"]) == ("UNMET", f"{total} POINTS")
    either = [{**asked, "atLeast": "1000000"}, {"scheme": scheme, "stages": [stage]}]
    assert matched(acting, ENTERPRISE, listed(acting, **OPEN, scores=either))["SCORE"]["truth"] == "SATISFIED"
