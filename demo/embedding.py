"""The demo world around a hub: made if absent, its services running."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from shlex import quote
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from demo import world as made
from demo.services import Services

if TYPE_CHECKING:
    from settings import Settings

_CONSOLE = Console(stderr=True)

FIRST_QUERY = """{
  enterprises(search: "楚精灵", first: 1) { nodes {
    uscc name foundedText zone { name }
    filings { year revenue rdExpense source { title } }
    qualifications { kind validFrom validTo source { title } }
    synthetic
  } }
}"""


@contextmanager
def world(settings: Settings) -> Iterator[tuple[Settings, Mapping[str, str]]]:
    """Make the world if it is absent and run its services; give the settings and environment that lead to it."""
    folder = settings.data_dir / "demo-world"
    if not made.exists(folder, settings.demo_enterprises):
        with _bar() as progress:
            task = progress.add_task("Making the demo world", total=None)

            def report(part: str, place: int, parts: int) -> None:
                progress.update(task, description=f"Making the demo world: {part}", completed=place, total=parts)

            made.make(folder, settings.demo_enterprises, progress=report)
            progress.update(task, description="The demo world is made", completed=1, total=1)
    with Services(folder) as services:
        yield settings.model_copy(update={"sources": settings.sources_file}), {**os.environ, **services.environment}


def made_at(settings: Settings) -> float:
    """Return the moment at which the world was made, in seconds since 1970."""
    return (settings.data_dir / "demo-world" / "world.json").stat().st_mtime


def tell(problem: str) -> None:
    """Say what the demo lacks."""
    _CONSOLE.print(problem, markup=False, highlight=False, soft_wrap=True)


def welcome(settings: Settings) -> None:
    """Say what to open, and what to ask first."""
    address = f"http://{settings.host}:{settings.port}"
    compact = " ".join(FIRST_QUERY.split()).replace('"', '\\"')
    _CONSOLE.print(f"\n[bold]innograph[/] serves the demo world at [bold]{address}[/] (Ctrl-C stops it)")
    _CONSOLE.print("Its enterprises are made up; each record says so in its field [italic]synthetic[/].")
    _CONSOLE.print(f"Open {address} in a browser, or paste:\n")
    _CONSOLE.print(
        f"curl {address}/graphql {_authorization(settings)}-H 'Content-Type: application/json' "
        f"-d '{{\"query\": \"{compact}\"}}'\n",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip


def _authorization(settings: Settings) -> str:
    """Return how to ask as a reader of the demo, by the issuer of this very hub; nothing where it has others."""
    if settings.identity is not None:
        return ""
    where = f"HUB_DATA_DIR={quote(str(settings.data_dir))} " if "data_dir" in settings.model_fields_set else ""
    return f'-H "Authorization: Bearer $({where}.venv/bin/python manage.py token officer-eastlake | tail -1)" '


def _bar() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=_CONSOLE)
