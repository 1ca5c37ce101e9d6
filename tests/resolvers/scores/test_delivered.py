"""Scores that a source has finished: shown as it says, the newest, and never mixed with what the hub computes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codes.kinds import Sharing
from connectors import config
from connectors.config import SourcesConfig
from connectors.sources import Sources
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from resolvers.request import Hub
from resolvers.scores.registry import Schemes
from tests.consenting import ZHONGJIALI
from tests.scoring.scored import SCHEMES
from tests.world import CHUJINGLING, Asker, World, asking, empty_hub, hub_schema

SOURCES = """
[sources.registry]
kind = "memory"
title = "Registry"
owner = "Registry"
sharing = "UNCONDITIONAL"
[sources.registry.collections.registration]
records = [{ uscc = "CODE" }]
fields = ["name"]
[sources.points]
kind = "memory"
title = "Points"
owner = "Zone"
sharing = "UNCONDITIONAL"
[sources.points.collections.scores]
fields = [
    "id", "scheme", "version", "period", "total", "stage", "stage_name", "passed", "groups", "indicators", "as_of"
]
[[sources.points.collections.scores.records]]
uscc = "CODE"
id = "a"
scheme = "own"
version = "3"
period = "2022"
total = "71.5"
stage = "early"
stage_name = "早期"
passed = "UNKNOWN"
as_of = "2023-02-01"
groups = [{ id = "g", nameZh = "创新", points = 40, maximum = "50" }, { name = "nameless", points = 1 }]
[[sources.points.collections.scores.records.indicators]]
id = "rd"
name = "R&D"
unit = "万元"
value = "2240"
points = "many"
maximum = 20
tier = "above 2000"
[[sources.points.collections.scores.records.indicators]]
id = "staff"
missing = "NOT_DELIVERED"
[[sources.points.collections.scores.records]]
uscc = "CODE"
id = "b"
scheme = "own"
version = "3"
period = "2021"
total = "50"
[[sources.points.collections.scores.records]]
uscc = "CODE"
id = "c"
scheme = "national-18-demo"
version = "1.0-demo"
period = "2020"
total = "33.3"
stage = "growth"
indicators = [{ id = "revenue", points = "5" }]
[[sources.points.collections.scores.records]]
uscc = "CODE"
id = "d"
scheme = "own"
period = "2023"
total = "99"
"""


@pytest.fixture(params=["compiled", "by reference"])
async def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Asker:
    """A hub with a source of finished scores."""
    path = tmp_path / "sources.toml"
    path.write_text(SOURCES.replace("CODE", CHUJINGLING), encoding="utf-8")
    schemes = Schemes([SCHEMES["national-18-demo"]])
    hub = Hub(Sources(config.load(path)), empty_hub().directory, schemes=schemes)
    engine = Engine(hub_schema(), GRAPH, hub, compiled=request.param == "compiled")
    return Asker(hub, engine, Counter(), World(tmp_path, {}, ""))


async def score(ask: Asker, arguments: str, fields: str) -> Any:
    """A score of the one enterprise."""
    reply = await ask(f'{{ enterprise(uscc: "{CHUJINGLING}") {{ score{arguments} {{ {fields} }} }} }}')
    assert reply.errors == []
    return reply.data["enterprise"]["score"]


async def test_the_newest_whole_score_is_shown_as_far_as_the_source_tells_it(ask: Asker) -> None:
    found = await score(
        ask,
        "",
        """delivered scheme { id } schemeCode version period total maximum passed asOf stage { id name }
        groups { group { id name } points maximum }
        indicators { indicator { id name } value unit points maximum tier missing sources { source { id } asOf } }""",
    )
    origin = {"source": {"id": "Source:points"}, "asOf": "2023-02-01T00:00:00+00:00"}
    assert found == {
        "delivered": True,
        "scheme": None,
        "schemeCode": "own",
        "version": "3",
        "period": "2022",
        "total": "71.5",
        "maximum": None,
        "passed": "UNKNOWN",
        "asOf": "2023-02-01T00:00:00+00:00",
        "stage": {"id": "early", "name": "早期"},
        "groups": [{"group": {"id": "g", "name": "创新"}, "points": "40", "maximum": "50"}],
        "indicators": [
            {
                "indicator": {"id": "rd", "name": "R&D"}, "value": "2240", "unit": "万元", "points": None,
                "maximum": "20", "tier": "above 2000", "missing": None, "sources": [origin],
            },
            {
                "indicator": {"id": "staff", "name": "staff"}, "value": None, "unit": "", "points": None,
                "maximum": None, "tier": None, "missing": "NOT_DELIVERED", "sources": [origin],
            },
        ],
    }  # fmt: skip


async def test_a_scheme_of_the_hub_lends_its_names(ask: Asker) -> None:
    fields = "period total scheme { id } stage { nameZh } indicators { indicator { nameZh group { id } } points } }"
    found = await score(ask, '(scheme: "national-18-demo")', fields.removesuffix(" }"))
    assert found == {
        "period": "2020",
        "total": "33.3",
        "scheme": {"id": "Scheme:national-18-demo@1.0-demo"},
        "stage": {"nameZh": "成长期"},
        "indicators": [{"indicator": {"nameZh": "营业收入", "group": {"id": "growth"}}, "points": "5"}],
    }
    assert await score(ask, '(scheme: "own@3")', "total") == {"total": "71.5"}
    assert await score(ask, '(scheme: "own@4")', "total") is None


def without(changed: dict[str, Any]) -> Callable[[SourcesConfig], SourcesConfig]:
    """A change of the zone's points system."""

    def change(found: SourcesConfig) -> SourcesConfig:
        return replace(
            found, sources={**found.sources, "nanchang-points": replace(found.sources["nanchang-points"], **changed)}
        )

    return change


async def test_a_points_system_that_does_not_answer_is_told(world: World) -> None:
    text = f'{{ enterprise(uscc: "{ZHONGJIALI}") {{ uscc score {{ total }} }} }}'
    async with asking(world, without({"options": {"folder": "/nowhere"}})) as ask:
        reply = await ask(text)
    assert reply.data["enterprise"] == {"uscc": ZHONGJIALI, "score": None}
    assert reply.codes() == {"enterprise.score": "SOURCE_UNAVAILABLE"}
    async with asking(world, without({"sharing": Sharing.NEVER})) as ask:
        reply = await ask(text)
    assert reply.absences() == {"enterprise.score": "NOT_SHARED"}
