"""The audit's ledger: records in gapless places, the hashes over them, signed heads, and who is in which record.

What a record, a hash or a signature is, others say; here they are kept. An append happens in one transaction, and one
after the other, whichever process it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import asdict
from sqlalchemy import Row as Found
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store.appending import Appending
from store.audit_postgresql import PostgresqlWriting
from store.audit_sqlite import SqliteWriting
from store.growth import Entry, Grow, Row, Tree, Writing
from store.places import WIDTH, chunk_of, packed, unpacked
from store.tables import audit_head, audit_index, audit_indexed, audit_node, audit_record, audit_tree

_CHUNKS_AT_ONCE = 64
"""Chunks of the index that are looked into at a time for an enterprise's places."""


@dataclass(frozen=True)
class Ledger:
    """The audit in a store."""

    engine: AsyncEngine

    async def append(self, grow: Grow, expire_before: int = 0) -> None:
        """Add what `grow` makes of the tree as it stands; nobody else appends meanwhile. Raise NotWritten.

        The texts of records at places below `expire_before` are taken out in the same transaction, and their entries
        in the index after it.
        """
        await self._appending.append(grow, expire_before)
        if expire_before:
            await self._trim(expire_before)

    async def append_within(self, connection: AsyncConnection, grow: Grow) -> None:
        """Add what `grow` makes of the tree in a transaction of somebody's; until its end nobody else appends."""
        found = (await connection.execute(select(audit_tree).with_for_update())).one()
        growth = grow(_tree(found))
        after = growth.tree
        await connection.execute(insert(audit_record), [asdict(row) for row in growth.rows])
        if growth.nodes:
            await connection.execute(insert(audit_node), [asdict(node) for node in growth.nodes])
        if growth.keeps_head:
            await connection.execute(insert(audit_head).values(size=after.size, signed=after.signed))
        await connection.execute(update(audit_tree).values(asdict(after)))

    async def aclose(self) -> None:
        """Give back what is used for writing."""
        await self._appending.aclose()

    async def tree(self) -> Tree:
        """Return the tree as it stands."""
        async with self.engine.connect() as connection:
            return _tree((await connection.execute(select(audit_tree))).one())

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

    async def enter(self, begin: int, end: int, places: Mapping[int, Mapping[str, bytes | bytearray]]) -> bool:
        """Add the records from one place to another to the index, packed by chunk and code; raise NotWritten.

        Return False, having added nothing, if another process has done so meanwhile.
        """
        entries = [
            Entry(code, chunk, bytes(by_code[code])) for chunk, by_code in places.items() for code in sorted(by_code)
        ]
        return await self._writing.enter(begin, end, entries)

    async def indexed(self) -> int:
        """Return the place up to which records are in the index, itself not included."""
        async with self.engine.connect() as connection:
            return await _indexed(connection)

    async def index_of(self, chunk: int) -> dict[str, list[int]]:
        """Return the places that the index has of each code in a chunk, as often as it has them."""
        c = audit_index.c
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(c.uscc, c.places).where(c.chunk == chunk))
            return {row.uscc: unpacked(chunk, row.places) for row in rows}

    async def index_outside(self, end: int) -> list[tuple[str, list[int]]]:
        """Return the codes and places of rows of the index in chunks that have no place from 0 up to another."""
        c = audit_index.c
        outside = (c.chunk < 0) | (c.chunk > chunk_of(end - 1))
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(c.uscc, c.chunk, c.places).where(outside))
            return [(row.uscc, unpacked(row.chunk, row.places)) for row in rows]

    async def places_of(self, code: str, before: int | None, most: int) -> list[int]:
        """Return the places of records about an enterprise, the newest first, below a place if one is given."""
        c, found = audit_index.c, list[int]()
        of_code = select(c.chunk, c.places).where(c.uscc == code).order_by(c.chunk.desc())
        async with self.engine.connect() as connection:
            end = await _indexed(connection)
            for chunks in _backwards(end if before is None else min(before, end)):
                for row in await connection.execute(of_code.where(c.chunk.in_(chunks))):
                    places = sorted(set(unpacked(row.chunk, row.places)), reverse=True)
                    found += places if before is None else [place for place in places if place < before]
                if len(found) >= most:
                    break
        return found[:most]

    async def count_of(self, code: str) -> int:
        """Return how many records about an enterprise there are in the index."""
        c, count = audit_index.c, 0
        wanted = select(func.coalesce(func.sum(func.length(c.places)), 0)).where(c.uscc == code)
        async with self.engine.connect() as connection:
            for chunks in _backwards(await _indexed(connection)):
                count += int((await connection.execute(wanted.where(c.chunk.in_(chunks)))).scalar_one()) // WIDTH
        return count

    @cached_property
    def _appending(self) -> Appending:
        return Appending(self._writing)

    @cached_property
    def _writing(self) -> Writing:
        if self.engine.dialect.name == "postgresql":
            return PostgresqlWriting(self.engine)
        return SqliteWriting(self.engine.url)

    async def _trim(self, before: int) -> None:
        """Take the places below one out of the index."""
        c, chunk = audit_index.c, chunk_of(before)
        async with self.engine.begin() as connection:
            await connection.execute(delete(audit_index).where(c.chunk < chunk))
            for row in (await connection.execute(select(audit_index).where(c.chunk == chunk))).all():
                own = (c.uscc == row.uscc) & (c.chunk == chunk)
                left = [place for place in unpacked(chunk, row.places) if place >= before]
                change = update(audit_index).values(places=packed(chunk, left)) if left else delete(audit_index)
                await connection.execute(change.where(own))


async def _indexed(connection: AsyncConnection) -> int:
    return int((await connection.execute(select(audit_indexed.c.place))).scalar_one())


def _backwards(end: int) -> Iterator[list[int]]:
    """Give the chunks of the places below one, the last first, some at a time."""
    for last in range(chunk_of(end - 1), -1, -_CHUNKS_AT_ONCE):
        yield [*range(last, max(last - _CHUNKS_AT_ONCE, -1), -1)]


def _tree(found: Found[tuple[object, ...]]) -> Tree:
    return Tree(found.algorithm, found.size, bytes(found.peaks), found.signed, found.kept)
