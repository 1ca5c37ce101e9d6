"""Vetoes, direct ways and floors in three values: 0 no, 1 unknown, 2 yes.

In Kleene's logic "and" is then the minimum, "or" the maximum, and "not" what is missing to 2.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from codes.scores import Verdict
from scoring.inputs import Column
from scoring.scheme import Condition, Rule

Verdicts = NDArray[np.uint8]

NO, UNKNOWN, YES = np.uint8(0), np.uint8(1), np.uint8(2)
VERDICTS = (Verdict.NO, Verdict.UNKNOWN, Verdict.YES)


def holds(rule: Rule, columns: Mapping[str, Column]) -> Verdicts:
    """Say for each enterprise whether all of a rule's conditions hold; what is missing leaves it unknown."""
    found = _condition(rule.conditions[0], columns)
    for condition in rule.conditions[1:]:
        found = np.minimum(found, _condition(condition, columns))
    return found


def reaches(points: NDArray[np.int32], ceiling: NDArray[np.int32], least: int) -> Verdicts:
    """Say whether points reach a bound: unknown if only what is missing could make them."""
    return np.where(points >= least, YES, np.where(ceiling >= least, UNKNOWN, NO))


def _condition(condition: Condition, columns: Mapping[str, Column]) -> Verdicts:
    column = columns[condition.input]
    if condition.codes:
        true = np.isin(column.values, condition.codes)
    else:
        low, high = condition.interval.edges(condition.scale)
        true = (column.values >= low) & (column.values < high)
    return np.where(column.reasons != 0, UNKNOWN, np.where(true, YES, NO))
