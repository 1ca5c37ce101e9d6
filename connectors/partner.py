"""partner: another party's GraphQL, asked for exactly the fields that are wanted."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from connectors.contract import (
    Caller,
    Capabilities,
    CollectionDeclaration,
    Fetch,
    Health,
    Rows,
    Scan,
    SourceDeclaration,
    align,
)
from connectors.errors import SourceError, SourceFailure, SourceNotScanned
from connectors.http import HttpOptions, HttpSource, open_http
from connectors.nested import row_reader, value_at
from connectors.options import Options, checked
from connectors.partner_schema import INTROSPECTION, Used, lacking
from connectors.passing import IdentityOptions, Passing, passing


class PartnerOptions(HttpOptions):
    """Options of a partner's source."""

    identity: IdentityOptions | None = None


class _ListBatch(Options):
    style: Literal["list"]
    field: str
    argument: str = "ids"
    type: str = "[ID!]!"
    max_keys: int = Field(100, ge=1)


class _AliasBatch(Options):
    style: Literal["aliases"]
    field: str
    argument: str = "id"
    type: str = "ID!"
    max_keys: int = Field(50, ge=1)


class _Paging(Options):
    field: str
    rows: str = ""
    next: str | None = None
    more: str | None = None
    first: str = "first"
    after: str = "after"
    page_size: int = 100


class _Collection(Options):
    batch: Annotated[_ListBatch | _AliasBatch, Field(discriminator="style")]
    scan: _Paging | None = None


@dataclass(frozen=True)
class _Place:
    declaration: CollectionDeclaration
    options: _Collection


class PartnerConnector:
    """One GraphQL service of another party."""

    def __init__(
        self, http: HttpSource, places: Mapping[str, _Place], timeout: float, passing: Passing | None = None
    ) -> None:
        """Connect to nothing yet. `passing`: what tells the partner who asks."""
        self._http = http
        self._passing = passing
        self._places = places
        self._timeout = timeout
        self.capabilities = Capabilities(
            keys_per_fetch={name: place.options.batch.max_keys for name, place in places.items()},
            scan=any(place.options.scan for place in places.values()),
            personal=passing is not None,
            max_bytes=http.max_bytes,
            punctual=True,
        )

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the records of the keys by one operation."""
        if not ask.keys:
            return Rows(())
        try:
            return await self._fetched(ask, await self._passed(ask.caller, ask.deadline))
        except SourceError as failure:
            if self._passing is None:
                raise
            # it may be the matter with this reader alone: the source is not left alone for it
            return Rows([[] for _ in ask.keys], dict.fromkeys(range(len(ask.keys)), failure))

    async def _fetched(self, ask: Fetch, passed: Mapping[str, str]) -> Rows:
        place = self._places[ask.collection]
        batch = place.options.batch
        fields = selection(ask.columns)
        if isinstance(batch, _AliasBatch):
            return await self._by_aliases(batch, ask, fields, passed)
        query = f"query($keys: {batch.type}) {{ rows: {batch.field}({batch.argument}: $keys) {{ {fields} }} }}"
        data, errors = await self._ask(query, {"keys": list(ask.keys)}, ask.deadline, passed)
        found = data.get("rows")
        if not isinstance(found, list):
            raise SourceError(self._http.name, f"answered no list for {batch.field}")
        row = row_reader(ask.columns)
        rows = [row(record) for record in found if isinstance(record, dict)]
        groups = align(self._http.name, ask.keys, range(len(place.declaration.key)), rows)
        # A null in the list beside an error may be any of the keys without a record: none is known to be absent.
        failures = {n: SourceError(self._http.name, errors[0][0]) for n, g in enumerate(groups) if errors and not g}
        return Rows(groups, failures)

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield the collection page by page, or at once where the partner does not page."""
        paging = self._places[ask.collection].options.scan
        if paging is None:
            raise SourceNotScanned(self._http.name, f"offers no way to read {ask.collection} whole")
        row = row_reader(ask.columns)
        query = _page_query(paging, ask.columns)
        after = ask.after
        passed = await self._passed(ask.caller, time.monotonic() + self._timeout)
        while True:
            variables = {"first": min(ask.page_size, paging.page_size), "after": after} if paging.next else {}
            data, _ = await self._ask(query, variables, time.monotonic() + self._timeout, passed)
            page = data.get("page")
            found = value_at(page, paging.rows.split(".")) if paging.rows else page
            if not isinstance(found, list):
                raise SourceError(self._http.name, f"answered no list for {paging.field}")
            following = _following(paging, page)
            if following is not None and following == after:
                raise SourceError(self._http.name, "gave the same page twice, so its end cannot be found")
            after = following
            yield Rows([[row(record) for record in found if isinstance(record, dict)]], position=after)
            if after is None:
                return

    async def check(self) -> Health:
        """Ask for the name of the root type, and whether the schema still has what is used, if it tells."""
        started = time.monotonic()
        try:
            await self._ask("{ __typename }", {}, started + self._timeout)
        except SourceFailure as failure:
            return Health(False, failure.message, (time.monotonic() - started) * 1000)
        try:
            missing = await self.lacking()
        except SourceFailure:
            return Health(True, "answers; does not tell its schema", (time.monotonic() - started) * 1000)
        milliseconds = (time.monotonic() - started) * 1000
        if missing:
            told = f"its schema has no {', '.join(missing)}; ask the partner, and change the mapping"
            return Health(False, told, milliseconds)
        return Health(True, "answers, and has what is used of it", milliseconds)

    async def lacking(self) -> Sequence[str]:
        """Return what the schema has not of what is used of it; raise SourceFailure if the partner does not tell."""
        data, _ = await self._ask(INTROSPECTION, {}, time.monotonic() + self._timeout)
        try:
            return list(dict.fromkeys(lacking(data["__schema"], self._used())))
        except (LookupError, TypeError) as error:
            raise SourceError(self._http.name, "answers, and does not tell its schema") from error

    def _used(self) -> list[Used]:
        found: list[Used] = []
        for place in self._places.values():
            options, columns = place.options, place.declaration.columns or place.declaration.key
            found.append((options.batch.field, [options.batch.argument], columns))
            if scan := options.scan:
                prefix = f"{scan.rows}." if scan.rows else ""
                paths = [*(prefix + column for column in columns), *(one for one in (scan.next, scan.more) if one)]
                found.append((scan.field, [scan.first, scan.after] if scan.next else [], paths))
        return found

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _passed(self, caller: Caller | None, deadline: float) -> Mapping[str, str]:
        """Return the headers that tell who asks, if the partner is told."""
        if self._passing is None:
            return {}
        if caller is None or not caller.organisation:
            raise SourceError(self._http.name, "is asked on behalf of known readers only, and is told who they are")
        return await self._passing.headers(caller, deadline)

    async def _by_aliases(self, batch: _AliasBatch, ask: Fetch, fields: str, passed: Mapping[str, str]) -> Rows:
        names = [f"k{place}" for place in range(len(ask.keys))]
        declared = ", ".join(f"${name}: {batch.type}" for name in names)
        asked = " ".join(f"{name}: {batch.field}({batch.argument}: ${name}) {{ {fields} }}" for name in names)
        variables = dict(zip(names, ask.keys, strict=True))
        data, errors = await self._ask(f"query({declared}) {{ {asked} }}", variables, ask.deadline, passed)
        failed = {str(path[0]): message for message, path in errors if path}
        row = row_reader(ask.columns)
        groups = [[row(record)] if isinstance(record := data.get(name), dict) else [] for name in names]
        failures = {
            place: SourceError(self._http.name, failed[name])
            for place, name in enumerate(names)
            if name in failed and not groups[place]
        }
        return Rows(groups, failures)

    async def _ask(
        self, query: str, variables: Mapping[str, Any], deadline: float, passed: Mapping[str, str] | None = None
    ) -> tuple[Mapping[str, Any], list[tuple[str, Sequence[Any]]]]:
        """Return data and errors; raise if there is no data, or an error that belongs to no field."""
        asked = {"query": query, "variables": dict(variables)}
        reply = await self._http.ask("POST", "", deadline, json=asked, passed=passed)
        answer = reply.value if isinstance(reply.value, dict) else {}
        errors = [_error(entry) for entry in answer.get("errors") or () if isinstance(entry, dict)]
        data = answer.get("data")
        if not isinstance(data, dict):
            raise SourceError(self._http.name, f"answered no data ({errors[0][0] if errors else 'and no error'})")
        return data, errors


def selection(columns: Sequence[str]) -> str:
    """Return the selection set of these columns; a dot leads into an object."""
    tree: dict[str, Any] = {}
    for column in columns:
        level = tree
        for name in column.split("."):
            level = level.setdefault(name, {})
    return _written(tree)


def connect(declaration: SourceDeclaration) -> PartnerConnector:
    """Open the source of a declaration."""
    options = checked(PartnerOptions, declaration.options, declaration.where)
    identity = options.identity
    told = passing(declaration.name, identity, declaration.secret, declaration.where) if identity else None
    places = {
        name: _Place(collection, checked(_Collection, collection.options, collection.where))
        for name, collection in declaration.collections.items()
    }
    return PartnerConnector(open_http(declaration, options), places, declaration.timeout, told)


def _written(tree: Mapping[str, Any]) -> str:
    return " ".join(f"{name} {{ {_written(below)} }}" if below else name for name, below in tree.items())


def _page_query(paging: _Paging, columns: Sequence[str]) -> str:
    prefix = f"{paging.rows}." if paging.rows else ""
    wanted = [f"{prefix}{column}" for column in columns] + [path for path in (paging.next, paging.more) if path]
    if not paging.next:
        return f"{{ page: {paging.field} {{ {selection(wanted)} }} }}"
    arguments = f"{paging.first}: $first, {paging.after}: $after"
    return f"query($first: Int!, $after: String) {{ page: {paging.field}({arguments}) {{ {selection(wanted)} }} }}"


def _following(paging: _Paging, page: Any) -> str | None:
    if not paging.next or (paging.more and not value_at(page, paging.more.split("."))):
        return None
    cursor = value_at(page, paging.next.split("."))
    return str(cursor) if cursor is not None else None


def _error(entry: Mapping[str, Any]) -> tuple[str, Sequence[Any]]:
    path = entry.get("path")
    return str(entry.get("message", "an error without a message"))[:200], path if isinstance(path, list) else ()
