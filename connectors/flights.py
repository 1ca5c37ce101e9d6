"""Fetches under way in this process, so that those who want the same at the same time share one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

import msgspec

from connectors.session import Batch, Place

_ENOUGH = 0.5
"""A fetch that has less of the time left than this share of what one of its own would have is not joined."""


class Flight(msgspec.Struct, eq=False):
    """One fetch under way: whoever began it carries it out, others may wait for what it brings."""

    keys: tuple[str, ...]
    fields: frozenset[str]
    deadline: float
    wanted: frozenset[str]
    """The same keys, to look into."""
    landed: asyncio.Future[Sequence[Batch]] | None = None
    """Made by the first who joins."""

    def join(self) -> asyncio.Future[Sequence[Batch]]:
        """Return what will have the batches; it is cancelled if the fetch is given up."""
        if self.landed is None:
            self.landed = asyncio.get_running_loop().create_future()
        return self.landed


class Flights:
    """All fetches under way."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_place: dict[Place, list[Flight]] = {}
        self._unwatched: set[asyncio.Task[Any]] = set()

    def joinable(
        self, place: Place, keys: Sequence[str], fields: frozenset[str], deadline: float
    ) -> Mapping[str, Flight]:
        """Return for each key that is being fetched, with all the fields and with enough time, by which flight."""
        under_way = self._by_place.get(place)
        if not under_way:
            return {}
        now = time.monotonic()
        found: dict[str, Flight] = {}
        for flight in under_way:
            if fields <= flight.fields and flight.deadline - now >= (deadline - now) * _ENOUGH:
                found.update(dict.fromkeys(flight.wanted.intersection(keys), flight))
        return found

    def begin(self, place: Place, keys: Sequence[str], fields: frozenset[str], deadline: float) -> Flight:
        """Let others join a fetch that begins now."""
        flight = Flight(tuple(keys), fields, deadline, frozenset(keys))
        self._by_place.setdefault(place, []).append(flight)
        return flight

    def end(self, place: Place, flight: Flight, batches: Sequence[Batch] | None) -> None:
        """Give those who joined what came; None if the fetch was given up, so that they have to see for themselves."""
        under_way = self._by_place[place]
        under_way.remove(flight)
        if not under_way:
            del self._by_place[place]
        if flight.landed is None or flight.landed.done():
            return
        if batches is None:
            flight.landed.cancel()
        else:
            flight.landed.set_result(batches)

    def outdate(self, source: str | None, collection: str | None) -> None:
        """Let nobody join the fetches from a source, or all, that are under way: what they bring has changed."""
        for place, under_way in self._by_place.items():
            if (source is None or place[0] == source) and (collection is None or place[1] == collection):
                for flight in under_way:
                    flight.deadline = 0.0

    def in_the_background(self, fetch: Coroutine[Any, Any, Any]) -> None:
        """Carry out a fetch that nobody waits for."""
        task = asyncio.create_task(fetch)
        self._unwatched.add(task)
        task.add_done_callback(self._unwatched.discard)

    async def aclose(self) -> None:
        """Give up what nobody waits for."""
        for task in self._unwatched:
            task.cancel()
        if self._unwatched:
            await asyncio.wait(self._unwatched)
