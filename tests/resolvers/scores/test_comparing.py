"""Live scores held against a published edition, and the year of which they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from resolvers.scores.registry import Schemes
from tests.resolvers.scores.hub import Zoned
from tests.resolvers.scores.zone import SCHEME, scheme, sources
from tests.world import hub_schema

PLACED = "total rank stageRank percentile stagePercentile stage { id } lists { id } passed"
ALL = "indicators { indicator { id } value points missing }"


async def scored(hub: Zoned, codes: list[str], arguments: str = "", asked: str = PLACED) -> list[Any]:
    """The live scores of enterprises."""
    live = f'score(scheme: "small-demo", live: true{arguments}) {{ period day provisional peersOf {{ code }} {asked} }}'
    text = f"query($codes: [USCC!]!) {{ enterprisesByUscc(usccs: $codes) {{ {live} }} }}"
    reply = await hub.ask(text, {"codes": codes})
    assert reply.errors == []
    return [one["score"] for one in reply.data["enterprisesByUscc"]]


def missing(score: Any) -> dict[str, str | None]:
    """Why each indicator of a score is missing."""
    return {one["indicator"]["id"]: one["missing"] for one in score["indicators"]}


@pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "by reference"])
async def test_of_the_editions_own_period_it_is_what_was_published(hub: Zoned, compiled: bool) -> None:
    if not compiled:
        hub.ask = hub.ask.by_reference()
    codes = await hub.evaluated()
    text = f"query($codes: [USCC!]!) {{ enterprisesByUscc(usccs: $codes) {{ score {{ {PLACED} {ALL} }} }} }}"
    published = [one["score"] for one in (await hub.ask(text, {"codes": codes})).data["enterprisesByUscc"]]
    about = {"period": "2022", "day": "2022-12-31", "provisional": True, "peersOf": {"code": hub.new.id}}
    found = await scored(hub, codes, ', period: "2022"', f"{PLACED} {ALL}")
    assert found == [{**about, **one} for one in published]


async def test_who_is_in_no_edition_is_placed_among_those_who_are(hub: Zoned) -> None:
    inside = await hub.evaluated()
    outside = sorted({one["uscc"] for one in hub.of["roster"] if one["zone_id"] == "east-lake"} - set(inside))
    for one in await scored(hub, outside, ', period: "2022"'):
        assert one["peersOf"] == {"code": hub.new.id}
        assert 1 <= one["rank"] <= len(inside) + 1


async def test_where_a_zone_has_no_edition_nobody_is_there_to_be_compared_with(hub: Zoned) -> None:
    away = next(one["uscc"] for one in hub.of["roster"] if one["zone_id"] == "longwan")
    there, here = await scored(hub, [away, (await hub.evaluated())[0]], asked=f"rank {ALL}")
    assert (there["peersOf"], there["rank"], missing(there)["patents"]) == (None, None, "NO_PEERS")
    assert (here["peersOf"], missing(here)["patents"]) == ({"code": hub.new.id}, None)


async def test_an_edition_by_another_text_of_the_scheme_is_no_measure(hub: Zoned) -> None:
    hub.ask.hub.schemes._schemes.update(Schemes([scheme(SCHEME.replace("at_least = 50", "at_least = 51"))]).current)
    (found,) = await scored(hub, (await hub.evaluated())[:1])
    assert (found["peersOf"], found["rank"]) == (None, None)


async def test_it_is_of_the_last_year_that_was_delivered(hub: Zoned) -> None:
    codes = await hub.evaluated()
    later = hub.on(date(2026, 11, 25))
    for one in await scored(later, codes):
        assert (one["period"], one["day"]) == ("2022", "2026-11-25")
        assert one["stage"] is not None
    (asked,) = await scored(later, codes[:1], ', period: "2021"')
    assert (asked["period"], asked["day"]) == ("2021", "2021-12-31")
    (much_later,) = await scored(hub.on(date(2030, 1, 1)), codes[:1], asked=ALL)
    assert much_later["period"] == "2029", "of what is older than five years no score of today is made"
    assert missing(much_later)["rd_intensity"] == "NOT_DELIVERED"


async def test_a_source_that_is_down_does_not_change_the_year(hub: Zoned) -> None:
    known = {one["uscc"] for one in hub.of["science"]}
    code = next(one for one in await hub.evaluated() if one in known)
    hub.ways.down.add("tax")
    (found,) = await scored(hub.on(date(2026, 11, 25)), [code], asked=ALL)
    assert found["period"] == "2022"
    assert missing(found) == {"rd_intensity": "SOURCE_DOWN", "patents": None, "age": None}


async def test_enterprises_of_several_years_are_read_together_and_scored_apart(hub: Zoned) -> None:
    codes = (await hub.evaluated())[:3]
    of = dict(hub.of)
    for name in ("tax", "science"):
        of[name] = [one for one in of[name] if (one["uscc"], one["year"]) != (codes[1], 2022)]
    other = replace(hub.ask.hub, sources=sources(of, hub.ways))
    again = replace(hub, ask=replace(hub.ask, hub=other, engine=Engine(hub_schema(), GRAPH, other)))
    found = await scored(again, codes, asked=f"{PLACED} {ALL}")
    assert hub.ways.seen["tax.filings"] == 1
    assert [one["period"] for one in found] == ["2022", "2021", "2022"]
    assert found[1:2] == await scored(again, codes[1:2], asked=f"{PLACED} {ALL}")
    await other.sources.aclose()


async def test_a_period_is_asked_of_live_scores_only(hub: Zoned) -> None:
    code = (await hub.evaluated())[0]
    for arguments, said in (
        ('period: "2022"', "A period is asked of a live score."),
        ('scheme: "small-demo", live: true, period: "22"', "'22' is no period"),
    ):
        reply = await hub.ask(f'{{ enterprise(uscc: "{code}") {{ score({arguments}) {{ period }} }} }}')
        assert reply.codes() == {"enterprise.score": "BAD_USER_INPUT"}
        assert said in reply.errors[0]["message"]


async def test_a_live_simulation_tells_the_new_rank(hub: Zoned) -> None:
    last = (await hub.evaluated())[-1]
    changes = '[{ input: "revenue", value: "10000000" }, { input: "rd", value: "9000000" }]'
    asked = f"change before {{ {PLACED} }} after {{ {PLACED} }} moved {{ indicator {{ id }} change }}"
    reply = await hub.ask(f"""{{ enterprise(uscc: "{last}") {{
        live: simulateScore(scheme: "small-demo", live: true, period: "2022", changes: {changes}) {{ {asked} }}
        published: simulateScore(changes: {changes}) {{ {asked} }} }} }}""")
    assert reply.errors == []
    found = reply.data["enterprise"]
    assert found["live"] == found["published"]
    assert found["live"]["after"]["rank"] < found["live"]["before"]["rank"]
