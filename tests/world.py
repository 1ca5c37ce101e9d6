"""A small demo world with its services running, and the one helper with which tests speak: `ask`."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson
import strawberry

from auth import rules
from auth.principal import ANONYMOUS, Principal
from connectors import config
from connectors.config import SourcesConfig
from connectors.contract import Connector, ConnectorFactory, Fetch, Health, Rows, Scan, SourceDeclaration
from connectors.sources import Sources, installed_kinds
from resolvers.consent_book import ConsentBook
from resolvers.execution.engine import Engine
from resolvers.execution.operation import Operation
from resolvers.graph import GRAPH
from resolvers.request import Hub
from resolvers.scores.registry import Schemes, open_schemes
from resolvers.scores.shelf import Shelf
from schema.graph import build_schema
from schema.subgraph import subgraph
from store.changes import Changes
from store.consents import Consents
from store.directory import Directory
from store.engine import open_store

DEMO_SOURCES = Path(__file__).parent.parent / "demo" / "sources.toml"
CHUJINGLING = "91000000MAX000015T"

Ruling = Callable[..., rules.Rules]
"""Make rules of the tables of roles: `by(BANK='all = { … }')`."""


@dataclass(frozen=True)
class World:
    """Where a small world lies: the environment that leads to its sources, and its filled store."""

    folder: Path
    environment: Mapping[str, str]
    store_url: str
    """A store that tests share: what they write there, others find."""
    pristine: Path = Path()
    """The SQLite file of that store as it was filled."""

    def own_store(self, folder: Path) -> str:
        """Return the URL of a store of one's own in a folder, as it was filled."""
        shutil.copy(self.pristine, folder / "store.sqlite")
        return f"sqlite+aiosqlite:///{folder}/store.sqlite"


@dataclass(frozen=True)
class Reply:
    """What came back: the answer, and the calls that reached each connector."""

    body: dict[str, Any]
    fetches: Mapping[str, int]
    request_error: bool

    @property
    def data(self) -> Any:
        """The answer's data."""
        return self.body.get("data")

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The answer's errors."""
        found: list[dict[str, Any]] = self.body.get("errors", [])
        return found

    @property
    def extensions(self) -> dict[str, Any]:
        """The answer's extensions."""
        found: dict[str, Any] = self.body.get("extensions", {})
        return found

    def source(self, name: str) -> dict[str, Any]:
        """What the answer says of one source."""
        return next(entry for entry in self.extensions["sources"] if entry["source"] == name)

    def absences(self) -> dict[str, str]:
        """Reasons by dotted path."""
        return {".".join(map(str, a["path"])): a["reason"] for a in self.extensions.get("absences", ())}

    def codes(self) -> dict[str, str]:
        """Error codes by dotted path."""
        return {".".join(map(str, e.get("path", ()))): e["extensions"]["code"] for e in self.errors}


class _Counted:
    """A connector that counts what reaches it."""

    def __init__(self, inner: Connector, name: str, counts: Counter[str]) -> None:
        self._inner, self._name, self._counts = inner, name, counts
        self.capabilities = inner.capabilities

    async def fetch(self, ask: Fetch) -> Rows:
        self._counts[f"{self._name}.{ask.collection}"] += 1
        return await self._inner.fetch(ask)

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        self._counts[f"{self._name}.{ask.collection}*"] += 1
        async for rows in self._inner.scan(ask):
            yield rows

    async def check(self) -> Health:
        return await self._inner.check()

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass(frozen=True)
class Asker:
    """A hub that can be asked."""

    hub: Hub
    engine: Engine
    counts: Counter[str]
    world: World

    def by_reference(self) -> Asker:
        """Return the same hub, asked object by object through graphql-core; what one has validated the other has."""
        found = replace(self, engine=Engine(hub_schema(), GRAPH, self.hub, compiled=False))
        found.engine.documents = self.engine.documents
        return found

    def guarded(self, by: rules.Rulebook | None = None, *, compiled: bool = True) -> Asker:
        """Return the same hub behind access rules, those that come with it if none are given."""
        found = by or rules.load()
        return replace(self, engine=Engine(hub_schema(), GRAPH, self.hub, compiled=compiled, rules=found))

    async def __call__(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        principal: Principal = ANONYMOUS,
        extensions: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask one operation."""
        self.counts.clear()
        operation = Operation(
            query, variables or {}, None, extensions or {}, headers or {}, read_only=False, principal=principal
        )
        answer = await self.engine.answer(operation)
        return Reply(orjson.loads(answer.body), dict(self.counts), answer.request_error)


def empty_hub() -> Hub:
    """Return a hub without sources and without a store: the values come from elsewhere."""
    sources = Sources(replace(config.parse("[sources]", Path("none.toml")), sources={}))
    return Hub(sources, cast("Directory", None))


def counting(counts: Counter[str]) -> Mapping[str, ConnectorFactory]:
    """The installed kinds, each counting into `counts`."""

    def counted(factory: ConnectorFactory) -> ConnectorFactory:
        def connect(declaration: SourceDeclaration) -> Connector:
            return _Counted(factory(declaration), declaration.name, counts)

        return connect

    return {name: counted(factory) for name, factory in installed_kinds().items()}


@cache
def hub_schema() -> strawberry.Schema:
    """The hub's schema, made once for all engines over the hub's own graph."""
    return build_schema()


@cache
def _demo_sources() -> SourcesConfig:
    return config.load(DEMO_SOURCES)


@cache
def _demo_schemes() -> Schemes:
    return open_schemes(_demo_sources())


@asynccontextmanager
async def asking(
    world: World, change: Callable[[SourcesConfig], SourcesConfig] = lambda found: found, timeout: float | None = None
) -> AsyncIterator[Asker]:
    """Open a hub over a world; `change` may alter its configuration, `timeout` that of every source."""
    found = change(_demo_sources())
    if timeout is not None:
        sources = {name: replace(source, timeout=timeout) for name, source in found.sources.items()}
        found = replace(found, sources=sources)
    counts: Counter[str] = Counter()
    opened = Sources(found, environment=world.environment, kinds=counting(counts))
    store = open_store(world.store_url)
    schemes = _demo_schemes() if found is _demo_sources() else open_schemes(found)
    hub = Hub(
        opened,
        Directory(store),
        ConsentBook(Consents(store)),
        lambda: date(2023, 6, 30),
        schemes=schemes,
        shelf=Shelf(store),
        changes=Changes(store),
        subgraph=lambda: subgraph(hub_schema()),
    )
    try:
        yield Asker(hub, Engine(hub_schema(), GRAPH, hub), counts, world)
    finally:
        await opened.aclose()
        await store.dispose()
