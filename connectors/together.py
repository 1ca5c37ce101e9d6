"""Questions of different requests that go to a source as one call.

Where a call for a collection is under way, a question that comes is not put at once: first everything runs that is
ready to, so that whoever else asks the same of other keys can come along. Nobody waits for a clock, and whoever is
alone does not wait at all; where many ask at a time, a source has a few calls for many keys in the place of many.

A call begins after each of those whose question it takes along has asked, so no answer is older than its question; and
each is given the outcomes of its own keys only. What goes wrong goes wrong for all of them. So where a source answers,
but wrongly, each asks again by itself, as long as there are repetitions to spare: it may be about one of the keys.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from connectors.contract import Fetch, Key, Rows
from connectors.errors import SourceError, SourceTooLarge

_QUIET = 4
"""Rounds of the loop in which nobody else has come, before a call begins: from its arrival until here, a question takes
about as many."""
_MOST_ROUNDS = 32
_ALIKE = 0.1
"""Deadlines that differ by no more than this share of the time left are one."""

Put = Callable[[Fetch], Awaitable[Rows]]
"""Puts a question to the source."""


class _Joint(msgspec.Struct, eq=False):
    """One call, and who waits for it."""

    kind: Any
    """Only questions of one kind go together."""
    deadline: float
    places: dict[Key, int]
    """Of each key, among all of them."""
    waiting: int = 0
    call: asyncio.Task[Rows] | None = None


class Together:
    """Takes questions to one collection together."""

    def __init__(self, put: Put, spare: Callable[[], bool], most_keys: int) -> None:
        """Put questions of at most so many keys; `spare` takes one of the repetitions that are left, if any is."""
        self._put = put
        self._spare = spare
        self._most_keys = most_keys
        self._boarding: dict[Any, _Joint] = {}

    async def answered(self, ask: Fetch) -> Rows:
        """Return the answer to a question, put with others or alone; raise what the source failed with."""
        if 2 * len(ask.keys) > self._most_keys:
            return await self._put(ask)
        joint = self._joined(ask)
        assert joint.call is not None, "it was begun with the first who came"
        joint.waiting += 1
        try:
            await asyncio.wait((joint.call,))
            rows = joint.call.result()
        except (SourceError, SourceTooLarge):
            if len(joint.places) == len(ask.keys) or not self._spare():
                raise
            return await self._put(ask)
        finally:
            joint.waiting -= 1
            if not joint.waiting:
                self._depart(joint)
                if not joint.call.cancel() and not joint.call.cancelled():
                    joint.call.exception()  # has been looked at, even if all who waited have left
        return _part(rows, joint, ask)

    def _joined(self, ask: Fetch) -> _Joint:
        kind = ask.columns, ask.shape, ask.as_of
        joint = self._boarding.get(kind)
        if joint is None or not self._has_room(joint, ask):
            joint = self._boarding[kind] = _Joint(kind, ask.deadline, {})
            joint.call = asyncio.create_task(self._called(joint, ask))
        for key in ask.keys:
            joint.places.setdefault(key, len(joint.places))
        return joint

    def _has_room(self, joint: _Joint, ask: Fetch) -> bool:
        if len(joint.places) + len(ask.keys) > self._most_keys:
            return False
        return abs(joint.deadline - ask.deadline) <= (ask.deadline - time.monotonic()) * _ALIKE

    async def _called(self, joint: _Joint, first: Fetch) -> Rows:
        """Put the question of all who come, as long as they do; who comes after that goes with the next."""
        quiet = known = rounds = 0
        while quiet < _QUIET and rounds < _MOST_ROUNDS:
            await asyncio.sleep(0)
            quiet = quiet + 1 if joint.waiting == known else 0
            known = joint.waiting
            rounds += 1
        self._depart(joint)
        return await self._put(msgspec.structs.replace(first, keys=list(joint.places)))

    def _depart(self, joint: _Joint) -> None:
        """Let nobody come along any more."""
        if self._boarding.get(joint.kind) is joint:
            del self._boarding[joint.kind]


def _part(rows: Rows, joint: _Joint, ask: Fetch) -> Rows:
    """Return the part of an answer that is about one question's keys; one that is not aligned is left to be refused."""
    given = rows.groups if rows.records is None else rows.records
    if len(given) != len(joint.places):
        return rows
    places = [joint.places[key] for key in ask.keys]
    part = [given[place] for place in places]
    failures = (
        {number: rows.failures[place] for number, place in enumerate(places) if place in rows.failures}
        if rows.failures
        else {}
    )
    if rows.records is None:
        return Rows(part, failures, None, rows.delivered_at)
    return Rows((), failures, part, rows.delivered_at)
