"""A database looked at: its tables and views, their columns, keys, and some rows of each."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import Boolean as Flag
from sqlalchemy import Connection, Date, DateTime, Integer, MetaData, Numeric, Table, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, InvalidRequestError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from commands.linking.seen import SAMPLE, Column, NotSeen, Place, Seen

_SECONDS = 20
_DRIVERS = {
    "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg", "mysql": "mysql+aiomysql",
    "mariadb": "mysql+aiomysql", "sqlite": "sqlite+aiosqlite",
}  # fmt: skip
"""By the beginning of an address, the one that leads to an asynchronous driver which is installed with the hub."""
_KINDS: tuple[tuple[type[Any], str], ...] = (
    (Flag, "flag"), (Integer, "integer"), (Numeric, "number"), (DateTime, "moment"), (Date, "date"),
)  # fmt: skip


async def see(address: str, written: str, table: str | None) -> Seen:
    """Return what a database holds, or one table of it; `written` is how its address goes into the file."""
    try:
        engine = create_async_engine(make_url(address))
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, InvalidRequestError) as error:
        raise NotSeen(f"{written}: no address of a database with an asynchronous driver. {_advice(address)}") from error
    try:
        async with asyncio.timeout(_SECONDS), engine.connect() as connection:
            places = await connection.run_sync(lambda sync: _places(sync, table))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise NotSeen(
            f"{written}: cannot be read ({type(error).__name__}). Check address, rights and network."
        ) from error
    finally:
        await engine.dispose()
    if not places:
        raise NotSeen(f"{written}: has no {'table ' + table if table else 'tables'}. Name another, with its schema.")
    return Seen("sql", {"url": written}, places)


def _places(connection: Connection, only: str | None) -> tuple[Place, ...]:
    looking = inspect(connection)
    schema, _, bare = (only or "").rpartition(".")
    names = [*looking.get_table_names(schema or None), *looking.get_view_names(schema or None)]
    found = []
    for name in sorted(names):
        if only and name != bare:
            continue
        table = Table(name, MetaData(), autoload_with=connection, schema=schema or None)
        rows = [dict(row) for row in connection.execute(select(table).limit(SAMPLE)).mappings()]
        columns = tuple(_column(one, rows) for one in table.columns)
        keys = tuple(one.name for one in table.primary_key.columns)
        full = f"{schema}.{name}" if schema else name
        numbers = {one.name: {"key_type": "integer"} for one in columns if one.kind == "integer"}
        found.append(Place(full, {"table": full}, columns, keys, with_key=numbers))
    return tuple(found)


def _column(column: Any, rows: list[dict[str, Any]]) -> Column:
    values = tuple(row[column.name] for row in rows)
    kind = next((kind for base, kind in _KINDS if isinstance(column.type, base)), None)
    if kind == "number" and getattr(column.type, "scale", None) == 0:
        kind = "integer"
    return Column(column.name, values, kind, column.comment or "")


def _advice(address: str) -> str:
    scheme = address.partition("://")[0]
    driver = _DRIVERS.get(scheme.partition("+")[0])
    if driver is None or driver == scheme:
        return "Write it as postgresql+asyncpg://…, mysql+aiomysql://… or sqlite+aiosqlite:///…"
    return f"Write {driver}:// where it says {scheme}://."


def holds_password(address: str) -> bool:
    """Say whether an address is not to be written down."""
    try:
        return make_url(address).password is not None
    except ArgumentError:
        return False
