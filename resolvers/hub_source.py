"""The hub as a source among others: what it has published itself stands in the collections beside what sources deliver.

It is there without an entry in `sources.toml`. Nothing of it is cached: a record is read from the store each time, so
that a change is seen at once, in whichever process it was made.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from codes.kinds import Sharing
from connectors.config import CollectionConfig, KeyConfig, SourceConfig, SourcesConfig
from connectors.contract import Capabilities, ConnectorFactory, Fetch, Health, Key, Rows, Scan, SourceDeclaration, align
from connectors.errors import SourcesMisconfigured, SourceUnavailable
from connectors.mapping import FieldMapping
from connectors.policy import Policy
from store import identifiers, listings, policies
from store.engine import open_store

NAME = "hub"
KIND = "hub"

Published = Callable[[AsyncConnection, Sequence[str] | None], Awaitable[Sequence[Mapping[str, Any]]]]
"""What the hub has published of a collection, by the hub's names of its fields: of these ids, also what was withdrawn;
without ids, what is in force."""

COLLECTIONS: Mapping[str, Published] = {
    "identifiers": identifiers.published,
    "loan_products": listings.published,
    "policies": policies.published,
}
"""By collection. Each record has all fields of its collection, `as_of` and `synthetic`."""


def with_hub(config: SourcesConfig) -> SourcesConfig:
    """Return a configuration to which the hub is added as the source that goes first in its collections.

    Nobody else then has a say about what it has published. Raise SourcesMisconfigured if the name is taken.
    """
    if NAME in config.sources:
        raise SourcesMisconfigured(
            config.sources[NAME].where, f"{NAME!r} is the hub's own name", "Give the source another."
        )
    own = {name: _collection(config, name) for name in COLLECTIONS if name in config.catalogue}
    source = SourceConfig(
        name=NAME,
        kind=KIND,
        title="Published in this hub",
        title_zh="本平台发布",
        owner="This hub 本平台",
        organisation=None,
        sharing=Sharing.UNCONDITIONAL,
        cadence=None,
        timeout=2.0,
        webhook=None,
        urls=None,
        policy=Policy(),
        synthetic=False,
        empty=(),
        options={},
        collections=own,
        where="the hub itself",
    )
    first = {name: (NAME, *config.precedence.get(name, ())) for name in own}
    return replace(config, sources={**config.sources, NAME: source}, precedence={**config.precedence, **first})


def hub_kind(store_url: str) -> Mapping[str, ConnectorFactory]:
    """Return the connector kind by which the hub reads its own store."""

    def connect(declaration: SourceDeclaration) -> HubConnector:
        return HubConnector(open_store(store_url))

    return {KIND: connect}


def _collection(config: SourcesConfig, name: str) -> CollectionConfig:
    collection = config.catalogue[name]
    fields = {field: FieldMapping(field) for field in (*collection.fields, "as_of", "synthetic")}
    key = KeyConfig(column=collection.key)
    return CollectionConfig(collection, key, 0, 0, True, fields, {}, f"the hub's own {name}")


class HubConnector:
    """What the hub has published, read from its store."""

    capabilities = Capabilities(max_keys=500, scan=True)

    def __init__(self, engine: AsyncEngine) -> None:
        """Read from this store, and close it in the end."""
        self._engine = engine

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the records of the keys."""
        key = ask.columns[0]
        found = await self._read(ask.collection, [str(one) for one in ask.keys])
        keys: Sequence[Key] = ask.keys
        rows = [tuple(record[column] for column in (key, *ask.columns[1:])) for record in found]
        return Rows(align(NAME, keys, (0,), rows))

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield what is in force, in one page: it is a small collection."""
        found = await self._read(ask.collection, None)
        yield Rows([[tuple(record[column] for column in ask.columns) for record in found]], position="")

    async def check(self) -> Health:
        """Say whether the store can be read."""
        started = time.monotonic()
        try:
            for name in COLLECTIONS:
                await self._read(name, [])
        except SourceUnavailable as error:
            return Health(False, error.message, (time.monotonic() - started) * 1000)
        return Health(True, "the hub's store", (time.monotonic() - started) * 1000)

    async def aclose(self) -> None:
        """Close the store."""
        await self._engine.dispose()

    async def _read(self, collection: str, keys: Sequence[str] | None) -> Sequence[Mapping[str, Any]]:
        try:
            async with self._engine.connect() as connection:
                return await COLLECTIONS[collection](connection, keys)
        except (SQLAlchemyError, OSError) as error:
            raise SourceUnavailable(NAME, f"the store cannot be read ({type(error).__name__})") from error
