"""The loan product that the demo world lists itself: marked as made up, by a scheme that comes with the hub."""

from __future__ import annotations

from pathlib import Path

from codes.listings import ListingState
from commands.demonstrating_listings import demonstrate
from demo import listing
from resolvers.listing_checking import is_rate
from scoring.loading import SHIPPED, load_all
from store.engine import open_store
from store.listings import once_listed
from store.upgrade import upgrade


async def test_it_is_listed_once_and_says_what_it_is(tmp_path: Path) -> None:
    engine = open_store(f"sqlite+aiosqlite:///{tmp_path / 'store.sqlite'}")
    await upgrade(engine)
    for _ in range(2):
        await demonstrate(engine, listing.LENDER, listing.ID, listing.TERMS)
    found = (await once_listed(engine, [listing.ID]))[listing.ID]
    await engine.dispose()
    assert (found.state, found.version, found.lender) == (ListingState.LISTED, 1, "icbc")
    assert found.terms == listing.TERMS
    assert found.terms.synthetic
    assert "invented" in found.terms.name
    assert found.terms.rate_min is not None
    assert is_rate(found.terms.rate_min)
    known = {f"{code}@{version}" for code, version in load_all(SHIPPED)}
    assert {gate.scheme for gate in found.terms.scores} <= known
