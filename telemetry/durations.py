"""Durations of what is short and frequent, counted many at a time: to count each alone takes longer than is fit.

prometheus_client takes two locks, and looks through the bounds, for each observation.
"""

from __future__ import annotations

from bisect import bisect_right

from prometheus_client import Histogram

_AT_A_TIME = 256

_all: list[Durations] = []


class Durations:
    """One histogram's durations, handed over when there are many, or somebody wants to know."""

    __slots__ = ("_histogram", "_noted")

    def __init__(self, histogram: Histogram) -> None:
        """Count in a histogram of seconds, or in the child of one."""
        self._histogram = histogram
        self._noted: list[int] = []
        _all.append(self)

    def note(self, nanoseconds: int) -> None:
        """Note one."""
        self._noted.append(nanoseconds)
        if len(self._noted) >= _AT_A_TIME:
            self.hand_over()

    def hand_over(self) -> None:
        """Have the histogram show all that were noted."""
        noted, self._noted = sorted(self._noted), []
        below = 0
        for place, bound in enumerate(self._histogram._upper_bounds):
            within = bisect_right(noted, bound * 1e9)
            if within > below:
                self._histogram._buckets[place].inc(within - below)
                below = within
        if noted:
            self._histogram._sum.inc(sum(noted) / 1e9)


def hand_over() -> None:
    """Have the metrics show all durations that were noted."""
    for durations in _all:
        durations.hand_over()
