"""The way to one source: how many ask it at a time, what is asked again, and when it is left alone."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from codes.kinds import BreakerState
from connectors.breaker import Breaker
from connectors.errors import SourceBusy, SourceCrowded, SourceFailure, SourceUnavailable
from connectors.policy import Policy

T = TypeVar("T")

_FIRST_PAUSE = 0.05
"""Seconds before a call is repeated, at most; twice as many before each further time."""
_SAVED = 10.0
"""Repetitions that quiet times can save up."""
_FAIR_SHARE = 0.8
"""A call that has less of its usual time than this may fail for want of time: that says nothing of the source."""
_LONGEST_REST = 300.0
"""Seconds for which a source may ask to be left alone; it is not trusted with more."""


class Steward:
    """Stands between the hub and one source, whichever collection is asked of it."""

    def __init__(self, source: str, policy: Policy, seconds: float) -> None:
        """Begin with nobody asking; a call usually has so many seconds."""
        self._seconds = seconds
        self.policy = policy
        self.breaker = Breaker(source, policy.breaker)
        self.refused = 0
        """Calls that found no room."""
        self.repeated = 0
        """Calls that were made once more."""
        self.busy = 0
        """Calls under way."""
        self._source = source
        self._room = asyncio.Semaphore(policy.concurrent)
        self._waiting = 0
        self._saved = 0.0
        """Repetitions that the calls made so far allow."""

    @property
    def waiting(self) -> int:
        """Calls that wait for their turn."""
        return self._waiting

    async def through(self, deadline: float, attempt: Callable[[], Awaitable[T]]) -> T:
        """Return what an attempt gives, after others if the source was not available and there is time.

        The deadline is on the clock of time.monotonic. Raise SourceCircuitOpen while the source is left alone,
        SourceBusy if too many wait, otherwise what the last attempt raised.
        """
        repeated = 0
        while True:
            await self._turn(deadline)
            if repeated == 0:
                self._saved = min(_SAVED, self._saved + self.policy.retry_share)
            self.busy += 1
            try:
                return await self._noted(deadline, attempt)
            except SourceUnavailable as failure:
                pause = self._pause(failure, repeated, deadline)
                if pause is None:
                    raise
            finally:
                self.busy -= 1
                self._room.release()
            repeated += 1
            await asyncio.sleep(pause)

    def spare(self) -> bool:
        """Take one of the repetitions that the calls made so far allow; say whether one was left."""
        if self._saved < 1.0 or self.breaker.state is not BreakerState.CLOSED:
            return False
        self._saved -= 1.0
        self.repeated += 1
        return True

    async def _turn(self, deadline: float) -> None:
        """Wait for room; a breaker that opens meanwhile lets nobody pass who has waited."""
        if self._room.locked():
            if self._waiting >= self.policy.waiting:
                self.refused += 1
                raise SourceBusy(self._source, f"is asked by {self.policy.concurrent} and awaited by {self._waiting}")
            self._waiting += 1
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    await self._room.acquire()
            except TimeoutError as error:
                raise SourceCrowded(self._source) from error
            finally:
                self._waiting -= 1
        else:
            await self._room.acquire()
        try:
            self.breaker.enter()
        except SourceFailure:
            self._room.release()
            raise

    async def _noted(self, deadline: float, attempt: Callable[[], Awaitable[T]]) -> T:
        is_fair = deadline - time.monotonic() >= self._seconds * _FAIR_SHARE
        try:
            answer = await attempt()
        except (asyncio.CancelledError, SourceCrowded):
            self.breaker.left()
            raise
        except SourceUnavailable as failure:
            if failure.retry_after:
                self.breaker.leave_alone(min(failure.retry_after, _LONGEST_REST))
            self.breaker.failed()
            raise
        except Exception:
            if is_fair:
                self.breaker.failed()
            else:
                self.breaker.left()
            raise
        self.breaker.succeeded()
        return answer

    def _pause(self, failure: SourceUnavailable, repeated: int, deadline: float) -> float | None:
        """Return how long to wait before the call is repeated; None if it is not."""
        pause: float = random.uniform(0.5, 1.0) * _FIRST_PAUSE * 2**repeated
        if repeated >= self.policy.retries or time.monotonic() + pause >= deadline:
            return None
        return pause if self.spare() else None
