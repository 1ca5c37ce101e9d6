"""The operator's commands of policies: try one on a zone, and let expire what was not confirmed in time."""

from __future__ import annotations

import asyncio
import getpass
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from connectors.session import Session
from demonstration import world
from opening import open_audit, open_sources
from resolvers.access import Access
from resolvers.entitling import expire as let_expire
from resolvers.entitling import recording
from resolvers.fact_values import Fields
from resolvers.fetching import local_id
from resolvers.policy_trial import Part, Trial, tried
from resolvers.request import Ask, BadInput, Hub, Request
from resolvers.scores.registry import open_schemes
from resolvers.scores.shelf import Shelf
from scoring.errors import SchemeMisconfigured
from settings import read
from store.changes import Changes, Doer
from store.directory import Directory
from store.engine import open_store, trouble
from store.entitlements import overdue
from store.policies import ZONE_POLICY
from store.upgrade import StoreBehind, check

_SECONDS = 600
_MOST = 10_000

T = TypeVar("T")

_console = Console(stderr=True)
application = typer.Typer()


class _Refused(Exception):
    """It cannot be done; the message says why, and what to do."""


@application.command("dry-run")
def dry_run(
    policy: Annotated[str, typer.Argument(help="Id of the policy, as `Zone.policyWork` shows it.")],
    edition: Annotated[str | None, typer.Option(help="Try it on who is in this edition, not on the roster.")] = None,
) -> None:
    """Show how many of its zone a policy fits, and what it would cost, against its pool; of a draft if there is one."""

    async def do(hub: Hub) -> tuple[Trial, float]:
        return await _tried(hub, local_id("Policy", local_id("ZonePolicy", policy)), edition)

    trial, seconds = _with_hub(do)
    _show(trial)
    _console.print(f"{trial.enterprises:,} enterprises in {seconds:.1f} seconds")


@application.command()
def expire(
    zone: Annotated[str, typer.Option(help="Id of the zone.")],
    by: Annotated[str | None, typer.Option(help="Who does it; the user of this machine if not given.")] = None,
) -> None:
    """Let expire what enterprises of a zone's policies did not confirm in time. May be run every day."""

    who = by or getpass.getuser()

    async def do(hub: Hub) -> int:
        assert hub.changes is not None, "it was opened with a store"
        auditor = open_audit(read())
        try:
            late = await overdue(hub.changes.engine, zone, date.today(), _MOST)
            return await let_expire(hub.changes, late, Doer("operator", who), recording(auditor, who))
        finally:
            await auditor.aclose()
            await auditor.ledger.engine.dispose()

    print(f"{_with_hub(do):,} entitlements have expired")


async def _tried(hub: Hub, id: str, edition: str | None) -> tuple[Trial, float]:
    assert hub.changes is not None, "it was opened with a store"
    found = await hub.changes.find(ZONE_POLICY, id)
    said = (found.draft or found.published) if found else None
    if found is None or said is None:
        raise _Refused(f"There is no policy {id[:60]!r} in this hub. `Zone.policyWork` shows those that there are.")
    request = Request(hub, Session.lasting(_SECONDS, unhurried=True), Access())
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_console) as progress:
        task = progress.add_task("Holding enterprises to the policy", total=None)

        def report(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, description=f"{done:,} of {total:,} enterprises")

        started = time.monotonic()
        trial = await tried(Ask(request, [], Fields()), found.zone_id, said, edition, report)
    return trial, time.monotonic() - started


def _show(trial: Trial) -> None:
    table = Table("", "enterprises", "eligible", "nearly", "unknown", "not eligible", "CNY yuan")
    rows = [("all", trial.whole)]
    rows += [(f"district {part.key or '?'}", part) for part in trial.by_district]
    rows += [(f"stage {part.key or '?'}", part) for part in trial.by_stage]
    for name, part in rows:
        table.add_row(name, *_cells(part))
    Console().print(table)
    conditions = Table("condition", "satisfied", "unmet", "unknown")
    for one in trial.conditions:
        conditions.add_row(one.code, *(f"{count:,}" for count in (one.satisfied, one.unmet, one.unknown)))
    Console().print(conditions)
    enough = "enough" if trial.sufficient else "NOT ENOUGH"
    print(f"needed {trial.whole.budget:,.2f}, left in the pool {trial.pool_free:,.2f}: {enough}")
    if trial.amount_unknown:
        print(f"{trial.amount_unknown:,} eligible enterprises whose benefit cannot be told are not in this")


def _cells(part: Part) -> Sequence[str]:
    counts = (part.enterprises, part.eligible, part.nearly, part.unknown, part.not_eligible)
    return [*(f"{count:,}" for count in counts), f"{part.budget:,.2f}"]


def _with_hub(do: Callable[[Hub], Awaitable[T]]) -> T:
    async def run() -> T:
        with world() as (settings, environment):
            opened, store = open_sources(settings, environment), open_store(settings.store, durable=True)
            try:
                await check(store)
                schemes = open_schemes(opened.config, settings.schemes)
                hub = Hub(opened, Directory(store), schemes=schemes, shelf=Shelf(store), changes=Changes(store))
                return await do(hub)
            finally:
                await opened.aclose()
                await store.dispose()

    try:
        return asyncio.run(run())
    except (_Refused, BadInput, StoreBehind, SchemeMisconfigured) as error:
        raise SystemExit(str(error)) from error
    except (SQLAlchemyError, OSError) as error:
        raise SystemExit(trouble(error)) from error
