"""The key map: by which identifiers other systems know enterprises; looked into, added to and corrected."""

from __future__ import annotations

import csv
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from codes.kinds import IdentifierKind
from codes.uscc import MalformedUscc, normalise
from commands.listing import listing, print_whole
from commands.storing import in_store
from settings import read
from store.changes import new_id
from store.identifiers import SURE, Identifiers, Link

_console = Console(stderr=True)
application = typer.Typer()


@application.command("list")
def list_(
    given: Annotated[str, typer.Argument(help="A credit code, or an identifier.")],
    all_: Annotated[bool, typer.Option("--all", help="Also what was withdrawn.")] = False,
) -> None:
    """Show what is known of a credit code, or which enterprises an identifier means, the surest first."""

    async def show(identifiers: Identifiers) -> None:
        table = listing("id", "uscc", "kind", "value", "valid", "confidence", "origin", "withdrawn")
        for one in await identifiers.of(given, withdrawn=all_):
            days = f"{one.valid_from or '…'} – {one.valid_to or '…'}"
            used = f"{one.confidence}" + ("" if one.confidence >= SURE else " (not asked by)")
            gone = f"{one.withdrawn_at:%Y-%m-%d}: {one.reason}" if one.withdrawn_at else ""
            table.add_row(one.id, one.uscc, one.kind.value, one.value, days, used, one.origin, gone)
        print_whole(table)

    _with(show)


@application.command()
def add(
    uscc: Annotated[str, typer.Argument(help="The enterprise's credit code.")],
    kind: Annotated[IdentifierKind, typer.Argument(help="What the identifier is.")],
    value: Annotated[str, typer.Argument(help="The identifier.")],
    origin: Annotated[str, typer.Option(help="Who says so.")],
    from_: Annotated[str, typer.Option("--from", help="First day, as 2023-01-31.")] = "",
    to: Annotated[str, typer.Option(help="Last day.")] = "",
    confidence: Annotated[str, typer.Option(help="From 0 to 1; below 0.80 no source is asked by it.")] = "1",
) -> None:
    """Add an identifier of an enterprise."""
    row = {"uscc": uscc, "kind": kind.value, "value": value, "origin": origin, "valid_from": from_, "valid_to": to,
           "confidence": confidence}  # fmt: skip
    link = _link(row, "the options")
    _with(lambda identifiers: identifiers.add([link]))
    print(link.id)


@application.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV: uscc, kind, value, origin, valid_from, valid_to, confidence.")],
) -> None:
    """Add the identifiers of a file, all or none."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            links = [_link(row, f"{file}: line {number}") for number, row in enumerate(csv.DictReader(lines), 2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SystemExit(f"{file}: cannot be read ({error}). It is CSV in UTF-8, with a header.") from error
    _with(lambda identifiers: identifiers.add(links))
    _console.print(f"{len(links):,} identifiers were added.")


@application.command()
def withdraw(
    id: Annotated[str, typer.Argument(help="As `list` shows it.")],
    reason: Annotated[str, typer.Option(help="Why it is wrong.")],
) -> None:
    """Withdraw a link that is wrong; the right one is added beside it."""

    async def do(identifiers: Identifiers) -> None:
        if not await identifiers.withdraw(id, reason):
            raise SystemExit(f"No link {id!r} stands. `python manage.py identifiers list` shows those that do.")

    _with(do)
    _console.print("It is withdrawn; sources are asked by it no longer.")


def _with(do: Callable[[Identifiers], Awaitable[None]]) -> None:
    in_store(read(), lambda store: do(Identifiers(store)))


def _link(row: Mapping[str, str | None], where: str) -> Link:
    """Return a link of texts; end with what is wrong, and where."""
    given = {name: (text or "").strip() for name, text in row.items() if name}
    try:
        days = [date.fromisoformat(given[name]) if given.get(name) else None for name in ("valid_from", "valid_to")]
        confidence = Decimal(given.get("confidence") or "1")
        if not 0 <= confidence <= 1:
            raise ValueError("confidence is from 0 to 1")
        if not given["value"] or not given["origin"] or len(given["value"]) > 200:
            raise ValueError("value and origin are needed")
        return Link(
            new_id(), normalise(given["uscc"]), IdentifierKind(given["kind"].upper()), given["value"], days[0], days[1],
            confidence, given["origin"], datetime.now(UTC),
        )  # fmt: skip
    except KeyError as error:
        raise SystemExit(f"{where}: {error} is missing. Give uscc, kind, value and origin.") from error
    except (ValueError, InvalidOperation, MalformedUscc) as error:
        raise SystemExit(f"{where}: {error}. Mend it; nothing was added.") from error
