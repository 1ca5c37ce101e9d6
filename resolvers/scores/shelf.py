"""The editions of a hub: found in its store, and opened when something is asked of their scores."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cachetools import LRUCache
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from scoring import changes
from scoring.loading import parse
from scoring.peers import peers_of
from scoring.ranking import Placing, placing, ranked, standing
from scoring.scheme import Scheme
from scoring.snapshot import unpacked, unpacked_results
from store.edition_records import Edition, Snapshots
from store.edition_runs import Runs
from store.editions import Editions
from store.objections import Objections
from store.rankings import Rankings

_MOST = 200_000
"""Enterprises in editions that are kept open, some 200 MB; a larger edition is opened each time."""


@dataclass(frozen=True)
class Opened:
    """An edition with all that is known of its scores."""

    edition: changes.Edition

    @property
    def scheme(self) -> Scheme:
        """The scheme as it was."""
        return self.edition.scheme

    @cached_property
    def codes(self) -> Sequence[str]:
        """Who is in it, in order."""
        found: list[str] = self.edition.results.enterprises.tolist()
        return found

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Where each enterprise stands."""
        return {code: row for row, code in enumerate(self.codes)}

    def placed(self, row: int) -> Placing:
        """Return where an enterprise stands among the others."""
        return placing(self.scheme, self.edition.ranking, row)


class Shelf:
    """The editions in a store, those that were asked for last at hand."""

    def __init__(self, store: AsyncEngine) -> None:
        """Read nothing yet."""
        self.editions, self.rankings = Editions(store), Rankings(store)
        self.objections, self.runs = Objections(store), Runs(store)
        self._open: LRUCache[str, Opened] = LRUCache(_MOST, getsizeof=lambda one: len(one.edition.results) + 1)
        self._opening: dict[str, asyncio.Task[Opened]] = {}
        self._schemes: LRUCache[str, Scheme] = LRUCache(256)

    def within(self, connection: AsyncConnection) -> Shelf:
        """Return a shelf over the same store whose changes take part in a transaction."""
        found = Shelf(self.editions.engine)
        found.editions = replace(self.editions, within=connection)
        found.objections = replace(self.objections, within=connection)
        found.runs = replace(self.runs, within=connection)
        return found

    async def opened(self, edition: Edition) -> Opened:
        """Return an edition open; whoever asks for it while it is being opened waits for the same."""
        if (found := self._open.get(edition.id)) is not None:
            return found
        task = self._opening.get(edition.id)
        if task is None:
            task = self._opening[edition.id] = asyncio.create_task(self._take(edition))
            task.add_done_callback(lambda _: self._opening.pop(edition.id, None))
        return await asyncio.shield(task)

    async def scheme(self, edition: Edition) -> Scheme:
        """Return the scheme that an edition was made by, as its file was then."""
        digest = edition.content.digest
        if (found := self._schemes.get(digest)) is None:
            text = await self.editions.scheme_text(edition.id)
            found = self._schemes[digest] = parse(text.decode(), edition.id)
        return found

    async def _take(self, edition: Edition) -> Opened:
        found = await asyncio.to_thread(_opened, await self.scheme(edition), await self.editions.snapshots(edition.id))
        if len(found.edition.results) < _MOST:
            self._open[edition.id] = found
        return found


def _opened(scheme: Scheme, snapshots: Snapshots) -> Opened:
    inputs, results = unpacked(snapshots.inputs), unpacked_results(snapshots.results)
    ranking = ranked(scheme, standing(scheme, results))
    return Opened(changes.Edition(scheme, inputs, peers_of(scheme, inputs), results, ranking))
