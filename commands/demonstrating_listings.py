"""The demo world's own loan product, listed in its hub once, as its lender would."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from codes.listings import ListingState, ListingTerms
from store.changes import Call, Change, Changes, Doer
from store.listings import LISTING, LoanListing


async def demonstrate(engine: AsyncEngine, lender: str, id: str, terms: ListingTerms) -> None:
    """List a product of a lender; nothing that is there is touched."""
    doer = Doer(lender, "demo world")

    async def list_it(change: Change) -> LoanListing:
        made = LoanListing(
            id=id,
            lender=lender,
            state=ListingState.LISTED,
            terms=terms,
            listed_at=change.at,
            created_at=change.at,
            changed_at=change.at,
        )
        return await change.add(LISTING, made, "LIST")

    await Changes(engine).once(Call(doer, "demonstrate", f"listing {id}", ""), LISTING, list_it)
