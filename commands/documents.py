"""Trusted documents: register a manifest for a client, list what is trusted, trust no longer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from auth.identity.config import IdentityMisconfigured
from commands.listing import listing, print_whole
from commands.storing import in_store
from connectors.errors import SourcesMisconfigured
from opening import open_graph, open_identity
from resolvers.binding import bind
from resolvers.execution.documents import Documents, Refused
from resolvers.execution.prepared import Binding
from settings import Settings, read
from store.documents import TrustedDocument, TrustedDocuments
from web.document_book import ANONYMOUS_CLIENT

_console = Console(stderr=True)
application = typer.Typer()


@application.command()
def register(
    client: Annotated[str, typer.Argument(help="The client of identity.toml that asks them; or anonymous.")],
    manifest: Annotated[Path, typer.Argument(help="JSON file: Apollo's manifest, or texts by their SHA-256.")],
) -> None:
    """Trust the documents of a manifest, all or none; each fits the schema, and has one operation that has a name."""
    settings = read()
    _check_client(settings, client)
    now = datetime.now(UTC)
    found = [TrustedDocument(client, *each, now) for each in _checked(settings, _entries(manifest))]
    in_store(settings, lambda store: TrustedDocuments(store).register(found))
    for one in found:
        _console.print(f"{one.hash}  {one.name}", markup=False, highlight=False)
    _console.print(f"{client} may ask {len(found)} documents by their hash; every hub knows within a second.")


@application.command("list")
def list_(client: Annotated[str | None, typer.Argument(help="Of this client only.")] = None) -> None:
    """List the documents that are trusted."""
    table = listing("client", "name", "hash", "registered")
    for one in in_store(read(), lambda store: TrustedDocuments(store).all()):
        if client in (None, one.client):
            table.add_row(one.client, one.name, one.hash, f"{one.registered_at:%Y-%m-%d %H:%M}")
    print_whole(table)


@application.command()
def remove(
    client: Annotated[str, typer.Argument(help="The client that may not ask them any longer.")],
    names: Annotated[list[str], typer.Argument(help="Hashes, or names of operations with all their versions.")],
) -> None:
    """Trust documents no longer; within a second no hub answers them by their hash."""

    async def removed(documents: TrustedDocuments) -> Sequence[str]:
        wanted = [one for one in await documents.all() if one.client == client and {one.hash, one.name} & set(names)]
        if wanted:
            await documents.remove(client, [one.hash for one in wanted])
        return [one.hash for one in wanted]

    gone = in_store(read(), lambda store: removed(TrustedDocuments(store)))
    if not gone:
        raise SystemExit(f"{client} has no such document. List them with: python manage.py documents list {client}")
    _console.print(f"{len(gone)} documents of {client} are trusted no longer.")


def _entries(manifest: Path) -> Iterator[tuple[str | None, str]]:
    """Give each document of a manifest with the hash that it is named by."""
    try:
        found: Any = orjson.loads(manifest.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise SystemExit(f"{manifest}: cannot be read ({error}). Give the path of a JSON file.") from error
    if isinstance(found, dict) and isinstance(found.get("operations"), list):
        entries = [(each.get("id"), each.get("body")) for each in found["operations"] if isinstance(each, dict)]
    elif isinstance(found, dict):
        entries = list(found.items())
    else:
        entries = []
    if not entries:
        raise SystemExit(
            f"{manifest}: holds no documents. Give Apollo's manifest, or an object of texts by their hash."
        )
    for digest, text in entries:
        if not isinstance(text, str):
            raise SystemExit(f"{manifest}: {digest}: is no text. Give the document that is to be asked.")
        yield digest, text


def _checked(settings: Settings, entries: Iterator[tuple[str | None, str]]) -> Iterator[tuple[str, str, str]]:
    """Give hash, name and text of each document; end the process at one that the schema refuses."""
    try:
        graph = open_graph(settings)
    except SourcesMisconfigured as error:
        raise SystemExit(str(error)) from error
    documents = Documents(Binding(*graph, bind(*graph), None))
    for given, text in entries:
        digest = hashlib.sha256(text.encode()).hexdigest()
        if given is not None and given.removeprefix("sha256:").lower() != digest:
            raise SystemExit(
                f"{given[:80]}: is not the SHA-256 of its document. Have the client's tools hash by SHA-256."
            )
        try:
            operation = documents.get(text)[0].prepared(None).operation
        except Refused as refused:
            raise SystemExit("\n".join(f"{digest[:12]}…: {error}" for error in refused.errors)) from refused
        if operation.name is None:
            raise SystemExit(f"{digest[:12]}…: its operation has no name. Name it: REST and MCP find it by that.")
        yield digest, operation.name.value, text


def _check_client(settings: Settings, name: str) -> None:
    try:
        clients: Mapping[str, object] = open_identity(settings).clients
    except IdentityMisconfigured as error:
        raise SystemExit(str(error)) from error
    if name not in clients and name != ANONYMOUS_CLIENT:
        known = ", ".join(sorted((ANONYMOUS_CLIENT, *clients)))
        raise SystemExit(f"There is no client {name!r}. Known are: {known}.")
