"""The connectors that speak HTTP are tested on both event loops that the hub may run on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping

import pytest

_BOTH = {"test_http.py", "test_http_address.py", "test_rest.py", "test_partner.py"}


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Return the loops for a test."""
    if item.path.name in _BOTH and sys.platform != "win32":
        import uvloop

        return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}
