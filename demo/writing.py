"""How the demo's source systems are written: SQLite tables, CSV and JSON Lines files, whole and fast."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

Row = Sequence[object]


class Tables:
    """A database in the making."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Take the database."""
        self._database = database

    def write(self, name: str, columns: str, rows: Iterable[Row], key: str) -> None:
        """Make a table of typed columns, fill it, and index it by its key."""
        self._database.execute(f"CREATE TABLE {name} ({columns})")
        marks = ", ".join("?" * (columns.count(",") + 1))
        self._database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        self._database.execute(f"CREATE INDEX {name}_{key} ON {name} ({key})")


@contextmanager
def database(path: Path) -> Iterator[Tables]:
    """Open a new SQLite file to be written at once; what breaks off leaves no database that anybody uses."""
    opened = sqlite3.connect(path)
    try:
        opened.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        with opened:
            yield Tables(opened)
    finally:
        opened.close()


def write_csv(path: Path, header: str, rows: Iterable[Row]) -> None:
    """Write a CSV file as spreadsheets do, with a byte-order mark."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)


def write_json_lines(path: Path, rows: Iterable[dict[str, object]]) -> None:
    """Write a file of one JSON object a line."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
