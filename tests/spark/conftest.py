"""Spark on this machine, started once for all tests that ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spark.session import absent
from tests.services import missing


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A small Spark, whose driver may be sent no more than a fraction of what the tests score."""
    if lacking := absent():
        missing(lacking)
    from tests.spark.cluster import Cluster  # needs what may be absent

    found = Cluster(tmp_path_factory.mktemp("spark"))
    yield found
    found.close()
