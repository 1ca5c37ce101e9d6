"""What holds of every score, whatever the enterprises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codes.scores import Missing
from scoring.changes import run, simulate
from scoring.evaluation import evaluate
from scoring.explanation import explain
from scoring.inputs import Inputs
from scoring.peers import peers_of
from scoring.ranking import ranked, standing
from scoring.results import Results
from scoring.scheme import Indicator, Input, Scheme
from scoring.snapshot import digest, packed, packed_results, unpacked, unpacked_results
from tests.scoring.scored import SCHEMES, Value, inputs

SCORED = [scheme for scheme in SCHEMES.values() if scheme.indicators]
WHY = st.sampled_from([m for m in Missing if m.value.startswith("NOT_")])


def values(needed: Input) -> st.SearchStrategy[Value]:
    """Any value of an input, near to bounds and far from them, or a reason why there is none."""
    if needed.take == "category":
        return st.one_of(st.integers(0, len(needed.categories)).map(float), WHY)
    if needed.take == "amount":
        return st.one_of(st.integers(-(10**6), 10**6), st.integers(-(10**13), 10**13), WHY).map(_plain)
    return st.one_of(st.integers(0, 12), st.integers(0, 5000), WHY).map(_plain)


def _plain(value: int | Missing) -> Value:
    return value if isinstance(value, Missing) else float(value)


def rows(scheme: Scheme) -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries({name: values(needed) for name, needed in scheme.inputs.items()})


@dataclass(frozen=True)
class Population:
    """Enterprises for a scheme; shown briefly when a test fails."""

    scheme: Scheme = field(repr=False)
    rows: list[dict[str, Value]]


populations = st.sampled_from(SCORED).flatmap(
    lambda scheme: st.builds(Population, st.just(scheme), st.lists(rows(scheme), min_size=1, max_size=8))
)


def same(one: Results, other: Results) -> None:
    for name in Results.__dataclass_fields__:
        first, second = getattr(one, name), getattr(other, name)
        if isinstance(first, np.ndarray):
            np.testing.assert_array_equal(first, second, err_msg=name)
        else:
            assert first == second, name


@settings(max_examples=25, deadline=None)
@given(populations)
def test_points_stay_within_bounds_and_add_up(population: Population) -> None:
    scheme, made = population.scheme, population.rows
    results = evaluate(scheme, inputs(scheme, made))
    assert (results.points >= 0).all()
    assert (results.points <= results.maxima).all()
    assert (results.total <= scheme.maximum).all()
    for row in range(len(made)):
        score = explain(scheme, results, row)
        assert score.total == sum(group.points for group in score.groups)
        for group in score.groups:
            earned = sum(indicator.points for indicator in group.indicators)
            assert group.points == min(earned, group.maximum)
            for indicator in group.indicators:
                assert (indicator.missing is None) or indicator.value is None
                assert indicator.words
                assert indicator.words_zh


@settings(max_examples=25, deadline=None)
@given(populations, st.randoms(use_true_random=False))
def test_the_order_of_enterprises_changes_nothing(population: Population, random: Any) -> None:
    scheme, made = population.scheme, population.rows
    there = inputs(scheme, made)
    order = np.array(random.sample(range(len(made)), len(made)))
    shuffled = there.rows(order)
    one, other = run(scheme, there), run(scheme, shuffled)
    np.testing.assert_array_equal(one.results.total[order], other.results.total)
    np.testing.assert_array_equal(one.results.points[:, order], other.results.points)
    np.testing.assert_array_equal(one.ranking.rank[order], other.ranking.rank)
    np.testing.assert_array_equal(one.ranking.stage_rank[order], other.ranking.stage_rank)
    assert packed(there) == packed(shuffled)
    assert packed_results(one.results) == packed_results(other.results)


@settings(max_examples=25, deadline=None)
@given(populations, st.integers(0, 11))
def test_parts_scored_apart_are_the_whole(population: Population, cut: int) -> None:
    scheme, made = population.scheme, population.rows
    there = inputs(scheme, made)
    parts = [there.rows(slice(0, cut)), there.rows(slice(cut, None))]
    peers = peers_of(scheme, parts[1]).merged(peers_of(scheme, parts[0]))
    scored = [evaluate(scheme, part, peers) for part in parts]
    whole = run(scheme, there)
    np.testing.assert_array_equal(np.concatenate([part.points for part in scored], axis=1), whole.results.points)
    together = standing(scheme, scored[0]).merged(standing(scheme, scored[1]))
    np.testing.assert_array_equal(ranked(scheme, together).rank, whole.ranking.rank)


@settings(max_examples=25, deadline=None)
@given(populations)
def test_one_enterprise_is_scored_as_in_the_crowd(population: Population) -> None:
    scheme, made = population.scheme, population.rows
    there = inputs(scheme, made)
    peers, whole = peers_of(scheme, there), evaluate(scheme, there)
    for row in range(len(made)):
        alone = evaluate(scheme, there.rows(slice(row, row + 1)), peers)
        assert explain(scheme, alone, 0) == explain(scheme, whole, row)


@settings(max_examples=25, deadline=None)
@given(populations)
def test_a_replay_is_the_original(population: Population) -> None:
    scheme, made = population.scheme, population.rows
    there = inputs(scheme, made)
    kept = packed(there)
    replayed = unpacked(kept)
    assert packed(replayed) == kept
    assert digest(packed(replayed)) == digest(kept)
    first = evaluate(scheme, there)
    same(unpacked_results(packed_results(first)), first)
    same(evaluate(scheme, replayed), first)


@settings(max_examples=25, deadline=None)
@given(populations)
def test_a_change_to_what_is_changes_nothing(population: Population) -> None:
    scheme, made = population.scheme, population.rows
    whole = run(scheme, inputs(scheme, made))
    for name, row in zip(whole.inputs.enterprises.tolist(), made, strict=True):
        for changes in ({}, row):
            found = simulate(whole, name, changes)
            assert found.before == found.after
            assert found.moved == ()
            assert found.placed_before == found.placed_after


def _free_of_wishes(indicator: Indicator) -> bool:
    """Whether a missing value cannot count more than a poor one, by the scheme's own words."""
    rules = (indicator.missing, indicator.not_applicable)
    return not any(rule.left_out or rule.share for rule in rules)


@settings(max_examples=25, deadline=None)
@given(populations, st.data())
def test_what_goes_missing_raises_no_score_unless_the_scheme_says_so(
    population: Population, data: st.DataObject
) -> None:
    scheme, made = population.scheme, population.rows
    there = inputs(scheme, made)
    peers = peers_of(scheme, there)
    before = evaluate(scheme, there, peers)
    name = data.draw(st.sampled_from(sorted(scheme.inputs)))
    after = evaluate(scheme, there.changed({name: Missing.SOURCE_DOWN}), peers)
    same_stage = before.stage == after.stage
    for place, indicator in enumerate(scheme.indicators):
        # SOURCE_DOWN counts by the rule `missing`; what was NOT_APPLICABLE before may have been left out of its group
        if not (indicator.missing.left_out or indicator.missing.share) and not _left_out(scheme, before, indicator):
            assert (after.points[place] <= before.points[place])[same_stage].all(), indicator.names.id


def _left_out(scheme: Scheme, results: Results, indicator: Indicator) -> bool:
    group = [n for n, other in enumerate(scheme.indicators) if other.group == indicator.group]
    return bool((results.maxima[group] == 0).any())


@settings(max_examples=25, deadline=None)
@given(populations, st.data())
def test_more_of_what_is_better_is_never_fewer_points(population: Population, data: st.DataObject) -> None:
    scheme, made = population.scheme, population.rows
    there = inputs(scheme, made)
    peers = peers_of(scheme, there)
    before = evaluate(scheme, there, peers)
    candidates = [i for i in scheme.indicators if i.better != "none" and not _staging(scheme, i)]
    indicator = data.draw(st.sampled_from(candidates))
    place = scheme.indicators.index(indicator)
    name = indicator.alternatives[0].measure.of[0]
    step = data.draw(st.integers(1, 10**6))
    column = there.columns[name]
    more = {**there.columns, name: type(column).of(column.values + step, column.reasons)}
    raised = Inputs(there.scheme, there.version, there.digest, there.moment, there.enterprises, more)
    after = evaluate(scheme, raised, peers)
    comparable = (
        (before.reasons[place] == 0)
        & (after.reasons[place] == 0)
        & (before.maxima[place] == after.maxima[place])
        & (column.reasons == 0)
        & (before.chosen[place] == after.chosen[place])
        & (after.values[place] != before.values[place])
    )
    lower = indicator.better == "lower"
    gained = before.points[place] - after.points[place] if lower else after.points[place] - before.points[place]
    rising = after.values[place] > before.values[place]
    assert (gained[comparable & rising] >= 0).all()
    assert (gained[comparable & ~rising] <= 0).all()


def _staging(scheme: Scheme, indicator: Indicator) -> bool:
    used = {name for by in (scheme.stages.by if scheme.stages else ()) for name in by.measure.inputs}
    return bool(used & set(indicator.alternatives[0].measure.of))


@pytest.mark.parametrize("scheme", SCORED, ids=lambda scheme: scheme.id)
def test_where_nothing_is_known_nothing_is_won_and_everything_said(scheme: Scheme) -> None:
    nothing: Mapping[str, Value] = {}
    score = explain(scheme, evaluate(scheme, inputs(scheme, [nothing])), 0)
    free = [i.names.id for i in scheme.indicators if _free_of_wishes(i) or i.missing.share == 0]
    for indicator in score.indicators:
        assert indicator.missing is Missing.NOT_DELIVERED
        assert indicator.points == 0 or indicator.names.id not in free
