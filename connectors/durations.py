"""Durations as ISO 8601 writes them, such as P1M or PT15M."""

from __future__ import annotations

import re

_PART = re.compile(r"(\d+)([YMWDHS])")
_DAY = 86_400.0
_DATES = {"Y": 365 * _DAY, "M": 30 * _DAY, "W": 7 * _DAY, "D": _DAY}
_TIMES = {"H": 3600.0, "M": 60.0, "S": 1.0}


def seconds_of(duration: str) -> float:
    """Return the seconds of a duration; a month has thirty days, a year 365."""
    dates, _, times = duration.removeprefix("P").partition("T")
    parts = ((dates, _DATES), (times, _TIMES))
    return sum(int(number) * units[unit] for text, units in parts for number, unit in _PART.findall(text))
