"""What if: live scores with some inputs changed, and what nobody may try out."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from auth.principal import Principal
from tests.consenting import NORTH, SOUTH, ZHONGJIALI, Consenting, consenting
from tests.world import CHUJINGLING, Asker, World

SCORE = "total provisional rank stage { id } indicators { indicator { id } points tier value missing }"
TEXT = f"""query($changes: [IndicatorChange!]!) {{ enterprise(uscc: "{CHUJINGLING}") {{
    score(scheme: "national-18-demo", live: true) {{ {SCORE} }}
    simulateScore(scheme: "national-18-demo", live: true, changes: $changes) {{
        change before {{ {SCORE} }} after {{ {SCORE} }}
        moved {{ indicator {{ id }} change before {{ points tier value }} after {{ points tier value }} }} }} }} }}"""


@pytest.fixture(params=["compiled", "by reference"])
def asker(request: pytest.FixtureRequest, ask: Asker) -> Asker:
    """A hub, asked either way."""
    return ask if request.param == "compiled" else ask.by_reference()


async def simulated(ask: Asker, *changes: Mapping[str, Any]) -> Any:
    """The enterprise's live score and its simulation."""
    reply = await ask(TEXT, {"changes": changes})
    assert reply.errors == []
    return reply.data["enterprise"]


async def test_with_nothing_changed_it_is_the_live_score(asker: Asker) -> None:
    found = await simulated(asker)
    simulation = found["simulateScore"]
    assert simulation["before"] == simulation["after"] == found["score"]
    assert (simulation["change"], simulation["moved"]) == ("0.00", [])
    assert simulation["after"]["provisional"] is True


async def test_what_moves_is_told_with_its_tiers(asker: Asker) -> None:
    simulation = (await simulated(asker, {"input": "rd", "value": "2280000.00"}))["simulateScore"]
    moved = {one["indicator"]["id"]: one for one in simulation["moved"]}
    assert moved["rd_intensity"]["after"] == {"points": "6.75", "tier": "at least 6 %, below 10 %", "value": "6"}
    assert moved["rd_intensity"]["before"]["tier"] == "at least 10 %"
    assert set(moved) == {"rd_growth", "rd_intensity"}, "what is told by peers has none here"
    totals = [Decimal(simulation[name]["total"]) for name in ("before", "after")]
    assert totals[1] - totals[0] == Decimal(simulation["change"]) < 0
    assert sum(Decimal(one["change"]) for one in moved.values()) == Decimal(simulation["change"])


async def test_an_input_is_named_by_its_year_too(asker: Asker) -> None:
    by_year = await simulated(asker, {"input": "rd", "year": 2021, "value": "9000000"})
    by_name = await simulated(asker, {"input": "rd_before", "value": "9000000"})
    moved = by_year["simulateScore"]["moved"]
    assert moved == by_name["simulateScore"]["moved"]
    assert [one["indicator"]["id"] for one in moved] == ["rd_growth"]


async def test_the_value_of_an_indicator_moves_nothing_but_it(asker: Asker) -> None:
    simulation = (await simulated(asker, {"indicator": "rd_intensity", "value": "6"}))["simulateScore"]
    (moved,) = simulation["moved"]
    assert moved["indicator"]["id"] == "rd_intensity"
    assert moved["after"] == {"points": "6.75", "tier": "at least 6 %, below 10 %", "value": "6"}
    assert Decimal(simulation["change"]) == Decimal(moved["change"]) == Decimal("-2.25")
    assert simulation["before"]["stage"] == simulation["after"]["stage"]
    gone = (await simulated(asker, {"indicator": "rd_intensity"}))["simulateScore"]
    found = next(one for one in gone["after"]["indicators"] if one["indicator"]["id"] == "rd_intensity")
    assert (found["points"], found["missing"], found["value"]) == ("0.00", "NOT_DELIVERED", None)


async def test_what_is_there_can_be_replaced_and_taken_away(asker: Asker) -> None:
    found = await simulated(asker, {"input": "rd"}, {"input": "contract_turnover", "value": "90000000"})
    both = (found["simulateScore"][name]["indicators"] for name in ("before", "after"))
    before, after = ({one["indicator"]["id"]: one for one in indicators} for indicators in both)
    assert (before["rd_intensity"]["missing"], after["rd_intensity"]["missing"]) == (None, "NOT_DELIVERED")
    assert before["contract_turnover"]["value"] != after["contract_turnover"]["value"] == "9000"


async def test_it_reads_what_a_live_score_reads_and_no_more(ask: Asker) -> None:
    alone = 'score(scheme: "national-18-demo", live: true) { total }'
    live = await ask(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ {alone} }} }}')
    ask.hub.sources.cache.forget()
    both = await ask(TEXT, {"changes": []})
    assert both.fetches == live.fetches


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ('[{ input: "x", value: "1" }]', "has no input 'x'; it has age, awards,"),
        ('[{ input: "rd_intensity", value: "1" }]', "rd_intensity is an indicator.* made of rd, revenue"),
        ('[{ input: "rd", value: "1" }, { input: "rd", value: "2" }]', "changed twice"),
        ('[{ input: "rd", value: "1e30" }]', "too large"),
        ('[{ input: "projects", value: "-1" }]', "whole number that is not below 0"),
        ('[{ input: "rd", year: 2019, value: "1" }]', "counts rd of 2021, 2022, not of 2019"),
        ('[{ input: "projects", year: 2022, value: "1" }]', "counts projects of no single year, not of 2022"),
        ('[{ indicator: "x", value: "1" }]', "has no indicator 'x'; it has rd_expense"),
        ('[{ indicator: "revenue", year: 2021, value: "1" }]', "leave out `year`, or name an input"),
        ('[{ indicator: "rd_staff_share", value: "101" }]', "a value from 0 to 100 %"),
        ('[{ indicator: "revenue", category: "a" }]', "revenue is no category; give `value`, in 万元"),
        ('[{ indicator: "revenue" }, { indicator: "revenue" }]', "changed twice"),
        ('[{ value: "1" }]', "an `input` or of an `indicator`; give one"),
        ('[{ input: "rd", indicator: "revenue", value: "1" }]', "an `input` or of an `indicator`; give one"),
    ],
)
async def test_what_cannot_be_changed(asker: Asker, changes: str, said: str) -> None:
    arguments = f'scheme: "national-18-demo", live: true, changes: {changes}'
    reply = await asker(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ uscc simulateScore({arguments}) {{ change }} }} }}')
    assert reply.data["enterprise"] == {"uscc": CHUJINGLING, "simulateScore": None}
    assert reply.codes() == {"enterprise.simulateScore": "BAD_USER_INPUT"}
    assert re.search(said, reply.errors[0]["message"])


@pytest.fixture
async def hub(world: World, tmp_path: Path) -> AsyncIterator[Consenting]:
    """A hub whose enterprises have agreed to something."""
    async with consenting(world, tmp_path) as found:
        yield found


async def test_who_may_not_see_the_figures_may_not_try_out_others(
    hub: Consenting, readers: Mapping[str, Principal]
) -> None:
    text = """query($c: USCC!) { enterprise(uscc: $c) {
        simulateScore(scheme: "national-18-demo", live: true, changes: []) { change after { total } } } }"""
    guarded = hub.ask.guarded()
    north = replace(readers["bank-icbc"], organisation=NORTH)
    reply = await guarded(text, {"c": CHUJINGLING}, principal=north, headers={"hub-purpose": "PRE_LOAN"})
    assert reply.codes() == {"enterprise.simulateScore": "CONSENT_REQUIRED"}
    assert set(reply.fetches) <= {"scjg-entities.registration"}
    south = replace(north, organisation=SOUTH)
    reply = await guarded(text, {"c": ZHONGJIALI}, principal=south, headers={"hub-purpose": "MONITORING"})
    assert reply.errors == []
    assert reply.data["enterprise"]["simulateScore"]["change"] == "0.00"


async def test_what_cannot_be_asked_is_told_to_those_only_who_may_ask(
    hub: Consenting, readers: Mapping[str, Principal]
) -> None:
    text = f"""{{ enterprisesByUscc(usccs: ["{CHUJINGLING}", "{ZHONGJIALI}"]) {{ score(live: true) {{ total }} }} }}"""
    reply = await hub.ask.guarded()(text, principal=readers["enterprise-zhongjiali"])
    assert reply.codes() == {
        "enterprisesByUscc.0.score": "FORBIDDEN",
        "enterprisesByUscc.1.score": "BAD_USER_INPUT",
    }
