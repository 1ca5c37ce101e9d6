"""How fast editions are, once everything is read: `python -m benchmarks.editions`, from scoring to pages and replay.

Enterprises are made up; times are seconds by the clock, each the best of three. The store is SQLite in a file, and
PostgreSQL too if HUB_STORE_URL names one.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.scoring import made_up
from codes.editions import ChosenBy
from resolvers.scores.orders import Order
from resolvers.scores.published import scores_in
from resolvers.scores.replaying import differences
from resolvers.scores.running import Chosen, scored
from resolvers.scores.shelf import Shelf
from scoring.changes import Fall, fallen
from scoring.inputs import Column, Inputs
from scoring.loading import SHIPPED, load
from scoring.scheme import Scheme
from store.edition_records import Edition
from store.engine import open_store
from store.rankings import Ranked
from store.upgrade import upgrade

T = TypeVar("T")
Found = dict[str, float]
_TIMES = 3


def main(
    scheme: Annotated[str, typer.Option(help="A shipped scheme's file name.")] = "east-lake-28-demo",
    size: Annotated[int, typer.Option(help="Enterprises.")] = 5_230,
) -> None:
    """Measure, and show."""
    loaded = load(SHIPPED / f"{scheme}.toml")
    found = {"SQLite": asyncio.run(_on_sqlite(loaded, size))}
    if (url := os.environ.get("HUB_STORE_URL", "")).startswith("postgresql"):
        found["PostgreSQL"] = asyncio.run(measured(url, loaded, size))
    indicators = len(loaded.indicators)
    table = Table(title=f"{scheme}: {size:,} enterprises, {indicators} indicators, seconds", title_justify="left")
    table.add_column("what")
    for name in found:
        table.add_column(name, justify="right")
    for what in found["SQLite"]:
        table.add_row(what, *(f"{of[what]:.3f}" for of in found.values()))
    Console().print(table)


async def _on_sqlite(scheme: Scheme, size: int) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        return await measured(f"sqlite+aiosqlite:///{Path(folder) / 'store.sqlite'}", scheme, size)


async def measured(url: str, scheme: Scheme, size: int) -> Found:
    """Make an edition and ask for what is asked of editions; return the seconds that each took."""
    store = open_store(url)
    await upgrade(store)
    try:
        return await _measured(store, scheme, size)
    finally:
        await store.dispose()


async def _measured(store: AsyncEngine, scheme: Scheme, size: int) -> Found:
    inputs = made_up(scheme, size)
    order = Order("benchmark", scheme, inputs.moment, "benchmark")
    codes = inputs.enterprises.tolist()
    chosen = Chosen(codes, ChosenBy.ZONE, size, {})
    found: Found = {}

    async def compute() -> object:
        return scored(order, chosen, inputs, {}, [])

    found["score, rank, list, figure, pack"] = (await _best(compute))[1]
    shelf = Shelf(store)

    async def whole() -> Edition:
        content, scores, snapshots = scored(order, chosen, inputs, {}, [])
        return await shelf.editions.create(content, scores, snapshots)

    edition, found["the same, and keep it"] = await _best(whole)
    content, scores, snapshots = scored(order, chosen, _moved(inputs), {}, [])
    other = await shelf.editions.create(replace(content, period="2023"), scores, snapshots)

    async def opening() -> object:
        return await Shelf(store).opened(edition)

    found["open"] = (await _best(opening))[1]
    opened, second = await shelf.opened(edition), await shelf.opened(other)
    some = codes[:1000]

    async def explaining() -> object:
        return [[one.tier for one in score.indicators] for score in scores_in(edition, opened, some)]

    async def changing() -> object:
        return fallen(opened.edition, second.edition, Fall(ranks=20))

    async def replaying() -> list[str]:
        kept = await shelf.rankings.all(edition.id)
        return list(differences(edition, await shelf.editions.snapshots(edition.id), kept))

    found[f"explain {len(some):,}"] = (await _best(explaining))[1]
    found["a page of 50"] = (await _best(lambda: shelf.rankings.page(Ranked(edition.id), 50)))[1]
    found[f"history of {len(some):,}"] = (await _best(lambda: shelf.rankings.history(some)))[1]
    found["who fell between two"] = (await _best(changing))[1]
    differing, found["replay"] = await _best(replaying)
    assert differing == [], differing[:1]
    return found


def _moved(inputs: Inputs) -> Inputs:
    """Return the inputs of another period: every figure a little different."""
    rng = np.random.default_rng(20231231)
    columns = {
        name: Column.of(np.floor(column.values * rng.uniform(0.8, 1.25, len(column.values))), column.reasons)
        for name, column in inputs.columns.items()
    }
    return replace(inputs, columns=columns)


async def _best(work: Callable[[], Awaitable[T]]) -> tuple[T, float]:
    taken = []
    for _ in range(_TIMES):
        begun = time.perf_counter()
        made = await work()
        taken.append(time.perf_counter() - begun)
    return made, min(taken)


if __name__ == "__main__":
    typer.run(main)
