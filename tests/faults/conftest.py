"""Real hubs in processes of their own, over two small sources, one of which can fail."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.faults import hubs
from benchmarks.faults.hubs import Hub
from benchmarks.faults.source import Source


@dataclass(frozen=True)
class Place:
    """Where a hub runs: its folder, and its two sources."""

    folder: Path
    registry: Source
    office: Source

    @property
    def sources(self) -> Path:
        """Its sources.toml."""
        return self.folder / "sources.toml"

    def hub(self, **settings: str) -> AbstractAsyncContextManager[Hub]:
        """Run a hub here."""
        addresses = {"REGISTRY_URL": self.registry.url, "OFFICE_URL": self.office.url}
        return hubs.hub(self.folder, {"HUB_SOURCES": str(self.sources), **addresses, **settings})


@pytest.fixture
async def place(tmp_path: Path, empty_store: Path) -> AsyncIterator[Place]:
    """A place for a hub, nothing failing."""
    shutil.copy(empty_store, tmp_path / "store.sqlite")
    (tmp_path / "sources.toml").write_text(hubs.SOURCES, encoding="utf-8")
    async with Source() as registry, Source() as office:
        yield Place(tmp_path, registry, office)


async def until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something holds; TimeoutError if it does not in time."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - it lies in other processes
            await asyncio.sleep(0.02)
