"""What the graph shows of schemes and of results is what the schemes and the explanations say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from codes.scores import Better, Earning, Missing, Verdict
from resolvers.scores.schemes import shown
from resolvers.scores.shown import scores
from resolvers.scores.shown_parts import Origin, decimal
from scoring.explanation import explain
from scoring.ranking import Placing
from tests.scoring.scored import SCHEMES, edition, yuan

YOUNG = {"rd": yuan(600_000), "revenue": yuan(4_000_000), "inventions": 3, "awards": 1, "high_tech": 0}


@pytest.mark.parametrize("name", sorted(SCHEMES))
def test_a_scheme_is_shown_whole(name: str) -> None:
    scheme = SCHEMES[name]
    whole = shown(scheme).whole
    assert whole.id == f"Scheme:{scheme.id}@{scheme.version}"
    assert [one.id for one in whole.indicators] == [one.names.id for one in scheme.indicators]
    assert [one.id for one in whole.stages] == [one.names.id for one in (scheme.stages.stages if scheme.stages else ())]
    for indicator, of in zip(whole.indicators, scheme.indicators, strict=True):
        assert indicator.group is whole.groups[of.group]
        assert max(points.points for points in indicator.points) == scheme.decimal(of.maximum.max())
        assert len(indicator.ways) == len(of.alternatives)
        assert [source.id for source in indicator.sources] == list(of.sources)
    for number in range(len(whole.stages)) if len(whole.groups) and scheme.weights > 1 else (0,):
        points = [one.points[min(number, len(one.points) - 1)].points for one in whole.groups]
        assert sum(points) == (whole.maximum if scheme.groups else 0)


def test_tiers_are_told_in_words_with_their_points() -> None:
    staff = next(one for one in shown(SCHEMES["technology-sme"]).whole.indicators if one.id == "technology_staff")
    assert staff.better is Better.HIGHER
    way = staff.ways[0]
    assert way.earning is Earning.TIERS
    assert way.tiers[-1].tier == "at least 30 %"
    assert [points.points for points in way.tiers[-1].points] == [Decimal(20)]


@pytest.mark.parametrize("name", ["national-18-demo", "east-lake-28-demo", "technology-sme", "innovative-sme"])
def test_scores_are_shown_as_they_are_explained(name: str) -> None:
    scheme = SCHEMES[name]
    inputs = list(scheme.inputs)
    rows = [
        {
            one: 1.0 if scheme.inputs[one].take == "category" else 3.0 * (number + place)
            for place, one in enumerate(inputs)
        }
        for number in range(5)
    ]
    rows[2] = {one: rows[2][one] for one in inputs[::2]}
    results = edition(scheme, rows).results
    chosen = [4, 2]
    found = scores(scheme, results, chosen, provisional=True)
    assert [one.uscc for one in found] == ["E0004", "E0002"]
    for score, row in zip(found, chosen, strict=True):
        expected = explain(scheme, results, row)
        assert (score.total, score.maximum, score.passed) == (expected.total, expected.maximum, expected.passed)
        assert [one.points for one in score.groups] == [one.points for one in expected.groups]
        by_id = {one.names.id: one for one in expected.indicators}
        for one in score.indicators:
            of = by_id[one.indicator.id]
            assert (one.points, one.maximum, one.missing) == (of.points, of.maximum, of.missing)
            assert (one.value, one.unit, one.category) == (decimal(of.value), of.unit, of.category)
            assert (one.tier or one.counted) == of.words
            assert (one.next.points if one.next else None) == (of.next.points if of.next else None)


def test_what_the_reader_may_not_infer_is_not_in_the_reason_of_the_stage() -> None:
    scheme = SCHEMES["national-18-demo"]
    by = {one: yuan(12_345_678) for one in scheme.inputs}
    (score,) = scores(scheme, edition(scheme, [by]).results, provisional=True)
    assert score.stage is not None
    assert score.stage_reason == score.stage.criteria
    assert "1,234" not in (score.stage_reason or "")
    assert score.stage_figures[1].value == Decimal("1234.5678")


def test_places_and_origins_are_those_that_are_given() -> None:
    scheme = SCHEMES["national-18-demo"]
    results = edition(scheme, [{}]).results
    origins = {"filings": (Origin("tax"), Origin("registry"))}
    placed = Placing(rank=3, stage_rank=1, percentile=99.5, lists=("front",))
    (score,) = scores(scheme, results, provisional=False, places=[placed], origins=[origins], edition_id="e1")
    assert (score.rank, score.stage_rank, score.percentile, score.edition_id) == (3, 1, Decimal("99.5"), "e1")
    assert {one.missing for one in score.indicators} == {Missing.NOT_DELIVERED}
    assert score.passed in Verdict
    sources = {(one.collection, one.source) for indicator in score.indicators for one in indicator.sources}
    assert {("filings", "tax"), ("filings", "registry"), ("workforce_years", None)} <= sources
