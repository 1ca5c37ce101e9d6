"""Appends on SQLite: a whole transaction in one hop to a thread that has a connection of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy.engine import URL

from store.engine import durable_sqlite
from store.growth import Entry, Grow, Growth, NotWritten, Tree
from store.side_thread import SideThread

_TREE = "SELECT algorithm, size, peaks, signed, kept FROM audit_tree"
_GROW = """
UPDATE audit_tree SET algorithm = ?, size = ?, peaks = ?, signed = ?, kept = ? WHERE size = ? AND signed IS ?
"""
_RECORD = "INSERT INTO audit_record (place, record, leaf) VALUES (?, ?, ?)"
_NODE = "INSERT INTO audit_node (level, number, hash) VALUES (?, ?, ?)"
_HEAD = "INSERT INTO audit_head (size, signed) VALUES (?, ?)"
_EXPIRE = "UPDATE audit_record SET record = NULL WHERE place < ?"
_GO_ON = "UPDATE audit_indexed SET place = ? WHERE place = ?"
_ENTER = """
INSERT INTO audit_index (uscc, chunk, places) VALUES (?, ?, ?)
ON CONFLICT (chunk, uscc) DO UPDATE SET places = CAST(places || excluded.places AS BLOB)
"""

T = TypeVar("T")


class SqliteWriting:
    """Writes to the audit in an SQLite file; what is written is on the disk."""

    def __init__(self, url: URL) -> None:
        """Connect to nothing yet."""
        self._url = url
        self._thread: SideThread | None = None
        self._connection: sqlite3.Connection | None = None

    async def write(self, before: Tree, growth: Growth) -> bool:
        """Write what was made of a tree, if it still is that."""
        return await self._alone(partial(_write, before, growth))

    async def write_in_turn(self, grow: Grow, expire_before: int) -> tuple[Tree, Growth]:
        """Write what `grow` makes of the tree; processes take turns by SQLite's lock."""
        return await self._alone(partial(_write_in_turn, grow, expire_before))

    async def enter(self, begin: int, end: int, entries: Sequence[Entry]) -> bool:
        """Add the records from one place to another to the index."""
        return await self._alone(partial(_enter, begin, end, entries))

    async def aclose(self) -> None:
        """Close the connection, and end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.do(self._close)
            thread.end()

    async def _alone(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._thread is None:
            self._thread = SideThread("audit")
        return await self._thread.do(partial(self._transacted, work))

    def _transacted(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do work in a transaction that nobody else writes beside."""
        try:
            if self._connection is None:
                self._connection = durable_sqlite(self._url)
            self._connection.execute("BEGIN IMMEDIATE")
            with self._connection:  # which commits, or rolls back
                return work(self._connection)
        except sqlite3.Error as error:
            raise NotWritten(str(error)) from error

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _write(before: Tree, growth: Growth, connection: sqlite3.Connection) -> bool:
    after = growth.tree
    tree = after.algorithm, after.size, after.peaks, after.signed, after.kept
    if not connection.execute(_GROW, (*tree, before.size, before.signed)).rowcount:
        return False
    connection.executemany(_RECORD, [(row.place, row.record, row.leaf) for row in growth.rows])
    if growth.nodes:
        connection.executemany(_NODE, [(node.level, node.number, node.hash) for node in growth.nodes])
    if growth.keeps_head:
        connection.execute(_HEAD, (after.size, after.signed))
    return True


def _write_in_turn(grow: Grow, expire_before: int, connection: sqlite3.Connection) -> tuple[Tree, Growth]:
    tree = Tree(*connection.execute(_TREE).fetchone())
    growth = grow(tree)
    _write(tree, growth, connection)
    if expire_before:
        connection.execute(_EXPIRE, (expire_before,))
    return tree, growth


def _enter(begin: int, end: int, entries: Sequence[Entry], connection: sqlite3.Connection) -> bool:
    if not connection.execute(_GO_ON, (end, begin)).rowcount:
        return False
    connection.executemany(_ENTER, [(entry.code, entry.chunk, entry.places) for entry in entries])
    return True
