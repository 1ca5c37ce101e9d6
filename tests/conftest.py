"""What every test may use: the database servers of this machine, where there are any."""

from __future__ import annotations

import os
import socket

import pytest


def _server(name: str, port: int) -> None:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        message = f"no {name} on 127.0.0.1:{port}"
        if os.environ.get("HUB_REQUIRE_SERVICES") == "1":
            pytest.fail(f"{message}, and HUB_REQUIRE_SERVICES=1")
        pytest.skip(message)


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    """SQLAlchemy URL of a PostgreSQL database to make tables in."""
    _server("PostgreSQL", 5432)
    return os.environ.get("HUB_TEST_POSTGRESQL", "postgresql+asyncpg://postgres@127.0.0.1:5432/test")


@pytest.fixture(scope="session")
def mariadb_url() -> str:
    """SQLAlchemy URL of a MariaDB database to make tables in."""
    _server("MariaDB", 3306)
    return os.environ.get("HUB_TEST_MARIADB", "mysql+aiomysql://root@127.0.0.1:3306/test")
