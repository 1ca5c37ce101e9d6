"""The whole store in one file, taken while hubs write to it, and put back where there is none.

SQLite copies itself, page by page, by its online backup; PostgreSQL is dumped and restored by its own `pg_dump` and
`pg_restore`, which know of triggers and of everything that will be added to it.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

_SQLITE = b"SQLite format 3\x00"
_POSTGRESQL = b"PGDMP"
_TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
_PAGES = 2000
"""Pages that are copied before others may write; while they do, what they change is copied again."""


class NotBackedUp(Exception):
    """A backup could not be taken or put back: what, why, and what to do."""


def backup(url: str, to: Path) -> None:
    """Write the store to a file that only its owner can read; raise NotBackedUp."""
    parsed = make_url(url)
    try:
        os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise NotBackedUp(f"{to}: cannot be made ({error.strerror}). Name a file that is not there yet.") from error
    try:
        if parsed.get_backend_name() == "sqlite":
            _copy(_path(parsed), to)
        else:
            _run(parsed, ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}"])
    except BaseException:
        to.unlink()
        raise


def restore(url: str, backed_up: Path) -> None:
    """Put a backup where no store is yet; raise NotBackedUp, and leave things as they were."""
    parsed = make_url(url)
    try:
        with backed_up.open("rb") as file:
            head = file.read(len(_SQLITE))
    except OSError as error:
        raise NotBackedUp(f"{backed_up}: cannot be read ({error.strerror}).") from error
    wanted = _SQLITE if parsed.get_backend_name() == "sqlite" else _POSTGRESQL
    if not head.startswith(wanted):
        kind = "SQLite" if wanted == _SQLITE else "PostgreSQL"
        raise NotBackedUp(f"{backed_up}: is no backup of a store on {kind}, as HUB_STORE_URL names one.")
    if wanted == _SQLITE:
        path = _path(parsed)
        if path.exists():
            raise NotBackedUp(f"{path}: there is a store already. Move it away first, with its -wal and -shm.")
        path.parent.mkdir(parents=True, exist_ok=True)
        _copy(backed_up, path)
        return
    if _run(parsed, ["psql", "--no-psqlrc", "--tuples-only", "--no-align", f"--command={_TABLES}"]).strip() != "0":
        raise NotBackedUp("HUB_STORE_URL: the database has tables already. Name an empty one (createdb).")
    whole = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-comments"]
    _run(parsed, ["pg_restore", *whole, f"--dbname={parsed.database}", str(backed_up)])


def _path(url: URL) -> Path:
    if not url.database:
        raise NotBackedUp("HUB_STORE_URL: names no file.")
    return Path(url.database)


def _copy(source: Path, to: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as before,
            closing(sqlite3.connect(to)) as after,
        ):
            before.backup(after, pages=_PAGES)
            after.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise NotBackedUp(f"{source}: cannot be copied to {to} ({error}).") from error


def _run(url: URL, command: Sequence[str]) -> str:
    """Run one of PostgreSQL's programs for a database; the password is in its environment, where `ps` shows none."""
    given = {
        "PGHOST": url.host or str(url.query.get("host", "")),
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "PGDATABASE": url.database or "",
        "PGSSLMODE": str(url.query.get("ssl", "")),
    }
    environment = {**os.environ, **{name: value for name, value in given.items() if value}}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NotBackedUp(f"{command[0]} is not installed; install PostgreSQL's client programs.") from error
    if done.returncode:
        raise NotBackedUp(f"{command[0]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout
