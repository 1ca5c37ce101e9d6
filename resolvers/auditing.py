"""Records written before answers leave: gathered while the store is at work, appended together, waited for briefly."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from datetime import datetime

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.audit.growing import frontier_of, grown
from auth.audit.record import Kind, Outcome, Record, now
from auth.audit.refusals import Refusals
from auth.audit.signing import AuditMisconfigured, BadSignature, Head, Keys
from auth.audit.tree import Frontier, Hashing
from resolvers.audit_indexing import Indexer
from store.audit import Ledger
from store.growth import Growth, Node, NotWritten, Row, Tree
from telemetry import metrics

_log = structlog.get_logger()

_PATIENCE = 2.0
"""Seconds that an answer waits for its record."""
_SOON = 0.01
"""Seconds between two looks at who has waited too long, at the least."""
_MINUTE = 60.0
_TELL_AGAIN = 1.0
"""Seconds between two lines of the log that say the same."""
_MOST_AT_ONCE = 500
_JWS = "."
"""Stands in what is signed, and not in what stands until the next record."""


class AuditUnavailable(Exception):
    """The record could not be written, so nothing may be answered."""

    code = "AUDIT_UNAVAILABLE"
    retry_after_seconds = 2

    def __init__(self) -> None:
        super().__init__("What is asked for has to be recorded, and the record could not be written; ask again.")


class Entry(msgspec.Struct, frozen=True):
    """Where a record stands: its place, its leaf, and a tree that holds it."""

    place: int
    leaf: bytes
    frontier: Frontier
    at: datetime

    @property
    def head(self) -> Head:
        """The head of the tree."""
        return _head(self.frontier, self.at)


class _Waiting(msgspec.Struct, eq=False):
    record: Record
    done: asyncio.Future[Entry]
    since: float
    """On the clock of time.monotonic."""


class Auditor:
    """Writes the records of one process, and keeps the index of enterprises up with them."""

    def __init__(
        self, ledger: Ledger, keys: Keys, hashing: Hashing, *, head_seconds: float = 60.0, patience: float = _PATIENCE
    ) -> None:
        """Write nothing yet. A signed head is kept for good once in `head_seconds`, if there are new records."""
        self.ledger = ledger
        self.keys = keys
        self.hashing = hashing
        self._head_seconds = head_seconds
        self._patience = patience
        self._refusals = Refusals()
        self._counter: asyncio.Task[None] | None = None
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._writing: list[_Waiting] = []
        self._watch: asyncio.TimerHandle | None = None
        """Looks who has waited too long; one for all, as hardly anybody has."""
        self._untold, self._told_at = 0, -math.inf
        self._stands = False
        """The newest head that was made here is none that others can check."""
        self._indexer = Indexer(ledger)
        self._written = metrics.AUDIT_RECORDS.labels("written")

    async def write(self, record: Record) -> Entry:
        """Return where a record stands once it is written; raise AuditUnavailable if that takes too long or fails."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(record, loop.create_future(), time.monotonic())
        self._waiting.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._write())
        if self._watch is None:
            self._watch = loop.call_later(self._patience, self._look_who_waits)
        return await waiting.done

    @property
    def behind(self) -> tuple[int, float]:
        """How many records wait to be written or are being written, and for how many seconds the oldest has waited."""
        left = self._left
        return len(left), time.monotonic() - left[0].since if left else 0.0

    def signed_head(self, tree: Tree) -> str:
        """Return the head of a tree with records, signed, so that anybody can check it; raise BadSignature.

        Until then the tree in the store stands, or has been signed before.
        """
        by = tree.signed or ""
        if _JWS in by:
            self.keys.head(by)
            return by
        self.keys.check(_state(self.hashing.value, tree.size, tree.peaks, tree.kept), by)
        return self.keys.sign_head(_head(frontier_of(self.hashing, tree.size, tree.peaks), now()))

    async def write_within(self, connection: AsyncConnection, record: Record) -> None:
        """Write a record in the transaction of what it tells of; raise AuditUnavailable if it cannot be.

        Both are there once the transaction is committed, or neither.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self.ledger.append_within(connection, lambda tree: self._grown(tree, [record])[0])
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            self._tell(1, _said(error))
            metrics.AUDIT_RECORDS.labels("not written").inc()
            raise AuditUnavailable from error
        self._written.inc()
        self._indexer.note([record])

    async def refuse(self, caller: str, record: Record) -> None:
        """Write the record of a refusal to somebody unknown, or count it where there were many in this minute."""
        if self._refusals.admits(caller):
            await self.write(record)
        elif self._counter is None or self._counter.done():
            self._counter = asyncio.create_task(self._count())

    async def index(self) -> None:
        """Put the enterprises of all records into the index; raise NotWritten."""
        await self._indexer.catch_up()

    async def expire(self, before: int, record: Record) -> None:
        """Take out the texts of records at places below one, and write the record that says so."""
        await self._append([record], expire_before=before)
        self._indexer.forget(before)

    async def aclose(self) -> None:
        """Write what waits, and end."""
        if self._counter and not self._counter.done():
            self._counter.cancel()
            await asyncio.gather(self._counter, return_exceptions=True)
            await self._write_count()
        if self._writer:
            await self._writer
        if self._stands:
            await self._sign()
        if self._watch:
            self._watch.cancel()
            self._watch = None
        await self._indexer.aclose()
        await self.ledger.aclose()

    @property
    def _left(self) -> list[_Waiting]:
        """Who still waits, the oldest first."""
        return [one for one in (*self._writing, *self._waiting) if not one.done.done()]

    def _look_who_waits(self) -> None:
        """Disappoint who has waited too long; look again when the next one may have."""
        begun = time.monotonic() - self._patience
        if late := [one for one in self._left if one.since <= begun]:
            self._disappoint(late, f"it takes longer than {self._patience:g} seconds")
        self._watch = None
        if left := self._left:
            again = max(left[0].since - begun, _SOON)
            self._watch = asyncio.get_running_loop().call_later(again, self._look_who_waits)

    def _disappoint(self, waiting: Sequence[_Waiting], why: str, unexpected: Exception | None = None) -> None:
        """Tell those who still wait that their records are not written."""
        left = [one for one in waiting if not one.done.done()]
        self._tell(len(waiting), why, unexpected)
        metrics.AUDIT_RECORDS.labels("not written").inc(len(left))
        for one in left:
            one.done.set_exception(AuditUnavailable())

    def _tell(self, records: int, why: str, unexpected: Exception | None = None) -> None:
        """Tell the log, once a second at most: while the store is away, every question has a record."""
        self._untold += records
        now = time.monotonic()
        if unexpected is not None or now - self._told_at >= _TELL_AGAIN:
            _log.error("audit.not_written", records=self._untold, exc_info=unexpected, error=why)
            self._untold, self._told_at = 0, now

    async def _count(self) -> None:
        """Record after a minute how many refusals were only counted."""
        while True:
            await asyncio.sleep(_MINUTE)
            if await self._write_count():
                return

    async def _write_count(self) -> bool:
        count = self._refusals.taken()
        try:
            await self.write(Record(now(), Kind.REFUSALS, Outcome.REFUSED, count=count))
        except AuditUnavailable:
            self._refusals.give_back(count)
            return False
        return True

    async def _write(self) -> None:
        """Append what waits, batch by batch, until nothing does."""
        while self._waiting:
            # Who has gone or given up gets no answer, and so needs no record.
            waiting = [one for one in self._waiting if not one.done.done()]
            batch, self._waiting = waiting[:_MOST_AT_ONCE], waiting[_MOST_AT_ONCE:]
            if not batch:
                return
            self._writing = batch
            try:
                entries = await self._append([one.record for one in batch])
            except Exception as error:
                known = isinstance(error, SQLAlchemyError | NotWritten | OSError)
                self._disappoint(batch, _said(error), None if known else error)
                continue
            for one, entry in zip(batch, entries, strict=True):
                if not one.done.done():
                    one.done.set_result(entry)
            self._written.inc(len(batch))
            self._indexer.note([one.record for one in batch], entries[0].place)

    async def _sign(self) -> None:
        """Sign the tree's newest head, which without its key could not be checked once the next key has taken over."""

        def signed(tree: Tree) -> Growth:
            return Growth((), (), msgspec.structs.replace(tree, signed=self.signed_head(tree)), False)

        try:
            async with asyncio.timeout(self._patience):
                await self.ledger.append(signed)
        except (BadSignature, SQLAlchemyError, NotWritten, OSError) as error:
            _log.warning("audit.not_signed", error=type(error).__name__, instead="with the next record")

    async def _append(self, records: Sequence[Record], expire_before: int = 0) -> list[Entry]:
        entries: list[Entry] = []

        def grow(tree: Tree) -> Growth:
            growth, found = self._grown(tree, records)
            entries[:] = found
            return growth

        await self.ledger.append(grow, expire_before)
        return entries

    def _grown(self, tree: Tree, records: Sequence[Record]) -> tuple[Growth, list[Entry]]:
        agreeing(tree, self.hashing)
        more = grown(frontier_of(self.hashing, tree.size, tree.peaks), records)
        frontier, algorithm, moment = more.frontier, self.hashing.value, records[-1].at
        size, peaks, seconds = frontier.size, b"".join(frontier.peaks), int(time.time())
        keeps = seconds - tree.kept >= self._head_seconds
        if keeps:
            after = Tree(algorithm, size, peaks, self.keys.sign_head(_head(frontier, moment)), seconds)
        else:
            by = self.keys.stand_by(_state(algorithm, size, peaks, tree.kept))
            after = Tree(algorithm, size, peaks, by, tree.kept)
        self._stands = not keeps
        rows = [Row(leaf.place, leaf.text, leaf.hash) for leaf in more.leaves]
        growth = Growth(rows, [Node(*node) for node in more.nodes], after, keeps)
        return growth, [Entry(leaf.place, leaf.hash, frontier, moment) for leaf in more.leaves]


def _head(frontier: Frontier, at: datetime) -> Head:
    return Head(frontier.hashing.value, frontier.size, frontier.root().hex(), at)


def _state(algorithm: str, size: int, peaks: bytes, kept: int) -> bytes:
    """Return what stands of a tree in the store: each of it in its place, so that none can pass for another."""
    return f"{algorithm} {size} {kept} ".encode() + peaks


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, NotWritten) else str(getattr(error, "orig", None) or type(error).__name__)


def agreeing(tree: Tree, hashing: Hashing) -> None:
    """Raise AuditMisconfigured if a tree was begun with another hash function."""
    if tree.algorithm not in (None, hashing.value):
        raise AuditMisconfigured(
            f"HUB_AUDIT_HASH: it is {hashing.value}, and the audit was begun with {tree.algorithm}. Set it to that."
        )
