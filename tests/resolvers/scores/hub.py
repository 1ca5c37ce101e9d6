"""A hub over the small zone whose editions of two years are public, and how tests speak to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncEngine

from auth.principal import Principal
from codes.access import Purpose, Role
from resolvers.consent_book import ConsentBook
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from resolvers.request import Hub
from resolvers.scores.orders import moment_of
from resolvers.scores.registry import Schemes
from resolvers.scores.running import run
from resolvers.scores.shelf import Shelf
from store.changes import Changes
from store.consents import Consents
from store.directory import Directory, Entry
from store.edition_records import Edition
from store.filling import Filling
from tests.resolvers.scores.zone import TODAY, ZONE, Records, Ways, codes, order, records, scheme, sources
from tests.world import Asker, World, hub_schema

SIZE = 60
OFFICER = Principal("li", "east-lake", frozenset((Role.OFFICER,)), zones=frozenset((ZONE,)))
STRANGER = Principal("zhao", "longwan", frozenset((Role.OFFICER,)), zones=frozenset(("longwan",)))
PORTAL = Principal("portal", "portal", frozenset((Role.PORTAL,)))
BANK = Principal("icbc", "icbc", frozenset((Role.BANK,)), purposes=frozenset((Purpose.PRE_LOAN, Purpose.MONITORING)))
PRE_LOAN = {"hub-purpose": "PRE_LOAN"}


def enterprise(code: str) -> Principal:
    """An enterprise as a reader."""
    return Principal("wang", "firm", frozenset((Role.ENTERPRISE,)), enterprise=code)


@dataclass
class Zoned:
    """The hub, and the editions that it begins with."""

    ask: Asker
    shelf: Shelf
    of: Records
    ways: Ways
    old: Edition
    """Of 2021, FINAL."""
    new: Edition
    """Of 2022, under NOTICE for the whole of June 2023."""

    async def make(self, **changed: Any) -> Edition:
        """Run an edition."""
        shelf = self.shelf
        return await run(self.ask.hub.sources, shelf.editions, shelf.runs, order(**changed), lambda *_: None)

    def on(self, day: date) -> Zoned:
        """The same on another day."""
        hub = replace(self.ask.hub, today=lambda: day)
        return replace(self, ask=replace(self.ask, hub=hub, engine=Engine(hub_schema(), GRAPH, hub)))

    async def evaluated(self, edition: Edition | None = None) -> list[str]:
        """Who is in an edition, best first; those without a rank at the end."""
        found = await self.shelf.rankings.all((edition or self.new).id)
        return sorted(found, key=lambda code: (found[code].rank or 10**9, code))


async def filled(store: AsyncEngine) -> None:
    """Fill a store: its directory, an edition of 2021 that is FINAL, one of 2022 under NOTICE."""
    of, shelf = records(SIZE), Shelf(store)
    opened = sources(of, Ways(page_size=1000))
    await _fill(store, of)
    for period, first, last in (("2021", date(2022, 6, 1), date(2022, 6, 6)), ("2022", date(2023, 6, 1), TODAY)):
        wanted = order(moment=moment_of(period, TODAY))
        draft = await run(opened, shelf.editions, shelf.runs, wanted, lambda *_: None)
        await shelf.editions.open_notice(draft.id, first, last, "li")
    await shelf.editions.publish("east-lake:small-demo:1:2021:1", date(2022, 6, 7), "li")
    await opened.aclose()


@asynccontextmanager
async def zoned(store: AsyncEngine) -> AsyncIterator[Zoned]:
    """Open the hub over a filled store."""
    of, ways, shelf = records(SIZE), Ways(page_size=1000), Shelf(store)
    opened = sources(of, ways)
    hub = Hub(
        opened,
        Directory(store),
        ConsentBook(Consents(store)),
        lambda: TODAY,
        schemes=Schemes([scheme()]),
        shelf=shelf,
        changes=Changes(store),
    )
    ask = Asker(hub, Engine(hub_schema(), GRAPH, hub), Counter(), cast("World", None))
    new, old = await shelf.editions.find()
    try:
        yield Zoned(ask, shelf, of, ways, old, new)
    finally:
        await opened.aclose()


async def _fill(store: AsyncEngine, of: Records) -> None:
    filling = Filling(store)
    begun = await filling.begin()
    zones = {one["uscc"]: one["zone_id"] for one in of["roster"]}
    await filling.put(begun, [Entry(code, f"企业{code[-4:]}", zone_id=zones[code]) for code in codes(SIZE)], None)
    await filling.finish(begun)


def entries(reply: Any) -> Sequence[Any]:
    """The entries of a ranking."""
    found: Sequence[Any] = reply["nodes"]
    return found
