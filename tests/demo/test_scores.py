"""What the schemes find in the demo world: records as its sources give them, and scores made of nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from codes.scores import Verdict
from connectors import config
from connectors.session import Session
from connectors.sources import Sources
from demo import world as demo_world
from demo.applications import EVALUATED
from demo.population import EAST_LAKE, LONGWAN, NANCHANG, PUBLISHED_DAY, WORLD_DAY, ZONES, populate
from demo.services import APPLICATIONS, environment
from demo.titles import RUNGS
from resolvers.enterprise import is_valid
from resolvers.scores.reading import inputs_of, needs_of
from scoring.changes import Edition, run
from scoring.explanation import explain
from scoring.inputs import Moment
from tests.running import serve
from tests.scoring.scored import SCHEMES
from tests.world import CHUJINGLING, DEMO_SOURCES

LAKE = "east-lake-28-demo"
APRIL = Moment("2023-04", 2022, date(2023, 4, 3))
SIZE = 6_000
"""A twentieth of a full world: enough mature enterprises for the first of them to be worth something."""


@dataclass(frozen=True)
class Scored:
    """What came of a small world."""

    residents: Mapping[str, list[str]]
    """By zone."""
    evaluated: Mapping[str, list[str]]
    """By period, those of East Lake whose application stands."""
    titles: Mapping[str, list[Any]]
    """The titles of each enterprise."""
    editions: Mapping[str, Edition]
    """By scheme: East Lake's of its evaluated enterprises, the others of every third on any roster."""


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Scored:
    """A small world, its sources asked once for everything."""
    folder = tmp_path_factory.mktemp("scores") / "demo"
    demo_world.make(folder, SIZE)
    with ExitStack() as running:
        urls = {name: running.enter_context(serve(create(folder))) for name, create in APPLICATIONS.items()}
        return asyncio.run(_scored(environment(folder, urls)))


async def _scored(environment: Mapping[str, str]) -> Scored:
    found = config.load(DEMO_SOURCES)
    patient = {name: replace(source, timeout=60.0) for name, source in found.sources.items()}
    sources = Sources(replace(found, sources=patient), environment=environment)
    roster = await _scanned(sources, "residence", "zone_id")
    residents = {zone.id: sorted(code for code, record in roster if record.zone_id == zone.id) for zone in ZONES}
    applied = await _scanned(sources, "evaluation_applications", "period", "withdrawn_on")
    standing = {
        period: {code for code, record in applied if record.period == period and record.withdrawn_on is None}
        for period in EVALUATED
    }
    evaluated = {period: sorted(codes.intersection(residents[EAST_LAKE.id])) for period, codes in standing.items()}
    everybody = sorted(code for codes in residents.values() for code in codes)
    editions = {name: await _edition(sources, name, everybody[::3]) for name in SCHEMES if name != LAKE}
    editions[LAKE] = await _edition(sources, LAKE, evaluated["2023-04"])
    fields = frozenset(("kind", "valid_from", "valid_to", "withdrawn_on"))
    titles = await sources.fetch(Session.lasting(60), "qualifications", everybody, fields)
    await sources.aclose()
    return Scored(residents, evaluated, dict(zip(everybody, titles, strict=True)), editions)  # type: ignore[arg-type]  # many


async def _scanned(sources: Sources, collection: str, *fields: str) -> list[tuple[str, Any]]:
    return [
        pair
        for feed in sources.feeds(collection)
        async for page in feed.pages(frozenset(fields), None, 5_000)
        for pair in zip(page.keys, page.records, strict=True)
    ]


async def _edition(sources: Sources, name: str, codes: Sequence[str]) -> Edition:
    scheme, session = SCHEMES[name], Session.lasting(60)
    answers = [
        (need, await sources.told(session, need.collection.name, codes, need.fields))
        for need in needs_of(scheme, sources.config.catalogue)
    ]
    assert [used.error for used in session.usage.values() if used.error] == []
    return run(scheme, inputs_of(scheme, APRIL, codes, answers))


def test_as_many_are_evaluated_as_is_published(scored: Scored) -> None:
    roster = scored.residents[EAST_LAKE.id]
    assert max(one.resident_since or PUBLISHED_DAY for one in populate(SIZE, demo_world.SEED)) <= PUBLISHED_DAY
    assert EVALUATED["2023-04"] == 5_230
    assert len(scored.evaluated["2023-04"]) == round(5_230 * len(roster) / 15_184) < len(roster)
    assert CHUJINGLING in scored.evaluated["2023-04"]
    before, now = (set(scored.evaluated[period]) for period in ("2022-09", "2023-04"))
    assert 0.8 * len(before) < len(before & now) < len(before), "some leave, others enter"


def test_the_medical_ai_enterprise_leads_the_mature_ones_by_what_its_sources_give(scored: Scored) -> None:
    edition = scored.editions[LAKE]
    row = edition.inputs.row(CHUJINGLING)
    score = explain(edition.scheme, edition.results, row)
    assert score.stage
    assert score.stage.names
    assert score.stage.names.name_zh == "成熟期"
    assert edition.ranking.stage_rank[row] == 1
    assert score.passed is Verdict.YES, "no veto hangs on what nobody knows"
    assert edition.ranking.stage_counts[2] > 20, "among others"
    assert sum(indicator.points for indicator in score.indicators) == score.total
    points = {indicator.names.id: indicator.points for indicator in score.indicators}
    assert points["revenue_growth"] == points["net_asset_profit"] == Decimal(0), "revenue fell, losses were made"
    assert points["rd_intensity"] == Decimal(7)
    assert points["awards"] == Decimal(7)


def test_stages_have_believable_shares(scored: Scored) -> None:
    results = scored.editions[LAKE].results
    shares = {stage: count / len(results) for stage, count in Counter(results.stage.tolist()).items()}
    assert 0.15 < shares[0] < 0.35
    assert 0.45 < shares[1] < 0.70
    assert 0.10 < shares[2] < 0.30


@pytest.mark.parametrize("name", [name for name, scheme in SCHEMES.items() if scheme.indicators])
def test_schemes_find_their_inputs(scored: Scored, name: str) -> None:
    edition = scored.editions[name]
    known = (edition.results.reasons == 0).mean(axis=1)
    lacking = [one.names.id for one, share in zip(edition.scheme.indicators, known, strict=True) if share < 0.05]
    assert lacking == []
    assert np.unique(edition.results.total).size > 10, "scores tell enterprises apart"


@pytest.mark.parametrize("name", ["technology-sme", "innovative-sme"])
def test_some_pass_the_official_evaluations_and_some_do_not(scored: Scored, name: str) -> None:
    passed = Counter(scored.editions[name].results.passed.tolist())
    total = passed.total()
    assert passed[_NUMBER[Verdict.YES]] > total / 20
    assert passed[_NUMBER[Verdict.NO]] > total / 20


_NUMBER = {Verdict.NO: 0, Verdict.UNKNOWN: 1, Verdict.YES: 2}


def test_longwan_has_enterprises_of_every_stage_and_lists(scored: Scored) -> None:
    edition = scored.editions["longwan-lists"]
    at_home = np.isin(edition.results.enterprises, scored.residents[LONGWAN.id])
    assert at_home.any()
    stages = edition.scheme.stages
    assert stages
    assert set(edition.results.stage.tolist()) >= set(range(len(stages.stages)))


def test_nanchangs_ladder_has_as_many_on_each_rung_as_is_published(scored: Scored) -> None:
    assert list(RUNGS.values()) == [728, 622, 36, 120, 75]
    assert sum(RUNGS.values()) == NANCHANG.roster
    roster = scored.residents[NANCHANG.id]
    held = Counter(title.kind.term for code in roster for title in scored.titles[code] if is_valid(title, WORLD_DAY))
    upper = {name: round(count * len(roster) / NANCHANG.roster) for name, count in list(RUNGS.items())[1:]}
    assert {name: held[name] for name in upper} == upper
    assert held.total() == len(roster)
