"""Runs in the store: pages are kept in order, by whoever holds the run; on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from store.edition_runs import KeptPage, Runs, RunTakenOver


def page(place: int, *, last: bool = False) -> KeptPage:
    """A page of a feed."""
    return KeptPage(place, None if last else str(place), last, bytes([place]))


async def test_pages_are_kept_until_the_run_ends(engine: AsyncEngine) -> None:
    runs = Runs(engine)
    run = await runs.begin("a")
    assert not run.resumed
    assert await runs.newest(run, "tax") is None
    for kept in (page(0), page(1), page(2, last=True)):
        await runs.keep(run, "tax", kept)
    await runs.keep(run, "office", page(0))
    assert await runs.newest(run, "tax") == (2, None, True)
    assert await runs.pages(run, "tax") == [page(0), page(1), page(2, last=True)]
    await runs.forget_feed(run, "tax")
    assert await runs.pages(run, "tax") == []
    assert await runs.pages(run, "office") == [page(0)]
    await runs.end(run)
    again = await runs.begin("a")
    assert not again.resumed
    assert await runs.pages(again, "office") == []


async def test_whoever_begins_the_same_run_goes_on_with_it_alone(engine: AsyncEngine) -> None:
    runs = Runs(engine)
    first = await runs.begin("a")
    await runs.keep(first, "tax", page(0))
    second = await runs.begin("a")
    assert (second.resumed, second.begun_at) == (True, first.begun_at)
    assert await runs.pages(second, "tax") == [page(0)]
    for deed in (runs.keep(first, "tax", page(1)), runs.forget_feed(first, "tax"), runs.end(first)):
        with pytest.raises(RunTakenOver, match="the other goes on"):
            await deed
    await runs.keep(second, "tax", page(1))
    anew = await runs.begin("a", anew=True)
    assert not anew.resumed
    assert await runs.pages(anew, "tax") == []
