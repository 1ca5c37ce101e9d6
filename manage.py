"""The operator's commands: fill the directory, look after store and audit, check the sources, print the schema."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

COMMANDS = {
    "mcp": (
        "commands.assisting:serve",
        "Offer the trusted queries of a client of a running hub as tools of an assistant, over stdin and stdout.",
    ),
    "sync": (
        "commands.syncing:sync",
        "Bring the directory up to date from the sources; a run that broke off goes on where it stopped.",
    ),
    "token": (
        "commands.tokens:token",
        "Print an access token of one of the demo world's readers, alone on the last line.",
    ),
    "store": ("commands.store:application", "The hub's own store."),
    "sources": ("commands.sources:application", "The source systems."),
    "connectors": ("commands.connectors:application", "Connectors and nouns that are installed, and new ones."),
    "schema": ("commands.schema:application", "The schema of the graph."),
    "audit": ("commands.audit:application", "The audit: who looked at what."),
    "docs": ("commands.documenting:application", "The documentation."),
    "documents": ("commands.documents:application", "Documents that clients may ask by their hash alone."),
    "key": ("commands.keys:application", "The API keys of partners' machines."),
    "identifiers": ("commands.identifiers:application", "Identifiers by which other systems know enterprises."),
    "score": ("commands.score:application", "Editions of scores."),
    "cache": ("commands.cache:application", "What is kept of the sources' answers."),
    "policy": ("commands.policy:application", "Policies of zones."),
}
"""Command → where it is, a function or an application of several, and what `--help` says of it."""


class _Named(TyperCommand):
    """A command that is known by name only, until it is called."""

    def __init__(self, name: str, where: str, help: str) -> None:
        super().__init__(name, callback=None, help=help)
        self._where = where

    def read(self) -> Any:
        """Import the command."""
        module, _, attribute = self._where.partition(":")
        found = getattr(import_module(module), attribute)
        around = typer.Typer()
        if isinstance(found, typer.Typer):
            around.add_typer(found, name=self.name, help=self.help, no_args_is_help=True)
        else:
            around.command(self.name)(found)
        return get_group(around).commands[str(self.name)]


class _Commands(TyperGroup):
    """All commands, of which one is imported: some need the whole hub, which takes seconds."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = {name: _Named(name, *told) for name, told in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Import the command that is called."""
        name, named, rest = super().resolve_command(ctx, args)
        return name, named.read() if isinstance(named, _Named) else named, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; end it with one line if the store cannot be reached."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            from store.engine import unreachable  # which most commands have imported, and --help need not

            if said := unreachable(error):
                raise SystemExit(said) from error
            raise


application = typer.Typer(cls=_Commands, no_args_is_help=True, add_completion=False)


@application.callback(help=__doc__)
def _commands() -> None:
    """Have the commands be those of the class."""


if __name__ == "__main__":
    application()
