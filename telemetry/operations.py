"""What is noted of one operation while it is answered, and counted once it is."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from time import perf_counter_ns
from typing import Any

from telemetry import metrics, traces

UNNAMED = "unnamed"
OTHERS = "others"
"""Stands for names that are not told apart: too many, too strange, or given by nobody known."""

_MOST_NAMES = 200
_NAME = re.compile(r"[A-Za-z_]\w{0,59}", re.ASCII)

_names = {UNNAMED: metrics.OPERATION_SECONDS.labels(UNNAMED), OTHERS: metrics.OPERATION_SECONDS.labels(OTHERS)}


class Observation:
    """One operation on its way: its name, and when each part of the way was behind it."""

    __slots__ = ("began", "marks", "name")

    def __init__(self) -> None:
        """Begin now."""
        self.name = ""
        self.marks: list[tuple[str, int]] = []
        """Part and the nanosecond (perf_counter_ns) at which it was done."""
        self.began = perf_counter_ns()

    def mark(self, part: str) -> None:
        """Note that a part of the way is behind it."""
        self.marks.append((part, perf_counter_ns()))

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return (perf_counter_ns() - self.began) / 1e9

    def parts(self) -> dict[str, float]:
        """Return the milliseconds of each part."""
        found: dict[str, float] = {}
        before = self.began
        for part, moment in self.marks:
            found[part] = round(found.get(part, 0.0) + (moment - before) / 1e6, 3)
            before = moment
        return found

    def timing(self) -> str:
        """Return the parts as the header Server-Timing tells them, in milliseconds."""
        told = {**self.parts(), "total": round(self.seconds * 1000, 3)}
        return ", ".join(f"{part};dur={milliseconds:g}" for part, milliseconds in told.items())

    def done(self, *, known: bool, answered: bool, errors: Collection[str]) -> None:
        """Count it; `errors` are the codes told. A name that is new is told apart only if its reader is `known`."""
        name = self.name or UNNAMED
        child = _names.get(name) or _admitted(name, known)
        child.observe(self.seconds)
        if errors or not answered:
            label = name if name in _names else OTHERS
            metrics.OPERATIONS_WITH_ERRORS.labels(label, "partial" if answered else "refused").inc()
            for code in errors:
                error_counter(code).inc()
        if traces.sampled():
            traces.parts(self.began, self.marks, **{"graphql.operation.name": name})


def _admitted(name: str, known: bool) -> Any:
    if not known or len(_names) >= _MOST_NAMES or not _NAME.fullmatch(name):
        return _names[OTHERS]
    child = _names[name] = metrics.OPERATION_SECONDS.labels(name)
    return child


@lru_cache(maxsize=64)
def error_counter(code: str) -> Any:
    """Return what counts the errors of a code; codes are the hub's own, and few."""
    return metrics.ERRORS.labels(code)
