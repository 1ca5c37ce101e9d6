"""What the tests of editions share."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import open_store
from tests.resolvers.scores.hub import Zoned, filled, zoned


@pytest.fixture
async def store(empty_store: Path, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An upgraded store."""
    shutil.copy(empty_store, tmp_path / "store.sqlite")
    opened = open_store(f"sqlite+aiosqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    await opened.dispose()


@pytest.fixture(scope="session")
def filled_store(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store with the small zone's editions, made once."""
    path = tmp_path_factory.mktemp("zone") / "store.sqlite"
    shutil.copy(empty_store, path)

    async def make() -> None:
        opened = open_store(f"sqlite+aiosqlite:///{path}")
        await filled(opened)
        await opened.dispose()

    asyncio.run(make())
    return path


@pytest.fixture
async def hub(filled_store: Path, tmp_path: Path) -> AsyncIterator[Zoned]:
    """A hub over the small zone with two public editions, in a store of its own."""
    shutil.copy(filled_store, tmp_path / "zone.sqlite")
    opened = open_store(f"sqlite+aiosqlite:///{tmp_path / 'zone.sqlite'}")
    async with zoned(opened) as found:
        yield found
    await opened.dispose()
