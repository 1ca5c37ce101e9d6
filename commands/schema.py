"""The operator's commands of the schema: print it, compare it, say what is deprecated and what a query does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import orjson
import strawberry
import typer
from rich.console import Console

from commands.listing import listing, print_whole
from commands.storing import in_store
from connectors.errors import SourcesMisconfigured
from demonstration import world
from opening import open_graph, open_sources
from resolvers.declared import graph_of
from resolvers.execution.documents import Refused
from resolvers.execution.engine import Engine
from resolvers.execution.explain import Explanation, lines
from resolvers.execution.operation import Operation
from resolvers.execution.variables import Unacceptable
from resolvers.graph import GRAPH
from resolvers.request import Hub
from resolvers.scores.registry import open_schemes
from schema.comparing import Kind, changes
from schema.deprecations import deprecations
from schema.graph import build_schema, sdl
from schema.subgraph import subgraph as subgraph_of
from settings import Settings, read
from store.deprecated_uses import DeprecatedUses
from store.directory import Directory
from store.engine import open_store

SDL = Path(__file__).parent.parent / "schema" / "schema.graphql"

_console = Console(stderr=True)
application = typer.Typer()


@application.command("print")
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


@application.command()
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


@application.command("deprecated")
def list_deprecated() -> None:
    """List what is deprecated, what takes its place until when, and which client still asks for it."""
    uses = in_store(read(), lambda store: DeprecatedUses(store).all())
    table = listing("deprecated", "instead", "until", "client", "times", "last")
    for one in deprecations(build_schema()._schema):
        rows = [used for used in uses if used.coordinate == one.coordinate]
        for used in rows:
            told = (used.client, f"{used.times:,}", f"{used.last}")
            table.add_row(one.coordinate, one.successor, f"{one.until}", *told)
        if not rows:
            table.add_row(one.coordinate, one.successor, f"{one.until}", "nobody", "0", "")
    print_whole(table)


@application.command()
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


async def _explain(
    settings: Settings, environment: Mapping[str, str], text: str, given: Any, name: str | None, run: bool
) -> bool:
    """Print what a query does; say whether it could be told."""
    opened, store = open_sources(settings, environment), open_store(settings.store)
    try:
        schemes = open_schemes(opened.config, settings.schemes)
        hub = Hub(opened, Directory(store), schemes=schemes)
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
        await store.dispose()
    print(f"{found.engine}: {found.cost:,} units, {found.batches} batches, {found.fields} fields")
    print("\n".join(lines(found.steps)))
    return True
