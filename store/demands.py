"""Financing demands in the store: what an enterprise seeks, for lenders that it lets see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from codes.access import DataGroup
from codes.flow import Party
from codes.kinds import GuaranteeKind
from codes.lending import DemandState
from store.changes import Noun, Thing, thing_of
from store.lending_tables import financing_demand


class FinancingDemand(Thing, frozen=True, kw_only=True):
    """What an enterprise seeks: amount in CNY yuan, term, what for, and what it can give as security."""

    uscc: str
    author: str
    """The organisation that published it."""
    amount: Decimal
    term_months: int
    about: str
    guarantee_kinds: tuple[GuaranteeKind, ...]
    valid_to: date
    """The last day on which it is shown to lenders."""
    state: DemandState
    created_at: datetime
    changed_at: datetime

    @property
    def parties(self) -> Mapping[Party, str]:
        """The enterprise alone; lenders see it by its consent."""
        return {Party.ENTERPRISE: self.uscc}


DEMAND = Noun("FinancingDemand", FinancingDemand, financing_demand, DataGroup.DEMANDS)


@dataclass(frozen=True)
class Demands:
    """The demands in a store."""

    engine: AsyncEngine

    async def standing(self, day: date, most: int) -> Sequence[FinancingDemand]:
        """Return the demands that stand on a day, the newest first."""
        c = financing_demand.c
        standing = (c.state == DemandState.OPEN.value) & (c.valid_to >= day)
        wanted = select(financing_demand).where(standing).order_by(c.created_at.desc(), c.id).limit(most)
        async with self.engine.connect() as connection:
            return [thing_of(DEMAND, row) for row in await connection.execute(wanted)]
