"""From inputs to the values of measures, for all enterprises at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from codes.scores import Missing
from scoring.inputs import Column, Reasons
from scoring.scheme import CODES, Denominator, Measure

_RULED = {"lowest": -np.inf, "highest": np.inf}


def measured(measure: Measure, columns: Mapping[str, Column]) -> Column:
    """Return a measure's values in its own measure (fen, months, a plain quotient), with reasons where there is none.

    A value that a rule for denominators counts as lowest or highest is minus or plus infinity.
    """
    above = _sum(measure.of, columns)
    if not measure.over:
        return above
    below = _sum(measure.over, columns)
    if measure.kind == "growth":
        above = Column(above.values - below.values, above.reasons)
    return _quotient(measure, above, below, _first(above.reasons, below.reasons))


def _sum(names: tuple[str, ...], columns: Mapping[str, Column]) -> Column:
    total = columns[names[0]]
    for name in names[1:]:
        other = columns[name]
        total = Column(total.values + other.values, _first(total.reasons, other.reasons))
    return total


def _first(one: Reasons, other: Reasons) -> Reasons:
    return np.where(one, one, other)


def _quotient(measure: Measure, above: Column, below: Column, reasons: Reasons) -> Column:
    divisor = np.abs(below.values) if measure.negative == "absolute" else below.values
    known = reasons == 0
    divisible = known & (divisor != 0)
    values = np.zeros_like(divisor)
    np.divide(above.values, divisor, out=values, where=divisible)
    if not divisible.all():
        _ruled(values, reasons, known & ~divisible, measure.zero, Missing.ZERO_DENOMINATOR)
        if measure.unknown != "missing":
            _ruled(values, reasons, (above.reasons == 0) & (below.reasons != 0), measure.unknown, Missing.NOT_DELIVERED)
    if measure.negative != "absolute" and (negative := known & (divisor < 0)).any():
        _ruled(values, reasons, negative, measure.negative, Missing.NEGATIVE_DENOMINATOR)
    if measure.kind == "share":
        outside = (reasons == 0) & divisible & ((values > 1) | (values < 0))
        _ruled(values, reasons, outside, "missing", Missing.CONTRADICTORY)
    return Column(values, reasons)


def _ruled(
    values: NDArray[np.float64], reasons: Reasons, at: NDArray[np.bool_], rule: Denominator, why: Missing
) -> None:
    """Apply a denominator's rule in place."""
    if rule == "missing":
        values[at], reasons[at] = 0.0, CODES[why]
    else:
        values[at], reasons[at] = _RULED[rule] if isinstance(rule, str) else rule, 0
