"""Consents in the store: what is given, withdrawn, and told as news; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from codes.access import DataGroup, Purpose
from store.consents import Agreement, Consents

DAY = date(2026, 11, 24)


def agreement(code: str = "A", grantee: str = "icbc") -> Agreement:
    """An agreement for ninety days."""
    groups, purposes = frozenset((DataGroup.FILINGS,)), frozenset((Purpose.PRE_LOAN,))
    return Agreement(code, grantee, groups, purposes, DAY, DAY + timedelta(90), "SQ-1", None, "li")


async def test_what_was_given_is_read_again_as_it_was(engine: AsyncEngine) -> None:
    consents = Consents(engine)
    made = await consents.grant(agreement())
    assert await consents.of_enterprises(["A", "B"]) == {"A": [made], "B": []}
    assert await consents.changed("icbc", 0) == (1, [made])
    assert await consents.changed("icbc", 1) == (1, [])
    assert await consents.changed("boc", 0) == (0, [])


async def test_it_covers_its_groups_purposes_and_days_until_withdrawn(engine: AsyncEngine) -> None:
    consents = Consents(engine)
    made = await consents.grant(agreement())
    assert made.covers(DataGroup.FILINGS, Purpose.PRE_LOAN, DAY)
    assert made.covers(DataGroup.FILINGS, Purpose.PRE_LOAN, DAY + timedelta(90))
    assert not made.covers(DataGroup.FILINGS, Purpose.PRE_LOAN, DAY + timedelta(91))
    assert not made.covers(DataGroup.FILINGS, Purpose.PRE_LOAN, DAY - timedelta(1))
    assert not made.covers(DataGroup.WORKFORCE, Purpose.PRE_LOAN, DAY)
    assert not made.covers(DataGroup.FILINGS, Purpose.MONITORING, DAY)
    withdrawn = await consents.withdraw(made.id, "A")
    assert withdrawn is not None
    assert not withdrawn.covers(DataGroup.FILINGS, Purpose.PRE_LOAN, DAY)
    assert await consents.changed("icbc", 1) == (2, [withdrawn])


async def test_a_consent_is_withdrawn_once_and_by_its_own_enterprise(engine: AsyncEngine) -> None:
    consents = Consents(engine)
    made = await consents.grant(agreement())
    assert await consents.withdraw(made.id, "B") is None
    assert await consents.withdraw("nothing", "A") is None
    first = await consents.withdraw(made.id, "A")
    assert await consents.withdraw(made.id, "A") == first


async def test_news_are_complete_while_many_agree_at_once(engine: AsyncEngine) -> None:
    consents = Consents(engine)
    seen: dict[str, str] = {}
    last = 0

    async def read() -> None:
        nonlocal last
        while len(seen) < 30:
            last, news = await consents.changed("icbc", last)
            seen.update({one.id: one.uscc for one in news})
            await asyncio.sleep(0)

    async with asyncio.timeout(30):
        reading = asyncio.create_task(read())
        made = await asyncio.gather(*(consents.grant(agreement(f"E{number}")) for number in range(30)))
        await reading
    assert seen == {one.id: one.uscc for one in made}
    assert last == 30
