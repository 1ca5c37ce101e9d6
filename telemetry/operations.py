"""What is noted of one operation while it is answered, and counted once it is."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from time import perf_counter_ns as moment
from typing import Any

import msgspec

from telemetry import metrics, traces
from telemetry.durations import Durations

UNNAMED = "unnamed"
OTHERS = "others"
"""Stands for names that are not told apart: too many, too strange, or given by nobody known."""

PARTS = ("document", "plan", "run", "assemble", "encode", "record")
"""The parts of an operation's way, in order."""

_MOST_NAMES = 200
_NAME = re.compile(r"[A-Za-z_]\w{0,59}", re.ASCII)

_names = {name: Durations(metrics.OPERATION_SECONDS.labels(name)) for name in (UNNAMED, OTHERS)}
_names[""] = _names[UNNAMED]


class Observation(msgspec.Struct):
    """One operation on its way: its name, and when each part of the way was behind it (`moment`; 0: not yet)."""

    # Whoever does a part sets its moment itself: a call for each would be a tenth of what a small question costs.
    began: int
    name: str = ""
    document: int = 0
    plan: int = 0
    run: int = 0
    assemble: int = 0
    encode: int = 0
    record: int = 0

    @property
    def marks(self) -> list[tuple[str, int]]:
        """The parts that are behind it, in order, and when each was."""
        return [(part, done) for part in PARTS if (done := getattr(self, part))]

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return (moment() - self.began) / 1e9

    def parts(self) -> dict[str, float]:
        """Return the milliseconds of each part."""
        found: dict[str, float] = {}
        before = self.began
        for part, done in self.marks:
            found[part] = round((done - before) / 1e6, 3)
            before = done
        return found

    def timing(self) -> str:
        """Return the parts as the header Server-Timing tells them, in milliseconds."""
        told = {**self.parts(), "total": round(self.seconds * 1000, 3)}
        return ", ".join(f"{part};dur={milliseconds:g}" for part, milliseconds in told.items())

    def done(self, known: bool, answered: bool, errors: Collection[str]) -> int:
        """Count it, and return the nanoseconds that it took; `errors` are the codes told.

        A name that is new is told apart only if its reader is `known`.
        """
        took = moment() - self.began
        name = self.name
        (_names.get(name) or _admitted(name, known)).note(took)
        if errors or not answered:
            label = (name or UNNAMED) if name in _names else OTHERS
            metrics.OPERATIONS_WITH_ERRORS.labels(label, "partial" if answered else "refused").inc()
            for code in errors:
                error_counter(code).inc()
        if traces.sampled():
            traces.parts(self.began, self.marks, **{"graphql.operation.name": name or UNNAMED})
        return took


def _admitted(name: str, known: bool) -> Durations:
    if not known or len(_names) >= _MOST_NAMES or not _NAME.fullmatch(name):
        return _names[OTHERS]
    found = _names[name] = Durations(metrics.OPERATION_SECONDS.labels(name))
    return found


@lru_cache(maxsize=64)
def error_counter(code: str) -> Any:
    """Return what counts the errors of a code; codes are the hub's own, and few."""
    return metrics.ERRORS.labels(code)
