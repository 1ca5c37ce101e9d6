"""ndc: any connector of Hasura's open Native Data Connector protocol, version 0.2, over HTTP.

Keys go in one query: as a list where the key's type has an operator for that, otherwise as sets of variables where the
connector takes them, otherwise as alternatives. Which it is, its capabilities and its schema tell.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from connectors.contract import (
    Capabilities,
    CollectionDeclaration,
    Fetch,
    Health,
    Key,
    Row,
    Rows,
    Scan,
    SourceDeclaration,
    align,
)
from connectors.errors import SourceError, SourceFailure
from connectors.http import HttpOptions, HttpSource, open_http
from connectors.nested import row_reader
from connectors.options import Options, checked

_VERSION = "0.2"


class _Collection(Options):
    collection: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    max_keys: int = Field(100, ge=1)


@dataclass(frozen=True)
class _Place:
    declaration: CollectionDeclaration
    options: _Collection


@dataclass(frozen=True)
class _Told:
    """What a connector tells of itself."""

    variables: bool
    schema: Mapping[str, Any]

    def columns(self, source: str, collection: str) -> Mapping[str, Any]:
        """Return the columns of a collection with their types; raise SourceError if there is no such collection."""
        for one in self.schema.get("collections", ()):
            if one["name"] == collection:
                found: Mapping[str, Any] = self.schema["object_types"][one["type"]]["fields"]
                return found
        known = ", ".join(sorted(one["name"] for one in self.schema.get("collections", ())))
        raise SourceError(source, f"has no collection {collection!r}; it has {known or 'none'}")

    def operator(self, column: Mapping[str, Any], kind: str) -> str | None:
        """Return the name of a column's operator of a kind, `equal` or `in`."""
        scalar = self.schema.get("scalar_types", {}).get(_named(column["type"]), {})
        operators = scalar.get("comparison_operators", {})
        return next((name for name, one in operators.items() if one.get("type") == kind), None)

    def nested(self, columns: Mapping[str, Any], path: Sequence[str]) -> bool:
        """Say whether a path of columns is there."""
        for name in path[:-1]:
            if name not in columns:
                return False
            columns = self.schema["object_types"].get(_named(columns[name]["type"]), {}).get("fields", {})
        return path[-1] in columns

    def is_number(self, column: Mapping[str, Any]) -> bool:
        """Say whether a column holds whole numbers, so that keys go as such."""
        scalar = self.schema.get("scalar_types", {}).get(_named(column["type"]), {})
        return str(scalar.get("representation", {}).get("type", "")).startswith("int")


class NdcConnector:
    """One connector of that protocol."""

    def __init__(self, http: HttpSource, places: Mapping[str, _Place], timeout: float) -> None:
        """Connect to nothing yet."""
        self._http = http
        self._places = places
        self._timeout = timeout
        self._told: _Told | None = None
        self._asking = asyncio.Lock()
        self.capabilities = Capabilities(
            keys_per_fetch={name: place.options.max_keys for name, place in places.items()},
            scan=True,
            max_bytes=http.max_bytes,
            punctual=True,
        )

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the records of the keys by one query."""
        if not ask.keys:
            return Rows(())
        place, told = self._places[ask.collection], await self._known(ask.deadline)
        columns = self._checked(told, place, ask.columns)
        query, variables = self._by_keys(told, columns, place, ask)
        sets = await self._query(place, query, ask.deadline, variables)
        rows = [_as_asked(row, ask.columns) for rows in sets for row in rows]
        width = len(place.declaration.key)
        texts = [(*map(_text, row[:width]), *row[width:]) for row in rows]
        return Rows(align(self._http.name, ask.keys, range(width), texts))

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield the collection in pages, ordered by its key; the position is the number of records before."""
        place, at = self._places[ask.collection], int(ask.after or 0)
        told = await self._known(time.monotonic() + self._timeout)
        self._checked(told, place, ask.columns)
        order = [
            {"order_direction": "asc", "target": {"type": "column", "name": name, "path": []}}
            for name in ask.columns
            if "." not in name
        ]
        while True:
            query = {
                "fields": _fields(ask.columns), "order_by": {"elements": order}, "limit": ask.page_size, "offset": at,
            }  # fmt: skip
            (rows,) = await self._query(place, query, time.monotonic() + self._timeout, None)
            at += len(rows)
            if rows or at == 0:
                yield Rows([[_as_asked(row, ask.columns) for row in rows]], position=str(at))
            if len(rows) < ask.page_size:
                return

    async def check(self) -> Health:
        """Say whether it speaks our version and still has what is used of it."""
        started = time.monotonic()
        try:
            self._told = None
            told = await self._known(started + self._timeout)
            for place in self._places.values():
                self._checked(told, place, place.declaration.columns or place.declaration.key)
        except SourceFailure as failure:
            return Health(False, failure.message, (time.monotonic() - started) * 1000)
        return Health(True, "answers, and has what is used of it", (time.monotonic() - started) * 1000)

    async def lacking(self) -> Sequence[str]:
        """Return the collections and columns that are used and that the connector no longer has."""
        self._told = None
        told = await self._known(time.monotonic() + self._timeout)
        found: list[str] = []
        for place in self._places.values():
            name, columns = place.options.collection, place.declaration.columns or place.declaration.key
            try:
                known = told.columns(self._http.name, name)
            except SourceError:
                found.append(name)
            else:
                found += [f"{name}.{column}" for column in columns if not told.nested(known, column.split("."))]
        return found

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _known(self, deadline: float) -> _Told:
        """Return what the connector tells of itself, asked for once."""
        if self._told is None:
            async with self._asking:
                if self._told is None:
                    self._told = await self._asked(deadline)
        return self._told

    async def _asked(self, deadline: float) -> _Told:
        capabilities = (await self._http.ask("GET", "/capabilities", deadline)).value
        version = str(capabilities.get("version", "")) if isinstance(capabilities, dict) else ""
        if not version.startswith(_VERSION):
            raise SourceError(self._http.name, f"speaks version {version or 'none'} of the protocol, not {_VERSION}")
        schema = (await self._http.ask("GET", "/schema", deadline)).value
        query = capabilities.get("capabilities", {}).get("query", {})
        return _Told(query.get("variables") is not None, schema)

    def _checked(self, told: _Told, place: _Place, columns: Sequence[str]) -> Mapping[str, Any]:
        known = told.columns(self._http.name, place.options.collection)
        for column in columns:
            if not told.nested(known, column.split(".")):
                raise SourceError(self._http.name, f"{place.options.collection!r} has no column {column!r}")
        return known

    def _by_keys(
        self, told: _Told, columns: Mapping[str, Any], place: _Place, ask: Fetch
    ) -> tuple[dict[str, Any], list[dict[str, Any]] | None]:
        """Return the query for the keys, and the sets of variables if they go as these."""
        query: dict[str, Any] = {"fields": _fields(ask.columns)}
        names = place.declaration.key
        values: list[dict[str, int | str]] = [
            dict(zip(names, _parts(key), strict=True)) for key in dict.fromkeys(ask.keys)
        ]
        for name in names:
            if told.is_number(columns[name]):
                values = [{**one, name: _whole(str(one[name]))} for one in values]
        one_of = told.operator(columns[names[0]], "in") if len(names) == 1 else None
        if one_of is not None:
            return {**query, "predicate": _compared(names[0], one_of, [one[names[0]] for one in values])}, None
        equals = {name: told.operator(columns[name], "equal") for name in names}
        if missing := [name for name, operator in equals.items() if operator is None]:
            raise SourceError(self._http.name, f"has no operator that finds records by {missing[0]!r}")
        if told.variables:
            parts = [_compared(name, str(operator), variable=name) for name, operator in equals.items()]
            return {**query, "predicate": {"type": "and", "expressions": parts}}, values
        ways = [
            {"type": "and", "expressions": [_compared(n, str(operator), one[n]) for n, operator in equals.items()]}
            for one in values
        ]
        return {**query, "predicate": {"type": "or", "expressions": ways}}, None

    async def _query(
        self, place: _Place, query: Mapping[str, Any], deadline: float, variables: list[dict[str, Any]] | None
    ) -> list[list[Mapping[str, Any]]]:
        """Return the rows of each set of variables; of one if there are none."""
        arguments = {name: {"type": "literal", "value": value} for name, value in place.options.arguments.items()}
        body = {
            "collection": place.options.collection, "query": query, "arguments": arguments,
            "collection_relationships": {}, **({"variables": variables} if variables else {}),
        }  # fmt: skip
        sets = (await self._http.ask("POST", "/query", deadline, json=body)).value
        wanted = len(variables) if variables else 1
        if not isinstance(sets, list) or len(sets) != wanted:
            raise SourceError(self._http.name, f"answered no {wanted} row sets")
        found = [one.get("rows") if isinstance(one, dict) else None for one in sets]
        if not all(isinstance(rows, list) and all(isinstance(row, dict) for row in rows) for rows in found):
            raise SourceError(self._http.name, "answered a row set without rows")
        return found  # type: ignore[return-value]  # just looked at


def connect(declaration: SourceDeclaration) -> NdcConnector:
    """Open the source of a declaration."""
    options = checked(HttpOptions, declaration.options, declaration.where)
    places = {
        name: _Place(collection, checked(_Collection, collection.options, collection.where))
        for name, collection in declaration.collections.items()
    }
    return NdcConnector(open_http(declaration, options), places, declaration.timeout)


def _named(type_: Mapping[str, Any]) -> str:
    """Return the name of a type, within what may be null."""
    while type_.get("type") == "nullable":
        type_ = type_["underlying_type"]
    return str(type_.get("name", ""))


def _fields(columns: Sequence[str]) -> dict[str, Any]:
    """Return the fields of a query for these columns; a dot leads into an object."""
    found: dict[str, Any] = {}
    for name, below in _grouped(columns):
        nested = {"fields": {"type": "object", "fields": _fields(below)}} if below else {}
        found[name] = {"type": "column", "column": name, **nested}
    return found


def _grouped(columns: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    tops = dict.fromkeys(column.partition(".")[0] for column in columns)
    for top in tops:
        yield top, [column.partition(".")[2] for column in columns if column.startswith(f"{top}.")]


def _compared(name: str, operator: str, value: Any = None, *, variable: str | None = None) -> dict[str, Any]:
    with_ = {"type": "variable", "name": variable} if variable else {"type": "scalar", "value": value}
    return {"type": "binary_comparison_operator", "column": {"type": "column", "name": name, "path": []},
            "operator": operator, "value": with_}  # fmt: skip


def _as_asked(row: Mapping[str, Any], columns: tuple[str, ...]) -> Row:
    return row_reader(columns)(row)


def _parts(key: Key) -> tuple[str, ...]:
    return key if isinstance(key, tuple) else (key,)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _whole(text: str) -> int | str:
    """Return a key as a whole number; one that is none stays as it is, and nobody has it."""
    return int(text) if text.lstrip("-").isdigit() and text.isascii() else text
