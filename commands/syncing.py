"""`manage.py sync`: the directory, filled from the sources."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from connectors.errors import SourceFailure
from demonstration import world
from opening import open_sources
from resolvers.synchronising import synchronise as synchronise_directory
from settings import Settings
from store import upgrade as versions
from store.engine import open_store
from store.filling import Filling

_console = Console(stderr=True)


def sync() -> None:
    """Bring the directory up to date from the sources; a run that broke off goes on where it stopped."""
    with world() as (settings, environment):
        try:
            asyncio.run(synchronise(settings, environment))
        except SourceFailure as failure:
            raise SystemExit(
                f"{failure}. What has been read is kept; started again, it goes on from there."
            ) from failure


async def synchronise(settings: Settings, environment: Mapping[str, str], unless_since: float | None = None) -> None:
    """Upgrade the store and fill the directory; not if that was finished after the moment given."""
    engine = open_store(settings.store)
    opened = open_sources(settings, environment)
    try:
        await versions.upgrade(engine)
        filling = Filling(engine)
        finished = await filling.last_finished()
        if unless_since is not None and finished is not None and finished.timestamp() > unless_since:
            return
        with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=_console) as progress:
            task = progress.add_task("Filling the directory", total=None)

            def report(stage: str, count: int) -> None:
                progress.update(task, description=f"Filling the directory: {stage} {count:,}")

            size = await synchronise_directory(opened, filling, report)
            progress.update(task, description=f"The directory holds {size:,} enterprises", completed=1, total=1)
    finally:
        await opened.aclose()
        await engine.dispose()
