"""What the demo's REST services share: records in an SQLite file, and a refusal without credentials."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse


def write_records(path: Path, tables: dict[str, Iterable[tuple[str, Any]]]) -> None:
    """Write each table of keyed JSON documents."""
    database = sqlite3.connect(path)
    with database:
        for table, rows in tables.items():
            database.execute(f"CREATE TABLE {table} (key TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID")
            documents = ((key, json.dumps(document, ensure_ascii=False)) for key, document in rows)
            database.executemany(f"INSERT INTO {table} VALUES (?, ?)", documents)
    database.close()


class Records:
    """Keyed JSON documents in an SQLite file."""

    def __init__(self, path: Path) -> None:
        """Open the file for reading."""
        self._database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)

    def get(self, table: str, keys: Sequence[str]) -> list[Any]:
        """Return the documents of the known keys, in no particular order."""
        marks = ", ".join("?" * len(keys))
        found = self._database.execute(f"SELECT document FROM {table} WHERE key IN ({marks})", keys)
        return [json.loads(document) for (document,) in found]

    def page(self, table: str, start: int, size: int) -> tuple[list[Any], int]:
        """Return a page of documents by key, and how many there are."""
        found = self._database.execute(f"SELECT document FROM {table} ORDER BY key LIMIT ? OFFSET ?", (size, start))
        (total,) = self._database.execute(f"SELECT count(*) FROM {table}").fetchone()
        return [json.loads(document) for (document,) in found], total


def refusal(status: int, message: str) -> JSONResponse:
    """Return an error as the services write it."""
    return JSONResponse({"error": {"text": message}}, status)
