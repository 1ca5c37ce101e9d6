"""API keys of partners' machines: make one, list them, revoke one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console

from auth.identity import api_keys
from auth.identity.config import IdentityMisconfigured
from codes.access import DataGroup
from commands.listing import listing, print_whole
from commands.storing import in_store
from opening import open_identity
from settings import Settings, read
from store.keys import Key, Keys

_LONGEST = 1096
"""Days: a key that nobody has to think of again is one that nobody knows of."""

_console = Console(stderr=True)
application = typer.Typer()


@application.command()
def create(
    client: Annotated[str, typer.Argument(help="The client of identity.toml that asks with it.")],
    scopes: Annotated[str, typer.Option(help="Groups that it is limited to, as filings,workforce.")] = "",
    days: Annotated[int, typer.Option(min=1, max=_LONGEST, help="For how long it is valid.")] = 365,
) -> None:
    """Make a key, and print it alone on the last line: it is never shown again."""
    settings = read()
    _check_client(settings, client)
    made, now = api_keys.make(), datetime.now(UTC)
    key = Key(made.prefix, api_keys.digest(made.text), client, _groups(scopes), now, now + timedelta(days))
    in_store(settings, lambda store: Keys(store).create(key))
    _console.print(f"A key of {client} until {key.expires_at:%Y-%m-%d}. Keep it; the hub keeps only its digest.")
    print(made.text)


@application.command("list")
def list_() -> None:
    """List all keys, the newest first."""
    table = listing("prefix", "client", "scopes", "made", "valid until", "last used", "state")
    for key in in_store(read(), lambda store: Keys(store).all()):
        scopes = "all" if key.scopes is None else ", ".join(sorted(key.scopes)).lower()
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
        table.add_row(
            key.prefix,
            key.client,
            scopes,
            f"{key.created_at:%Y-%m-%d}",
            f"{key.expires_at:%Y-%m-%d}",
            used,
            _state(key),
        )
    print_whole(table)


@application.command()
def revoke(prefix: Annotated[str, typer.Argument(help="What stands between ik_ and the secret.")]) -> None:
    """Revoke a key; within a second no hub lets it in."""
    # Whoever gives the whole key does not find it in what is printed.
    short = prefix.removeprefix(api_keys.MARK).partition("_")[0]
    if in_store(read(), lambda store: Keys(store).revoke(short)) is None:
        raise SystemExit("There is no key of this prefix. List them with: python manage.py key list")
    _console.print(f"The key {short} is revoked.")


def _check_client(settings: Settings, name: str) -> None:
    try:
        identity = open_identity(settings)
    except IdentityMisconfigured as error:
        raise SystemExit(str(error)) from error
    client = identity.clients.get(name)
    if client is None:
        known = ", ".join(sorted(identity.clients)) or "none; declare it in identity.toml (HUB_IDENTITY)"
        raise SystemExit(f"There is no client {name!r}. Known are: {known}.")
    if not api_keys.roles(client):
        raise SystemExit(f"The client {name!r} has no role that keys may have; its people ask with tokens.")


def _groups(scopes: str) -> frozenset[str] | None:
    words = frozenset(scopes.upper().replace(",", " ").split())
    known = {group.value for group in DataGroup}
    if unknown := words - known:
        listed = ", ".join(sorted(known)).lower()
        raise SystemExit(f"There is no group {', '.join(sorted(unknown)).lower()}. Take of: {listed}.")
    return words or None


def _state(key: Key) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d %H:%M}"
    return "expired" if key.expires_at <= datetime.now(UTC) else "valid"
