"""sql: any database that SQLAlchemy has an asynchronous dialect for, read only."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

from pydantic import Field, model_validator
from sqlalchemy import (
    ColumnElement,
    FromClause,
    String,
    cast,
    column,
    event,
    func,
    literal,
    or_,
    select,
    table,
    text,
    tuple_,
)
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

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
from connectors.errors import SourceError, SourceFailure, SourcesMisconfigured, SourceTimeout, SourceUnavailable
from connectors.options import Options, checked

_MOST_PARAMETERS = 10_000
"""Bind parameters in one statement: under the least of the dialects' limits (SQLite 32,766, PostgreSQL 32,767)."""

_RECYCLE_SECONDS = 300
"""A connection is used for so long at most: it would go on reading a file that has been replaced by a newer one."""

_UNREACHABLE = (
    "unable to open",
    "can't connect",
    "lost connection",
    "gone away",
    "too many connections",
    "starting up",
)


class _Source(Options):
    url: str
    pool_size: int = Field(5, ge=1, le=100)


class _History(Options):
    table: str
    from_: str = Field(alias="from")
    to: str


class _Collection(Options):
    table: str | None = None
    select: str | None = None
    history: _History | None = None
    changed: str | None = None
    key_type: Literal["text", "integer"] = "text"

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.table is None) is (self.select is None):
            raise ValueError("give either `table` (a table or view) or `select` (a SELECT)")
        return self


@dataclass(frozen=True)
class _Place:
    """Where a collection lies, and its key."""

    key: tuple[str, ...]
    options: _Collection

    def rows(self, columns: Sequence[str]) -> FromClause:
        """Return the table, view or SELECT that holds the current records."""
        if self.options.select:
            return text(self.options.select).columns(*map(column, columns)).subquery("source")
        return _table(str(self.options.table))

    def as_of(self, day: date) -> tuple[FromClause, list[ColumnElement[bool]]]:
        """Return the table of versions and the conditions that choose those of a day."""
        history = self.options.history
        assert history is not None, "as_of is asked only of collections in the capabilities"
        first, last = (func.substr(cast(column(name), String), 1, 10) for name in (history.from_, history.to))
        ends = or_(last > day.isoformat(), column(history.to).is_(None))
        return _table(history.table), [first <= day.isoformat(), ends]

    def value(self, key: Key) -> Any:
        """Return a key as the column holds it; None if it cannot be one."""
        if self.options.key_type == "text":
            return key
        return int(key) if isinstance(key, str) and key.isascii() and key.isdigit() else None


class SqlConnector:
    """One database."""

    def __init__(self, name: str, engine: AsyncEngine, places: Mapping[str, _Place]) -> None:
        """Connect to nothing yet."""
        self._name = name
        self._engine = engine
        self._is_file = engine.dialect.name == "sqlite"
        self._places = places
        widest = max((len(place.key) for place in places.values()), default=1)
        self.capabilities = Capabilities(
            max_keys=_MOST_PARAMETERS // widest,
            scan=True,
            changes=any(place.options.changed for place in places.values()),
            as_of=frozenset(name for name, place in places.items() if place.options.history),
        )

    async def fetch(self, ask: Fetch) -> Rows:
        """Return the records of the keys by one `IN`, with exactly the columns asked for."""
        place = self._places[ask.collection]
        values = [value for key in ask.keys if (value := place.value(key)) is not None]
        conditions: list[ColumnElement[bool]] = [_key(place.key).in_(values)]
        rows: FromClause
        if ask.as_of:
            rows, versions = place.as_of(ask.as_of)
            conditions += versions
        else:
            rows = place.rows(ask.columns)
        found = await self._execute(select(*map(column, ask.columns)).select_from(rows).where(*conditions))
        return Rows(align(self._name, ask.keys, range(len(place.key)), found))

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        """Yield every record in the order of the key, each page by a statement of its own."""
        place = self._places[ask.collection]
        after, skipped = json.loads(ask.after) if ask.after else (None, 0)
        conditions: list[ColumnElement[bool]] = [column(name).is_not(None) for name in place.key]
        if ask.since and place.options.changed:
            conditions.append(column(place.options.changed) >= ask.since)
        statement: Any = select(*map(column, ask.columns)).select_from(place.rows(ask.columns)).where(*conditions)
        statement = statement.order_by(*map(column, ask.columns)).limit(ask.page_size)
        while True:
            page = statement
            if after is not None:
                start = _key(place.key) >= (tuple_(*map(literal, after)) if len(after) > 1 else after[0])
                page = statement.where(start).offset(skipped)
            found = await self._execute(page)
            if not found:
                return
            last = list(found[-1][: len(place.key)])
            behind = sum(_same_key(row, last) for row in found)
            skipped = skipped + behind if after is not None and _same_key(after, last) else behind
            after = last
            yield Rows([found], position=json.dumps([after, skipped], default=str))
            if len(found) < ask.page_size:
                return

    async def check(self) -> Health:
        """Connect and select a constant."""
        started = time.monotonic()
        try:
            await self._execute(select(literal(1)))
        except SourceFailure as failure:
            return Health(False, failure.message, (time.monotonic() - started) * 1000)
        return Health(True, f"{self._engine.dialect.name} answers", (time.monotonic() - started) * 1000)

    async def aclose(self) -> None:
        """Close the pool."""
        await self._engine.dispose()

    async def _execute(self, statement: Any) -> list[Row]:
        try:
            async with self._engine.connect() as connection:
                return [tuple(row) for row in await connection.execute(statement)]
        except (SQLAlchemyError, OSError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> SourceFailure:
        cause = error.orig if isinstance(error, DBAPIError) else error
        words = str(cause).splitlines()[0][:200] if str(cause) else type(cause).__name__
        lost = isinstance(error, DBAPIError) and error.connection_invalidated and not self._is_file
        unreachable = lost or isinstance(error, OSError | InterfaceError) or isinstance(cause, OSError)
        if unreachable or any(sign in words.lower() for sign in _UNREACHABLE):
            return SourceUnavailable(self._name, f"the database cannot be reached ({words})")
        if "is locked" in words:
            return SourceTimeout(self._name, "the database is locked by somebody else")
        return SourceError(self._name, f"the database refused the statement ({words})")


def connect(declaration: SourceDeclaration) -> SqlConnector:
    """Open the source of a declaration."""
    options = checked(_Source, declaration.options, declaration.where)
    places = {name: _place(collection) for name, collection in declaration.collections.items()}
    return SqlConnector(declaration.name, _engine(declaration, options), places)


def _place(collection: CollectionDeclaration) -> _Place:
    return _Place(collection.key, checked(_Collection, collection.options, collection.where))


def _engine(declaration: SourceDeclaration, options: _Source) -> AsyncEngine:
    try:
        url = make_url(declaration.secret(options.url))
        patience: dict[str, Any] = {}
        if url.get_backend_name() == "sqlite":
            url = _read_only(url, declaration.folder)
            patience = {"timeout": declaration.timeout}
        engine = create_async_engine(
            url,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=options.pool_size,
            max_overflow=0,
            pool_recycle=_RECYCLE_SECONDS,
            hide_parameters=True,  # errors come into the log, which does not say what was asked about
            connect_args=patience,
        )
        if patience:
            event.listen(engine.sync_engine, "handle_error", _open_anew)
        return engine
    except (ArgumentError, ImportError) as error:
        raise SourcesMisconfigured(
            f"{declaration.where}.url",
            f"no database can be reached by it ({type(error).__name__})",
            "Give an SQLAlchemy URL with an asynchronous driver, such as postgresql+asyncpg://user@host/database.",
        ) from error


def _open_anew(context: ExceptionContext) -> None:
    """After any error, a file is opened anew: pooled connections may lead to one that has been replaced since."""
    context.is_disconnect = True


def _read_only(url: URL, folder: str) -> URL:
    """A file that is missing is a source that is unavailable, never a new empty database."""
    path = Path(folder, url.database or "").resolve()
    return url.set(database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})


def _table(name: str) -> FromClause:
    schema, _, plain = name.rpartition(".")
    return table(plain, schema=schema or None)


def _key(names: tuple[str, ...]) -> Any:
    return column(names[0]) if len(names) == 1 else tuple_(*map(column, names))


def _same_key(row: Sequence[Any], key: Sequence[Any]) -> bool:
    """Databases may compare texts without regard to case and trailing spaces; counting rows must do the same."""
    return all(str(a).strip().upper() == str(b).strip().upper() for a, b in zip(row, key, strict=False))
