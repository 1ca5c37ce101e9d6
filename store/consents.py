"""Consents 授权: an enterprise lets an organisation see groups of its fields, for purposes, for a time."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from secrets import token_bytes

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from codes.access import DataGroup, Purpose
from store.changes import Kind
from store.engine import joining
from store.news import next_change
from store.tables import consent, consent_grantee


@dataclass(frozen=True, slots=True)
class Agreement:
    """What an enterprise agrees to; both days are included."""

    uscc: str
    grantee: str
    groups: frozenset[DataGroup]
    purposes: frozenset[Purpose]
    first_day: date
    last_day: date
    evidence: str | None
    evidence_hash: str | None
    granted_by: str


@dataclass(frozen=True, slots=True)
class Consent:
    """An agreement that was given, and perhaps withdrawn; never deleted."""

    id: str
    agreement: Agreement
    granted_at: datetime
    withdrawn_at: datetime | None

    @property
    def uscc(self) -> str:
        """The enterprise that agreed."""
        return self.agreement.uscc

    def covers(self, group: DataGroup, purpose: Purpose, day: date) -> bool:
        """Say whether it lets its grantee see a group of fields for a purpose on a day."""
        agreed = self.agreement
        return (
            self.withdrawn_at is None
            and agreed.first_day <= day <= agreed.last_day
            and group in agreed.groups
            and purpose in agreed.purposes
        )


def fresh_id() -> str:
    """Return the id of a new consent: short, as a record has those of all consents by which something was seen."""
    return b32encode(token_bytes(10)).decode().lower()


CONSENT = Kind("Consent", Consent)


@dataclass(frozen=True)
class Consents:
    """The consents in a store."""

    engine: AsyncEngine
    within: AsyncConnection | None = None
    """The transaction that changes take part in; None: each has its own."""

    async def grant(self, agreement: Agreement) -> Consent:
        """Keep a new consent; return it."""
        made = Consent(fresh_id(), agreement, datetime.now(UTC), None)
        async with joining(self.engine, self.within) as connection:
            change = await next_change(connection, consent_grantee, agreement.grantee)
            await connection.execute(insert(consent).values(_row(made, change)))
        return made

    async def withdraw(self, id: str, uscc: str) -> Consent | None:
        """Withdraw an enterprise's consent; return it as it is then, None if the enterprise has none of this id."""
        own = (consent.c.id == id) & (consent.c.uscc == uscc)
        async with joining(self.engine, self.within) as connection:
            found = (await connection.execute(select(consent).where(own))).first()
            if found is None:
                return None
            if found.withdrawn_at is None:
                change = await next_change(connection, consent_grantee, found.grantee)
                still = own & consent.c.withdrawn_at.is_(None)
                await connection.execute(
                    update(consent).where(still).values(withdrawn_at=datetime.now(UTC), change=change)
                )
            return _consent((await connection.execute(select(consent).where(own))).one())

    async def of_enterprises(self, codes: Sequence[str]) -> dict[str, list[Consent]]:
        """Return the consents of each enterprise, the newest first."""
        found: dict[str, list[Consent]] = {code: [] for code in codes}
        wanted = select(consent).where(consent.c.uscc.in_(found)).order_by(consent.c.granted_at.desc(), consent.c.id)
        async with self.engine.connect() as connection:
            for row in await connection.execute(wanted):
                found[row.uscc].append(_consent(row))
        return found

    async def changed(self, grantee: str, since: int) -> tuple[int, list[Consent]]:
        """Return the number of an organisation's last change, and the consents to it that changed since another."""
        async with self.engine.connect() as connection:
            counted = select(consent_grantee.c.change).where(consent_grantee.c.grantee == grantee)
            last = (await connection.execute(counted)).scalar() or 0
            if last <= since:
                return since, []
            news = select(consent).where(
                consent.c.grantee == grantee, consent.c.change > since, consent.c.change <= last
            )
            return last, [_consent(row) for row in await connection.execute(news)]


def _row(made: Consent, change: int) -> dict[str, object]:
    agreed = made.agreement
    return {
        "id": made.id, "uscc": agreed.uscc, "grantee": agreed.grantee, "granted_by": agreed.granted_by,
        "groups": ",".join(sorted(group.value for group in agreed.groups)),
        "purposes": ",".join(sorted(purpose.value for purpose in agreed.purposes)),
        "first_day": agreed.first_day, "last_day": agreed.last_day, "evidence": agreed.evidence,
        "evidence_hash": agreed.evidence_hash, "granted_at": made.granted_at, "withdrawn_at": None, "change": change,
    }  # fmt: skip


def _consent(row: Row[tuple[object, ...]]) -> Consent:
    agreed = Agreement(
        row.uscc,
        row.grantee,
        frozenset(map(DataGroup, row.groups.split(","))),
        frozenset(map(Purpose, row.purposes.split(","))),
        row.first_day,
        row.last_day,
        row.evidence,
        row.evidence_hash,
        row.granted_by,
    )
    return Consent(row.id, agreed, _utc(row.granted_at), _utc(row.withdrawn_at) if row.withdrawn_at else None)


def _utc(moment: datetime) -> datetime:
    """SQLite gives times without their zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
