"""What the tests of identity share."""

from __future__ import annotations

from pathlib import Path

import pytest

from auth.identity import demo


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo issuer."""
    folder = tmp_path_factory.mktemp("issuer")
    demo.make_issuer(folder)
    return folder
