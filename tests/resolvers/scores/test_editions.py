"""Editions in the graph: what there is, rankings in pages, scores explained, what changed, what would change."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.resolvers.scores.hub import Zoned
from tests.resolvers.scores.zone import evaluated

pytestmark = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "by reference"])


def way(hub: Zoned, compiled: bool) -> Zoned:
    """The hub as it is, or asked object by object."""
    if not compiled:
        hub.ask = hub.ask.by_reference()
    return hub


async def test_editions_are_listed_newest_first_with_all_that_they_say(hub: Zoned, compiled: bool) -> None:
    reply = await way(hub, compiled).ask("""{ editions(zone: "Zone:east-lake", scheme: "small-demo") {
        id code zone { name } scheme { code version title } schemeCode version period year day number state chosenBy
        residents evaluated leftOut { reason count resident } maximum synthetic
        noticeFrom noticeUntil reason parent { code } correctedBy { code }
        previous { code } sourcesDown { id } lists { id }
        figures { stage { id } evaluated ranked passed undecided mean quartiles bars { begin end count } }
    } }""")
    assert reply.errors == []
    new, old = reply.data["editions"]
    assert (new["id"], old["code"]) == (f"Edition:{hub.new.id}", hub.old.id)
    assert new["zone"] == {"name": "武汉东湖高新区"}
    assert new["scheme"] == {"code": "small-demo", "version": "1", "title": "A small scheme"}
    assert (new["state"], old["state"]) == ("NOTICE", "FINAL")
    assert (new["noticeFrom"], new["noticeUntil"]) == ("2023-06-01", "2023-06-30")
    assert (new["chosenBy"], new["residents"], new["evaluated"]) == ("SCHEME", 54, len(evaluated(hub.of)))
    others = 54 - new["evaluated"]
    assert new["leftOut"] == [{"reason": "NO_RECORD", "count": others, "resident": True}]
    assert (new["previous"], old["previous"]) == ({"code": hub.old.id}, None)
    overall, *stages = new["figures"]
    assert [stage["stage"]["id"] for stage in stages] == ["young", "grown"]
    assert overall["ranked"] == sum(stage["ranked"] for stage in stages) == new["evaluated"]
    assert sum(bar["count"] for bar in overall["bars"]) == overall["ranked"]
    assert all(bar["count"] >= 10 for bar in overall["bars"])
    assert len(overall["quartiles"]) == 3


async def test_what_was_missing_is_counted_by_indicator(hub: Zoned, compiled: bool) -> None:
    reply = await way(hub, compiled).ask(f"""{{ edition(id: "{hub.new.id}") {{ evaluated
        coverage {{ indicator {{ id }} known missing {{ reason count }} }} }} }}""")
    assert reply.errors == []
    found = {one["indicator"]["id"]: one for one in reply.data["edition"]["coverage"]}
    codes = await hub.evaluated()
    revenue = {one["uscc"]: one["revenue"] for one in hub.of["tax"] if one["year"] == 2022}
    spent = {one["uscc"] for one in hub.of["science"] if one["year"] == 2022}
    without = sum(code not in spent for code in codes)
    nothing = sum(code in spent and float(revenue[code]) == 0 for code in codes)
    counts = {one["reason"]: one["count"] for one in found["rd_intensity"]["missing"]}
    assert counts == {"NOT_DELIVERED": without, **({"ZERO_DENOMINATOR": nothing} if nothing else {})}
    assert found["rd_intensity"]["known"] == len(codes) - without - nothing
    assert (found["age"]["known"], found["age"]["missing"]) == (len(codes), [])


async def test_an_edition_is_found_by_identity_and_by_code(hub: Zoned, compiled: bool) -> None:
    ask = way(hub, compiled).ask
    reply = await ask(f"""{{ a: edition(id: "{hub.new.id}") {{ code }} b: edition(id: "Edition:{hub.new.id}") {{ code }}
        node(id: "Edition:{hub.new.id}") {{ id ... on Edition {{ state }} }} none: edition(id: "x") {{ code }} }}""")
    assert reply.errors == []
    assert reply.data["a"] == reply.data["b"] == {"code": hub.new.id}
    assert reply.data["node"] == {"id": f"Edition:{hub.new.id}", "state": "NOTICE"}
    assert reply.data["none"] is None


async def test_a_ranking_is_read_page_by_page(hub: Zoned, compiled: bool) -> None:
    ask = way(hub, compiled).ask
    query = """query($e: ID!, $a: String, $all: Boolean!) { ranking(edition: $e, all: $all, first: 7, after: $a) {
        totalCount pageInfo { hasNextPage endCursor } nodes { uscc rank stageRank total stage { id } lists { id }
        enterprise { uscc } } } }"""
    read, after = [], None
    while True:
        reply = await ask(query, {"e": hub.new.id, "a": after, "all": True})
        assert reply.errors == []
        page = reply.data["ranking"]
        read += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert [one["uscc"] for one in read] == await hub.evaluated()
    assert page["totalCount"] == len(read)
    ranks = [one["rank"] for one in read]
    assert ranks == sorted(ranks)
    totals = [Decimal(one["total"]) for one in read]
    assert totals == sorted(totals, reverse=True)
    assert all(one["enterprise"] == {"uscc": one["uscc"]} for one in read)
    listed = await ask(query, {"e": hub.new.id, "a": None, "all": False})
    assert listed.data["ranking"]["totalCount"] == sum(bool(one["lists"]) for one in read)
    assert all(one["lists"] for one in listed.data["ranking"]["nodes"])


async def test_a_ranking_is_narrowed_to_a_stage_and_a_list(hub: Zoned, compiled: bool) -> None:
    reply = await way(hub, compiled).ask(f"""{{ edition(id: "{hub.new.id}") {{
        top: ranking(list: "top") {{ nodes {{ rank }} }}
        front: ranking(stage: "grown", list: "front") {{ totalCount nodes {{ stageRank stage {{ id }} }} }}
        back: ranking(list: "top", last: 2) {{ pageInfo {{ hasPreviousPage }} nodes {{ rank }} }}
        figures {{ ranked }}
    }} }}""")
    assert reply.errors == []
    found = reply.data["edition"]
    assert [one["rank"] for one in found["top"]["nodes"]] == [1, 2, 3, 4, 5]
    assert [one["rank"] for one in found["back"]["nodes"]] == [4, 5]
    assert {one["stage"]["id"] for one in found["front"]["nodes"]} == {"grown"}
    grown = found["figures"][2]["ranked"]
    assert found["front"]["totalCount"] == -(-grown // 5)


async def test_what_a_ranking_cannot_be_asked(hub: Zoned, compiled: bool) -> None:
    ask = way(hub, compiled).ask
    for arguments, said in (
        ('edition: "x"', "There is no edition 'x'"),
        ('edition: "ID", stage: "old"', "small-demo has no stage 'old'; it has: young, grown."),
        ('edition: "ID", list: "best"', "small-demo has no list 'best'; it has: top, front."),
        ('edition: "ID", after: "WyJ4IiwgInkiXQ"', "is no cursor of this list"),
        ('edition: "ID", first: 1, last: 1', "first and last are both given"),
        ('edition: "ID", first: 5000', "ask for 0 to 1,000 at a time"),
    ):
        reply = await ask(f"{{ ranking({arguments.replace('ID', hub.new.id)}) {{ totalCount }} }}")
        assert reply.data == {"ranking": None}
        assert reply.codes() == {"ranking": "BAD_USER_INPUT"}
        assert said in reply.errors[0]["message"]


async def test_who_came_and_who_left_is_told(hub: Zoned, compiled: bool) -> None:
    reply = await way(hub, compiled).ask(f"""{{ edition(id: "{hub.new.id}") {{
        changes(list: "top") {{ since {{ code }} enteredCount leftCount entered {{ uscc rank }} left {{ uscc rank }} }}
        now: ranking(list: "top") {{ nodes {{ uscc }} }}
        previous {{ then: ranking(list: "top") {{ nodes {{ uscc }} }} changes {{ since {{ code }} enteredCount }} }}
    }} }}""")
    assert reply.errors == []
    found = reply.data["edition"]
    now, then = ({one["uscc"] for one in page["nodes"]} for page in (found["now"], found["previous"]["then"]))
    changes = found["changes"]
    assert changes["since"] == {"code": hub.old.id}
    assert {one["uscc"] for one in changes["entered"]} == now - then
    assert {one["uscc"] for one in changes["left"]} == then - now
    assert (changes["enteredCount"], changes["leftCount"]) == (len(now - then), len(then - now))
    assert found["previous"]["changes"] == {"since": None, "enteredCount": 0}


SCORE = """
    total maximum rank stageRank percentile passed provisional editionId period disputed asOf synthetic
    edition { code state } stage { id } lists { id }
    groups { points maximum } indicators { indicator { id } value unit points maximum missing tier
    sources { collection source { id } } objections { id } } objections { id }"""


async def test_scores_are_those_of_the_latest_published_edition_explained(hub: Zoned, compiled: bool) -> None:
    codes = await hub.evaluated()
    reply = await way(hub, compiled).ask(
        f"query($codes: [USCC!]!) {{ enterprisesByUscc(usccs: $codes) {{ uscc score {{ {SCORE} }} }} }}",
        {"codes": codes},
    )
    assert reply.errors == []
    kept = await hub.shelf.rankings.all(hub.new.id)
    assert set(hub.ways.seen) == {"registry.registration"}, "no source is asked for a score that was published"
    for one in reply.data["enterprisesByUscc"]:
        score, scored = one["score"], kept[one["uscc"]]
        assert (score["editionId"], score["edition"]["state"], score["provisional"]) == (hub.new.id, "NOTICE", False)
        assert Decimal(score["total"]) == Decimal(scored.total).scaleb(-2)
        assert (score["rank"], score["stageRank"], score["passed"]) == (scored.rank, scored.stage_rank, scored.passed)
        assert sum(Decimal(part["points"]) for part in score["groups"]) == Decimal(score["total"])
        assert sum(Decimal(part["points"]) for part in score["indicators"]) == Decimal(score["total"])
        assert [entry["id"] for entry in score["lists"]] == list(scored.lists)
        assert (score["disputed"], score["objections"]) == (False, [])
        assert all(part["missing"] or part["value"] is not None for part in score["indicators"])
    sources = {s["source"]["id"] for part in score["indicators"] for s in part["sources"] if s["source"]}
    assert sources == {f"Source:{name}" for name in ("tax", "science", "office", "registry")}


async def test_a_score_is_of_the_edition_that_is_named(hub: Zoned, compiled: bool) -> None:
    code = (await hub.evaluated())[0]
    others = {one["uscc"] for one in hub.of["roster"]} - set(await hub.evaluated())
    other = min(others)
    reply = await way(hub, compiled).ask(f"""{{
        enterprise(uscc: "{code}") {{
            old: score(edition: "{hub.old.id}") {{ period }} scheme: score(scheme: "small-demo@1") {{ period }}
            other: score(scheme: "none") {{ period }} none: score(edition: "x") {{ period }} }}
        other: enterprise(uscc: "{other}") {{ score {{ period }} }}
        then: enterprise(uscc: "{code}", asOf: "2022-08-01") {{ score {{ period }} }}
    }}""")
    assert reply.data["enterprise"] == {
        "old": {"period": "2021"}, "scheme": {"period": "2022"}, "other": None, "none": None
    }  # fmt: skip
    assert reply.codes() == {"enterprise.none": "BAD_USER_INPUT"}
    absences = reply.absences()
    assert absences["enterprise.other"] == absences["other.score"] == "NOT_PUBLISHED"
    assert absences["then.score"] == "NO_HISTORY"


async def test_history_is_told_newest_first(hub: Zoned, compiled: bool) -> None:
    code = (await hub.evaluated())[0]
    reply = await way(hub, compiled).ask(f"""{{ enterprise(uscc: "{code}") {{
        scoreHistory {{ period total maximum rank stageId passed edition {{ code }} schemeCode }}
        one: scoreHistory(last: 1) {{ period }} none: scoreHistory(scheme: "none") {{ period }}
        old: score(edition: "{hub.old.id}") {{ total rank }} }} }}""")
    assert reply.errors == []
    found = reply.data["enterprise"]
    assert [point["period"] for point in found["scoreHistory"]] == ["2022", "2021"]
    assert found["scoreHistory"][1]["edition"] == {"code": hub.old.id}
    assert {name: found["scoreHistory"][1][name] for name in ("total", "rank")} == found["old"]
    assert (found["one"], found["none"]) == ([{"period": "2022"}], [])


async def test_what_changed_is_told_with_the_indicators_that_did_it(hub: Zoned, compiled: bool) -> None:
    query = """query($e: ID!, $drop: Decimal, $percent: Decimal, $rank: Int, $codes: [USCC!], $first: Int!) {
        scoreChanges(edition: $e, dropAtLeast: $drop, dropPercentAtLeast: $percent, rankDropAtLeast: $rank,
            usccs: $codes, first: $first) { edition { code } since { code } count withheld
            changes { uscc before after change rankBefore rankAfter stageBefore { id } enterprise { uscc }
                moved { indicator { id } change before { points value } after { points } } } } }"""
    ask = way(hub, compiled).ask
    reply = await ask(query, {"e": hub.new.id, "first": 100})
    assert reply.errors == []
    every = reply.data["scoreChanges"]
    assert (every["edition"], every["since"]) == ({"code": hub.new.id}, {"code": hub.old.id})
    falls = [Decimal(one["change"]) for one in every["changes"]]
    assert falls == sorted(falls)
    assert any(falls)
    for one in every["changes"]:
        assert Decimal(one["after"]) - Decimal(one["before"]) == Decimal(one["change"])
        assert sum(Decimal(moved["change"]) for moved in one["moved"]) == Decimal(one["change"])
    dropped = (await ask(query, {"e": hub.new.id, "drop": "10", "first": 2})).data["scoreChanges"]
    assert dropped["count"] == sum(fall <= -10 for fall in falls) > 2
    assert dropped["changes"] == every["changes"][:2]
    ranks = (await ask(query, {"e": hub.new.id, "rank": 20, "first": 100})).data["scoreChanges"]["changes"]
    assert all(one["rankAfter"] - one["rankBefore"] >= 20 for one in ranks)
    code = every["changes"][0]["uscc"]
    own = await ask(query, {"e": hub.new.id, "codes": [code], "first": 100})
    assert own.data["scoreChanges"]["changes"] == every["changes"][:1]


async def test_what_changes_cannot_be_asked(hub: Zoned, compiled: bool) -> None:
    ask = way(hub, compiled).ask
    for arguments, said in (
        ('edition: "OLD"', "is the first of its zone and scheme; name another one as `since`"),
        ('edition: "NEW", since: "x"', "There is no edition 'x'"),
        ('edition: "NEW", dropAtLeast: "-1"', "dropAtLeast is -1; give a number from 0 to"),
        ('edition: "NEW", first: 2000', "ask for 0 to 1,000 at a time"),
    ):
        asked = arguments.replace("NEW", hub.new.id).replace("OLD", hub.old.id)
        reply = await ask(f"{{ scoreChanges({asked}) {{ count }} }}")
        assert reply.codes() == {"scoreChanges": "BAD_USER_INPUT"}
        assert said in reply.errors[0]["message"]


async def test_a_simulated_score_has_new_ranks_and_says_what_moved(hub: Zoned, compiled: bool) -> None:
    last = (await hub.evaluated())[-1]
    query = f"""query($changes: [IndicatorChange!]!) {{ enterprise(uscc: "{last}") {{ score {{ {SCORE} }}
        simulateScore(changes: $changes) {{ before {{ {SCORE} }} after {{ {SCORE} }} change
            moved {{ indicator {{ id }} change }} }} }} }}"""
    ask = way(hub, compiled).ask
    same = (await ask(query, {"changes": []})).data["enterprise"]
    assert (same["simulateScore"]["change"], same["simulateScore"]["moved"]) == ("0.00", [])
    assert same["simulateScore"]["before"] == same["score"]
    unchanged = same["simulateScore"]["after"]
    assert unchanged["provisional"] is True
    placed = ("total", "rank", "stageRank", "percentile", "stage", "lists", "groups", "passed")
    assert {name: unchanged[name] for name in placed} == {name: same["score"][name] for name in placed}
    better = [{"input": "revenue", "value": "10000000"}, {"input": "rd", "value": "9000000"}]
    reply = await ask(query, {"changes": [*better, {"input": "inventions", "value": "50"}]})
    assert reply.errors == []
    found = reply.data["enterprise"]
    after = found["simulateScore"]["after"]
    assert after["rank"] <= 5 < found["score"]["rank"]
    assert after["stageRank"] <= 5 < found["score"]["stageRank"]
    gained = Decimal(after["total"]) - Decimal(found["score"]["total"])
    assert gained == Decimal(found["simulateScore"]["change"]) > 50
    assert sum(Decimal(one["change"]) for one in found["simulateScore"]["moved"]) == gained
    assert Decimal(after["percentile"]) > Decimal(found["score"]["percentile"])
    assert [one["id"] for one in after["lists"]] == ["top", "front"]
    less = await ask(query, {"changes": [{"input": "rd"}]})
    indicators = less.data["enterprise"]["simulateScore"]["after"]["indicators"]
    missing = {one["indicator"]["id"]: one["missing"] for one in indicators}
    assert missing["rd_intensity"] == "NOT_DELIVERED"


async def test_what_cannot_be_simulated(hub: Zoned, compiled: bool) -> None:
    ask, code = way(hub, compiled).ask, (await hub.evaluated())[0]
    for change, said in (
        ('input: "x", value: "1"', "small-demo has no input 'x'; it has age, inventions, rd, revenue"),
        ('input: "rd", value: "1e30"', "too large"),
        ('input: "rd", category: "a"', "rd is no category; give `value`"),
        ('input: "inventions", value: "1.5"', "counts records; give a whole number"),
    ):
        query = f'{{ enterprise(uscc: "{code}") {{ simulateScore(changes: [{{ {change} }}]) {{ change }} }} }}'
        reply = await ask(query)
        assert reply.codes() == {"enterprise.simulateScore": "BAD_USER_INPUT"}
        assert said in reply.errors[0]["message"]


async def test_what_was_published_stays_when_a_source_goes_down(hub: Zoned, compiled: bool) -> None:
    code = (await hub.evaluated())[0]
    published = "score { total rank indicators { points missing } }"
    live = 'live: score(scheme: "small-demo", live: true) { provisional indicators { indicator { id } missing } }'
    ask = way(hub, compiled).ask
    well = (await ask(f'{{ enterprise(uscc: "{code}") {{ {published} }} }}')).data["enterprise"]
    hub.ways.down.add("tax")
    ill = (await ask(f'{{ enterprise(uscc: "{code}") {{ {published} {live} }} }}')).data["enterprise"]
    assert ill["score"] == well["score"]
    assert ill["live"]["provisional"] is True
    missing = {one["indicator"]["id"]: one["missing"] for one in ill["live"]["indicators"]}
    assert missing == {"rd_intensity": "SOURCE_DOWN", "patents": None, "age": None}


async def test_scores_stay_when_the_scheme_is_no_longer_in_the_hub(hub: Zoned, compiled: bool) -> None:
    code = (await hub.evaluated())[0]
    hub.ask.hub.schemes._schemes.clear()
    query = f"""{{ enterprise(uscc: "{code}") {{ score {{ scheme {{ code version }} stage {{ name }} }} }}
        edition(id: "{hub.new.id}") {{ scheme {{ title }} }} schemes {{ code }} }}"""
    reply = await way(hub, compiled).ask(query)
    assert reply.errors == []
    assert reply.data["enterprise"]["score"]["scheme"] == {"code": "small-demo", "version": "1"}
    assert reply.data["edition"]["scheme"] == {"title": "A small scheme"}
    assert reply.data["schemes"] == []
