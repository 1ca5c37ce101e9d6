"""Connectors of one's own: the kinds that are installed, and a distribution to begin with."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from commands.scaffolding import NotBegun, begin

_console = Console(stderr=True)
application = typer.Typer()


@application.command("list")
def list_() -> None:
    """List the kinds of sources and the nouns that are installed, and whose they are."""
    table = Table("group", "name", "distribution", "version")
    for group in ("innograph.connectors", "innograph.schema"):
        for point in sorted(entry_points(group=group), key=lambda one: one.name):
            table.add_row(
                group, point.name, point.dist.name if point.dist else "", point.dist.version if point.dist else ""
            )
    Console().print(table)


@application.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the kind, such as deal-ledger.")],
    into: Annotated[Path, typer.Option(help="The folder to put it into.")] = Path(),
) -> None:
    """Begin a distribution with a connector that passes the conformance suite."""
    try:
        folder = begin(name, into)
    except NotBegun as error:
        raise SystemExit(str(error)) from error
    _console.print(f"{folder}: begun. Install it beside the hub, and run the suite:", markup=False, soft_wrap=True)
    for command in (f"pip install -e '{folder}[test]'", f"pytest {folder}"):
        _console.print(f"  {sys.executable} -m {command}", markup=False, highlight=False, soft_wrap=True)
