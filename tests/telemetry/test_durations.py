"""Durations counted many at a time, beside the histogram that counts each by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Histogram

from telemetry.durations import Durations

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.5)
NANOSECONDS = st.one_of(st.integers(0, 2_000_000_000), st.sampled_from([int(bound * 1e9) for bound in BOUNDS]))


def shown(histogram: Histogram) -> list[tuple[str, dict[str, str], float]]:
    """Return what is told of a histogram, but for when it was made."""
    samples = [sample for metric in histogram.collect() for sample in metric.samples]
    return [(one.name, one.labels, one.value) for one in samples if not one.name.endswith("_created")]


@given(st.lists(st.lists(NANOSECONDS, max_size=300), max_size=4))
def test_many_at_a_time_are_counted_as_each_by_itself(parts: list[list[int]]) -> None:
    """Whenever what was noted is handed over."""
    each, many = (Histogram("taken", "Seconds.", buckets=BOUNDS, registry=None) for _ in range(2))
    durations = Durations(many)
    for part in parts:
        for nanoseconds in part:
            each.observe(nanoseconds / 1e9)
            durations.note(nanoseconds)
        durations.hand_over()
        told, expected = shown(many), shown(each)
        assert told[:-1] == expected[:-1]
        assert told[-1][:2] == expected[-1][:2]
        assert told[-1][2] == pytest.approx(expected[-1][2])
