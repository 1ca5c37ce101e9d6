"""memory: records written in the configuration itself; the smallest connector, to copy from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.contract import Capabilities, Fetch, Health, Held, Rows, Scan, SourceDeclaration, align
from connectors.nested import row_reader
from connectors.options import Options, checked
from connectors.typed import held_whole


class _Source(Options):
    pass


class _Collection(Options):
    records: tuple[dict[str, Any], ...]


class MemoryConnector:
    """Records in a dict."""

    capabilities = Capabilities(max_keys=100_000, scan=True)

    def __init__(
        self,
        name: str,
        keys: Mapping[str, tuple[str, ...]],
        records: Mapping[str, tuple[Any, ...]],
        whole: Mapping[str, Held],
    ) -> None:
        """Hold the records of each collection; `whole` are those of exact ones, typed."""
        self._name = name
        self._whole = whole
        self._records: dict[str, dict[Any, list[Any]]] = {}
        for collection, found in records.items():
            key_of = row_reader(keys[collection])
            by_key = self._records[collection] = {}
            for record in found:
                key = key_of(record)
                by_key.setdefault(str(key[0]) if len(key) == 1 else key, []).append(record)
        self._widths = {collection: len(columns) for collection, columns in keys.items()}

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the records of the keys."""
        row = row_reader(ask.columns)
        records = self._records[ask.collection]
        rows = [row(record) for key in ask.keys for record in records.get(key, ())]
        return Rows(align(self._name, ask.keys, range(self._widths[ask.collection]), rows))

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield every record, page by page; the position is the number of records before."""
        row = row_reader(ask.columns)
        every = [record for records in self._records[ask.collection].values() for record in records]
        for start in range(int(ask.after or 0), len(every), ask.page_size):
            page = every[start : start + ask.page_size]
            yield Rows([[row(record) for record in page]], position=str(start + len(page)))

    def held(self, collection: str) -> Held | None:
        """Return an exact collection."""
        return self._whole.get(collection)

    async def check(self) -> Health:
        """Say that it is there."""
        return Health(True, f"{sum(map(len, self._records.values()))} keys in memory", 0.0)

    async def aclose(self) -> None:
        """Have nothing to give back."""


def connect(declaration: SourceDeclaration) -> MemoryConnector:
    """Open the source of a declaration."""
    checked(_Source, declaration.options, declaration.where)
    collections = declaration.collections.values()
    records = {c.name: checked(_Collection, c.options, c.where).records for c in collections}
    whole = {c.name: held for c in collections if (held := held_whole(c, records[c.name], datetime.now(UTC)))}
    return MemoryConnector(declaration.name, {c.name: c.key for c in collections}, records, whole)
