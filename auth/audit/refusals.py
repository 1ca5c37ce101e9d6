"""Which refusals are recorded one by one: so many a minute from one caller and from all; the rest is counted."""

from __future__ import annotations

import time
from collections.abc import Callable

_MINUTE = 60.0


class Refusals:
    """Counts refusals of callers who have not said who they are, so that nobody can fill the audit with them."""

    def __init__(self, per_caller: int = 20, in_all: int = 600, clock: Callable[[], float] = time.monotonic) -> None:
        """Admit so many a minute."""
        self._per_caller = per_caller
        self._in_all = in_all
        self._clock = clock
        self._minute = 0.0
        self._admitted: dict[str, int] = {}
        self._total = 0
        self._left_out = 0

    def admits(self, caller: str) -> bool:
        """Say whether a caller's refusal is recorded by itself; otherwise it is counted."""
        minute = self._clock() // _MINUTE
        if minute != self._minute:
            self._minute, self._admitted, self._total = minute, {}, 0
        before = self._admitted.get(caller, 0)
        if before >= self._per_caller or self._total >= self._in_all:
            self._left_out += 1
            return False
        self._admitted[caller] = before + 1
        self._total += 1
        return True

    def taken(self) -> int:
        """Return how many were only counted, and count from none again."""
        left_out, self._left_out = self._left_out, 0
        return left_out

    def give_back(self, count: int) -> None:
        """Count so many again: they could not be recorded."""
        self._left_out += count
