"""A hub's file of sources, to which others are linked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.linking.guiding import START


@pytest.fixture
def sources(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file, and settings by which commands find it."""
    path = tmp_path / "sources.toml"
    path.write_text(START, encoding="utf-8")
    monkeypatch.setenv("HUB_MODE", "production")
    monkeypatch.setenv("HUB_SOURCES", str(path))
    monkeypatch.setenv("HUB_STORE_URL", f"sqlite+aiosqlite:///{empty_store}")
    return path
