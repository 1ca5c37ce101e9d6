"""Trusted documents: which documents a client may ask by their hash alone, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from store.document_tables import trusted_document, trusted_document_change
from store.news import next_change

_ALL = 1
"""The one row in which changes are counted."""


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    """A document that a client may ask."""

    client: str
    hash: str
    """SHA-256 of its text in UTF-8, in lower-case hexadecimal digits."""
    name: str
    """Of its one operation."""
    text: str
    registered_at: datetime
    removed_at: datetime | None = None


@dataclass(frozen=True)
class TrustedDocuments:
    """The trusted documents in a store."""

    engine: AsyncEngine

    async def register(self, documents: Sequence[TrustedDocument]) -> None:
        """Keep documents, those included that were removed before, all or none."""
        async with self.engine.begin() as connection:
            change = await next_change(connection, trusted_document_change, _ALL)
            for one in documents:
                own = (trusted_document.c.client == one.client) & (trusted_document.c.hash == one.hash)
                await connection.execute(delete(trusted_document).where(own))
                await connection.execute(insert(trusted_document).values(_row(one, change)))

    async def remove(self, client: str, hashes: Sequence[str]) -> None:
        """Trust documents no longer."""
        async with self.engine.begin() as connection:
            change = await next_change(connection, trusted_document_change, _ALL)
            own = (trusted_document.c.client == client) & trusted_document.c.hash.in_(hashes)
            gone = {"removed_at": datetime.now(UTC), "change": change}
            await connection.execute(
                update(trusted_document).where(own & trusted_document.c.removed_at.is_(None)).values(gone)
            )

    async def all(self) -> Sequence[TrustedDocument]:
        """Return every document that is trusted, by client and name, the newest of a name first."""
        columns = trusted_document.c
        wanted = select(trusted_document).where(columns.removed_at.is_(None))
        ordered = wanted.order_by(columns.client, columns.name, columns.registered_at.desc(), columns.hash)
        async with self.engine.connect() as connection:
            return [_document(row) for row in await connection.execute(ordered)]

    async def changed(self, since: int) -> tuple[int, Sequence[TrustedDocument]]:
        """Return the number of the last change, and what was registered or removed since another."""
        async with self.engine.connect() as connection:
            counted = select(trusted_document_change.c.change).where(trusted_document_change.c.id == _ALL)
            last = (await connection.execute(counted)).scalar() or 0
            if last <= since:
                return since, []
            columns = trusted_document.c
            news = select(trusted_document).where(columns.change > since, columns.change <= last)
            return last, [_document(row) for row in await connection.execute(news.order_by(columns.registered_at))]


def _row(one: TrustedDocument, change: int) -> dict[str, object]:
    return {
        "client": one.client, "hash": one.hash, "name": one.name, "document": one.text,
        "registered_at": one.registered_at, "removed_at": one.removed_at, "change": change,
    }  # fmt: skip


def _document(row: Row[tuple[object, ...]]) -> TrustedDocument:
    removed = _utc(row.removed_at) if row.removed_at else None
    return TrustedDocument(row.client, row.hash, row.name, row.document, _utc(row.registered_at), removed)


def _utc(moment: datetime) -> datetime:
    """SQLite gives times without their zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
