"""Editions of scores that the demo world comes with: made of made-up records, by invented points."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

ZONE = "east-lake"
SCHEME = "east-lake-28-demo"
EDITIONS: Mapping[str, tuple[date, date, date]] = {
    "2022-09": (date(2022, 9, 30), date(2022, 10, 10), date(2022, 10, 14)),
    "2023-04": (date(2023, 4, 3), date(2023, 4, 10), date(2023, 4, 14)),
}
"""By period: the day as of which it is, and the first and last day of its notice, which are invented."""
