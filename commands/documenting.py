"""The operator's commands of the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from settings import Settings
from web.documentation.hub import documentation

_console = Console(stderr=True)
application = typer.Typer()


@application.callback()
def documents() -> None:
    """Keep `build` a command of its own beside those that may come."""


@application.command()
def build(folder: Annotated[Path, typer.Argument(help="Where to; made if it is absent.")]) -> None:
    """Write the documentation, with the reference made of the code, as a site of static pages."""
    pages = documentation(Settings).build(folder)
    _console.print(f"{pages} pages; begin with {folder / 'index.html'}")
