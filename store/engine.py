"""The connection to the store: SQLite in a file, or PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from socket import gaierror
from typing import Any, TypeVar

from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

T = TypeVar("T")

_PRAGMAS = (
    "PRAGMA busy_timeout = 10000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16384",
)
_MOST = 14
"""Connections to SQLite at once: they stay, as each has a thread, and the one used last has its pages at hand.

Each keeps up to 16 MiB of pages.
"""
_OLD = 900
"""Seconds after which a connection to PostgreSQL is replaced: firewalls forget one that is idle, and tell nobody."""


def open_store(url: str, *, durable: bool = False) -> AsyncEngine:
    """Return the engine of a store; the folder of an SQLite file is made. Nothing is connected yet.

    Its errors, which come into the log, do not say what was asked about. With `durable`, what was written to SQLite is
    on the disk, and outlives a power failure; PostgreSQL does so anyway.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        pool = {"poolclass": AsyncAdaptedQueuePool, "pool_size": _MOST, "max_overflow": 0, "pool_use_lifo": True}
        engine = create_async_engine(parsed, hide_parameters=True, **pool)
        event.listen(engine.sync_engine, "connect", _set_pragmas)
        if durable:
            event.listen(engine.sync_engine, "connect", _set_durable)
        return engine
    return create_async_engine(parsed, pool_size=10, pool_use_lifo=True, pool_recycle=_OLD, hide_parameters=True)


def durable_sqlite(url: URL) -> sqlite3.Connection:
    """Return the calling thread's own connection to an SQLite store; what it has committed outlives a power failure."""
    names, options = url.get_dialect()().create_connect_args(url)
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    connection = connect(*names, **{**options, "isolation_level": None})
    _set_pragmas(connection, None)
    _set_durable(connection, None)
    return connection


async def once(url: str, action: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    """Open a store, do one thing with it, and close it; return what came of that."""
    engine = open_store(url)
    try:
        return await action(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Give a transaction that is committed at the end; what it reads of SQLite is still so when it writes."""
    async with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        await connection.commit()


@asynccontextmanager
async def joining(engine: AsyncEngine, within: AsyncConnection | None) -> AsyncIterator[AsyncConnection]:
    """Give a transaction under way, or one of its own if there is none."""
    if within is not None:
        yield within
    else:
        async with writing(engine) as connection:
            yield connection


@asynccontextmanager
async def alone(
    engine: AsyncEngine, lock: int, within: AsyncConnection | None = None
) -> AsyncIterator[AsyncConnection]:
    """Give a transaction, one under way or its own, that nobody else who asks for this lock has, in any process."""
    async with joining(engine, within) as connection:
        if engine.dialect.name != "sqlite":  # where one transaction writes at a time
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
        yield connection


def trouble(error: Exception) -> str:
    """Return what to tell an operator of an error of the store's."""
    return unreachable(error) or f"HUB_STORE_URL: the store cannot be used ({type(error).__name__})."


def unreachable(error: Exception) -> str | None:
    """Return what to tell an operator of an error in connecting to the store; None for an error of another kind."""
    cause: BaseException | None = None
    if isinstance(error, DBAPIError) and error.statement is None:
        cause = (error.orig and error.orig.__cause__) or error.orig
    elif isinstance(error, ConnectionError | TimeoutError | gaierror) or (type(error) is OSError and not error.errno):
        cause = error  # of several addresses asyncio tells by an OSError without a number that none can be reached
    return None if cause is None else f"HUB_STORE_URL: the store cannot be reached ({type(cause).__name__}: {cause})."


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _set_durable(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()
