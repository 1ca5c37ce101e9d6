"""Operations that took too long, written to the log with what was done for them: never with what was asked about."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

import structlog

from connectors.session import Usage
from resolvers.execution.explain import Explanation, lines
from telemetry import metrics
from telemetry.operations import Observation

_log = structlog.get_logger()

_EVERY = 1.0
"""Seconds between two that are told with their plan: where all are slow, writing must not make them slower."""
_MOST_LINES = 200
_LONGEST_LINE = 300
"""Readers choose aliases, and may choose long ones."""


class Observed(Observation):
    """An operation on its way, and what was done for it, as far as it came."""

    cost: int = 0
    usage: Mapping[str, Usage] = {}
    explanation: Explanation | None = None


class SlowLog:
    """Tells of operations that take longer than so many seconds."""

    def __init__(self, seconds: float | None) -> None:
        """Tell of none if no seconds are given."""
        self.beyond = math.inf if seconds is None else seconds * 1e9
        """Nanoseconds: an operation that has taken longer is slow. Whoever asks compares, as nearly none are."""
        self._told = -_EVERY
        self._untold = 0

    @property
    def is_due(self) -> bool:
        """Whether the next operation that is slow will be told, with its plan."""
        return time.monotonic() - self._told >= _EVERY

    def note(self, observed: Observed) -> None:
        """Count an operation that was slow, and tell of it unless another was told just now."""
        metrics.SLOW.inc()
        if not self.is_due:
            self._untold += 1
            return
        _log.warning(
            "operation.slow",
            operation=observed.name or None,
            seconds=round(observed.seconds, 3),
            milliseconds=observed.parts(),
            cost=observed.cost,
            sources={name: _told(usage) for name, usage in sorted(observed.usage.items())},
            plan=_lines(observed.explanation),
            untold=self._untold,
        )
        self._told, self._untold = time.monotonic(), 0


def _told(usage: Usage) -> dict[str, int | str | None]:
    return {
        "calls": usage.calls,
        "keys": usage.keys,
        "milliseconds": round(usage.milliseconds),
        "error": usage.error.code if usage.error else None,
    }


def _lines(plan: Explanation | None) -> Sequence[str] | None:
    if plan is None:
        return None
    told = [line[:_LONGEST_LINE] for line, _ in zip(lines(plan.steps), range(_MOST_LINES), strict=False)]
    return told if told else [plan.engine]
