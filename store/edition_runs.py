"""Runs of editions: what has been read of the sources is kept page by page, so that a run that broke off goes on."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store.edition_records import utc
from store.edition_tables import edition_page, edition_run
from store.engine import alone
from store.telling import tell

_LOCK = 0x1220_ED18
"""Number of PostgreSQL's advisory lock: whoever continues a run does so alone."""


EDITION_RUN = "EditionRun"
"""Topic of the events of runs; their id is what the run is of."""


class RunTakenOver(Exception):
    """Somebody else has begun the same run meanwhile, and goes on with it."""

    def __init__(self) -> None:
        super().__init__("The same run was begun a second time meanwhile; this one stops, the other goes on.")


@dataclass(frozen=True, slots=True)
class Run:
    """A run, as one that holds it sees it."""

    id: str
    begun_at: datetime
    holder: str
    resumed: bool
    """It had been begun before, and broke off."""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """What was read of a feed at a time, and where to continue behind it."""

    place: int
    position: str | None
    last: bool
    bytes: bytes


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a run has come."""

    begun_at: datetime
    feed: str | None
    """What was read last; None: nothing yet."""
    read: int | None
    """Records or enterprises that were read of it."""
    total: int | None
    """Of how many, where that is known."""


@dataclass(frozen=True)
class Runs:
    """The runs in a store."""

    engine: AsyncEngine
    within: AsyncConnection | None = None
    """The transaction that changes take part in; None: each has its own."""

    async def begin(self, id: str, *, anew: bool = False, edition: str | None = None) -> Run:
        """Begin a run, or go on with one that broke off, unless it is to begin anew.

        `edition` is what it will be, without its number, for those who watch.
        """
        holder = uuid.uuid4().hex
        async with alone(self.engine, _LOCK, self.within) as connection:
            found = (await connection.execute(select(edition_run).where(edition_run.c.id == id))).first()
            if found is not None and not anew:
                await connection.execute(update(edition_run).where(edition_run.c.id == id).values(holder=holder))
                return Run(id, utc(found.begun_at), holder, resumed=True)
            await _forget(connection, id)
            begun = datetime.now(UTC)
            row = {"id": id, "begun_at": begun, "holder": holder, "edition": edition}
            await connection.execute(insert(edition_run).values(row))
            await _tell(connection, edition)
        return Run(id, begun, holder, resumed=False)

    async def reached(self, edition: str) -> Reached | None:
        """Return how far the run of an edition without its number has come; of several, the newest begun."""
        c = edition_run.c
        wanted = select(c.begun_at, c.feed, c.read, c.total).where(c.edition == edition)
        async with self.engine.connect() as connection:
            row = (await connection.execute(wanted.order_by(c.begun_at.desc(), c.id).limit(1))).first()
        return Reached(utc(row.begun_at), row.feed, row.read, row.total) if row else None

    async def newest(self, run: Run, feed: str) -> tuple[int, str | None, bool] | None:
        """Return place, position and `last` of the newest page of a feed; None if there is none."""
        c = edition_page.c
        wanted = select(c.place, c.position, c.last).where(c.run == run.id, c.feed == feed)
        async with self.engine.connect() as connection:
            row = (await connection.execute(wanted.order_by(c.place.desc()).limit(1))).first()
        return (row.place, row.position, row.last) if row else None

    async def pages(self, run: Run, feed: str) -> list[KeptPage]:
        """Return the pages of a feed, in order."""
        c = edition_page.c
        wanted = select(edition_page).where(c.run == run.id, c.feed == feed).order_by(c.place)
        async with self.engine.connect() as connection:
            return [KeptPage(row.place, row.position, row.last, row.bytes) for row in await connection.execute(wanted)]

    async def keep(
        self, run: Run, feed: str, page: KeptPage, read: int | None = None, total: int | None = None
    ) -> None:
        """Keep a page, and how many were read up to it; raise RunTakenOver if somebody else has the run now."""
        async with alone(self.engine, _LOCK, self.within) as connection:
            await _check(connection, run)
            await connection.execute(
                insert(edition_page).values(
                    run=run.id, feed=feed, place=page.place, position=page.position, last=page.last, bytes=page.bytes
                )
            )
            if read is not None:
                c = edition_run.c
                come = update(edition_run).where(c.id == run.id).values(feed=feed, read=read, total=total)
                await _tell(connection, (await connection.execute(come.returning(c.edition))).scalar_one())

    async def forget_feed(self, run: Run, feed: str) -> None:
        """Forget the pages of a feed, which has to be read again; raise RunTakenOver."""
        async with alone(self.engine, _LOCK, self.within) as connection:
            await _check(connection, run)
            c = edition_page.c
            await connection.execute(delete(edition_page).where(c.run == run.id, c.feed == feed))

    async def end(self, run: Run) -> None:
        """Forget a run that has done its work."""
        async with alone(self.engine, _LOCK, self.within) as connection:
            await _check(connection, run)
            await _forget(connection, run.id)


async def _check(connection: AsyncConnection, run: Run) -> None:
    holder = select(edition_run.c.holder).where(edition_run.c.id == run.id)
    if (await connection.execute(holder)).scalar() != run.holder:
        raise RunTakenOver


async def _tell(connection: AsyncConnection, edition: str | None) -> None:
    if edition is not None:
        await tell(connection, [(EDITION_RUN, edition, 1)], datetime.now(UTC))


async def _forget(connection: AsyncConnection, id: str) -> None:
    await connection.execute(delete(edition_page).where(edition_page.c.run == id))
    await connection.execute(delete(edition_run).where(edition_run.c.id == id))
