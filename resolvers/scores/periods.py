"""Of which year a live score is: the last one of which its sources have delivered what is counted by year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from connectors.errors import SourceFailure
from connectors.outcomes import Absent
from connectors.sources import Told
from resolvers.request import BadInput
from resolvers.scores.collecting import RunRefused
from resolvers.scores.orders import moment_of
from resolvers.scores.reading import Need
from scoring.inputs import Moment
from scoring.records import year_of

_YEARS = 5
"""Whole years that are looked at, the last one included."""
_OF_THE_MOST = 2
"""A year counts if it has at least one part in so many of what the year has that has most; an invented bound."""

Answers = Sequence[tuple[Need, Told]]


def moments_of(answers: Answers, size: int, period: str | None, day: date) -> list[Moment]:
    """Return what the live score of each enterprise is of: of the period that is asked, otherwise of its last year.

    Dated facts are as they are on the day, or on the last day of the period that is asked.
    """
    if period is not None:
        try:
            return [moment_of(period, day)] * size
        except RunRefused as refused:
            raise BadInput(str(refused)) from refused
    parts = [part for need, told in answers for part in _dated(need, told)]
    return [Moment(str(year), year, day) for year in (_year(parts, place, day.year - 1) for place in range(size))]


def _dated(need: Need, told: Told) -> list[tuple[str, Sequence[object]]]:
    """Return the fields that date what is counted by year, each with the outcomes that have it."""
    names = dict.fromkeys(one.dated for one in need.inputs if one.years == (0, 0))
    return [(name, told.outcomes) for name in names]


def _year(parts: Sequence[tuple[str, Sequence[object]]], place: int, last: int) -> int:
    """Return the last year of which enough is there; the last whole one where nothing is."""
    there = Counter(year for name, outcomes in parts for year in _years(outcomes[place], name))
    known = {year: count for year, count in there.items() if last - _YEARS < year <= last}
    most = max(known.values(), default=0)
    return max((year for year, count in known.items() if count * _OF_THE_MOST >= most), default=last)


def _years(outcome: object, dated: str) -> set[int]:
    if isinstance(outcome, Absent | SourceFailure):
        return set()
    records = outcome if isinstance(outcome, Sequence) else (outcome,)
    given = [getattr(record, dated) for record in records]
    return {year for one in given if not isinstance(one, Absent | SourceFailure) and (year := year_of(one)) is not None}
