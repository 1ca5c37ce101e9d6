"""What tests do without the services that they need."""

from __future__ import annotations

import os

import pytest


def missing(message: str) -> None:
    """Skip, or fail where services are required."""
    if os.environ.get("HUB_REQUIRE_SERVICES") == "1":
        pytest.fail(f"{message}, and HUB_REQUIRE_SERVICES=1")
    pytest.skip(message)
