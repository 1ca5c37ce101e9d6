"""The demo world's own editions of scores: run, shown to the public and published once, as an operator would."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from codes.editions import EditionState
from commands.edition_steps import kept, made, opened
from resolvers.scores import collecting
from resolvers.scores.collecting import RunRefused
from resolvers.scores.orders import Order, moment_of
from resolvers.scores.registry import Schemes
from settings import Settings
from store.edition_records import Edition
from store.edition_runs import RunTakenOver
from store.editions import EditionRefused, Editions

_BY = "demo world"

_console = Console(stderr=True)

Days = tuple[date, date, date]
"""As of when, and the first and the last day of the notice."""


async def demonstrate(
    settings: Settings, environment: Mapping[str, str], zone: str, scheme: str, editions: Mapping[str, Days]
) -> None:
    """Publish an edition of each period; say why if it cannot be.

    One that somebody else has made anything of is left alone, and one that broke off is gone on with the next time.
    """
    async with opened(settings, audited=False) as (store, _):
        there = await Editions(store).find(zone, scheme)
    periods = {one.content.period for one in there}
    found = [one for one in there if one.content.created_by == _BY and one.content.period in editions]
    try:
        if missing := {period: days[0] for period, days in editions.items() if period not in periods}:
            with Progress(
                TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=_console
            ) as shown:
                task = shown.add_task("Scoring the demo's enterprises", total=None)

                def report(feed: str, count: int, _of: int | None) -> None:
                    shown.update(task, description=f"Scoring the demo's enterprises: {feed} {count:,}")

                for period, day in missing.items():
                    found.append(await _made(settings, environment, (zone, scheme, period, day), report))
                shown.update(task, description=f"Rankings of {len(found)} editions are made", completed=1, total=1)
        for one in found:
            await _publish(settings, one, *editions[one.content.period][1:])
    except (EditionRefused, RunRefused, RunTakenOver) as refused:
        _console.print(f"The demo has no rankings: {refused}", markup=False, soft_wrap=True)


async def _made(
    settings: Settings,
    environment: Mapping[str, str],
    of: tuple[str, str, str, date],
    report: collecting.Progress,
) -> Edition:
    zone, name, period, day = of

    def wish(schemes: Schemes) -> Order:
        scheme = schemes.find(name)
        if scheme is None:
            raise RunRefused(f"there is no scheme {name} that fits the sources.")
        return Order(zone, scheme, moment_of(period, date.today(), day), _BY)

    return await made(settings, environment, wish, report)


async def _publish(settings: Settings, found: Edition, first: date, last: date) -> None:
    if found.state not in (EditionState.DRAFT, EditionState.NOTICE):
        return
    id = found.id
    async with opened(settings, audited=True) as (store, auditor):
        if found.state is EditionState.DRAFT:
            await kept(store, auditor, _BY, "open notice", lambda at: at.editions.open_notice(id, first, last, _BY))
        await kept(store, auditor, _BY, "publish", lambda at: at.editions.publish(id, date.today(), _BY))
