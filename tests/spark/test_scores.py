"""Scores by Spark are the embedded ones, bit for bit, however the enterprises are spread."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codes.scores import Missing
from scoring.changes import Edition, run
from scoring.inputs import Inputs
from scoring.loading import SHIPPED, parse
from scoring.ranking import lists_of
from scoring.scheme import Scheme
from scoring.snapshot import packed_results
from tests.scoring.scored import Value, inputs

if TYPE_CHECKING:
    from tests.spark.cluster import Cluster, Scored


TEXT = (Path(__file__).parent / "nation.toml").read_text(encoding="utf-8")
NATION = parse(TEXT, "nation.toml")


def assert_same(scored: Scored, edition: Edition) -> None:
    """The same results byte by byte, the same ranks, percentiles and lists."""
    assert packed_results(scored.results) == packed_results(edition.results)
    ranking, columns, rows = edition.ranking, scored.columns, range(len(edition.inputs))
    assert [rank or 0 for rank in columns["rank"]] == ranking.rank.tolist()
    assert [rank or 0 for rank in columns["stage_rank"]] == ranking.stage_rank.tolist()
    assert columns["percentile"] == [ranking.percentile(row) for row in rows]
    assert columns["stage_percentile"] == [ranking.stage_percentile(row) for row in rows]
    assert columns["lists"] == [list(lists_of(edition.scheme, ranking, row)) for row in rows]


def population(scheme: Scheme, size: int, seed: int) -> Inputs:
    """Make up enterprises, many of which are equal in much, and of which much is missing."""
    random = np.random.default_rng(seed)
    reasons = [reason for reason in Missing if reason.value.startswith(("NOT_", "STALE", "SOURCE"))]

    def value() -> Value:
        if random.random() < 0.15:
            return reasons[int(random.integers(len(reasons)))]
        return float(random.integers(0, 8) if random.random() < 0.7 else random.integers(-(10**9), 10**12))

    return inputs(scheme, [{name: value() for name in scheme.inputs} for _ in range(size)])


@pytest.mark.parametrize("name", ["national-18-demo", "technology-sme", "nanchang-stages"])
def test_shipped_schemes(cluster: Cluster, name: str) -> None:
    text = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    scheme = parse(text, name)
    there = population(scheme, 200, seed=1)
    assert_same(cluster.scored(scheme, text, there, [slice(0, 120), slice(120, None)]), run(scheme, there))


def test_the_driver_holds_no_population(cluster: Cluster) -> None:
    there = population(NATION, 12_000, seed=2)
    assert there.enterprises.nbytes > 256 * 1024, "more than the driver may be sent"
    assert_same(
        cluster.scored(NATION, TEXT, there, [slice(0, 1), slice(1, 7_000), slice(7_000, None)]), run(NATION, there)
    )


numbers = st.one_of(
    st.integers(-3, 9).map(float),
    st.integers(-(10**12), 10**12).map(float),
    st.sampled_from([Missing.NOT_DELIVERED, Missing.SOURCE_DOWN, Missing.NOT_APPLICABLE]),
)
rows = st.fixed_dictionaries(dict.fromkeys(NATION.inputs, numbers))


@settings(max_examples=4, deadline=None)
@given(
    st.lists(rows, min_size=1, max_size=30),
    st.lists(st.integers(0, 30), max_size=3),
    st.integers(1, 5),
)
def test_how_enterprises_are_spread_changes_nothing(
    cluster: Cluster, made: list[dict[str, Value]], cuts: list[int], shuffled: int
) -> None:
    there = inputs(NATION, made)
    parts = [slice(start, stop) for start, stop in pairwise([0, *sorted(cuts), 30])]
    assert_same(cluster.scored(NATION, TEXT, there, parts, shuffled), run(NATION, there))
