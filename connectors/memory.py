"""memory: records written in the configuration itself; the smallest connector, to copy from."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.contract import (
    Capabilities,
    CollectionDeclaration,
    Fetch,
    Health,
    Held,
    Rows,
    Scan,
    SourceDeclaration,
    align,
)
from connectors.nested import row_reader
from connectors.options import Options, checked
from connectors.typed import typed_by_key


class _Source(Options):
    pass


class _Collection(Options):
    records: tuple[dict[str, Any], ...]


class MemoryConnector:
    """Records in a dict."""

    capabilities = Capabilities(max_keys=100_000, scan=True)

    def __init__(self, name: str, collections: Mapping[str, tuple[CollectionDeclaration, Sequence[Any]]]) -> None:
        """Hold the records of each collection."""
        self._name = name
        keys = {collection: declaration.key for collection, (declaration, _) in collections.items()}
        self._records: dict[str, dict[Any, list[Any]]] = {}
        for collection, (_, found) in collections.items():
            key_of = row_reader(keys[collection])
            by_key = self._records[collection] = {}
            for record in found:
                key = key_of(record)
                by_key.setdefault(str(key[0]) if len(key) == 1 else key, []).append(record)
        self._widths = {collection: len(columns) for collection, columns in keys.items()}
        self._held = {name: self._whole(declaration, found) for name, (declaration, found) in collections.items()}

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the records of the keys."""
        row = row_reader(ask.columns)
        records = self._records[ask.collection]
        rows = [row(record) for key in dict.fromkeys(ask.keys) for record in records.get(key, ())]
        return Rows(align(self._name, ask.keys, range(self._widths[ask.collection]), rows))

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield every record, page by page; the position is the number of records before."""
        row = row_reader(ask.columns)
        every = [record for records in self._records[ask.collection].values() for record in records]
        for start in range(int(ask.after or 0), len(every), ask.page_size):
            page = every[start : start + ask.page_size]
            yield Rows([[row(record) for record in page]], position=str(start + len(page)))

    def held(self, collection: str) -> Held | None:
        """Return a collection."""
        return self._held[collection]

    def _whole(self, declaration: CollectionDeclaration, found: Sequence[Any]) -> Held:
        by_key, row = self._records[declaration.name], row_reader(declaration.columns)
        typed = typed_by_key(declaration, found)
        return Held(
            datetime.now(UTC), time.monotonic(), lambda key: [row(record) for record in by_key.get(key, ())], typed
        )

    async def check(self) -> Health:
        """Say that it is there."""
        return Health(True, f"{sum(map(len, self._records.values()))} keys in memory", 0.0)

    async def aclose(self) -> None:
        """Have nothing to give back."""


def connect(declaration: SourceDeclaration) -> MemoryConnector:
    """Open the source of a declaration."""
    checked(_Source, declaration.options, declaration.where)
    collections = declaration.collections.values()
    found = {c.name: (c, checked(_Collection, c.options, c.where).records) for c in collections}
    return MemoryConnector(declaration.name, found)
