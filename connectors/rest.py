"""rest: JSON over HTTP, keys in batches as the service takes them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

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
from connectors.errors import SourceError, SourceFailure, SourceNotScanned, SourcesMisconfigured
from connectors.http import HttpOptions, HttpSource, Reply, open_http
from connectors.nested import row_reader, value_at
from connectors.options import Options, checked
from connectors.recent import Recent
from connectors.rest_paging import Paging, pages
from connectors.typed import Decoder, align_records, list_decoder


class _Batch(Options):
    style: Literal["comma", "repeat", "body", "each"]
    parameter: str = "ids"
    max_keys: int = Field(100, ge=1)


class _Collection(Options):
    path: str
    batch: _Batch
    rows: str = ""
    answer: Literal["keyed", "aligned"] = "keyed"
    count: str | None = None
    select: str | None = None
    scan: Paging | None = None


@dataclass(frozen=True)
class _Place:
    declaration: CollectionDeclaration
    options: _Collection


class RestConnector:
    """One REST service."""

    def __init__(self, http: HttpSource, places: Mapping[str, _Place], timeout: float) -> None:
        """Connect to nothing yet."""
        self._http = http
        self._places = places
        self._timeout = timeout
        self.capabilities = Capabilities(
            keys_per_fetch={name: place.options.batch.max_keys for name, place in places.items()},
            scan=any(place.options.scan for place in places.values()),
            max_bytes=http.max_bytes,
            punctual=True,
        )
        self._decoders: Recent[tuple[Any, str], Decoder] = Recent(256)

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the records of the keys, batched in the collection's style."""
        place = self._places[ask.collection]
        if not ask.keys:
            return Rows(())
        if place.options.batch.style == "each":
            return await self._one_by_one(place, ask)
        typed = ask.shape is not None and place.options.answer == "keyed" and place.options.count is None
        reply = await self._batch(place.options, ask, self._decoder(ask.shape, place.options.rows) if typed else None)
        if reply.typed:
            records, failures = align_records(self._http.name, ask, place.declaration.many, reply.value)
            return Rows((), failures, records)
        found = self._rows(place.options, reply.value)
        if place.options.answer == "aligned":
            return Rows(self._by_place(place, ask, found))
        row = row_reader(ask.columns)
        width = len(place.declaration.key)
        return Rows(align(self._http.name, ask.keys, range(width), [row(record) for record in found]))

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield the collection in the service's own pages."""
        place = self._places[ask.collection]
        paging = place.options.scan
        if paging is None:
            raise SourceNotScanned(self._http.name, f"offers no way to read {ask.collection} whole")
        row = row_reader(ask.columns)
        select = {place.options.select: ",".join(ask.columns)} if place.options.select else {}
        async for records, position in pages(self._http, paging, ask, select, self._timeout):
            yield Rows([[row(record) for record in records]], position=position)

    async def check(self) -> Health:
        """Ask for a key that nobody has."""
        started = time.monotonic()
        try:
            for name, place in self._places.items():
                columns = place.declaration.key
                await self.fetch(Fetch(name, ("0" * 18,), columns, started + self._timeout))
        except SourceFailure as failure:
            return Health(False, failure.message, (time.monotonic() - started) * 1000)
        return Health(True, "answers", (time.monotonic() - started) * 1000)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _decoder(self, shape: Any, rows: str) -> Decoder:
        found = self._decoders.get((shape, rows))
        if found is None:
            found = self._decoders[shape, rows] = list_decoder(shape, rows)
        return found

    async def _batch(self, options: _Collection, ask: Fetch, decode: Decoder | None) -> Reply:
        batch = options.batch
        params: list[tuple[str, str]] = []
        if options.select:
            params.append((options.select, ",".join(ask.columns)))
        if batch.style == "body":
            body = {batch.parameter: list(ask.keys)}
            return await self._http.ask("POST", options.path, ask.deadline, params=params, json=body, decode=decode)
        if batch.style == "comma":
            params.append((batch.parameter, ",".join(map(str, ask.keys))))
        else:
            params += [(batch.parameter, str(key)) for key in ask.keys]
        return await self._http.ask("GET", options.path, ask.deadline, params=params, decode=decode)

    def _rows(self, options: _Collection, reply: Any) -> Sequence[Any]:
        found = value_at(reply, options.rows.split(".")) if options.rows else reply
        if not isinstance(found, list):
            raise SourceError(self._http.name, f"answered no list under {options.rows or 'the top'!r}")
        if options.count is not None and (count := value_at(reply, options.count.split("."))) != len(found):
            raise SourceError(self._http.name, f"announced {str(count)[:20]} records and gave {len(found)}")
        if options.answer == "keyed" and not all(isinstance(record, dict) for record in found):
            raise SourceError(self._http.name, "answered records that are no objects")
        return found

    def _by_place(self, place: _Place, ask: Fetch, found: Sequence[Any]) -> list[list[Row]]:
        """An aligned answer has one entry for each key, null where it is unknown."""
        if len(found) != len(ask.keys):
            raise SourceError(self._http.name, f"answered {len(found)} entries for {len(ask.keys)} keys")
        return [self._entry(place, ask, key, entry) for key, entry in zip(ask.keys, found, strict=True)]

    def _entry(self, place: _Place, ask: Fetch, key: Key, entry: Any) -> list[Row]:
        """The rows of one key's own answer; a record that does not carry its key is given it."""
        records = entry if isinstance(entry, list) else [] if entry is None else [entry]
        if not all(isinstance(record, dict) for record in records):
            raise SourceError(self._http.name, "answered records that are no objects")
        row = row_reader(ask.columns)
        width = len(place.declaration.key)
        own = key if isinstance(key, tuple) else (key,)
        rows = [row(record) for record in records]
        return [(*(c if c is not None else o for c, o in zip(r, own, strict=False)), *r[width:]) for r in rows]

    async def _one_by_one(self, place: _Place, ask: Fetch) -> Rows:
        answers = await asyncio.gather(*(self._single(place, ask, key) for key in ask.keys), return_exceptions=True)
        failures = {n: answer for n, answer in enumerate(answers) if isinstance(answer, SourceFailure)}
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, SourceFailure):
                raise answer
        return Rows([[] if isinstance(answer, BaseException) else answer for answer in answers], failures)

    async def _single(self, place: _Place, ask: Fetch, key: Key) -> list[Row]:
        options = place.options
        path = options.path.replace("{key}", quote(str(key), safe=""))
        params = {options.select: ",".join(ask.columns)} if options.select else None
        reply = await self._http.ask("GET", path, ask.deadline, params=params, optional=True)
        if reply.missing:
            return []
        found = value_at(reply.value, options.rows.split(".")) if options.rows else reply.value
        return self._entry(place, ask, key, found)


def connect(declaration: SourceDeclaration) -> RestConnector:
    """Open the source of a declaration."""
    options = checked(HttpOptions, declaration.options, declaration.where)
    places = {name: _place(collection) for name, collection in declaration.collections.items()}
    return RestConnector(open_http(declaration, options), places, declaration.timeout)


def _place(collection: CollectionDeclaration) -> _Place:
    options = checked(_Collection, collection.options, collection.where)
    if options.batch.style == "each" and "{key}" not in options.path:
        raise SourcesMisconfigured(
            f"{collection.where}.path",
            "holds no {key}, which the style 'each' puts the key into",
            "Write /units/{key}.",
        )
    return _Place(collection, options)
