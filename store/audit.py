"""The audit's ledger: records in gapless places, the hashes over them, signed heads, and who is in which record.

What a record, a hash or a signature is, others say; here they are kept. An append happens in one transaction, and one
after the other, whichever process it comes from.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store.tables import audit_head, audit_index, audit_indexed, audit_node, audit_record, audit_tree


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree as it stands: what it needs to grow, its newest signed head, when one was last kept."""

    algorithm: str | None
    """None before the first record."""
    size: int
    peaks: bytes
    signed: str | None
    kept: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record at its place, and its leaf; no text once its time is over."""

    place: int
    record: str | None
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Node:
    """The root of a whole subtree of 2^level leaves, the number-th of those."""

    level: int
    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Growth:
    """What an append adds, and the tree as it stands then."""

    rows: Sequence[Row]
    nodes: Sequence[Node]
    tree: Tree
    keeps_head: bool
    """Its signed head is kept for good."""


@dataclass(frozen=True)
class Ledger:
    """The audit in a store."""

    engine: AsyncEngine

    async def append(self, grow: Callable[[Tree], Growth], expire_before: int = 0) -> None:
        """Add what `grow` makes of the tree as it stands; nobody else appends meanwhile.

        The texts of records at places below `expire_before` are taken out in the same transaction.
        """
        async with self._alone() as connection:
            tree = await self._tree(connection, lock=True)
            growth = grow(tree)
            rows = [{"place": row.place, "record": row.record, "leaf": row.leaf} for row in growth.rows]
            await connection.execute(insert(audit_record), rows)
            if growth.nodes:
                nodes = [{"level": node.level, "number": node.number, "hash": node.hash} for node in growth.nodes]
                await connection.execute(insert(audit_node), nodes)
            now = growth.tree
            await connection.execute(
                update(audit_tree).values(
                    algorithm=now.algorithm, size=now.size, peaks=now.peaks, signed=now.signed, kept=now.kept
                )
            )
            if growth.keeps_head:
                await connection.execute(insert(audit_head).values(size=now.size, signed=now.signed))
            if expire_before:
                await connection.execute(delete(audit_index).where(audit_index.c.place < expire_before))
                over = audit_record.c.place < expire_before
                await connection.execute(update(audit_record).where(over).values(record=None))

    async def tree(self) -> Tree:
        """Return the tree as it stands."""
        async with self.engine.connect() as connection:
            return await self._tree(connection, lock=False)

    async def rows(self, begin: int, end: int | None = None, most: int = 1000) -> list[Row]:
        """Return the first records from one place up to another, in order; of all that there are if `end` is None."""
        wanted = select(audit_record).where(audit_record.c.place >= begin).order_by(audit_record.c.place).limit(most)
        if end is not None:
            wanted = wanted.where(audit_record.c.place < end)
        async with self.engine.connect() as connection:
            return [Row(row.place, row.record, row.leaf) for row in await connection.execute(wanted)]

    async def at(self, places: Sequence[int]) -> dict[int, Row]:
        """Return the records at some places."""
        wanted = select(audit_record).where(audit_record.c.place.in_(places))
        async with self.engine.connect() as connection:
            return {row.place: Row(row.place, row.record, row.leaf) for row in await connection.execute(wanted)}

    async def leaves(self, begin: int, end: int) -> list[tuple[int, bytes]]:
        """Return the places and leaves from one place up to another, in order."""
        c = audit_record.c
        wanted = select(c.place, c.leaf).where(c.place >= begin, c.place < end).order_by(c.place)
        async with self.engine.connect() as connection:
            return [(row.place, row.leaf) for row in await connection.execute(wanted)]

    async def nodes(self, level: int, begin: int, end: int) -> list[tuple[int, bytes]]:
        """Return the numbers and roots of the whole subtrees of a level from one number up to another, in order."""
        c = audit_node.c
        within = (c.level == level) & (c.number >= begin) & (c.number < end)
        async with self.engine.connect() as connection:
            found = await connection.execute(select(c.number, c.hash).where(within).order_by(c.number))
            return [(row.number, row.hash) for row in found]

    async def heads(self) -> list[tuple[int, str]]:
        """Return the sizes and texts of the signed heads that were kept, in order."""
        async with self.engine.connect() as connection:
            found = await connection.execute(select(audit_head).order_by(audit_head.c.size))
            return [(row.size, row.signed) for row in found]

    async def index(self, most: int, codes_of: Callable[[str], Iterable[str]]) -> bool:
        """Put the enterprises of the next records into the index; say whether there may be more records to do.

        Safe when several processes do so at once.
        """
        async with self._alone() as connection:
            waiting = select(audit_indexed.c.place).with_for_update()
            begin = int((await connection.execute(waiting)).scalar_one())
            c = audit_record.c
            wanted = select(c.place, c.record).where(c.place >= begin).order_by(c.place).limit(most)
            found = (await connection.execute(wanted)).all()
            if not found:
                return False
            rows = [
                {"uscc": code, "place": row.place}
                for row in found
                if row.record is not None
                for code in codes_of(row.record)
            ]
            if rows:
                # Somebody who has put in entries of his own must not stop it; `audit verify` names them.
                make = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
                await connection.execute(make(audit_index).on_conflict_do_nothing(), rows)
            await connection.execute(update(audit_indexed).values(place=found[-1].place + 1))
            return len(found) == most

    async def indexed(self) -> int:
        """Return the place up to which records are in the index, itself not included."""
        async with self.engine.connect() as connection:
            return int((await connection.execute(select(audit_indexed.c.place))).scalar_one())

    async def index_rows(self, begin: int, end: int) -> set[tuple[int, str]]:
        """Return the places and codes that the index has from one place up to another."""
        c = audit_index.c
        wanted = select(c.place, c.uscc).where(c.place >= begin, c.place < end)
        async with self.engine.connect() as connection:
            return {(row.place, row.uscc) for row in await connection.execute(wanted)}

    async def places_of(self, code: str, before: int | None, most: int) -> list[int]:
        """Return the places of records about an enterprise, the newest first, below a place if one is given."""
        c = audit_index.c
        wanted = select(c.place).where(c.uscc == code).order_by(c.place.desc()).limit(most)
        if before is not None:
            wanted = wanted.where(c.place < before)
        async with self.engine.connect() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def count_of(self, code: str) -> int:
        """Return how many records about an enterprise there are in the index."""
        wanted = select(func.count()).select_from(audit_index).where(audit_index.c.uscc == code)
        async with self.engine.connect() as connection:
            return int((await connection.execute(wanted)).scalar_one())

    async def _tree(self, connection: AsyncConnection, *, lock: bool) -> Tree:
        wanted = select(audit_tree).with_for_update() if lock else select(audit_tree)
        row = (await connection.execute(wanted)).one()
        return Tree(row.algorithm, row.size, bytes(row.peaks), row.signed, row.kept)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[AsyncConnection]:
        """Give a transaction in which the locks that it takes are its own from the beginning."""
        async with self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            await connection.commit()
