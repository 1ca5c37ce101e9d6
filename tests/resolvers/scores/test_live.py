"""Live scores: computed now from what the sources say, and why what they do not say is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from auth.principal import Principal
from codes.kinds import Sharing
from connectors import config
from connectors.config import SourcesConfig
from connectors.sources import Sources
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from resolvers.request import Hub
from resolvers.scores.registry import Schemes
from scoring.loading import parse
from tests.consenting import NORTH, SOUTH, ZHONGJIALI, Consenting, consenting
from tests.world import CHUJINGLING, Asker, World, asking, empty_hub, hub_schema

LIVE = 'score(scheme: "national-18-demo", live: true)'
ALL = "indicators { indicator { id } value points maximum missing }"


def by_id(score: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A score's indicators by their identifiers."""
    return {one["indicator"]["id"]: one for one in score["indicators"]}


async def test_a_live_score_is_made_of_what_the_graph_tells(ask: Asker) -> None:
    reply = await ask(f"""{{ enterprise(uscc: "{CHUJINGLING}") {{
        filings(years: 5) {{ year revenue rdExpense }} intellectualProperty {{ inventionApplications }}
        {LIVE} {{ total maximum provisional delivered period day passed groups {{ points }} {ALL} }} }} }}""")
    assert reply.errors == []
    firm = reply.data["enterprise"]
    score, found = firm["score"], by_id(firm["score"])
    told = {name: score[name] for name in ("provisional", "delivered", "period", "day", "maximum")}
    assert told == {
        "provisional": True, "delivered": False, "period": "2022", "day": "2023-06-30", "maximum": "100.00",
    }  # fmt: skip
    filings = {one["year"]: one for one in firm["filings"]}
    intensity = Decimal(filings[2022]["rdExpense"]) / Decimal(filings[2022]["revenue"]) * 100
    assert Decimal(found["rd_intensity"]["value"]) == round(intensity, 10)
    assert found["invention_applications"]["value"] == str(firm["intellectualProperty"]["inventionApplications"])
    assert len(found) == 18
    total = sum(Decimal(one["points"]) for one in found.values())
    assert Decimal(score["total"]) == total == sum(Decimal(group["points"]) for group in score["groups"])
    assert total > 0


async def test_nobody_is_there_to_be_compared_with(ask: Asker) -> None:
    reply = await ask(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ {LIVE} {{ {ALL} }} }} }}')
    revenue = by_id(reply.data["enterprise"]["score"])["revenue"]
    assert revenue == {
        "indicator": {"id": "revenue"}, "value": "3800", "points": "0.00", "maximum": "6.00", "missing": "NO_PEERS",
    }  # fmt: skip


async def test_one_who_is_asked_twice_is_scored_once(ask: Asker) -> None:
    unknown = "91000000NKNWN0004T"
    codes = f'["{CHUJINGLING}", "{unknown}", "{CHUJINGLING}"]'
    text = f"{{ enterprisesByUscc(usccs: {codes}) {{ uscc {LIVE} {{ total }} }} }}"
    for asker in (ask, ask.by_reference()):
        reply = await asker(text)
        first, nobody, last = reply.data["enterprisesByUscc"]
        assert nobody is None
        assert first == last
        assert first["score"]["total"]


async def test_as_of_a_date_it_is_made_of_what_was_known_then(ask: Asker) -> None:
    reply = await ask(f"""{{ enterprise(uscc: "{CHUJINGLING}", asOf: "2022-06-30") {{
        {LIVE} {{ period day {ALL} }} }} }}""")
    score = reply.data["enterprise"]["score"]
    assert (score["period"], score["day"]) == ("2021", "2022-06-30")
    assert {one["missing"] for one in score["indicators"]} >= {"NOT_DELIVERED"}, "most sources keep no history"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("live: true", "by a scheme that you name.*national-18-demo@1.0-demo"),
        ('scheme: "nothing", live: true', "no scheme 'nothing'"),
        ('scheme: "national-18-demo", edition: "x", live: true', "not both"),
    ],
)
async def test_what_cannot_be_asked(ask: Asker, arguments: str, problem: str) -> None:
    reply = await ask(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ uscc score({arguments}) {{ total }} }} }}')
    assert reply.data["enterprise"] == {"uscc": CHUJINGLING, "score": None}
    assert reply.codes() == {"enterprise.score": "BAD_USER_INPUT"}
    assert re.search(problem, reply.errors[0]["message"])


async def test_nothing_is_published_yet(ask: Asker) -> None:
    reply = await ask(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ score {{ total }} }} }}')
    assert reply.data["enterprise"]["score"] is None
    assert reply.absences() == {"enterprise.score": "NOT_PUBLISHED"}


def unshared(found: SourcesConfig) -> SourcesConfig:
    """A configuration in which those who know what is spent on research share nothing."""
    knowing = ("sw-income-tax", "tj-rd-statistics")
    silent = {name: replace(found.sources[name], sharing=Sharing.NEVER) for name in knowing}
    return replace(found, sources={**found.sources, **silent})


async def test_what_is_not_shared_is_missing_for_that_reason(world: World) -> None:
    async with asking(world, unshared) as ask:
        reply = await ask(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ {LIVE} {{ {ALL} }} }} }}')
    found = by_id(reply.data["enterprise"]["score"])
    assert found["rd_intensity"]["missing"] == "NOT_SHARED"
    assert found["invention_applications"]["missing"] is None
    assert "sw-income-tax.filings" not in reply.fetches


SCHEME = """
id = "two-sources"
version = "1"
title = "Awards and revenue"
title_zh = "示例"
issuer = "innograph"
points = 30
groups = [{ id = "all", name = "All", points = 30 }]
[inputs.awards]
collection = "awards"
take = "count"
[inputs.revenue]
collection = "filings"
take = "amount"
field = "revenue"
year = 0
[inputs.profit_before]
collection = "filings"
take = "amount"
field = "profit"
year = -1
[[indicators]]
id = "profit_before"
group = "all"
name = "Profit of the year before"
points = 10
measure = { kind = "amount", of = "profit_before" }
tiers = [{ at_least = 1, points = 10 }, { below = 1, points = 0 }]
unit = "元"
[[indicators]]
id = "awards"
group = "all"
name = "Awards"
points = 10
measure = { kind = "count", of = "awards" }
tiers = [{ at_least = 1, points = 10 }, { below = 1, points = 0 }]
unit = "项"
[[indicators]]
id = "revenue"
group = "all"
name = "Revenue"
points = 10
measure = { kind = "amount", of = "revenue" }
tiers = [{ at_least = 1, points = 10 }, { below = 1, points = 0 }]
unit = "元"
"""
SOURCES = """
[sources.one]
kind = "memory"
title = "One"
owner = "One"
sharing = "UNCONDITIONAL"
[sources.one.collections.registration]
records = [{ uscc = "CODE" }]
fields = ["name"]
[sources.one.collections.awards]
records = [{ uscc = "CODE", name = "A", as_of = "2023-01-01" }]
fields = ["name", "as_of"]
[sources.one.collections.filings]
records = [{ uscc = "CODE", year = 2022, profit = 5 }]
fields = ["year", "profit"]
[sources.other]
kind = "files"
title = "Other"
owner = "Other"
sharing = "UNCONDITIONAL"
folder = "."
[sources.other.collections.awards]
file = "awards.json"
fields = ["name"]
[sources.other.collections.filings]
file = "filings.json"
fields = ["year", "revenue"]
[collections.awards]
precedence = ["one", "other"]
"""


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_count_that_lacks_the_records_of_a_source_is_no_count(tmp_path: Path, compiled: bool) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(SOURCES.replace("CODE", CHUJINGLING), encoding="utf-8")
    opened = Sources(config.load(path))
    schemes = Schemes([parse(SCHEME, "two.toml")])
    hub = Hub(opened, empty_hub().directory, today=lambda: date(2023, 6, 30), schemes=schemes)
    ask = Asker(hub, Engine(hub_schema(), GRAPH, hub, compiled=compiled), Counter(), World(tmp_path, {}, ""))
    text = f"""{{ enterprise(uscc: "{CHUJINGLING}") {{ score(scheme: "two-sources", live: true) {{
        asOf indicators {{ indicator {{ id }} value missing sources {{ source {{ id }} }} }} }} }} }}"""

    async def told() -> dict[str, tuple[Any, ...]]:
        found = by_id((await ask(text)).data["enterprise"]["score"])
        return {
            name: (one["value"], one["missing"], [o["source"] and o["source"]["id"] for o in one["sources"]])
            for name, one in found.items()
        }

    assert await told() == {
        "awards": (None, "SOURCE_DOWN", ["Source:one"]),
        "revenue": (None, "SOURCE_DOWN", [None]),
        "profit_before": (None, "NOT_DELIVERED", [None]),
    }
    (tmp_path / "awards.json").write_text(f'[{{"uscc": "{CHUJINGLING}", "name": "B"}}]', encoding="utf-8")
    (tmp_path / "filings.json").write_text(f'[{{"uscc": "{CHUJINGLING}", "year": 2022, "revenue": 7}}]', "utf-8")
    opened_again = Sources(config.load(path))
    hub = replace(hub, sources=opened_again)
    ask = replace(ask, hub=hub, engine=Engine(hub_schema(), GRAPH, hub, compiled=compiled))
    assert await told() == {
        "awards": ("2", None, ["Source:one", "Source:other"]),
        "revenue": ("7", None, ["Source:other"]),
        "profit_before": (None, "NOT_DELIVERED", [None]),
    }
    await opened.aclose()
    await opened_again.aclose()


@pytest.fixture
async def hub(world: World, tmp_path: Path) -> AsyncIterator[Consenting]:
    """A hub whose enterprises have agreed to something."""
    async with consenting(world, tmp_path) as found:
        yield found


async def test_points_and_the_figures_behind_them_are_agreed_to_apart(
    hub: Consenting, readers: Mapping[str, Principal]
) -> None:
    guarded = hub.ask.guarded()
    text = f"query($c: USCC!) {{ enterprise(uscc: $c) {{ {LIVE} {{ total {ALL} }} }} }}"
    north = replace(readers["bank-icbc"], organisation=NORTH)
    reply = await guarded(text, {"c": CHUJINGLING}, principal=north, headers={"hub-purpose": "PRE_LOAN"})
    found = by_id(reply.data["enterprise"]["score"])
    assert found["rd_intensity"]["points"] == "9.00"
    assert found["rd_intensity"]["value"] is None
    assert set(reply.codes().values()) == {"CONSENT_REQUIRED"}
    assert {path.rpartition(".")[2] for path in reply.codes()} == {"value"}
    south = replace(north, organisation=SOUTH)
    reply = await guarded(text, {"c": ZHONGJIALI}, principal=south, headers={"hub-purpose": "MONITORING"})
    assert reply.errors == []
    assert by_id(reply.data["enterprise"]["score"])["rd_intensity"]["value"]


@pytest.mark.parametrize(
    ("name", "purpose", "code"),
    [
        ("anonymous", None, "FORBIDDEN"),
        ("bank-icbc", None, "PURPOSE_REQUIRED"),
        ("bank-icbc", "PRE_LOAN", "CONSENT_REQUIRED"),
        ("operator", None, "FORBIDDEN"),
    ],
)
async def test_who_may_see_no_score_costs_no_source_anything(
    hub: Consenting, readers: Mapping[str, Principal], name: str, purpose: str | None, code: str
) -> None:
    headers = {"hub-purpose": purpose} if purpose else {}
    text = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ uscc {LIVE} {{ total }} }} }}'
    reply = await hub.ask.guarded()(text, principal=readers[name], headers=headers)
    assert reply.codes() == {"enterprise.score": code}
    assert set(reply.fetches) <= {"scjg-entities.registration"}


UNPUBLISHED = SCHEME.replace('field = "revenue"', 'field = "total_assets"')


async def test_a_score_is_the_same_for_who_may_see_what_is_not_published(
    hub: Consenting, readers: Mapping[str, Principal]
) -> None:
    scheme = Schemes([parse(UNPUBLISHED, "assets.toml")])
    own = replace(hub.ask, hub=replace(hub.ask.hub, schemes=scheme))
    officer = replace(readers["officer-eastlake"], zones=frozenset(hub.zones.values()))
    text = f"""{{ enterprise(uscc: "{hub.reticent}") {{ filings(years: 1) {{ totalAssets }}
        score(scheme: "two-sources", live: true) {{ {ALL} }} }} }}"""
    reply = await own.guarded()(text, principal=officer)
    assert reply.errors == []
    assert reply.data["enterprise"]["filings"][0]["totalAssets"], "the officer of its zone may see it"
    found = by_id(reply.data["enterprise"]["score"])
    assert (found["revenue"]["value"], found["revenue"]["missing"]) == (None, "NOT_SHARED")
