"""From a measure's values to points, for all enterprises at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codes.scores import Missing
from scoring.inputs import Column, Floats, Reasons
from scoring.peers import Compared
from scoring.scheme import CODES, Linear, Percentile, Points, Table, Tiers

Ints = NDArray[np.int32]
Places = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Earned:
    """Points of one way to earn them; `tier` is the tier or category, and -1 where there is none."""

    points: Ints
    tier: Places
    reasons: Reasons


def earned(
    points: Points, column: Column, weights: NDArray[np.intp], maximum: Ints, compared: Compared | None
) -> Earned:
    """Return the points of values; a missing one earns none.

    `weights` is each enterprise's row in tables of points, `maximum` the most it can earn, `compared` how it
    stands among its peers where points depend on them.
    """
    reasons = column.reasons
    missing = reasons != 0
    if isinstance(points, Tiers | Table):
        tier = _place(points, column.values)
        won = points.points[weights, tier]
        won[missing] = 0
        places = tier.astype(np.int8)
        places[missing] = -1
        return Earned(won, places, reasons)
    if isinstance(points, Linear):
        part = (column.values - points.none_at) / (points.full_at - points.none_at)
    else:
        assert compared is not None, "points by percentile need peers"
        part, reasons = _standing(points, reasons, compared)
        missing = reasons != 0
    # rounded half up by one rule for all, so that more is never fewer points
    won = np.floor(np.clip(part, 0.0, 1.0) * maximum + 0.5).astype(np.int32)
    won[missing] = 0
    return Earned(won, np.full(len(won), -1, np.int8), reasons)


def _place(points: Tiers | Table, values: Floats) -> NDArray[np.intp]:
    if isinstance(points, Tiers):
        return np.searchsorted(points.begins, values, side="right")
    return np.minimum(values, len(points.categories)).astype(np.intp)


def _standing(points: Percentile, reasons: Reasons, compared: Compared) -> tuple[Floats, Reasons]:
    """Return the share of peers that are not better; without peers there is none."""
    alone = compared.peers == 0
    peers = np.maximum(compared.peers, 1)
    if points.better == "higher":
        part = compared.not_better / peers
    else:
        part = 1 - (compared.peers - compared.not_better) / peers
    return part, np.where((reasons == 0) & alone, np.uint8(CODES[Missing.NO_PEERS]), reasons)
