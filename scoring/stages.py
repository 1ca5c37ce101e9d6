"""Which stage of life each enterprise is in, by the scheme's own cuts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.inputs import Column
from scoring.measures import measured
from scoring.scheme import Scheme, Stage, Stages


@dataclass(frozen=True, slots=True, eq=False)
class Staged:
    """The stage of each enterprise: its place in the scheme, or -1; and the measures by which it was told."""

    stage: NDArray[np.int8]
    by: tuple[Column, ...]
    weights: NDArray[np.intp]
    """The row in tables of points, also where the stage is not known."""


def staged(scheme: Scheme, columns: Mapping[str, Column], size: int) -> Staged:
    """Tell each enterprise's stage; without cuts none is known, without stages there is none.

    A missing measure leaves the stage unknown only where it could change it: where revenue alone makes an enterprise
    mature, it is mature at any age.
    """
    found = np.full(size, -1, np.int8)
    stages = scheme.stages
    if stages is None or not stages.by:
        return Staged(found, (), np.zeros(size, np.intp))
    by = tuple(measured(one.measure, columns) for one in stages.by)
    elsewhere = np.zeros(size, bool)
    for place, stage in enumerate(stages.stages):
        if not stage.otherwise:
            certain, possible = _within(stages, stage, by, size)
            found[certain] = place
            elsewhere |= possible
    for place, stage in enumerate(stages.stages):
        if stage.otherwise:
            found[~elsewhere] = place
    return Staged(found, by, np.where(found < 0, stages.unknown or 0, found).astype(np.intp))


def _within(
    stages: Stages, stage: Stage, by: tuple[Column, ...], size: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return who is in a stage whatever is missing, and who is in it or could be."""
    certain, possible = np.ones(size, bool), np.ones(size, bool)
    for one, column in zip(stages.by, by, strict=True):
        if bounds := stage.bounds.get(one.names.id):
            low, high = bounds.edges(one.measure.scale)
            known = column.reasons == 0
            inside = (column.values >= low) & (column.values < high)
            certain &= known & inside
            possible &= ~known | inside
    return certain, possible
