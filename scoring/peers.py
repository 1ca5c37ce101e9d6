"""What points by percentile need to know of all enterprises: found in a first pass, part by part, and put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.inputs import Floats, Inputs, fit
from scoring.measures import measured
from scoring.scheme import Measure, Percentile, Scheme
from scoring.stages import staged

Place = tuple[int, int]
"""An indicator, and which of its alternatives."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """How many of each enterprise's peers are not better than it, and how many peers there are."""

    not_better: NDArray[np.int64]
    peers: NDArray[np.int64]


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

    def compared(self, place: Place, points: Percentile, values: Floats, weights: NDArray[np.intp]) -> Compared:
        """Hold values against those of their peers; `weights` is each enterprise's stage, known or assumed."""
        groups = self.values[place]
        found = Compared(np.zeros(len(values), np.int64), np.zeros(len(values), np.int64))
        everyone = [(0, slice(None))] if len(groups) == 1 else [(n, weights == n) for n in range(len(groups))]
        for number, chosen in everyone:
            ordered, own = groups[number], values[chosen]
            found.peers[chosen] = len(ordered)
            if points.better == "higher":
                found.not_better[chosen] = np.searchsorted(ordered, own, side="right")
            else:
                found.not_better[chosen] = len(ordered) - np.searchsorted(ordered, own, side="left")
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Comparable:
    """What is compared for one way to earn points by percentile, enterprise by enterprise."""

    place: Place
    points: Percentile
    values: Floats
    known: NDArray[np.bool_]
    """Whether there is a value to be compared."""
    group: NDArray[np.intp]
    """The peers that it is compared with."""
    peer: NDArray[np.bool_]
    """Whether it is one of them: an enterprise of no known stage is in no stage's group."""


def comparables(scheme: Scheme, inputs: Inputs) -> Iterator[Comparable]:
    """Find what is compared with peers; nothing where no points are earned by percentile."""
    fit(scheme, inputs)
    wanted = list(by_percentile(scheme))
    if not wanted:
        return
    stage = staged(scheme, inputs.columns, len(inputs))
    for place, measure, points in wanted:
        column = measured(measure, inputs.columns)
        known = column.reasons == 0
        if points.among == "stage":
            yield Comparable(place, points, column.values, known, stage.weights, known & (stage.stage >= 0))
        else:
            yield Comparable(place, points, column.values, known, np.zeros_like(stage.weights), known)


def peers_of(scheme: Scheme, inputs: Inputs) -> Peers:
    """Collect the values of all peers, as they are known."""
    found: dict[Place, tuple[Floats, ...]] = {}
    for one in comparables(scheme, inputs):
        groups = range(scheme.weights if one.points.among == "stage" else 1)
        own = (one.values[one.peer & (one.group == n)] for n in groups)
        found[one.place] = tuple(np.sort(values, kind="stable") for values in own)
    return Peers(found)


def by_percentile(scheme: Scheme) -> Iterator[tuple[Place, Measure, Percentile]]:
    """Return the ways to earn points by percentile, what they measure, and how they compare."""
    for number, indicator in enumerate(scheme.indicators):
        for which, way in enumerate(indicator.alternatives):
            if isinstance(way.points, Percentile):
                yield (number, which), way.measure, way.points
