"""The whole hub behind a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server import create_app
from settings import Settings
from tests.running import serve
from tests.web.guarding import Guarded, guarding
from tests.world import DEMO_SOURCES, World
from web.connection import bounded


@pytest.fixture(scope="session")
def hub(world: World) -> Iterator[str]:
    """The address of a hub over the small world."""
    settings = Settings(sources=DEMO_SOURCES, store_url=world.store_url, data_dir=world.folder)
    with serve(create_app(settings, world.environment), http=bounded(settings.header_seconds)) as url:
        yield url


@pytest.fixture
def guarded(world: World, tmp_path: Path) -> Iterator[Guarded]:
    """A hub that knows an issuer by the address of its keys."""
    with guarding(world, tmp_path) as found:
        yield found
