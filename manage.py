"""The operator's commands: fill the directory, look after store and audit, check the sources, print the schema."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import orjson
import strawberry
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from auth.identity import demo
from codes.listings import ListingTerms
from codes.policies import PolicyContent
from commands import (
    assisting,
    audit,
    cache,
    connectors,
    demonstrating,
    demonstrating_listings,
    documenting,
    documents,
    identifiers,
    keys,
    policy,
    score,
    sources,
    spark_scores,
)
from commands.storing import in_store
from connectors.errors import SourcesMisconfigured
from opening import demo_issuer, open_graph, open_sealer, open_sources
from resolvers.declared import graph_of
from resolvers.execution.documents import Refused
from resolvers.execution.engine import Engine
from resolvers.execution.explain import Explanation, lines
from resolvers.execution.operation import Operation
from resolvers.execution.variables import Unacceptable
from resolvers.graph import GRAPH
from resolvers.request import Hub
from resolvers.scores.registry import open_schemes
from resolvers.synchronising import synchronise as synchronise_directory
from schema.comparing import Kind, changes
from schema.deprecations import deprecations
from schema.graph import build_schema, sdl
from schema.subgraph import subgraph as subgraph_of
from server import world
from settings import Settings, read
from store import backup as backups
from store import sealing
from store import upgrade as versions
from store.deprecated_uses import DeprecatedUses
from store.directory import Directory
from store.engine import once, open_store
from store.filling import Filling
from store.sealing import SealBroken, SealingMisconfigured, make_key

SDL = Path(__file__).parent / "schema" / "schema.graphql"

_console = Console(stderr=True)
application = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
store = typer.Typer(no_args_is_help=True, help="The hub's own store.")
schema = typer.Typer(no_args_is_help=True, help="The schema of the graph.")
application.add_typer(store, name="store")
application.add_typer(sources.application, name="sources")
application.add_typer(connectors.application, name="connectors")
application.add_typer(schema, name="schema")
application.add_typer(audit.application, name="audit")
application.add_typer(documenting.application, name="docs")
application.add_typer(documents.application, name="documents")
application.add_typer(keys.application, name="key")
application.add_typer(identifiers.application, name="identifiers")
application.add_typer(score.application, name="score")
application.add_typer(cache.application, name="cache")
application.add_typer(policy.application, name="policy")
application.command("mcp")(assisting.serve)
score.application.command("spark")(spark_scores.score)


@application.command()
def sync() -> None:
    """Bring the directory up to date from the sources; a run that broke off goes on where it stopped."""
    with world() as (settings, environment):
        asyncio.run(synchronise(settings, environment))


@application.command()
def token(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(demo.NAMES)}.")],
    minutes: Annotated[int, typer.Option(help="For how long it is valid.")] = 480,
) -> None:
    """Print an access token of one of the demo world's readers, alone on the last line."""
    settings = read()
    if settings.mode == "production":
        raise SystemExit("The demo's issuer is not believed in production; get a token from your own issuer.")
    if name not in demo.NAMES:
        raise SystemExit(f"There is no demo reader {name!r}; take one of {', '.join(demo.NAMES)}.")
    print(demo.mint(demo_issuer(settings), name, seconds=minutes * 60))


@store.command()
def upgrade() -> None:
    """Bring the store to the version that this program needs."""
    asyncio.run(once(read().store, versions.upgrade))
    _console.print("The store is up to date.")


@store.command()
def check() -> None:
    """Say whether the store has the version that this program needs."""
    try:
        asyncio.run(once(read().store, versions.check))
    except versions.StoreBehind as behind:
        raise SystemExit(str(behind)) from behind
    _console.print("The store is up to date.")


@store.command()
def backup(to: Annotated[Path, typer.Argument(help="File to be made; it will hold everything.")]) -> None:
    """Write the whole store to a file, while hubs go on writing to it."""
    try:
        backups.backup(read().store, to)
    except backups.NotBackedUp as error:
        raise SystemExit(str(error)) from error
    _console.print(f"The store is in {to}. Keep it as the store itself is kept.", soft_wrap=True)


@store.command()
def restore(backed_up: Annotated[Path, typer.Argument(help="File that `store backup` has made.")]) -> None:
    """Put a backup where HUB_STORE_URL names a store that is not there yet."""
    url = read().store
    try:
        backups.restore(url, backed_up)
    except backups.NotBackedUp as error:
        raise SystemExit(str(error)) from error
    try:
        asyncio.run(once(url, versions.check))
    except versions.StoreBehind as behind:
        _console.print(str(behind), soft_wrap=True)
    _console.print(
        "The store is back. Hold its audit to a head kept elsewhere: python manage.py audit verify --head FILE"
    )


@store.command("sealing-key")
def sealing_key(path: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")]) -> None:
    """Write a new key by which bank accounts are sealed, for HUB_SEALING_KEYS."""
    if path.exists():
        raise SystemExit(f"{path} is there already; keys are never written over.")
    make_key(path)
    _console.print(f"{path} has a new key. Keep it apart from the store and its copies.")


@store.command()
def reseal() -> None:
    """Seal every bank account in the store anew, by the first of HUB_SEALING_KEYS. May be run while the hub serves."""
    settings = read()
    try:
        sealer = open_sealer(settings)
    except SealingMisconfigured as error:
        raise SystemExit(str(error)) from error
    if sealer is None:
        raise SystemExit("HUB_SEALING_KEYS is not set. Make a key: python manage.py store sealing-key PATH")
    try:
        count = asyncio.run(once(settings.store, partial(sealing.reseal, sealer=sealer)))
    except SealBroken as broken:
        raise SystemExit(str(broken)) from broken
    _console.print(f"{count:,} accounts are sealed by the first key, in rows and history.")


@schema.command("print")
def print_schema(
    write: Annotated[bool, typer.Option(help="Write schema/schema.graphql instead.")] = False,
    declared: Annotated[bool, typer.Option(help="With what the hub's sources.toml declares.")] = False,
    subgraph: Annotated[bool, typer.Option("--subgraph", help="As a federation's gateway is told it.")] = False,
    security: Annotated[bool, typer.Option(help="With what a subgraph says of tokens.")] = True,
) -> None:
    """Print the schema as SDL."""
    shown = _declared() if declared else build_schema()
    text = subgraph_of(shown, security=security) if subgraph else sdl(shown)
    if write and not subgraph and not declared:
        SDL.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


def _declared() -> strawberry.Schema:
    """Return the schema with what the hub's sources.toml declares."""
    try:
        return open_graph(read())[0]
    except SourcesMisconfigured as error:
        raise SystemExit(str(error)) from error


@schema.command()
def diff(
    old: Annotated[Path, typer.Argument(help="An earlier SDL; the committed one if not given.")] = SDL,
    new: Annotated[Path | None, typer.Argument(help="A later SDL; the program's own if not given.")] = None,
) -> None:
    """Say what changes for readers: breaking, dangerous, safe.

    Ends with 1 if the program's own schema differs, and of two files if something breaks.
    """
    before = old.read_text(encoding="utf-8")
    current = new.read_text(encoding="utf-8") if new else sdl(build_schema())
    if current == before:
        _console.print(f"The schema is the same as {old.name}.")
        return
    found = changes(before, current)
    for change in found:
        _console.print(f"{change.kind.value}: {change.description}", markup=False)
    if new is not None:
        raise SystemExit(int(any(change.kind is Kind.BREAKING for change in found)))
    _console.print(f"The schema differs from {old.name}; to take it over: python manage.py schema print --write")
    raise SystemExit(1)


@schema.command("deprecated")
def list_deprecated() -> None:
    """List what is deprecated, what takes its place until when, and which client still asks for it."""
    uses = in_store(read(), lambda store: DeprecatedUses(store).all())
    table = Table("deprecated", "instead", "until", "client", "times", "last")
    for one in deprecations(build_schema()._schema):
        rows = [used for used in uses if used.coordinate == one.coordinate]
        for used in rows:
            told = (used.client, f"{used.times:,}", f"{used.last}")
            table.add_row(one.coordinate, one.successor, f"{one.until}", *told)
        if not rows:
            table.add_row(one.coordinate, one.successor, f"{one.until}", "nobody", "0", "")
    Console().print(table)


@schema.command()
def explain(
    query: Annotated[Path, typer.Argument(help="File with one GraphQL document.")],
    variables: Annotated[str, typer.Option(help="Variables as a JSON object.")] = "{}",
    operation: Annotated[str | None, typer.Option(help="Name of the operation, if there are several.")] = None,
    run: Annotated[bool, typer.Option("--run", help="Run it too, and show what each batch took.")] = False,
) -> None:
    """Show what a query does: its batches, their sources, fields and cost, or why it goes the reference's way."""
    with world() as (settings, environment):
        text = query.read_text(encoding="utf-8")
        if not asyncio.run(_explain(settings, environment, text, orjson.loads(variables), operation, run)):
            raise SystemExit(1)


async def synchronise(settings: Settings, environment: Mapping[str, str], unless_since: float | None = None) -> None:
    """Upgrade the store and fill the directory; not if that was finished after the moment given."""
    engine = open_store(settings.store)
    opened = open_sources(settings, environment)
    try:
        await versions.upgrade(engine)
        filling = Filling(engine)
        finished = await filling.last_finished()
        if unless_since is not None and finished is not None and finished.timestamp() > unless_since:
            return
        with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=_console) as progress:
            task = progress.add_task("Filling the directory", total=None)

            def report(stage: str, count: int) -> None:
                progress.update(task, description=f"Filling the directory: {stage} {count:,}")

            size = await synchronise_directory(opened, filling, report)
            progress.update(task, description=f"The directory holds {size:,} enterprises", completed=1, total=1)
    finally:
        await opened.aclose()
        await engine.dispose()


async def demonstrate(
    settings: Settings, zone: str, pool: tuple[str, str, Decimal], policies: Mapping[str, PolicyContent]
) -> None:
    """Publish the demo world's own policies, unless that has been done."""
    await once(settings.store, lambda engine: demonstrating.demonstrate(engine, zone, pool, policies))


async def demonstrate_listing(settings: Settings, lender: str, id: str, terms: ListingTerms) -> None:
    """List the demo world's own loan product, unless that has been done."""
    await once(settings.store, lambda engine: demonstrating_listings.demonstrate(engine, lender, id, terms))


async def _explain(
    settings: Settings, environment: Mapping[str, str], text: str, given: Any, name: str | None, run: bool
) -> bool:
    """Print what a query does; say whether it could be told."""
    opened, store_ = open_sources(settings, environment), open_store(settings.store)
    try:
        schemes = open_schemes(opened.config, settings.schemes)
        hub = Hub(opened, Directory(store_), schemes=schemes)
        engine = Engine(*graph_of(opened.config, GRAPH), hub, explains=True)
        try:
            found = engine.explained(text, given, name)
        except (Refused, Unacceptable) as refused:
            for error in refused.errors:
                _console.print(str(error), markup=False)
            return False
        if run and found.engine == "compiled":
            answer = await engine.answer(Operation(text, given, name, {"plan": True}, {}, read_only=False))
            found = msgspec.convert(orjson.loads(answer.body)["extensions"]["plan"], Explanation)
    finally:
        await opened.aclose()
        await store_.dispose()
    print(f"{found.engine}: {found.cost:,} units, {found.batches} batches, {found.fields} fields")
    print("\n".join(lines(found.steps)))
    return True


if __name__ == "__main__":
    application()
