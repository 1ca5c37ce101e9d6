"""Loan products that lenders list in the hub: each version in their history, and what is public of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from codes.access import DataGroup
from codes.flow import Party
from codes.listings import ListingState, ListingTerms
from store.changes import Noun, Thing, thing_of
from store.lending_tables import loan_listing


class LoanListing(Thing, frozen=True, kw_only=True):
    """A loan product of a lender; its version counts what it has said."""

    lender: str
    state: ListingState
    terms: ListingTerms
    listed_at: datetime | None = None
    """When it was first listed; None: it never was, and nobody else knows of it."""
    withdrawn_on: date | None = None
    created_at: datetime
    changed_at: datetime

    @property
    def parties(self) -> Mapping[Party, str]:
        """The lender alone."""
        return {Party.LENDER: self.lender}


LISTING = Noun("LoanListing", LoanListing, loan_listing, DataGroup.LISTINGS)


async def once_listed(engine: AsyncEngine, ids: Sequence[str]) -> dict[str, LoanListing]:
    """Return what of these products was ever listed."""
    c = loan_listing.c
    wanted = select(loan_listing).where(c.id.in_(set(ids)), c.listed_at.is_not(None))
    async with engine.connect() as connection:
        return {row.id: thing_of(LISTING, row) for row in await connection.execute(wanted)}


async def published(connection: AsyncConnection, ids: Sequence[str] | None) -> Sequence[Mapping[str, Any]]:
    """Return the hub's own records of the collection `loan_products`: on offer, or of these ids also withdrawn ones."""
    c = loan_listing.c
    wanted = select(loan_listing).where(c.listed_at.is_not(None))
    wanted = wanted.where(c.state == ListingState.LISTED.value) if ids is None else wanted.where(c.id.in_(ids))
    rows = await connection.execute(wanted.order_by(c.created_at, c.id))
    return [_record(thing_of(LISTING, row)) for row in rows]


def _record(one: LoanListing) -> Mapping[str, Any]:
    said = one.terms
    return {
        "id": one.id,
        "name": said.name,
        "lender": said.lender_name,
        "lender_id": one.lender,
        "version": one.version,
        "branch": said.branch,
        "zone_ids": said.zones,
        "amount_min": said.amount_min,
        "amount_max": said.amount_max,
        "rate_min": said.rate_min,
        "rate_max": said.rate_max,
        "rate_text": said.rate_basis,
        "term_months_min": said.term_months_min,
        "term_months_max": said.term_months_max,
        "revolving": said.revolving,
        "guarantee_kinds": tuple(kind.value for kind in said.guarantee_kinds),
        "regions": said.regions,
        "industries": said.industries,
        "qualifications": tuple(kind.value for kind in said.qualifications),
        "documents": said.documents,
        "turnaround_days": said.turnaround_days,
        "risk_sharing": said.risk_sharing,
        "gate": said.gate,
        "listed_on": said.valid_from,
        "withdrawn_on": one.withdrawn_on or said.valid_to,
        "note": said.note,
        "as_of": one.changed_at,
        "synthetic": said.synthetic,
    }
