"""Two organisations to which different enterprises have agreed different things, in a store of their own."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from auth import rules
from codes import uscc
from codes.access import DataGroup, Purpose
from resolvers.scores.orders import Order, moment_of
from resolvers.scores.running import run
from store.consents import Agreement, Consents
from store.engine import open_store
from tests.oracle import Agreed
from tests.questions import OPEN, zones
from tests.world import CHUJINGLING, Asker, World, asking

ZHONGJIALI = uscc.compose("91", "000000", "MAX00002")
NORTH, SOUTH = "north-bank", "south-bank"
AGREED = (
    Agreed(
        NORTH,
        CHUJINGLING,
        frozenset((DataGroup.FILINGS, DataGroup.PEOPLE, DataGroup.SCORE)),
        frozenset((Purpose.PRE_LOAN,)),
    ),
    Agreed(NORTH, ZHONGJIALI, frozenset((DataGroup.WORKFORCE,)), frozenset((Purpose.PRE_LOAN, Purpose.MONITORING))),
    Agreed(
        SOUTH,
        ZHONGJIALI,
        frozenset((DataGroup.FILINGS, DataGroup.CONTRACTS, DataGroup.SCORE, DataGroup.INDICATORS)),
        frozenset((Purpose.MONITORING,)),
    ),
    Agreed(SOUTH, CHUJINGLING, frozenset((DataGroup.RISK,)), frozenset((Purpose.PRE_LOAN,))),
)


EDITION = "east-lake:national-18-demo:1.0-demo:2022:1"
"""An edition that the enterprises of East Lake are in; those of Nanchang are in another."""


@dataclass(frozen=True)
class Consenting:
    """A hub whose enterprises have agreed, and the same hub by rules that allow everything."""

    ask: Asker
    open: Asker
    zones: Mapping[str, str]
    """On whose roster an enterprise is."""
    reticent: str
    """An enterprise that does not publish all that it reports."""
    agreed: Sequence[Agreed] = AGREED


@asynccontextmanager
async def consenting(world: World, folder: Path) -> AsyncIterator[Consenting]:
    """Open a hub over a copy of a world's store in which enterprises have agreed."""
    store = folder / "consenting.sqlite"
    shutil.copy(await _with_editions(world), store)
    own = replace(world, store_url=f"sqlite+aiosqlite:///{store}")
    engine = open_store(own.store_url)
    for one in AGREED:
        first, last = date(2023, 1, 1), date(2023, 12, 31)
        terms = Agreement(one.code, one.organisation, one.groups, one.purposes, first, last, None, None, "enterprise")
        await Consents(engine).grant(terms)
    await engine.dispose()
    (folder / "open.toml").write_text(OPEN, encoding="utf-8")
    async with asking(own, timeout=8) as ask:  # a busy machine is no fault of the sources
        yield Consenting(ask, ask.guarded(rules.load(folder / "open.toml")), await zones(ask), await _reticent(ask))


async def _with_editions(world: World) -> Path:
    """Return a copy of a world's store with editions of two zones, made once."""
    path = world.folder / "editions.sqlite"
    if not path.exists():
        shutil.copy(world.pristine, path)
        async with asking(replace(world, store_url=f"sqlite+aiosqlite:///{path}")) as ask:
            scheme, shelf = ask.hub.schemes.find("national-18-demo"), ask.hub.shelf
            assert scheme is not None
            assert shelf is not None
            for zone in ("east-lake", "nanchang-high-tech"):
                order = Order(zone, scheme, moment_of("2022", ask.hub.today()), "li")
                made = await run(ask.hub.sources, shelf.editions, shelf.runs, order, lambda *_: None)
                await shelf.editions.open_notice(made.id, ask.hub.today(), ask.hub.today(), "li")
    return path


async def _reticent(ask: Asker) -> str:
    page = await ask("{ enterprises(first: 400) { nodes { uscc zone { id } filings(years: 1) { totalAssets } } } }")
    withheld = {path.split(".")[2] for path, reason in page.absences().items() if reason == "NOT_SHARED"}
    nodes = page.data["enterprises"]["nodes"]
    return next(str(node["uscc"]) for place, node in enumerate(nodes) if node["zone"] and str(place) in withheld)
