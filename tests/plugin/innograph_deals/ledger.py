"""deal-ledger: a ledger of lines `manager|number|amount|signed on|title`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

from connectors.contract import Capabilities, Fetch, Health, Row, Rows, Scan, SourceDeclaration, align
from connectors.errors import SourceError, SourceUnavailable
from connectors.options import Options, checked

_COLUMNS = ("manager", "number", "amount", "signed_on", "title")


class _Source(Options):
    ledger: str


class Ledger:
    """The lines of one file."""

    capabilities = Capabilities(max_keys=500, scan=True)

    def __init__(self, name: str, path: Path) -> None:
        """Read nothing yet."""
        self._name = name
        self._path = path

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the deals of some managers."""
        wanted = set(ask.keys)
        rows = [row for row in await self._rows(ask.columns) if row[0] in wanted]
        return Rows(align(self._name, ask.keys, (0,), rows))

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield all deals, page by page."""
        rows = await self._rows(ask.columns)
        for start in range(int(ask.after or 0), len(rows), ask.page_size):
            page = rows[start : start + ask.page_size]
            yield Rows([page], position=str(start + len(page)))

    async def check(self) -> Health:
        """Say whether the ledger can be read."""
        started = time.monotonic()
        try:
            rows = await self._rows(_COLUMNS)
        except (SourceUnavailable, SourceError) as failure:
            return Health(False, failure.message, (time.monotonic() - started) * 1000)
        return Health(True, f"{len(rows)} deals", (time.monotonic() - started) * 1000)

    async def aclose(self) -> None:
        """Have nothing to give back."""

    async def _rows(self, columns: tuple[str, ...]) -> list[Row]:
        if strange := set(columns) - set(_COLUMNS):
            raise SourceError(self._name, f"has no column {sorted(strange)[0]!r}; it has {', '.join(_COLUMNS)}")
        try:
            text = await asyncio.to_thread(self._path.read_text, encoding="utf-8")
        except OSError as error:
            raise SourceUnavailable(self._name, f"the ledger cannot be read ({error.strerror})") from error
        places = [_COLUMNS.index(column) for column in columns]
        lines = [line.split("|") for line in text.splitlines() if line]
        return [tuple(line[place] for place in places) for line in lines]


def connect(declaration: SourceDeclaration) -> Ledger:
    """Open the source of a declaration."""
    options = checked(_Source, declaration.options, declaration.where)
    return Ledger(declaration.name, Path(declaration.folder) / declaration.secret(options.ledger))
