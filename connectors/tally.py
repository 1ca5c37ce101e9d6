"""What the hub has seen of one source: its last answer and failure, and what became of the questions put to it."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from connectors.contract import Held
from connectors.errors import SourceCircuitOpen, SourceFailure
from connectors.session import Usage

_MINUTES = 60


class Minute(msgspec.Struct):
    """What became of the questions of one minute."""

    begun: float
    """Seconds since 1970."""
    answered: int = 0
    failed: int = 0
    milliseconds: float = 0.0
    """Those of all calls that were waited for."""
    waited: int = 0
    """How many these were; collections in memory are not waited for."""


class Tally:
    """Counts; whoever adds to it does nothing else."""

    def __init__(self) -> None:
        """Nothing has been asked."""
        self.answered = 0
        self.failed: Counter[str] = Counter()
        """By the error's code."""
        self.keys = self.records = self.cached = self.stale = 0
        self._minutes: deque[Minute] = deque([Minute(0.0)], maxlen=_MINUTES)

    def answer(self, now: float, answers: int = 1) -> None:
        """Count answers at a moment in seconds since 1970."""
        self.answered += answers
        self._minute(now).answered += answers

    def failure(self, code: str) -> None:
        """Count a question that was not answered, asked or not."""
        self.failed[code] += 1
        self._minute(time.time()).failed += 1

    def refusal(self, code: str) -> None:
        """Count a question that the hub did not put to the source: it says nothing of how the source is."""
        self.failed[code] += 1

    def wait(self, milliseconds: float) -> None:
        """Count how long a call was waited for."""
        minute = self._minute(time.time())
        minute.milliseconds += milliseconds
        minute.waited += 1

    def take(self, taken: Iterable[Usage]) -> None:
        """Count what requests took."""
        for usage in taken:
            self.keys += usage.keys
            self.records += usage.records
            self.cached += usage.cache_hits
            self.stale += usage.stale

    def hour(self) -> Minute:
        """Return the last hour in one."""
        since = time.time() - _MINUTES * 60.0
        found = Minute(since)
        for minute in self._minutes:
            if minute.begun >= since:
                found.answered += minute.answered
                found.failed += minute.failed
                found.milliseconds += minute.milliseconds
                found.waited += minute.waited
        return found

    def _minute(self, now: float) -> Minute:
        """Return the minute of a moment."""
        minute = self._minutes[-1]
        if now - minute.begun >= 60.0:
            minute = Minute(now - now % 60.0)
            self._minutes.append(minute)
        return minute


@dataclass
class SourceState:
    """What the hub has seen of a source since the start."""

    last_failure: SourceFailure | None = None
    last_failure_at: datetime | None = None
    unmatched: int = 0
    """Scanned records whose key cannot be read as the hub's: masked, absent or wrong."""
    lacking: tuple[str, ...] = ()
    """What is used of it and it has not, as it says itself."""
    _tally: Tally = field(default_factory=Tally)
    _newest_as_of: datetime | None = None
    _succeeded: float | None = None
    _given: int = 0
    """Answers out of what is held in memory that have not been counted: that would be much of what one takes."""
    _held: Held | None = None
    _gave: float = 0.0
    """When the last of them was given, on the clock of time.monotonic."""

    @property
    def tally(self) -> Tally:
        """What became of the questions put to it."""
        if self._given:
            self._count()
        return self._tally

    @property
    def newest_as_of(self) -> datetime | None:
        """As of when the newest of its answers were true."""
        if self._given:
            self._count()
        return self._newest_as_of

    @property
    def last_success(self) -> datetime | None:
        """When it last answered."""
        if self._given:
            self._count()
        return None if self._succeeded is None else datetime.fromtimestamp(self._succeeded, UTC)

    def succeeded(self, as_of: datetime) -> None:
        """Note an answer, true as of this time."""
        self._note(time.time(), as_of, 1)

    def gave(self, held: Held, now: float) -> None:
        """Note an answer out of what is held in memory, at a moment of time.monotonic."""
        self._given += 1
        self._held, self._gave = held, now

    def _count(self) -> None:
        assert self._held is not None, "something was given of it"
        given, self._given = self._given, 0
        self._note(time.time() - time.monotonic() + self._gave, self._held.delivered_at, given)

    def _note(self, now: float, as_of: datetime, answers: int) -> None:
        self._succeeded = now
        self._tally.answer(now, answers)
        if self._newest_as_of is None or as_of > self._newest_as_of:
            self._newest_as_of = as_of

    def failed(self, failure: SourceFailure) -> None:
        """Note a failure; that the source is left alone tells nothing new of why."""
        if isinstance(failure, SourceCircuitOpen):
            return
        self.last_failure = failure
        self.last_failure_at = datetime.now(UTC)
