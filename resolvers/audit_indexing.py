"""The audit's index, by which an enterprise's records are found: filled behind, many records at a time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from auth.audit.record import Looks, Malformed, Record, codes_of, enterprises_of
from store.audit import Ledger
from store.growth import NotWritten
from store.places import chunk_of, packed

_log = structlog.get_logger()

_ENOUGH = 200_000
"""Looks at enterprises that wait to be put in before they are: an enterprise that was looked at often costs a row."""
_LATEST = 600.0
"""Seconds after which they are put in however few they are."""
_AT_ONCE = 500_000
"""Looks that are put in together."""
_ROWS = 20_000
"""Rows of the index that are written together, about: records wait for their turn meanwhile."""
_RECORDS = 256
"""Records read at a time."""
_BREATH = 5_000
"""Enterprises after which others have their turn."""


class Indexer:
    """Keeps the index of a ledger up with its records."""

    def __init__(self, ledger: Ledger) -> None:
        """Wait for records."""
        self._ledger = ledger
        self._own: dict[int, Sequence[Looks]] = {}
        """Looks by place, of records that were written here and are not known to be in: they need not be read."""
        self._waiting = 0
        self._enough = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ending = False

    def note(self, records: Sequence[Record], first: int | None = None) -> None:
        """Count records that were appended, from which place on if that is certain.

        They are put in once there are enough, or a while later.
        """
        if first is not None:
            self._own.update(enumerate([record.looks for record in records], first))
        self._waiting += sum(max(record.size, 1) for record in records)
        if self._waiting >= _ENOUGH:
            self._enough.set()
        if not self._ending and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._behind())

    def forget(self, before: int) -> None:
        """Forget the looks of records at places below one: they are in, or have expired."""
        self._own = {place: looks for place, looks in self._own.items() if place >= before}

    async def catch_up(self) -> None:
        """Put all records in; raise NotWritten."""
        self._waiting = 0
        self._enough.clear()
        while await self._put_in():
            pass

    async def aclose(self) -> None:
        """End; what has not been put in is when the next records are, or a log is read."""
        self._ending = True
        self._enough.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)  # cancelled, it might leave a connection open

    async def _behind(self) -> None:
        try:
            async with asyncio.timeout(_LATEST):
                await self._enough.wait()
        except TimeoutError:
            pass
        try:
            self._waiting = 0
            self._enough.clear()
            while not self._ending and await self._put_in():
                pass
        except (SQLAlchemyError, NotWritten, OSError) as error:
            self._own.clear()  # until it succeeds there may be many more
            _log.warning("audit.not_indexed", error=type(error).__name__, instead="before an access log is read")

    async def _put_in(self) -> bool:
        """Put the next records in; say whether there may be more."""
        begin = end = await self._ledger.indexed()
        size = (await self._ledger.tree()).size
        self.forget(begin)
        gathered = _Gathered()
        while end < size and gathered.looks < _AT_ONCE and gathered.rows < _ROWS:
            some = range(end, min(end + _RECORDS, size))
            for place, codes in await self._enterprises(some):
                gathered.add(place, codes)
            end = some.stop
        if end == begin:
            return False
        return not await self._ledger.enter(begin, end, await gathered.packed()) or end < size

    async def _enterprises(self, places: range) -> list[tuple[int, Collection[str]]]:
        """Return the enterprises of the records at some places; what was written elsewhere is read."""
        found = {place: enterprises_of(self._own[place]) for place in places if place in self._own}
        if others := [place for place in places if place not in found]:
            rows = await self._ledger.at(others)
            found |= {place: _codes(row.record) for place, row in rows.items() if row.record is not None}
        return sorted(found.items())


class _Gathered:
    """Places of records by chunk and code, those of records about the same enterprises together.

    Who watches a portfolio looks at the same enterprises again and again.
    """

    def __init__(self) -> None:
        self.looks = 0
        self._alike: dict[int, defaultdict[Collection[str], list[int]]] = {}
        self._codes: dict[int, set[str]] = {}

    @property
    def rows(self) -> int:
        """How many rows of the index it makes."""
        return sum(map(len, self._codes.values()))

    def add(self, place: int, codes: Collection[str]) -> None:
        chunk = chunk_of(place)
        alike = self._alike.setdefault(chunk, defaultdict(list))
        if codes not in alike:
            self._codes.setdefault(chunk, set()).update(codes)
        alike[codes].append(place)
        self.looks += len(codes)

    async def packed(self) -> dict[int, dict[str, bytearray]]:
        """Return the places of each code in each chunk, packed."""
        found: dict[int, dict[str, bytearray]] = {}
        passed = 0
        for chunk, alike in self._alike.items():
            by_code = found[chunk] = {code: bytearray() for code in self._codes.get(chunk, ())}
            for codes, places in alike.items():
                written = packed(chunk, places)
                for entry in map(by_code.__getitem__, codes):
                    entry.extend(written)
                passed += len(codes)
                if passed >= _BREATH:
                    passed = 0
                    await asyncio.sleep(0)
        return found


def _codes(text: str) -> Collection[str]:
    """Return the enterprises of a record; none of one that somebody has spoilt, which `audit verify` names."""
    try:
        return codes_of(text)
    except Malformed:
        return ()
