"""Appends on PostgreSQL: one statement where the tree is known, otherwise under a lock on its row."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store.growth import Entry, Grow, Growth, NotWritten, Tree

_TREE = "SELECT algorithm, size, peaks, signed, kept FROM audit_tree FOR UPDATE"
_GROWN = """
WITH grown AS (
    UPDATE audit_tree
    SET algorithm = $3::text, size = $4::bigint, peaks = $5::bytea, signed = $6::text, kept = $7::bigint
    WHERE size = $1::bigint AND signed IS NOT DISTINCT FROM $2::text RETURNING size
)
"""
_BY_ONE = f"""
{_GROWN}, record AS (
    INSERT INTO audit_record (place, record, leaf) SELECT $8::bigint, $9::text, $10::bytea FROM grown
)
SELECT count(*) FROM grown
"""
"""Writes the growth by one record and nothing else, if the tree is still the one that it was made of.

Parts of one statement see the tree before it.
"""
_GROW = f"""
{_GROWN}, records AS (
    INSERT INTO audit_record (place, record, leaf)
    SELECT * FROM unnest($8::bigint[], $9::text[], $10::bytea[]) WHERE EXISTS (SELECT FROM grown)
), nodes AS (
    INSERT INTO audit_node (level, number, hash)
    SELECT * FROM unnest($11::integer[], $12::bigint[], $13::bytea[]) WHERE EXISTS (SELECT FROM grown)
), heads AS (
    INSERT INTO audit_head (size, signed) SELECT $4::bigint, $6::text WHERE $14::boolean AND EXISTS (SELECT FROM grown)
)
SELECT count(*) FROM grown
"""
"""Writes any growth so: by arrays, which take longer to put together."""
_EXPIRE = "UPDATE audit_record SET record = NULL WHERE place < $1"
_GO_ON = "UPDATE audit_indexed SET place = $1 WHERE place = $2"
_ENTER = """
INSERT INTO audit_index AS kept (uscc, chunk, places) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[])
ON CONFLICT (chunk, uscc) DO UPDATE SET places = kept.places || excluded.places
"""
_GIVEN_UP = 15.0
"""Seconds after which an append is given up, unless it takes out texts, which may be many."""
_DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

T = TypeVar("T")


class PostgresqlWriting:
    """Writes to the audit in a PostgreSQL, through a connection that it keeps."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Connect to nothing yet."""
        self._engine = engine
        self._kept: AsyncConnection | None = None
        self._driver: Any = None
        """The driver's own connection of the one that is kept."""

    async def write(self, before: Tree, growth: Growth) -> bool:
        """Write what was made of a tree, if it still is that: by one statement."""
        return await self._tried(self._write(before, growth))

    async def write_in_turn(self, grow: Grow, expire_before: int) -> tuple[Tree, Growth]:
        """Write what `grow` makes of the tree; processes take turns by a lock on the tree's row."""
        return await self._tried(self._write_in_turn(grow, expire_before))

    async def enter(self, begin: int, end: int, entries: Sequence[Entry]) -> bool:
        """Add the records from one place to another to the index."""
        columns = [e.code for e in entries], [e.chunk for e in entries], [e.places for e in entries]
        async with self._engine.connect() as connection:
            driver = await _driver(connection)
            try:
                async with driver.transaction():
                    if await driver.execute(_GO_ON, end, begin) == "UPDATE 0":
                        return False
                    await driver.execute(_ENTER, *columns)
            except _DRIVER_ERRORS as error:
                raise NotWritten(str(error)) from error
        return True

    async def aclose(self) -> None:
        """Give the connection back."""
        kept, self._kept, self._driver = self._kept, None, None
        if kept is not None:
            await kept.close()

    async def _write(self, before: Tree, growth: Growth) -> bool:
        if self._driver is None:
            await self._connect()
        return await _written(self._driver, before, growth)

    async def _write_in_turn(self, grow: Grow, expire_before: int) -> tuple[Tree, Growth]:
        if self._driver is None:
            await self._connect()
        async with asyncio.timeout(None if expire_before else _GIVEN_UP), self._driver.transaction():
            tree = Tree(*await self._driver.fetchrow(_TREE))
            growth = grow(tree)
            await _written(self._driver, tree, growth)
            if expire_before:
                await self._driver.execute(_EXPIRE, expire_before)
        return tree, growth

    async def _connect(self) -> None:
        async with asyncio.timeout(_GIVEN_UP):
            self._kept = await self._engine.connect()
            self._driver = await _driver(self._kept)

    async def _tried(self, work: Awaitable[T]) -> T:
        """Return what comes of work with the connection that is kept; if anything fails, it is let go of."""
        try:
            return await work
        except BaseException as error:
            kept, self._kept, self._driver = self._kept, None, None
            if kept is not None:
                await kept.invalidate()
                await kept.close()
            if isinstance(error, _DRIVER_ERRORS):
                raise NotWritten(str(error) or type(error).__name__) from error
            raise


async def _driver(connection: AsyncConnection) -> Any:
    """Return asyncpg's own connection."""
    return (await connection.get_raw_connection()).driver_connection


async def _written(driver: Any, tree: Tree, growth: Growth) -> bool:
    """Write a growth; return False, having written nothing, if the tree is another by now."""
    after, rows, nodes = growth.tree, growth.rows, growth.nodes
    trees = tree.size, tree.signed, after.algorithm, after.size, after.peaks, after.signed, after.kept
    if len(rows) == 1 and not nodes and not growth.keeps_head:
        (row,) = rows
        return bool(await driver.fetchval(_BY_ONE, *trees, row.place, row.record, row.leaf, timeout=_GIVEN_UP))
    written = await driver.fetchval(
        _GROW, *trees, [row.place for row in rows], [row.record for row in rows], [row.leaf for row in rows],
        [node.level for node in nodes], [node.number for node in nodes], [node.hash for node in nodes],
        growth.keeps_head, timeout=_GIVEN_UP,
    )  # fmt: skip
    return bool(written)
