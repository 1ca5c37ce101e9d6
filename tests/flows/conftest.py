"""A hub whose parties act over HTTP, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from auth.identity import demo
from connectors import config
from connectors.sources import Sources
from resolvers.synchronising import synchronise
from server import create_app
from settings import Settings
from store.engine import once
from store.filling import Filling
from store.upgrade import upgrade
from tests.running import serve
from tests.world import DEMO_SOURCES, World


@dataclass(frozen=True)
class Said:
    """What a reader was answered."""

    body: Mapping[str, Any]

    @property
    def data(self) -> Any:
        """The answer's data."""
        return self.body.get("data")

    def codes(self) -> dict[str, str]:
        """Error codes by dotted path."""
        return {".".join(map(str, e.get("path", ()))): e["extensions"]["code"] for e in self.body.get("errors", ())}

    def absences(self) -> dict[str, str]:
        """Reasons by dotted path."""
        return {".".join(map(str, a["path"])): a["reason"] for a in self.body["extensions"].get("absences", ())}


@dataclass(frozen=True)
class Hub:
    """A hub that is asked by the demo's readers over HTTP."""

    url: str
    issuer: Path
    store_url: str

    def headers(self, name: str, purpose: str | None = None) -> dict[str, str]:
        """A reader's headers."""
        token = {"Authorization": f"Bearer {demo.mint(self.issuer, name)}"} if name != "anonymous" else {}
        return token | ({"Hub-Purpose": purpose} if purpose else {})

    def ask(self, name: str, query: str, purpose: str | None = None, /, **variables: Any) -> Said:
        """Ask as one of the demo's readers."""
        given = {"query": query, "variables": variables}
        answer = httpx.post(f"{self.url}/graphql", json=given, headers=self.headers(name, purpose), timeout=30)
        return Said(answer.json())

    def act(self, name: str, mutation: str, shown: str, key: str, /, **input: Any) -> Said:
        """Call a mutation that takes an input as one of the demo's readers."""
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        query = f"""mutation($input: {kind}!, $key: String!) {{
            {mutation}(input: $input, idempotencyKey: $key) {{ {shown} userErrors {{ field message code }} }} }}"""
        return self.ask(name, query, input=input, key=key)


@contextmanager
def _database(url: URL, template: str = "template1") -> Iterator[str]:
    """A database of its own on PostgreSQL, a copy of another."""
    name = f"hub_{uuid.uuid4().hex[:12]}"

    async def run(statement: str) -> None:
        owner = create_async_engine(url, isolation_level="AUTOCOMMIT")
        async with owner.connect() as connection:
            await connection.execute(text(statement))
        await owner.dispose()

    asyncio.run(run(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    asyncio.run(run(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def template_postgresql(world: World, request: pytest.FixtureRequest) -> Iterator[URL]:
    """A database on PostgreSQL whose directory is filled from the small world; only to be copied."""

    async def fill(engine: AsyncEngine) -> None:
        sources = Sources(config.load(DEMO_SOURCES), environment=world.environment)
        await upgrade(engine)
        await synchronise(sources, Filling(engine), lambda _stage, _count: None)
        await sources.aclose()

    with _database(make_url(request.getfixturevalue("postgresql_url"))) as own:
        asyncio.run(once(own, fill))
        yield make_url(own)


@pytest.fixture(scope="module")
def filled_postgresql(template_postgresql: URL, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the module's own, its directory filled from the small world."""
    url = make_url(request.getfixturevalue("postgresql_url"))
    with _database(url, str(template_postgresql.database)) as own:
        yield own


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def acting(request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub over a store of its own."""
    folder = tmp_path_factory.mktemp("acting")
    store_url = world.own_store(folder) if request.param == "sqlite" else request.getfixturevalue("filled_postgresql")
    settings = Settings(sources=DEMO_SOURCES, store_url=store_url, data_dir=folder)
    with serve(create_app(settings, world.environment)) as url:
        yield Hub(url, folder / "demo-issuer", store_url)
