"""The audit's index, by which an enterprise's records are found: filled behind, many records at a time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from auth.audit.record import Malformed, Record, codes_of
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
_RECORDS = 256
"""Records read at a time."""
_BREATH = 5_000
"""Looks after which others have their turn."""


class Indexer:
    """Keeps the index of a ledger up with its records."""

    def __init__(self, ledger: Ledger) -> None:
        """Wait for records."""
        self._ledger = ledger
        self._waiting = 0
        self._enough = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ending = False

    def note(self, records: Sequence[Record]) -> None:
        """Count records that were appended; they are put in once there are enough, or a while later."""
        self._waiting += sum(record.size for record in records)
        if self._waiting >= _ENOUGH:
            self._enough.set()
        if not self._ending and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._behind())

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
            _log.warning("audit.not_indexed", error=type(error).__name__, instead="before an access log is read")

    async def _put_in(self) -> bool:
        """Put the next records in; say whether there may be more."""
        begin = end = await self._ledger.indexed()
        places = _Places()
        more = True
        while more and places.count < _AT_ONCE:
            rows = await self._ledger.rows(end, most=_RECORDS)
            more = len(rows) == _RECORDS
            for row in rows:
                if row.record is not None:
                    places.put(row.place, _codes(row.record))
                if places.rests():
                    await asyncio.sleep(0)
            end = rows[-1].place + 1 if rows else end
        if end == begin:
            return False
        return not await self._ledger.enter(begin, end, places.by_chunk) or more


class _Places:
    """Places of records by chunk and code, packed."""

    def __init__(self) -> None:
        self.by_chunk: dict[int, defaultdict[str, bytearray]] = {}
        self.count = 0
        self._rested = 0

    def put(self, place: int, codes: frozenset[str]) -> None:
        chunk = chunk_of(place)
        by_code = self.by_chunk.setdefault(chunk, defaultdict(bytearray))
        written = packed(chunk, (place,))
        for code in codes:
            by_code[code] += written
        self.count += len(codes)

    def rests(self) -> bool:
        if self.count - self._rested < _BREATH:
            return False
        self._rested = self.count
        return True


def _codes(text: str) -> frozenset[str]:
    """Return the enterprises of a record; none of one that somebody has spoilt, which `audit verify` names."""
    try:
        return codes_of(text)
    except Malformed:
        return frozenset()
