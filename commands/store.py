"""The operator's commands of the hub's own store: bring it up to date, copy it, seal what it keeps sealed."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from opening import open_sealer
from settings import read
from store import backup as backups
from store import sealing
from store import upgrade as versions
from store.engine import once
from store.sealing import SealBroken, SealingMisconfigured, make_key

_console = Console(stderr=True)
application = typer.Typer()


@application.command()
def upgrade() -> None:
    """Bring the store to the version that this program needs."""
    asyncio.run(once(read().store, versions.upgrade))
    _console.print("The store is up to date.")


@application.command()
def check() -> None:
    """Say whether the store has the version that this program needs."""
    try:
        asyncio.run(once(read().store, versions.check))
    except versions.StoreBehind as behind:
        raise SystemExit(str(behind)) from behind
    _console.print("The store is up to date.")


@application.command()
def backup(to: Annotated[Path, typer.Argument(help="File to be made; it will hold everything.")]) -> None:
    """Write the whole store to a file, while hubs go on writing to it."""
    try:
        backups.backup(read().store, to)
    except backups.NotBackedUp as error:
        raise SystemExit(str(error)) from error
    _console.print(f"The store is in {to}. Keep it as the store itself is kept.", soft_wrap=True)


@application.command()
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


@application.command("sealing-key")
def sealing_key(path: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")]) -> None:
    """Write a new key by which bank accounts are sealed, for HUB_SEALING_KEYS."""
    if path.exists():
        raise SystemExit(f"{path} is there already; keys are never written over.")
    make_key(path)
    _console.print(f"{path} has a new key. Keep it apart from the store and its copies.")


@application.command()
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
