"""What the tests of editions share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from store.engine import open_store
from store.upgrade import upgrade


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An upgraded store."""
    opened = open_store(f"sqlite+aiosqlite:///{tmp_path / 'store.sqlite'}")
    await upgrade(opened)
    yield opened
    await opened.dispose()
