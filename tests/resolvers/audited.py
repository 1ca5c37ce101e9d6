"""A hub that records what is asked of it, for tests of what it records and of who reads that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from auth import rules
from auth.audit.record import Record
from auth.principal import Principal
from codes import uscc
from codes.access import DataGroup, Purpose
from resolvers.auditing import Auditor
from resolvers.consent_book import ConsentBook
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from schema.graph import build_schema
from store.changes import Changes
from store.consents import Agreement, Consents
from store.engine import open_store
from store.upgrade import upgrade
from tests.auditing import auditor_over, records
from tests.world import CHUJINGLING, Asker, Reply

ZHONGJIALI = uscc.compose("91", "000000", "MAX00002")
FILINGS = f'{{ enterprise(uscc: "{CHUJINGLING}") {{ name filings {{ year revenue }} }} }}'
BOTH = "query($usccs: [USCC!]!) { enterprisesByUscc(usccs: $usccs) { uscc filings { year } workforce { headcount } } }"


@dataclass(frozen=True)
class Audited:
    """A hub that records, both ways through it."""

    asker: Asker
    auditor: Auditor
    consents: Consents
    ways: Mapping[bool, Asker]

    async def __call__(self, query: str, reader: Principal, *, compiled: bool = True, **given: Any) -> Reply:
        return await self.ways[compiled](query, given.pop("variables", None), principal=reader, **given)

    async def newest(self) -> Record:
        return (await records(self.auditor))[-1]


@asynccontextmanager
async def auditing(ask: Asker, folder: Path) -> AsyncIterator[Audited]:
    """Open a hub over the small world, with a store of its own for consents and audit."""
    engine = open_store(f"sqlite+aiosqlite:///{folder}/audit.sqlite")
    await upgrade(engine)
    auditor, consents = auditor_over(engine, folder), Consents(engine)
    hub = replace(ask.hub, auditor=auditor, consents=ConsentBook(consents), changes=Changes(engine))
    known = rules.load()
    ways = {
        compiled: replace(ask, hub=hub, engine=Engine(build_schema(), GRAPH, hub, compiled=compiled, rules=known))
        for compiled in (True, False)
    }
    yield Audited(ask, auditor, consents, ways)
    await auditor.aclose()
    await engine.dispose()


def agreement(code: str, *groups: DataGroup) -> Agreement:
    day = date(2023, 6, 30)
    return Agreement(code, "icbc", frozenset(groups), frozenset((Purpose.PRE_LOAN,)), day, day, "SQ-1", None, "li")
