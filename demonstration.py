"""The demo's start: its world made and its services running, its directory filled, what is its own published.

The hub itself needs none of the demo world: it is imported where a demo is.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.errors import SourceFailure, SourcesMisconfigured
from scoring.errors import SchemeMisconfigured
from settings import Settings, read
from store.engine import once


@contextmanager
def world() -> Iterator[tuple[Settings, Mapping[str, str]]]:
    """Give the settings and the environment; in demo mode with the demo's services running."""
    settings = read()
    try:
        if settings.mode == "production":
            yield settings, os.environ
            return
        from demo import embedding

        with embedding.world(settings) as found:
            yield found
    except (SourcesMisconfigured, SchemeMisconfigured) as error:
        raise SystemExit(str(error)) from error


def demonstrate(settings: Settings, environment: Mapping[str, str]) -> Callable[[Settings], None]:
    """Fill the demo's directory, unless that was done since its world was made; publish what is the demo's own.

    Returns what says what to ask.
    """
    # Only a demo needs them before it serves.
    from commands import demonstrating, demonstrating_editions, demonstrating_listings, syncing
    from demo import editions, embedding, listing, policies

    async def publish(engine: AsyncEngine) -> None:
        pool = policies.POOL, policies.POOL_NAME, policies.POOL_TOTAL
        await demonstrating.demonstrate(engine, policies.ZONE, pool, policies.POLICIES)
        await demonstrating_listings.demonstrate(engine, listing.LENDER, listing.ID, listing.TERMS)

    try:
        asyncio.run(syncing.synchronise(settings, environment, unless_since=embedding.made_at(settings)))
    except SourceFailure as failure:
        embedding.tell(f"The directory is not up to date, by which enterprises are found. {failure}.")
    asyncio.run(once(settings.store, publish))
    wanted = editions.ZONE, editions.SCHEME, editions.EDITIONS
    asyncio.run(demonstrating_editions.demonstrate(settings, environment, *wanted))
    return embedding.welcome
