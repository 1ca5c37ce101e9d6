"""Who sees what of editions: drafts, totals, those on no list; and that no other way leads there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from auth.principal import ANONYMOUS, Principal
from codes.access import DataGroup, Purpose
from resolvers.scores.statistics import LEAST, read
from store.consents import Agreement, Consents
from tests.resolvers.scores.hub import BANK, OFFICER, PORTAL, PRE_LOAN, STRANGER, Zoned, enterprise
from tests.resolvers.scores.zone import evaluated
from tests.world import Asker, Reply

UNKNOWN = "east-lake:small-demo:1:2022:9"
WAYS = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "by reference"])


async def agree(hub: Zoned, *agreeing: str) -> None:
    """Let the bank see the scores of some enterprises."""
    for code in agreeing:
        groups, purposes = frozenset((DataGroup.SCORE, DataGroup.INDICATORS)), frozenset((Purpose.PRE_LOAN,))
        first, last = date(2023, 1, 1), date(2023, 12, 31)
        agreement = Agreement(code, "icbc", groups, purposes, first, last, None, None, "wang")
        await Consents(hub.shelf.editions.engine).grant(agreement)


async def asked(guarded: Asker, query: str, reader: Principal, variables: Mapping[str, Any] | None = None) -> Reply:
    """Ask as a reader, for the purpose that a bank has."""
    return await guarded(query, variables, principal=reader, headers=PRE_LOAN if reader is BANK else {})


@WAYS
async def test_a_draft_is_to_others_as_if_it_were_not_there(hub: Zoned, compiled: bool) -> None:
    draft = await hub.make()
    code = (await hub.evaluated(draft))[0]
    await agree(hub, code)
    guarded = hub.ask.guarded(compiled=compiled)
    query = """query($d: ID!, $n: ID!, $c: USCC!) {
        editions { code } edition(id: $d) { code } node(id: $n) { id } nodes(ids: [$n]) { id }
        ranking(edition: $d) { totalCount } changed: scoreChanges(edition: $d) { count }
        since: scoreChanges(edition: "NEW", since: $d) { count }
        enterprise(uscc: $c) { score(edition: $d) { total } simulateScore(edition: $d, changes: []) { change }
            latest: score { edition { code } } scoreHistory { edition { code } } } }""".replace("NEW", hub.new.id)
    for reader in (ANONYMOUS, PORTAL, BANK, STRANGER, enterprise(code)):
        replies = [
            await asked(guarded, query, reader, {"d": one, "n": f"Edition:{one}", "c": code})
            for one in (draft.id, UNKNOWN)
        ]
        assert replies[0].data == replies[1].data
        assert replies[0].codes() == replies[1].codes()
        told = [sorted(error["message"].replace(one, "X") for error in reply.errors)
                for reply, one in zip(replies, (draft.id, UNKNOWN), strict=True)]  # fmt: skip
        assert told[0] == told[1]
        data = replies[0].data
        assert [one["code"] for one in data["editions"]] == [hub.new.id, hub.old.id]
        assert (data["edition"], data["node"], data["nodes"]) == (None, None, [None])
        assert data["enterprise"]["score"] is data["enterprise"]["simulateScore"] is None
    seen = await asked(guarded, query, OFFICER, {"d": draft.id, "n": f"Edition:{draft.id}", "c": code})
    assert seen.errors == []
    assert draft.id in [one["code"] for one in seen.data["editions"]]
    assert (seen.data["edition"], seen.data["node"]) == ({"code": draft.id}, {"id": f"Edition:{draft.id}"})
    assert seen.data["enterprise"]["score"] is not None
    shown = seen.data["enterprise"]
    assert shown["latest"] == {"edition": {"code": hub.new.id}}, "a draft is nobody's latest score"
    assert draft.id not in [point["edition"]["code"] for point in shown["scoreHistory"]]


@WAYS
async def test_who_is_on_no_list_is_ranked_for_the_zones_officers_only(hub: Zoned, compiled: bool) -> None:
    guarded = hub.ask.guarded(compiled=compiled)
    query = """query($e: ID!) { ranking(edition: $e, all: true, first: 1000) { totalCount nodes { uscc rank } }
        listed: ranking(edition: $e, first: 1000) { totalCount nodes { uscc lists { id } } }
        stage: ranking(edition: $e, stage: "grown", first: 1000) { totalCount nodes { uscc } }
        edition(id: $e) { ranking(all: true) { totalCount } } }"""
    kept = await hub.shelf.rankings.all(hub.new.id)
    listed = {code for code, one in kept.items() if one.lists}
    for reader in (ANONYMOUS, PORTAL, BANK, STRANGER, enterprise((await hub.evaluated())[-1])):
        reply = await asked(guarded, query, reader, {"e": hub.new.id})
        assert reply.codes() == {"ranking": "FORBIDDEN", "edition.ranking": "FORBIDDEN"}
        assert {one["uscc"] for one in reply.data["listed"]["nodes"]} == listed
        assert reply.data["listed"]["totalCount"] == len(listed) < len(kept)
        assert {one["uscc"] for one in reply.data["stage"]["nodes"]} < listed
        assert reply.data["stage"]["totalCount"] == len(reply.data["stage"]["nodes"])
    every = await asked(guarded, query, OFFICER, {"e": hub.new.id})
    assert every.errors == []
    assert {one["uscc"] for one in every.data["ranking"]["nodes"]} == set(kept)


@WAYS
async def test_totals_in_a_ranking_are_given_as_scores_are(hub: Zoned, compiled: bool) -> None:
    guarded = hub.ask.guarded(compiled=compiled)
    query = f'{{ ranking(edition: "{hub.new.id}", list: "top") {{ nodes {{ uscc total }} }} }}'
    kept = await hub.shelf.rankings.all(hub.new.id)
    first, second, *_ = await hub.evaluated()
    await agree(hub, second)
    for reader, seen, code in (
        (ANONYMOUS, set(), "FORBIDDEN"),
        (PORTAL, set(), "FORBIDDEN"),
        (STRANGER, set(), "FORBIDDEN"),
        (enterprise(first), {first}, "FORBIDDEN"),
        (BANK, {second}, "CONSENT_REQUIRED"),
        (OFFICER, {one for one in kept if "top" in kept[one].lists}, None),
    ):
        reply = await asked(guarded, query, reader)
        nodes = reply.data["ranking"]["nodes"]
        assert {one["uscc"] for one in nodes if one["total"] is not None} == seen
        assert set(reply.codes().values()) == ({code} if code else set())
        for one in nodes:
            assert one["total"] is None or Decimal(one["total"]) == Decimal(kept[one["uscc"]].total).scaleb(-2)
    unspoken = await guarded(query, principal=BANK)
    assert set(unspoken.codes().values()) == {"PURPOSE_REQUIRED"}


@WAYS
async def test_scores_over_time_are_given_as_scores_are(hub: Zoned, compiled: bool) -> None:
    guarded = hub.ask.guarded(compiled=compiled)
    first, second, *_ = await hub.evaluated()
    await agree(hub, second)
    query = """query($codes: [USCC!]!) { enterprisesByUscc(usccs: $codes) { scoreHistory { total }
        simulateScore(changes: []) { change } } }"""
    for reader, seen in ((PORTAL, []), (STRANGER, []), (enterprise(first), [0]), (BANK, [1]), (OFFICER, [0, 1])):
        reply = await asked(guarded, query, reader, {"codes": [first, second]})
        for place, one in enumerate(reply.data["enterprisesByUscc"]):
            assert (one["scoreHistory"] is not None, one["simulateScore"] is not None) == (place in seen,) * 2


@WAYS
async def test_changes_are_told_of_those_whose_scores_the_reader_may_see(hub: Zoned, compiled: bool) -> None:
    guarded = hub.ask.guarded(compiled=compiled)
    both = [code for code in await hub.evaluated() if code in await hub.evaluated(hub.old)]
    await agree(hub, *both[:2])
    query = """query($codes: [USCC!]) { scoreChanges(edition: "NEW", usccs: $codes) { count withheld
        changes { uscc change moved { before { points value } } enterprise { uscc } } } }""".replace("NEW", hub.new.id)
    for reader, seen in (
        (ANONYMOUS, []), (PORTAL, []), (STRANGER, []), (enterprise(both[3]), both[3:4]), (BANK, both[:2]),
        (OFFICER, both),
    ):  # fmt: skip
        own = await asked(guarded, query, reader)
        assert own.errors == []
        found = own.data["scoreChanges"]
        assert (found["count"], found["withheld"]) == (len(seen), [])
        assert {one["uscc"] for one in found["changes"]} == set(seen)
        named = (await asked(guarded, query, reader, {"codes": both[1:5]})).data["scoreChanges"]
        assert {one["uscc"] for one in named["changes"]} == set(seen) & set(both[1:5])
        assert named["withheld"] == [code for code in both[1:5] if code not in seen]
    unspoken = (await guarded(query, principal=BANK)).data["scoreChanges"]
    assert (unspoken["count"], unspoken["changes"]) == (0, [])


async def test_figures_tell_of_nobody(hub: Zoned) -> None:
    few = await hub.make(usccs=tuple(evaluated(hub.of)[:LEAST]))
    overall, *stages = read(few.content.statistics)
    assert overall.ranked == LEAST
    assert overall.mean is not None
    for one in stages:
        assert one.ranked < LEAST
        assert (one.mean, one.quartiles, one.bars) == (None, (), ())
    for figures in (*read(hub.new.content.statistics), overall):
        assert all(bar.count >= LEAST for bar in figures.bars)
        assert sum(bar.count for bar in figures.bars) == (figures.ranked if figures.bars else 0)
        assert all(bar.end == after.begin for bar, after in pairwise(figures.bars))
