"""The whole hub behind a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server import create_app
from settings import Settings
from tests.running import serve
from tests.world import DEMO_SOURCES, World
from web.connection import bounded


@pytest.fixture(scope="session")
def hub(world: World) -> Iterator[str]:
    """The address of a hub over the small world."""
    settings = Settings(sources=DEMO_SOURCES, store_url=world.store_url, data_dir=world.folder)
    with serve(create_app(settings, world.environment), http=bounded(settings.header_seconds)) as url:
        yield url
