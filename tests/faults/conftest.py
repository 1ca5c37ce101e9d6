"""Real hubs in processes of their own, over two small sources, one of which can fail."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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

    def settings(self, **given: str) -> dict[str, str]:
        """What a hub is told here; the callers are as many as they like."""
        addresses = {"REGISTRY_URL": self.registry.url, "OFFICE_URL": self.office.url}
        return {"HUB_SOURCES": str(self.sources), "HUB_RATE_ADDRESS": "1000000000", **addresses, **given}

    def hub(self, **settings: str) -> AbstractAsyncContextManager[Hub]:
        """Run a hub here."""
        return hubs.hub(self.folder, self.settings(**settings))


@asynccontextmanager
async def placed(folder: Path, empty_store: Path) -> AsyncIterator[Place]:
    """Give a place for a hub, nothing failing."""
    shutil.copy(empty_store, folder / "store.sqlite")
    (folder / "sources.toml").write_text(hubs.SOURCES, encoding="utf-8")
    async with Source() as registry, Source() as office:
        yield Place(folder, registry, office)


@pytest.fixture
async def place(tmp_path: Path, empty_store: Path) -> AsyncIterator[Place]:
    """A place for a hub of the test's own."""
    async with placed(tmp_path, empty_store) as found:
        yield found
