"""A connector that keeps no promise: each check of the suite has to find it out, and to say what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from connectors.contract import Capabilities, Fetch, Health, Row, Rows, Scan

RECORDS: list[dict[str, Any]] = [
    {"code": "A1", "n": 1, "label": "甲"},
    {"code": "B2", "n": 2, "label": "𠮷 é"},
    {"code": "C3", "n": 3, "label": "plain"},
]
SECRET = "sesame"


class Hostile:
    """It misses every promise that a fetch, a scan, a check and an end can miss."""

    capabilities = Capabilities(max_keys=50, scan=True, punctual=True)

    def __init__(self) -> None:
        """Begin well."""
        self._busy = 0
        self._closed = False

    async def fetch(self, ask: Fetch) -> Rows:
        """Answer in whatever way is wrong for the question."""
        if "no_such_column" in ask.columns:
            raise KeyError(f"password={SECRET}")
        if not ask.keys:
            return Rows([[self._row(RECORDS[0], ask)]])
        if ask.remaining() < 1:
            await _stubborn()
        self._busy += 1
        try:
            await asyncio.sleep(0)
            crowded = self._busy > 1
        finally:
            self._busy -= 1
        if len(ask.keys) == ask.keys.count(ask.keys[0]) > 1:
            return Rows([[]])
        known = {record["code"]: record for record in RECORDS}
        groups = [[self._row(known.get(str(key), RECORDS[0]), ask)] for key in ask.keys[:10]]
        return Rows(groups[::-1] if not crowded else [[self._row(RECORDS[2], ask)]])

    def _row(self, record: dict[str, Any], ask: Fetch) -> Row:
        label = record["label"].encode("ascii", "replace").decode()
        return (record["code"], {record["n"]}, label, "unasked")

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Give the first record again and again."""
        for _ in range(3):
            yield Rows([[tuple(RECORDS[0].get(column) for column in ask.columns)]])

    async def check(self) -> Health:
        """Fail instead of saying so."""
        raise ConnectionError(SECRET)

    async def aclose(self) -> None:
        """Mind being closed again."""
        if self._closed:
            raise RuntimeError("closed already")
        self._closed = True


async def _stubborn() -> None:
    """Take three seconds, whoever cancels."""
    for _ in range(30):
        try:
            await asyncio.sleep(0.1)
        except asyncio.CancelledError:
            continue
