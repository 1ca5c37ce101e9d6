"""Bounds as official texts write them, and as numbers that can be compared exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers between two bounds, each of which belongs to them or not, as the text says."""

    at_least: Decimal | None = None
    above: Decimal | None = None
    below: Decimal | None = None
    at_most: Decimal | None = None

    def __post_init__(self) -> None:
        if self.at_least is not None and self.above is not None:
            raise ValueError("has both `at_least` and `above`")
        if self.below is not None and self.at_most is not None:
            raise ValueError("has both `below` and `at_most`")
        low, high = self.low(), self.high()
        if low is not None and high is not None and not low < high:
            raise ValueError("holds no number: its lower bound is not below its upper bound")

    def low(self) -> tuple[Decimal, bool] | None:
        """The point where it begins: the bound, and whether it begins right after it; None if it has no beginning."""
        if self.at_least is not None:
            return self.at_least, False
        return None if self.above is None else (self.above, True)

    def high(self) -> tuple[Decimal, bool] | None:
        """The point where what follows begins; None if nothing follows."""
        if self.below is not None:
            return self.below, False
        return None if self.at_most is None else (self.at_most, True)

    def edges(self, scale: Fraction) -> tuple[float, float]:
        """Return `low` and `high` so that a float64 is in the interval exactly if `low <= value < high`.

        `scale` leads from the unit of the bounds to that of the values.
        """
        low, high = self.low(), self.high()
        return -math.inf if low is None else edge(low, scale), math.inf if high is None else edge(high, scale)

    @lru_cache(maxsize=4096)  # noqa: B019 - intervals are values: equal ones share what is said of them
    def words(self, unit: str) -> str:
        """Say in English which numbers these are."""
        return _words(self, unit, "at least {}", "above {}", "below {}", "at most {}", ", ") or "any value"

    @lru_cache(maxsize=4096)  # noqa: B019 - as above
    def words_zh(self, unit: str) -> str:
        """Say in Chinese which numbers these are."""
        return _words(self, unit, "不低于{}", "高于{}", "低于{}", "不高于{}", "且") or "任意值"


def edge(point: tuple[Decimal, bool], scale: Fraction) -> float:
    """Return the least float64 that is not before the point: the bound itself, or the next one after it.

    A bound is rounded once, from its exact fraction. A quotient of two whole numbers is rounded once, too, by IEEE 754;
    so a quotient that equals the bound gets the bound's own float64, and rounding never carries one across it.
    """
    bound, after = point
    number = float(Fraction(bound) * scale)
    return math.nextafter(number, math.inf) if after else number


def plain(number: Decimal) -> str:
    """Write a number without exponent, with separators."""
    return f"{number.normalize():,f}"


def cover(intervals: Sequence[Interval]) -> str | None:
    """Say what keeps the intervals from covering the whole line once; None if nothing does."""
    if not intervals:
        return "there is none"
    ordered = sorted(intervals, key=lambda i: (i.low() is not None, i.low() or (Decimal(0), False)))
    if ordered[0].low() is not None:
        return f"nothing is said of values that are not {ordered[0].words('')}"
    for one, other in pairwise(ordered):
        end, begin = one.high(), other.low()
        if end is None or begin is None or begin < end:
            return f"“{one.words('')}” and “{other.words('')}” overlap"
        if end < begin:
            return f"there is a gap between “{one.words('')}” and “{other.words('')}”"
    if ordered[-1].high() is not None:
        return f"nothing is said of values beyond “{ordered[-1].words('')}”"
    return None


def _words(interval: Interval, unit: str, at_least: str, above: str, below: str, at_most: str, joint: str) -> str:
    space = " " if unit else ""
    bounds = (
        (interval.at_least, at_least),
        (interval.above, above),
        (interval.below, below),
        (interval.at_most, at_most),
    )
    return joint.join(form.format(f"{plain(bound)}{space}{unit}") for bound, form in bounds if bound is not None)
