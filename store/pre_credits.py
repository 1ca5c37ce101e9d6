"""Pre-credit 预授信 in the store: lines that a lender holds out to many enterprises at once, and that bind nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec
from sqlalchemy import ColumnElement, and_, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from codes.access import DataGroup
from codes.flow import Party
from codes.lending import PreCreditReason, PreCreditState
from store.changes import Change, Noun, Thing, thing_of
from store.lending_tables import pre_credit, pre_credit_batch

_PARAMETERS = 500
_ROWS = 1_000


class LeftOutCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many were left out for a reason; which ones, only of those that the lender had named itself."""

    reason: PreCreditReason
    count: int
    usccs: tuple[str, ...] | None = None


class PreCreditBatch(Thing, frozen=True, kw_only=True):
    """The same line held out to each of many enterprises of an edition, until a day; amounts in CNY yuan."""

    lender: str
    edition: str
    zone_id: str
    product_id: str | None = None
    line: Decimal
    """For each of them."""
    expires_on: date
    score_at_least: Decimal | None = None
    stage: str | None = None
    offered: int
    """To how many enterprises."""
    left_out: tuple[LeftOutCount, ...]
    state: PreCreditState
    created_at: datetime
    changed_at: datetime

    @property
    def total(self) -> Decimal:
        """What is held out to all of them."""
        return self.line * self.offered

    @property
    def parties(self) -> Mapping[Party, str]:
        """The lender; each enterprise sees its own part of it in its `creditSummary`."""
        return {Party.LENDER: self.lender}


PRE_CREDIT = Noun("PreCreditBatch", PreCreditBatch, pre_credit_batch, DataGroup.LENDING)


@dataclass(frozen=True)
class PreCredits:
    """The offers in a store."""

    engine: AsyncEngine

    async def of_enterprises(self, codes: Sequence[str], day: date) -> dict[str, list[PreCreditBatch]]:
        """Return the batches that hold something out to each of these enterprises on a day, the newest first."""
        found: dict[str, list[PreCreditBatch]] = {code: [] for code in codes}
        b, one = pre_credit_batch.c, pre_credit.c
        joined = select(one.uscc.label("member"), pre_credit_batch).join(pre_credit, one.batch == b.id)
        async with self.engine.connect() as connection:
            for start in range(0, len(codes), _PARAMETERS):
                some = joined.where(one.uscc.in_(codes[start : start + _PARAMETERS]), _stands(day))
                for row in await connection.execute(some.order_by(b.created_at.desc(), b.id)):
                    found[row.member].append(thing_of(PRE_CREDIT, row))
        return found

    async def codes_of(self, batches: Sequence[str]) -> dict[str, list[str]]:
        """Return to whom each batch is held out."""
        found: dict[str, list[str]] = {batch: [] for batch in batches}
        one = pre_credit.c
        wanted = select(pre_credit).where(one.batch.in_(found)).order_by(one.batch, one.uscc)
        async with self.engine.connect() as connection:
            for row in await connection.execute(wanted):
                found[row.batch].append(row.uscc)
        return found

    async def held_out_in(self, zones: Sequence[str], day: date) -> dict[str, tuple[int, Decimal]]:
        """Return to how many enterprises of each zone how much is held out on a day; two offers to one are two."""
        b = pre_credit_batch.c
        sums = func.count(), func.sum(b.line, type_=b.line.type)
        counted = (
            select(b.zone_id, *sums)
            .join(pre_credit, pre_credit.c.batch == b.id)
            .where(b.zone_id.in_(zones), _stands(day))
            .group_by(b.zone_id)
        )
        async with self.engine.connect() as connection:
            found = {row[0]: (int(row[1]), row[2]) for row in await connection.execute(counted)}
        return {zone: found.get(zone, (0, Decimal("0.00"))) for zone in zones}


async def hold_out(change: Change, batch: str, codes: Sequence[str]) -> None:
    """Keep to whom a new batch is held out, as a part of the change that makes it."""
    for start in range(0, len(codes), _ROWS):
        rows = [{"batch": batch, "uscc": code} for code in codes[start : start + _ROWS]]
        await change.connection.execute(insert(pre_credit), rows)


def _stands(day: date) -> ColumnElement[bool]:
    b = pre_credit_batch.c
    return and_(b.state == PreCreditState.OFFERED.value, b.expires_on >= day)
