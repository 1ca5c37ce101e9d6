"""What an evaluation finds: columns of points, of what they were earned with, and of what was decided."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codes.scores import Missing
from scoring.inputs import Moment, Names
from scoring.scheme import CODES

WITH_VALUE = (0, CODES[Missing.NO_PEERS])
"""Reasons beside which there is a value: none, and that it earns nothing for want of others."""


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """The scores of some enterprises by one scheme, version, period and day; enterprises are the last axis.

    Points are in the scheme's smallest part. Verdicts are 0 no, 1 unknown, 2 yes.
    """

    scheme: str
    version: str
    digest: str
    moment: Moment
    enterprises: Names
    stage: NDArray[np.int8]
    """Place of the stage in the scheme; -1 where it is not known, or where there are none."""
    stage_reasons: NDArray[np.uint8]
    """By measure that tells stages apart: 0, or the number of the reason why it is missing."""
    stage_values: NDArray[np.float64]
    """By measure that tells stages apart."""
    values: NDArray[np.float64]
    """By indicator: the value of the alternative that counts, in its measure's own unit; 0 where it is missing."""
    reasons: NDArray[np.uint8]
    """By indicator: 0, or the number of the reason why no alternative has a value."""
    chosen: NDArray[np.uint8]
    """By indicator: which alternative counts."""
    tiers: NDArray[np.int8]
    """By indicator: the tier or category hit, or -1."""
    points: NDArray[np.int32]
    """By indicator."""
    maxima: NDArray[np.int32]
    """By indicator: the most that it could earn; 0 where it is left out."""
    groups: NDArray[np.int32]
    """By group: the sum of its indicators, or its cap."""
    total: NDArray[np.int32]
    floors: NDArray[np.uint8]
    """By floor: whether it is reached."""
    vetoes: NDArray[np.uint8]
    """By veto: whether it is hit."""
    direct: NDArray[np.uint8]
    """By direct way: whether it is open."""
    passed: NDArray[np.uint8]
    """Whether the enterprise passes; where the scheme has no mark to reach, whether no veto is hit."""
    ranked: NDArray[np.bool_]
    """Whether it takes part in ranks and lists."""

    def __len__(self) -> int:
        return len(self.enterprises)

    def rows(self, chosen: NDArray[np.intp] | slice) -> Results:
        """Return the scores of some of the enterprises, in the given order."""
        every: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in every.items():
            if isinstance(value, np.ndarray):
                every[name] = value[..., chosen]
        return Results(**every)
