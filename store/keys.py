"""API keys of partners' machines: their digests, what they are for, until when, and when they were used last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from store.news import next_change
from store.tables import api_key, api_key_change

_ALL = 1
"""The one row in which changes are counted."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was made, and perhaps revoked; never deleted."""

    prefix: str
    digest: str
    client: str
    scopes: frozenset[str] | None
    """Groups that it is limited to; None: all that its client may."""
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    """To the minute."""


@dataclass(frozen=True)
class Keys:
    """The keys in a store."""

    engine: AsyncEngine

    async def create(self, made: Key) -> None:
        """Keep a new key."""
        async with self.engine.begin() as connection:
            change = await next_change(connection, api_key_change, _ALL)
            await connection.execute(insert(api_key).values(_row(made, change)))

    async def revoke(self, prefix: str) -> Key | None:
        """Revoke a key; return it as it is then, None if there is none of this prefix."""
        own = api_key.c.prefix == prefix
        async with self.engine.begin() as connection:
            change = await next_change(connection, api_key_change, _ALL)
            still = own & api_key.c.revoked_at.is_(None)
            await connection.execute(update(api_key).where(still).values(revoked_at=datetime.now(UTC), change=change))
            found = (await connection.execute(select(api_key).where(own))).first()
            return _key(found) if found else None

    async def all(self) -> Sequence[Key]:
        """Return every key, the newest first."""
        wanted = select(api_key).order_by(api_key.c.created_at.desc(), api_key.c.prefix)
        async with self.engine.connect() as connection:
            return [_key(row) for row in await connection.execute(wanted)]

    async def changed(self, since: int) -> tuple[int, Sequence[Key]]:
        """Return the number of the last change, and the keys that were made or revoked since another."""
        async with self.engine.connect() as connection:
            counted = select(api_key_change.c.change).where(api_key_change.c.id == _ALL)
            last = (await connection.execute(counted)).scalar() or 0
            if last <= since:
                return since, []
            news = select(api_key).where(api_key.c.change > since, api_key.c.change <= last)
            return last, [_key(row) for row in await connection.execute(news)]

    async def note_used(self, moments: Mapping[str, datetime]) -> None:
        """Write when keys were used, unless they were used later since."""
        async with self.engine.begin() as connection:
            for prefix, moment in sorted(moments.items()):
                earlier = or_(api_key.c.last_used_at.is_(None), api_key.c.last_used_at < moment)
                own = update(api_key).where(api_key.c.prefix == prefix, earlier)
                await connection.execute(own.values(last_used_at=moment))


def _row(made: Key, change: int) -> dict[str, object]:
    return {
        "prefix": made.prefix, "digest": made.digest, "client": made.client,
        "scopes": None if made.scopes is None else ",".join(sorted(made.scopes)),
        "created_at": made.created_at, "expires_at": made.expires_at, "revoked_at": made.revoked_at,
        "last_used_at": made.last_used_at, "change": change,
    }  # fmt: skip


def _key(row: Row[tuple[object, ...]]) -> Key:
    return Key(
        row.prefix,
        row.digest,
        row.client,
        None if row.scopes is None else frozenset(filter(None, row.scopes.split(","))),
        _utc(row.created_at),
        _utc(row.expires_at),
        _utc(row.revoked_at) if row.revoked_at else None,
        _utc(row.last_used_at) if row.last_used_at else None,
    )


def _utc(moment: datetime) -> datetime:
    """SQLite gives times without their zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
