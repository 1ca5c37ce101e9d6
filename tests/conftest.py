"""What every test may use: the database servers of this machine, where there are any, and a small demo world."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from auth.identity import demo
from auth.identity.authenticator import Authenticator
from auth.identity.shown import Shown
from auth.principal import ANONYMOUS, Principal
from connectors import config
from connectors.sources import Sources
from demo import world as demo_world
from demo.services import APPLICATIONS, environment
from resolvers.synchronising import synchronise
from store.engine import once, open_store
from store.filling import Filling
from store.upgrade import upgrade
from tests.auth.certifying import certificate
from tests.running import serve
from tests.services import missing
from tests.together import Together
from tests.world import DEMO_SOURCES, Asker, World, asking

_SELDOM = 10_000, 10, 10


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Deal tests out to the processes."""
    return Together(config, log)


def pytest_configure() -> None:
    """Have the collector look less often: what is imported next would be walked again and again."""
    gc.set_threshold(*_SELDOM)


def pytest_collection_finish() -> None:
    """Take all that was imported out of the collector's sight, as a hub does at its start."""
    gc.collect()
    gc.freeze()


def pytest_runtest_logfinish() -> None:
    """Have the collector look as before where a hub in this process had it look even less often.

    What tests throw away would mount until the next hub starts, which then walks it for seconds while its sources wait.
    """
    gc.set_threshold(*_SELDOM)


def _server(name: str, port: int) -> None:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        missing(f"no {name} on 127.0.0.1:{port}")


@pytest.fixture(scope="session", autouse=True)
def _one_authority(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let each client read one certificate at its start, not 150: thousands of requests over loopback make one."""
    path = tmp_path_factory.mktemp("authority") / "one.pem"
    path.write_bytes(certificate("nobody").public_bytes(Encoding.PEM))
    os.environ.setdefault("SSL_CERT_FILE", str(path))


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


@pytest.fixture(scope="session")
def redis_url() -> str:
    """URL of a Redis to count in; the tests name their keys so that nobody else has them."""
    _server("Redis", 6379)
    if find_spec("redis") is None:
        missing("no Redis client (the package redis)")
    return os.environ.get("HUB_TEST_REDIS", "redis://127.0.0.1:6379/0")


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file of an upgraded store with nothing in it; tests work on copies."""
    path = tmp_path_factory.mktemp("empty") / "store.sqlite"
    asyncio.run(once(f"sqlite+aiosqlite:///{path}", upgrade))
    return path


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A demo world of 400 enterprises, its services running, its directory filled."""
    folder = tmp_path_factory.mktemp("world")
    demo_world.make(folder / "demo", enterprises=400)
    with ExitStack() as running:
        urls = {name: running.enter_context(serve(create(folder / "demo"))) for name, create in APPLICATIONS.items()}
        pristine, told = folder / "pristine.sqlite", environment(folder / "demo", urls)
        asyncio.run(_fill(told, f"sqlite+aiosqlite:///{pristine}"))
        shutil.copy(pristine, folder / "store.sqlite")
        yield World(folder / "demo", told, f"sqlite+aiosqlite:///{folder}/store.sqlite", pristine)


async def _fill(environment: Mapping[str, str], store_url: str) -> None:
    sources = Sources(config.load(DEMO_SOURCES), environment=environment)
    store = open_store(store_url)
    await upgrade(store)
    await synchronise(sources, Filling(store), lambda _stage, _count: None)
    await sources.aclose()
    await store.dispose()


@pytest.fixture
async def ask(world: World) -> AsyncIterator[Asker]:
    """A hub over the small world, its caches empty."""
    async with asking(world) as asker:
        yield asker


@pytest.fixture(scope="session")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Principal]:
    """The demo's readers, as their tokens make them."""
    folder = tmp_path_factory.mktemp("issuer")
    demo.make_issuer(folder)
    known = Authenticator(demo.identity(folder))
    shown = {name: Shown({"authorization": f"Bearer {demo.mint(folder, name)}"}) for name in demo.NAMES}
    found = {name: asyncio.run(known.principal(given)) for name, given in shown.items()}
    return {"anonymous": ANONYMOUS, **found}
