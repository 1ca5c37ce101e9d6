"""The steps of an edition as commands take them: made, and moved on, each with its record in the audit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit.record import Kind, Outcome, Record, now
from opening import open_audit, open_sources
from resolvers.auditing import Auditor
from resolvers.scores.collecting import Progress
from resolvers.scores.orders import Order
from resolvers.scores.registry import Schemes, open_schemes
from resolvers.scores.running import computed
from resolvers.scores.shelf import Shelf
from settings import Settings
from store.changes import Call, Change, Changes, Doer
from store.edition_records import EDITION, Edition
from store.edition_runs import Runs
from store.editions import Editions
from store.engine import open_store
from store.upgrade import check


@asynccontextmanager
async def opened(settings: Settings, *, audited: bool) -> AsyncIterator[tuple[AsyncEngine, Auditor | None]]:
    """Give the store, and what writes the audit; raise StoreBehind."""
    store, auditor = open_store(settings.store, durable=audited), open_audit(settings) if audited else None
    try:
        await check(store)
        yield store, auditor
    finally:
        if auditor is not None:
            await auditor.aclose()
            await auditor.ledger.engine.dispose()
        await store.dispose()


async def made(
    settings: Settings, environment: Mapping[str, str], wish: Callable[[Schemes], Order], report: Progress
) -> Edition:
    """Run an edition; raise RunRefused, SourcesDown, EditionRefused or RunTakenOver."""
    sources = open_sources(settings, environment)
    try:
        async with opened(settings, audited=True) as (store, auditor):
            order = wish(open_schemes(sources.config, settings.schemes))
            found = await computed(sources, Editions(store), Runs(store), order, report)
            deed = "correct" if order.parent else "run"
            return await kept(store, auditor, order.by, deed, lambda shelf: found.kept(shelf.editions, shelf.runs))
    finally:
        await sources.aclose()


async def kept(
    store: AsyncEngine, auditor: Auditor | None, by: str, deed: str, do: Callable[[Shelf], Awaitable[Edition]]
) -> Edition:
    """Change an edition in one transaction with its record."""

    async def done(change: Change) -> Edition:
        return await do(Shelf(store).within(change.connection))

    async def record(connection: AsyncConnection, edition: Edition) -> None:
        if auditor is not None:
            told = Record(now(), Kind.EDITION, Outcome.GIVEN, subject=by, reason=f"{deed} {edition.id}")
            await auditor.write_within(connection, told)

    outcome = await Changes(store).once(Call(Doer("", by), deed, None, ""), EDITION, done, record)
    assert outcome.thing is not None, "what is refused is raised"
    return outcome.thing
