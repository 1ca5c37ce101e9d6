"""The key map: identifiers by which other systems know enterprises, with days of validity and confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from codes.kinds import IdentifierKind
from store.identifier_tables import identifier_link

SURE = Decimal("0.80")
"""Links of less confidence are shown, and no source is asked by them."""
_C = identifier_link.c


@dataclass(frozen=True, slots=True)
class Link:
    """That an enterprise is known by an identifier, from a day to a day, both included, or without end."""

    id: str
    uscc: str
    kind: IdentifierKind
    value: str
    valid_from: date | None
    valid_to: date | None
    confidence: Decimal
    """From 0 to 1."""
    origin: str
    """Who says so."""
    noted_at: datetime
    withdrawn_at: datetime | None = None
    reason: str | None = None

    @property
    def sure(self) -> bool:
        """Whether sources may be asked by it."""
        return self.confidence >= SURE


@dataclass(frozen=True)
class Identifiers:
    """The key map in a store."""

    engine: AsyncEngine

    async def add(self, links: Sequence[Link]) -> None:
        """Keep links, all or none."""
        async with self.engine.begin() as connection:
            for one in links:
                await connection.execute(insert(identifier_link).values(_row(one)))

    async def withdraw(self, id: str, reason: str) -> bool:
        """Withdraw a link that is wrong; say whether there was one that stood."""
        stands = (_C.id == id) & _C.withdrawn_at.is_(None)
        async with self.engine.begin() as connection:
            changed = update(identifier_link).where(stands).values(withdrawn_at=datetime.now(UTC), reason=reason)
            return (await connection.execute(changed)).rowcount == 1

    async def of(self, given: str, *, withdrawn: bool = False) -> list[Link]:
        """Return the links of a credit code or an identifier, the surest first; on demand those withdrawn, too."""
        wanted = select(identifier_link).where(or_(_C.uscc == given, _C.value == given))
        if not withdrawn:
            wanted = wanted.where(_C.withdrawn_at.is_(None))
        async with self.engine.connect() as connection:
            rows = await connection.execute(wanted.order_by(_C.confidence.desc(), _C.noted_at.desc(), _C.id))
            return [_link(row) for row in rows]


async def published(connection: AsyncConnection, codes: Sequence[str] | None) -> Sequence[Mapping[str, Any]]:
    """Return the hub's own records of the collection `identifiers`: of each kind the surest that is valid today."""
    today = datetime.now(UTC).date()
    wanted = select(identifier_link).where(
        _C.withdrawn_at.is_(None),
        _C.confidence >= SURE,
        or_(_C.valid_from.is_(None), _C.valid_from <= today),
        or_(_C.valid_to.is_(None), _C.valid_to >= today),
    )
    if codes is not None:
        wanted = wanted.where(_C.uscc.in_(codes))
    found: dict[str, dict[str, Any]] = {}
    for row in await connection.execute(wanted.order_by(_C.uscc, _C.confidence.desc(), _C.noted_at.desc(), _C.id)):
        empty: dict[str, Any] = dict.fromkeys(one.value.lower() for one in IdentifierKind)
        record = found.setdefault(row.uscc, {"uscc": row.uscc, **empty, "as_of": row.noted_at, "synthetic": False})
        if record[row.kind.lower()] is None:
            record[row.kind.lower()] = row.value
    return list(found.values())


def _row(one: Link) -> dict[str, Any]:
    return {
        "id": one.id, "uscc": one.uscc, "kind": one.kind.value, "value": one.value, "valid_from": one.valid_from,
        "valid_to": one.valid_to, "confidence": one.confidence, "origin": one.origin, "noted_at": one.noted_at,
    }  # fmt: skip


def _link(row: Row[Any]) -> Link:
    return Link(
        row.id, row.uscc, IdentifierKind(row.kind), row.value, row.valid_from, row.valid_to, Decimal(row.confidence),
        row.origin, row.noted_at, row.withdrawn_at, row.reason,
    )  # fmt: skip
