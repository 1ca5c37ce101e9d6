"""Loan applications in the store, from the enterprise's request to the last repayment.

Line, drawn and balance are three numbers: what was granted, what was paid out of it so far, and what of that is still
owed. An application keeps the product as it was when it was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec
from sqlalchemy import ColumnElement, and_, false, func, insert, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from codes.access import DataGroup
from codes.flow import Party
from codes.kinds import GuaranteeKind
from codes.lending import ENDED, GRANTED, LoanState, MovementKind
from store.changes import Change, Noun, Thing, plain, thing_of
from store.lending_tables import loan_application, loan_movement

ZERO = Decimal("0.00")


class AppliedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A loan product as it was when it was applied for."""

    id: str
    version: int | None = None
    """Of a product that was listed in the hub; what a source delivers has none."""
    name: str | None = None
    lender: str | None = None
    branch: str | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    rate_min: Decimal | None = None
    rate_text: str | None = None
    term_months_max: int | None = None
    revolving: bool | None = None
    guarantee_kinds: tuple[GuaranteeKind, ...] = ()
    gate: str | None = None
    as_of: datetime | None = None
    source: str | None = None
    synthetic: bool | None = None


class LoanApplication(Thing, frozen=True, kw_only=True):
    """An enterprise's application for a loan product; amounts in CNY yuan, the rate in per cent a year."""

    uscc: str
    zone_id: str | None = None
    """On whose roster the enterprise was when it applied."""
    author: str
    demand_id: str
    demand_version: int
    product_id: str
    product: AppliedProduct
    lender: str
    guarantor: str | None = None
    amount: Decimal
    term_months: int
    about: str
    guarantee_kinds: tuple[GuaranteeKind, ...]
    state: LoanState
    reason: str | None = None
    """Why it was rejected or withdrawn."""
    line: Decimal | None = None
    rate: Decimal | None = None
    rate_basis: str | None = None
    line_expires_on: date | None = None
    """The last day on which it can be signed and drawn."""
    signed_on: date | None = None
    revolving: bool = False
    """What was repaid of the line can be drawn again."""
    drawn: Decimal = ZERO
    repaid: Decimal = ZERO
    created_at: datetime
    changed_at: datetime

    @property
    def balance(self) -> Decimal:
        """What is still owed."""
        return self.drawn - self.repaid

    @property
    def available(self) -> Decimal | None:
        """What of a line can still be drawn; None where there is none. Repaid amounts only where it revolves."""
        if self.line is None or self.state not in GRANTED:
            return None
        return self.line - (self.balance if self.revolving else self.drawn)

    @property
    def parties(self) -> Mapping[Party, str]:
        """The enterprise, the lender, and the guarantee company that the enterprise has named."""
        found = {Party.ENTERPRISE: self.uscc, Party.LENDER: self.lender}
        return found | ({Party.GUARANTOR: self.guarantor} if self.guarantor else {})

    @property
    def principals(self) -> Mapping[Party, str]:
        """Between whom the loan is."""
        return {Party.ENTERPRISE: self.uscc, Party.LENDER: self.lender}


APPLICATION = Noun("LoanApplication", LoanApplication, loan_application, DataGroup.APPLICATIONS)


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """Money that was drawn or repaid."""

    application: str
    version: int
    kind: MovementKind
    amount: Decimal
    day: date
    reference: str | None
    at: datetime


class Lent(msgspec.Struct, frozen=True, kw_only=True):
    """What one lender has granted in a zone through the hub."""

    lender: str
    enterprises: int
    line: Decimal
    drawn: Decimal
    balance: Decimal


Mark = tuple[datetime, str]
"""Where a page goes on: the time and id of the application before it."""


@dataclass(frozen=True)
class Loans:
    """The loan applications in a store."""

    engine: AsyncEngine

    async def page(
        self, of: Mapping[Party, str], states: Sequence[LoanState] | None, size: int, after: Mark | None
    ) -> list[LoanApplication]:
        """Return up to `size` applications that one of these is a party to, the newest first."""
        c = loan_application.c
        wanted = select(loan_application).where(_theirs(of, states)).order_by(c.created_at.desc(), c.id.desc())
        if after is not None:
            wanted = wanted.where(tuple_(c.created_at, c.id) < tuple_(*after))
        async with self.engine.connect() as connection:
            return [thing_of(APPLICATION, row) for row in await connection.execute(wanted.limit(size))]

    async def count(self, of: Mapping[Party, str], states: Sequence[LoanState] | None) -> int:
        """Return how many there are."""
        counted = select(func.count()).select_from(loan_application).where(_theirs(of, states))
        async with self.engine.connect() as connection:
            return int((await connection.execute(counted)).scalar_one())

    async def movements(self, ids: Sequence[str]) -> dict[str, list[Movement]]:
        """Return what was drawn and repaid, the first first."""
        found: dict[str, list[Movement]] = {id: [] for id in ids}
        c = loan_movement.c
        wanted = select(loan_movement).where(c.application.in_(found)).order_by(c.application, c.version)
        async with self.engine.connect() as connection:
            for row in await connection.execute(wanted):
                found[row.application].append(msgspec.convert(plain(row), Movement))
        return found

    async def lent_in(self, zones: Sequence[str], day: date) -> dict[str, list[Lent]]:
        """Return what each lender has granted in each zone: the lines that stand on a day."""
        found: dict[str, list[Lent]] = {zone: [] for zone in zones}
        c = loan_application.c
        wanted = (
            select(
                c.zone_id,
                c.lender,
                func.count(c.uscc.distinct()).label("enterprises"),
                _sum(c.line).label("line"),
                _sum(c.drawn).label("drawn"),
                _sum(c.repaid).label("repaid"),
            )
            .where(c.zone_id.in_(found), stands(day))
            .group_by(c.zone_id, c.lender)
            .order_by(c.zone_id, c.lender)
        )
        async with self.engine.connect() as connection:
            for row in await connection.execute(wanted):
                sums = {"line": row.line, "drawn": row.drawn, "balance": row.drawn - row.repaid}
                found[row.zone_id].append(Lent(lender=row.lender, enterprises=row.enterprises, **sums))
        return found

    async def borrowers_in(self, zones: Sequence[str], day: date) -> dict[str, int]:
        """Return how many enterprises of each zone have a line that stands on a day."""
        c = loan_application.c
        wanted = select(c.zone_id, func.count(c.uscc.distinct())).where(c.zone_id.in_(zones), stands(day))
        async with self.engine.connect() as connection:
            found = {row[0]: int(row[1]) for row in await connection.execute(wanted.group_by(c.zone_id))}
        return {zone: found.get(zone, 0) for zone in zones}


async def is_applied_for(change: Change, demand: str, product: str) -> bool:
    """Say whether an application for a product stands, of a demand that the transaction holds."""
    c = loan_application.c
    same = (c.demand_id == demand) & (c.product_id == product) & c.state.not_in([state.value for state in ENDED])
    found = await change.connection.execute(select(c.id).where(same).limit(1))
    return found.first() is not None


async def move(change: Change, after: LoanApplication, kind: MovementKind, amount: Decimal, day: date, of: str) -> None:
    """Keep what was drawn or repaid, with its reference, as a part of the change that led to this application."""
    row = {
        "application": after.id, "version": after.version, "kind": kind.value, "amount": amount, "day": day,
        "reference": of or None, "at": change.at,
    }  # fmt: skip
    await change.connection.execute(insert(loan_movement).values(row))


def stands(day: date) -> ColumnElement[bool]:
    """Return the condition of applications with a line that stands on a day; a settled one does not any more."""
    c = loan_application.c
    signed = c.state.in_([state.value for state in GRANTED if state is not LoanState.CREDIT_APPROVED])
    return or_(signed, and_(c.state == LoanState.CREDIT_APPROVED.value, c.line_expires_on >= day))


def is_standing(one: LoanApplication, day: date) -> bool:
    """Say the same of one application."""
    expired = one.line_expires_on is None or one.line_expires_on < day
    return one.state in GRANTED and not (one.state is LoanState.CREDIT_APPROVED and expired)


_COLUMNS = {Party.ENTERPRISE: "uscc", Party.LENDER: "lender", Party.GUARANTOR: "guarantor"}


def _theirs(of: Mapping[Party, str], states: Sequence[LoanState] | None) -> ColumnElement[bool]:
    theirs = or_(false(), *(loan_application.c[_COLUMNS[party]] == key for party, key in of.items()))
    if states is None:
        return theirs
    return and_(theirs, loan_application.c.state.in_([state.value for state in states]))


def _sum(column: ColumnElement[Decimal]) -> ColumnElement[Decimal]:
    return func.sum(column, type_=column.type)
