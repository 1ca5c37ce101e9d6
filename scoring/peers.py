"""What points by percentile need to know of all enterprises: found in a first pass, part by part, and put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from scoring.inputs import Floats, Inputs, fit
from scoring.measures import measured
from scoring.scheme import Measure, Percentile, Scheme
from scoring.stages import staged

Place = tuple[int, int]
"""An indicator, and which of its alternatives."""


@dataclass(frozen=True, slots=True, eq=False)
class Peers:
    """For each way to earn points by percentile the sorted values of each peer group."""

    values: Mapping[Place, tuple[Floats, ...]]

    def merged(self, other: Peers) -> Peers:
        """Return what the enterprises of both parts together give."""
        pairs = {
            place: tuple(
                np.sort(np.concatenate(both), kind="stable") for both in zip(found, other.values[place], strict=True)
            )
            for place, found in self.values.items()
        }
        return Peers(pairs)


def peers_of(scheme: Scheme, inputs: Inputs) -> Peers:
    """Collect the values of all peers, as they are known; an enterprise of no known stage is in no stage's group."""
    fit(scheme, inputs)
    wanted = list(_by_percentile(scheme))
    if not wanted:
        return Peers({})
    stage = staged(scheme, inputs.columns, len(inputs)).stage
    found: dict[Place, tuple[Floats, ...]] = {}
    for place, measure, points in wanted:
        column = measured(measure, inputs.columns)
        known = column.reasons == 0
        groups = [known & (stage == n) for n in range(scheme.weights)] if points.among == "stage" else [known]
        found[place] = tuple(np.sort(column.values[group], kind="stable") for group in groups)
    return Peers(found)


def _by_percentile(scheme: Scheme) -> Iterator[tuple[Place, Measure, Percentile]]:
    for number, indicator in enumerate(scheme.indicators):
        for which, way in enumerate(indicator.alternatives):
            if isinstance(way.points, Percentile):
                yield (number, which), way.measure, way.points
