"""Which stage of life each enterprise is in, by the scheme's own cuts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codes.scores import Missing
from scoring.inputs import Column
from scoring.measures import measured
from scoring.scheme import CODES, Scheme


@dataclass(frozen=True, slots=True, eq=False)
class Staged:
    """The stage of each enterprise: its place in the scheme, or -1; and the values by which it was told."""

    stage: NDArray[np.int8]
    by: tuple[Column, ...]
    reasons: NDArray[np.uint8]
    """Why a stage is not known."""
    weights: NDArray[np.intp]
    """The row in tables of points, also where the stage is not known."""


def staged(scheme: Scheme, columns: Mapping[str, Column], size: int) -> Staged:
    """Tell each enterprise's stage; without cuts none is known, without stages there is none."""
    nowhere = np.full(size, -1, np.int8)
    stages = scheme.stages
    if stages is None:
        return Staged(nowhere, (), np.zeros(size, np.uint8), np.zeros(size, np.intp))
    by = tuple(measured(one.measure, columns) for one in stages.by)
    if not by:
        return Staged(nowhere, (), np.full(size, CODES[Missing.NOT_KNOWN], np.uint8), np.zeros(size, np.intp))
    reasons = by[0].reasons
    for column in by[1:]:
        reasons = np.where(reasons, reasons, column.reasons)
    found = nowhere
    ordered = sorted(enumerate(stages.stages), key=lambda entry: entry[1].otherwise)
    for place, stage in ordered:
        inside = (reasons == 0) & (found < 0)
        for one, column in zip(stages.by, by, strict=True):
            if bounds := stage.bounds.get(one.names.id):
                low, high = bounds.edges(one.measure.scale)
                inside = inside & (column.values >= low) & (column.values < high)
        found[inside] = place
    return Staged(found, by, reasons, np.where(found < 0, stages.unknown or 0, found).astype(np.intp))
