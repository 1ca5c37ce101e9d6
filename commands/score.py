"""The operator's commands of scores: run an edition, put it up for notice, publish, correct, show and replay it."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.signing import AuditMisconfigured
from codes.editions import BESIDE_RESIDENTS, LeftOut
from codes.uscc import MalformedUscc, normalise
from commands import spark_scores
from commands.edition_steps import kept, made, opened
from commands.listing import listing, print_whole
from demonstration import world
from resolvers.auditing import Auditor, AuditUnavailable
from resolvers.scores import statistics
from resolvers.scores.collecting import RunRefused
from resolvers.scores.orders import Order, moment_of
from resolvers.scores.registry import Schemes
from resolvers.scores.replaying import differences
from scoring.errors import SchemeMisconfigured
from settings import Settings, read
from store.edition_records import Content, Edition
from store.edition_runs import RunTakenOver
from store.editions import EditionRefused, Editions
from store.engine import trouble
from store.rankings import Rankings
from store.upgrade import StoreBehind

_MOST_SHOWN = 20

T = TypeVar("T")

_console = Console(stderr=True)
application = typer.Typer()

_Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day as of which dated facts hold.")]
_Year = Annotated[int | None, typer.Option(help="Year from which the scheme's years are counted.")]
_Listed = Annotated[
    Path | None, typer.Option("--usccs", help="File with the credit codes of who is evaluated, one a line.")
]
_Missing = Annotated[
    list[str] | None,
    typer.Option("--accept-missing", help="A source without which to go on if it does not answer; may be repeated."),
]
_Anew = Annotated[bool, typer.Option(help="Read everything again, even if the same run broke off before.")]
_By = Annotated[str | None, typer.Option(help="Who does it, for the audit; the user of this machine if not given.")]
_Named = Annotated[str, typer.Argument(metavar="EDITION", help="As `score list` names it.")]


@application.command()
def run(
    zone: Annotated[str, typer.Option(help="Id of the zone.")],
    scheme: Annotated[str, typer.Option(help="Id of the scheme, or id@version.")],
    period: Annotated[str, typer.Option(help="2022, 2023-04 or 2023-Q2.")],
    day: _Day = None,
    year: _Year = None,
    usccs: _Listed = None,
    accept_missing: _Missing = None,
    anew: _Anew = False,
    by: _By = None,
) -> None:
    """Score and rank the enterprises of a zone; what comes out is a draft. A run that broke off goes on."""
    _run(_Wish(zone, scheme, period, day, year, usccs, accept_missing, anew, by))


@application.command()
def correct(
    edition: _Named,
    reason: Annotated[str, typer.Option(help="Why it is corrected, for everybody to read.")],
    scheme: Annotated[str | None, typer.Option(help="Another version of the scheme, as id@version.")] = None,
    day: _Day = None,
    year: _Year = None,
    usccs: _Listed = None,
    accept_missing: _Missing = None,
    anew: _Anew = False,
    by: _By = None,
) -> None:
    """Run an edition once more as a correction, which takes its place when it is published in turn."""

    async def found(editions: Editions) -> Edition:
        return await editions.get(edition)

    parent = _with_store(lambda store, _auditor: found(Editions(store))).content
    given_day = day or datetime(parent.day.year, parent.day.month, parent.day.day)
    wish = _Wish(
        parent.zone, scheme or f"{parent.scheme}@{parent.version}", parent.period, given_day, year or parent.year,
        usccs, accept_missing, anew, by, edition, reason,
    )  # fmt: skip
    _run(wish)


@application.command()
def notice(
    edition: _Named,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day on which enterprises may object.")],
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; today if not given.")
    ] = None,
    by: _By = None,
) -> None:
    """Show a draft to the public, to be objected to; or let a notice run longer."""
    begin = first.date() if first else date.today()
    _change("open notice", by, lambda editions, who: editions.open_notice(edition, begin, until.date(), who))


@application.command()
def publish(edition: _Named, by: _By = None) -> None:
    """Make an edition final once its notice is over; nothing changes it after that."""
    _change("publish", by, lambda editions, who: editions.publish(edition, date.today(), who))


@application.command("list")
def list_(
    zone: Annotated[str | None, typer.Option(help="Id of a zone.")] = None,
    scheme: Annotated[str | None, typer.Option(help="Id of a scheme.")] = None,
) -> None:
    """List editions, the newest first."""
    table = listing("edition", "day", "evaluated", "state", "notice until", "corrected by")
    for one in _with_store(lambda store, _auditor: Editions(store).find(zone, scheme)):
        table.add_row(
            one.id,
            f"{one.content.day}",
            f"{one.content.evaluated:,}",
            one.state.value,
            f"{one.notice_until or ''}",
            one.corrected_by or "",
        )
    print_whole(table)


@application.command()
def show(edition: _Named) -> None:
    """Show an edition: how it was made, what became of it, and its figures."""
    found = _with_store(lambda store, _auditor: Editions(store).get(edition))
    out = Console()
    for name, value in _facts(found).items():
        out.print(f"{name:<16}{value}", markup=False, highlight=False)
    table = Table("stage", "evaluated", "ranked", "passed", "mean", "quartiles")
    for figures in statistics.read(found.content.statistics):
        quartiles = " / ".join(map(str, figures.quartiles))
        counts = (f"{count:,}" for count in (figures.evaluated, figures.ranked, figures.passed))
        table.add_row(figures.stage or "all", *counts, f"{figures.mean or ''}", quartiles)
    out.print(table)


@application.command()
def replay(edition: _Named) -> None:
    """Compute an edition again from what was kept of it, and prove it bit for bit; end with 1 if something differs."""

    async def compared(store: AsyncEngine, _auditor: Auditor | None) -> list[str]:
        editions = Editions(store)
        found = await editions.get(edition)
        scores = await Rankings(store).all(found.id)
        return list(differences(found, await editions.snapshots(found.id), scores))

    found = _with_store(compared)
    for line in found[:_MOST_SHOWN]:
        _console.print(line, markup=False, soft_wrap=True)
    if found:
        raise SystemExit(f"{edition} does not come out as it was kept: {found[0]}")
    _console.print(f"{edition} comes out the same, bit for bit.", markup=False, soft_wrap=True)


@dataclass(frozen=True)
class _Wish:
    """What an operator wants to be run."""

    zone: str
    scheme: str
    period: str
    day: datetime | None
    year: int | None
    usccs: Path | None
    accepted: list[str] | None
    anew: bool
    by: str | None
    parent: str | None = None
    reason: str | None = None

    def order(self, schemes: Schemes) -> Order:
        """Return the order; raise RunRefused for a scheme that is not there."""
        found = schemes.find(self.scheme)
        if found is None:
            known = ", ".join(sorted({one.id for one in schemes.all()}))
            reasons = [why for name, why in schemes.left_out.items() if self.scheme in (name, name.partition("@")[0])]
            raise RunRefused(
                " ".join((f"There is no scheme {self.scheme!r} that fits the sources; there are: {known}.", *reasons))
            )
        return Order(
            zone=self.zone,
            scheme=found,
            moment=moment_of(self.period, date.today(), self.day.date() if self.day else None, self.year),
            by=_who(self.by),
            usccs=_codes(self.usccs) if self.usccs else None,
            accepted=frozenset(self.accepted or ()),
            parent=self.parent,
            reason=self.reason,
            anew=self.anew,
        )


def _run(wish: _Wish) -> None:
    with world() as (settings, environment):
        made = _ended(lambda: _made(settings, environment, wish))
    _console.print(f"A draft of {made.content.evaluated:,} enterprises. Next: manage.py score notice … --until …")
    print(made.id)


async def _made(settings: Settings, environment: Mapping[str, str], wish: _Wish) -> Edition:
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=_console) as progress:
        tasks = {"": progress.add_task(f"Running {wish.scheme} for {wish.zone}", total=None)}

        def report(feed: str, count: int, of: int | None) -> None:
            if feed not in tasks:
                tasks[feed] = progress.add_task(feed, total=of)
            progress.update(tasks[feed], completed=count, description=f"{feed}: {count:,}")

        return await made(settings, environment, wish.order, report)


def _change(deed: str, by: str | None, change: Callable[[Editions, str], Awaitable[Edition]]) -> None:
    async def changed(store: AsyncEngine, auditor: Auditor | None) -> Edition:
        return await kept(store, auditor, _who(by), deed, lambda shelf: change(shelf.editions, _who(by)))

    found = _with_store(changed, audited=True)
    _console.print(f"{found.id} is {found.state.value}.", markup=False, soft_wrap=True)


def _with_store(action: Callable[[AsyncEngine, Auditor | None], Awaitable[T]], *, audited: bool = False) -> T:
    async def whole() -> T:
        async with opened(read(), audited=audited) as (store, auditor):
            return await action(store, auditor)

    return _ended(whole)


def _ended(work: Callable[[], Awaitable[T]]) -> T:
    """Do the work; end the process with a line for what is in the way."""

    async def whole() -> T:
        return await work()

    try:
        return asyncio.run(whole())
    except (
        AuditMisconfigured, AuditUnavailable, EditionRefused, RunRefused, RunTakenOver, SchemeMisconfigured, StoreBehind
    ) as error:  # fmt: skip
        raise SystemExit(str(error)) from error
    except (SQLAlchemyError, OSError) as error:
        raise SystemExit(trouble(error)) from error


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _codes(path: Path) -> tuple[str, ...]:
    """Return the codes of a file; raise RunRefused for one that cannot be read, with the line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise RunRefused(f"{path}: cannot be read ({type(error).__name__}).") from error
    found = set()
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.add(normalise(line.strip()))
            except MalformedUscc as error:
                raise RunRefused(f"{path}, line {number}: {error}. Correct the code.") from error
    if not found:
        raise RunRefused(f"{path}: names nobody. Give one credit code a line.")
    return tuple(sorted(found))


def _facts(found: Edition) -> Mapping[str, object]:
    content = found.content
    facts: dict[str, object] = {
        "edition": found.id,
        "state": found.state.value,
        "scheme": f"{content.scheme} {content.version} ({content.digest[:12]})",
        "period": f"{content.period}, as of {content.day}, years from {content.year}",
        "evaluated": f"{content.evaluated:,} of {content.residents:,} ({content.chosen_by})",
        "left out": _left_out(content),
        "made": f"{found.created_at:%Y-%m-%d %H:%M} by {content.created_by}",
        "notice": f"{found.notice_from} to {found.notice_until} by {found.noticed_by}" if found.notice_from else None,
        "final": f"{found.final_at:%Y-%m-%d %H:%M} by {found.final_by}" if found.final_at else None,
        "corrects": f"{content.parent}: {content.reason}" if content.parent else None,
        "corrected by": found.corrected_by,
        "sources down": ", ".join(content.sources_down) or None,
        "synthetic": "made-up records or invented weights" if content.synthetic else None,
        "inputs": content.inputs_digest,
        "results": content.results_digest,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _left_out(content: Content) -> str | None:
    """Return why others of the roster are not evaluated; what is in brackets is not among the residents."""
    counts = {reason: content.left_out[reason.value] for reason in LeftOut if reason.value in content.left_out}
    told = (
        f"({count:,} {reason.value})" if reason in BESIDE_RESIDENTS else f"{count:,} {reason.value}"
        for reason, count in counts.items()
    )
    return ", ".join(told) or None


application.command("spark")(spark_scores.score)
