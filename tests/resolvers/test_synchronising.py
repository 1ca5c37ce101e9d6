"""The directory filled from the sources: interrupted, gone on, repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from resolvers.synchronising import synchronise
from store.directory import Directory, Filter, Order, Window
from store.engine import open_store
from store.filling import Filling
from store.upgrade import upgrade
from tests.world import Asker


async def test_a_run_that_breaks_off_goes_on_and_a_repeated_one_changes_nothing(ask: Asker, tmp_path: Path) -> None:
    store = open_store(f"sqlite+aiosqlite:///{tmp_path / 'store.sqlite'}")
    await upgrade(store)
    filling = Filling(store)
    read: list[int] = []

    def break_off(stage: str, count: int) -> None:
        if stage == "registration" and count >= 200:
            raise InterruptedError

    def count(stage: str, number: int) -> None:
        if stage == "registration":
            read.append(number)

    with pytest.raises(InterruptedError):
        await synchronise(ask.hub.sources, filling, break_off, page_size=100)
    kept = await filling.size()
    assert 0 < kept < 400
    size = await synchronise(ask.hub.sources, filling, count, page_size=100)
    assert size == 400
    assert 200 < read[0] <= 300, "the pages that were kept are not read again"
    before = await Directory(store).page(None, Filter(), Order(), Window(first=1000))
    assert await synchronise(ask.hub.sources, filling, count) == 400
    assert await Directory(store).page(None, Filter(), Order(), Window(first=1000)) == before
    await store.dispose()
