"""The demo world's own editions of scores: run, shown to the public and published once, as an operator would."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from codes.editions import EditionState
from commands.edition_steps import kept, made, opened
from resolvers.scores.collecting import Progress, RunRefused
from resolvers.scores.orders import Order, moment_of
from resolvers.scores.registry import Schemes
from settings import Settings
from store.edition_records import Edition
from store.editions import Editions

_BY = "demo world"

Days = tuple[date, date, date]
"""As of when, and the first and the last day of the notice."""


async def demonstrate(
    settings: Settings,
    environment: Mapping[str, str],
    zone: str,
    scheme: str,
    editions: Mapping[str, Days],
    report: Progress,
) -> None:
    """Publish an edition of each period; one that somebody else has made anything of is left alone.

    Raises RunRefused, EditionRefused or RunTakenOver; what was reached by then is gone on with the next time.
    """
    async with opened(settings, audited=False) as (store, _):
        there = await Editions(store).find(zone, scheme)
    for period, (day, first, last) in editions.items():

        def wish(schemes: Schemes, period: str = period, day: date = day) -> Order:
            found = schemes.find(scheme)
            if found is None:
                raise RunRefused(f"There is no scheme {scheme} that fits the sources.")
            return Order(zone, found, moment_of(period, date.today(), day), _BY)

        of_period = [one for one in there if one.content.period == period]
        if any(one.content.created_by != _BY for one in of_period):
            continue
        found = of_period[0] if of_period else await made(settings, environment, wish, report)
        await _publish(settings, found, first, last)


async def _publish(settings: Settings, found: Edition, first: date, last: date) -> None:
    if found.state not in (EditionState.DRAFT, EditionState.NOTICE):
        return
    id = found.id
    async with opened(settings, audited=True) as (store, auditor):
        if found.state is EditionState.DRAFT:
            await kept(store, auditor, _BY, "open notice", lambda at: at.editions.open_notice(id, first, last, _BY))
        await kept(store, auditor, _BY, "publish", lambda at: at.editions.publish(id, date.today(), _BY))
