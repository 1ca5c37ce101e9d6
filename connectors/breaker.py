"""A circuit breaker: a source that fails too often is left alone for a while, then probed by one call."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import structlog

from codes.kinds import BreakerState
from connectors.errors import SourceCircuitOpen
from connectors.policy import BreakerPolicy

_log = structlog.get_logger()


class Breaker:
    """Closed: everybody may ask. Open: nobody. Half open: one call finds out, all others wait for its outcome."""

    def __init__(self, source: str, policy: BreakerPolicy, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin closed."""
        self._source = source
        self._policy = policy
        self._clock = clock
        self._failed: deque[bool] = deque(maxlen=policy.of)
        self._closed_until: float | None = None
        """Not None: it is open, or half open once this moment is past."""
        self._probing = False
        self._asked_not_to = 0.0

    @property
    def state(self) -> BreakerState:
        """Whether the source is asked."""
        if self._seconds_left() > 0:
            return BreakerState.OPEN
        return BreakerState.CLOSED if self._closed_until is None else BreakerState.HALF_OPEN

    @property
    def seconds_left(self) -> float:
        """Seconds until the source is asked again; 0 if it may be."""
        return max(0.0, self._seconds_left())

    @property
    def failures(self) -> int:
        """How many of the last calls have failed."""
        return sum(self._failed)

    @property
    def looked_at(self) -> int:
        """How many calls are looked back upon at the moment."""
        return len(self._failed)

    def enter(self) -> None:
        """Let a call pass; raise SourceCircuitOpen if the source is left alone."""
        if self._closed_until is None and not self._asked_not_to:
            return
        left = self._seconds_left()
        if left > 0:
            why = "asked to be left alone" if self._closed_until is None else "has failed too often"
            raise SourceCircuitOpen(self._source, f"{why}; it is asked again in {left:.1f} s", left)
        self._asked_not_to = 0.0
        if self._closed_until is None:
            return
        if self._probing:
            raise SourceCircuitOpen(self._source, "has failed too often; one call is finding out whether it is back")
        self._probing = True

    def succeeded(self) -> None:
        """Note that a call was answered."""
        if self._closed_until is not None:
            self._closed_until = None
            self._failed.clear()
            _log.info("source.asked_again", source=self._source)
        self._probing = False
        self._failed.append(False)

    def failed(self) -> None:
        """Note that a call was not answered."""
        policy = self._policy
        if self._closed_until is not None and not self._probing:
            return  # it began before the breaker opened, and tells nothing of the source as it is now
        self._failed.append(True)
        often = len(self._failed) >= policy.least and sum(self._failed) >= policy.share * len(self._failed)
        if self._probing or often:
            if self._closed_until is None:
                _log.warning("source.left_alone", source=self._source, failures=self.failures, of=self.looked_at)
            self._closed_until = self._clock() + policy.seconds
        self._probing = False

    def left(self) -> None:
        """Note that nobody waits for a call any more: it tells nothing, and another may probe in its place."""
        self._probing = False

    def leave_alone(self, seconds: float) -> None:
        """Let nobody ask for so long: the source has said so."""
        self._asked_not_to = max(self._asked_not_to, self._clock() + seconds)

    def _seconds_left(self) -> float:
        return max(self._closed_until or 0.0, self._asked_not_to) - self._clock()
