"""Changes: one transaction for all that a mutation does, and the same answer again for the same key.

In it stand the key with what became of it, the thing's row, its dated history, its event, and the audit's record. A
mutation that ends in an error of its caller's changes nothing, and its key remembers that. One that fails, that cannot
be recorded, or whose process dies, leaves nothing at all: the next call with its key does it anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Row, Table, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from codes.access import DataGroup
from codes.flow import Party
from codes.kinds import Listed
from codes.problems import Problem, ProblemCode, Problems
from store.engine import writing
from store.tables import change_history, change_key
from store.telling import tell


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """What changes by mutations only: its fields are the columns of its table."""

    id: str
    version: int = 1
    """Counts its changes."""

    @property
    def parties(self) -> Mapping[Party, str]:
        """Who has a part in it, by the keys of the parties; nobody else can change it or knows of it.

        Nobody, unless a kind of things says who: what is forgotten is closed.
        """
        return {}


R = TypeVar("R")
T = TypeVar("T", bound=Thing)

Record = Callable[[AsyncConnection, R], Awaitable[None]]
"""Keeps a record of a change in its transaction; what it raises undoes the change."""


@dataclass(frozen=True)
class Kind(Generic[R]):
    """A kind of what is changed: its type in the graph. Where it has no history, a key remembers how it was."""

    name: str
    type: type[R]


@dataclass(frozen=True)
class Noun(Kind[T]):
    """A kind of things: its name is the topic of its events too, and it has a table."""

    table: Table
    group: DataGroup


@dataclass(frozen=True)
class Doer:
    """Who changes something, and what for."""

    organisation: str
    subject: str
    client: str = ""
    purpose: str | None = None


@dataclass(frozen=True)
class Call:
    """One call of a mutation, which its caller may repeat."""

    doer: Doer
    mutation: str
    key: str | None
    """None: it is done each time."""
    digest: str
    """Of what it was called with."""


class Conflict(Exception):
    """A key was used before for something else."""


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What became of a call: the thing as it was then, or why nothing was done."""

    thing: R | None
    problems: Sequence[Problem] = ()
    repeated: bool = False
    """It was done before."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a thing: when it came about, by whom and by what."""

    version: int
    data_group: str
    uscc: str | None
    at: datetime
    action: str
    organisation: str
    subject: str
    client: str
    purpose: str | None
    body: str
    """What the thing was then, as JSON."""


class _Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a key remembers."""

    id: str = ""
    version: int = 0
    problems: tuple[Problem, ...] = ()
    body: str = ""
    """What has no history, as JSON."""


@dataclass
class Change:
    """What a mutation does within its transaction. Whatever it needs from elsewhere it has asked before."""

    connection: AsyncConnection
    doer: Doer
    at: datetime
    news: list[tuple[str, str, int]] = field(default_factory=list)

    async def get(self, noun: Noun[T], id: str, version: int | None = None, *field: str) -> T:
        """Return a thing, which nobody else changes until the end; raise Problems if it has another version.

        `field` is where in the arguments id and version are.
        """
        wanted = select(noun.table).where(noun.table.c.id == id).with_for_update()
        row = (await self.connection.execute(wanted)).first()
        if row is None:
            raise Problems(Problem(ProblemCode.NOT_FOUND, f"There is no {noun.name} {id[:60]!r}.", (*field, "id")))
        if version is not None and row.version != version:
            message = f"It is at version {row.version} and you would change version {version}; read it again."
            raise Problems(Problem(ProblemCode.STALE_VERSION, message, (*field, "version")))
        return thing_of(noun, row)

    async def add(self, noun: Noun[T], thing: T, action: str) -> T:
        """Keep a new thing."""
        await self.connection.execute(insert(noun.table).values(_columns(thing)))
        await self._note(noun, thing, action)
        return thing

    async def add_all(self, noun: Noun[T], things: Sequence[T], action: str) -> None:
        """Keep new things, in one go."""
        if things:
            await self.connection.execute(insert(noun.table), [_columns(thing) for thing in things])
            await self.connection.execute(insert(change_history), [self._row(noun, thing, action) for thing in things])
            self.news += [(noun.name, thing.id, thing.version) for thing in things]

    async def replace(self, noun: Noun[T], before: T, action: str, **changes: Any) -> T:
        """Keep a thing that was got as its next version, with these fields changed."""
        after = msgspec.structs.replace(before, **changes, version=before.version + 1)
        same = (noun.table.c.id == before.id) & (noun.table.c.version == before.version)
        await self.connection.execute(update(noun.table).where(same).values(_columns(after)))
        await self._note(noun, after, action)
        return after

    async def _note(self, noun: Noun[T], thing: T, action: str) -> None:
        await self.connection.execute(insert(change_history).values(self._row(noun, thing, action)))
        self.news.append((noun.name, thing.id, thing.version))

    def _row(self, noun: Noun[T], thing: T, action: str) -> dict[str, Any]:
        who, body = self.doer, msgspec.json.encode(thing).decode()
        return {
            "noun": noun.name, "id": thing.id, "version": thing.version, "data_group": noun.group.value,
            "uscc": thing.parties.get(Party.ENTERPRISE), "at": self.at, "action": action,
            "organisation": who.organisation, "subject": who.subject, "client": who.client, "purpose": who.purpose,
            "body": body,
        }  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """The changes in a store."""

    engine: AsyncEngine

    async def once(
        self, call: Call, kind: Kind[R], do: Callable[[Change], Awaitable[R]], record: Record[R] | None = None
    ) -> Outcome[R]:
        """Do what a call asks, or return what became of it if it was done before; raise Conflict.

        Calls of one key wait for each other, in whichever process. `do` raises Problems for what its caller may mend.
        What is done is done with its record, or not at all.
        """
        async with writing(self.engine) as connection:
            if call.key is not None and not await self._claim(connection, call):
                return await self._again(connection, call, kind)
            change = Change(connection, call.doer, now())
            problems: Sequence[Problem] = ()
            thing: R | None = None
            try:
                async with connection.begin_nested():
                    thing = await do(change)
            except Problems as found:
                problems = found.problems
            if call.key is not None:
                answer = msgspec.json.encode(_answer(thing, problems)).decode()
                await connection.execute(update(change_key).where(*_key(call)).values(answer=answer))
            if thing is not None:
                await tell(connection, change.news, change.at)
                if record is not None:
                    await record(connection, thing)
        return Outcome(thing, problems)

    async def again(self, call: Call, kind: Kind[R]) -> Outcome[R] | None:
        """Return what became of a call if it was done before; None if it was not, or has no key. Raise Conflict."""
        async with self.engine.connect() as connection:
            known = call.key and (await connection.execute(select(change_key.c.key).where(*_key(call)))).first()
            return await self._again(connection, call, kind) if known else None

    async def find(self, noun: Noun[T], id: str) -> T | None:
        """Return a thing as it stands; None if there is none."""
        async with self.engine.connect() as connection:
            row = (await connection.execute(select(noun.table).where(noun.table.c.id == id))).first()
            return None if row is None else thing_of(noun, row)

    async def of(
        self, noun: Noun[T], column: str, keys: Sequence[str], most: int, states: Sequence[Listed] | None = None
    ) -> dict[str, list[T]]:
        """Return the newest things that have each of these values in a column; of some states, or of all."""
        found: dict[str, list[T]] = {key: [] for key in keys}
        c = noun.table.c
        order = (c.created_at.desc(), c.id)
        number = func.row_number().over(partition_by=c[column], order_by=order).label("number")
        wanted = select(c.id, number).where(c[column].in_(found))
        if states is not None:
            wanted = wanted.where(c.state.in_([state.value for state in states]))
        newest = wanted.subquery()
        chosen = select(noun.table).join(newest, newest.c.id == c.id).where(newest.c.number <= most).order_by(*order)
        async with self.engine.connect() as connection:
            for row in await connection.execute(chosen):
                found[row._mapping[column]].append(thing_of(noun, row))
        return found

    async def history(self, noun: str, ids: Sequence[str]) -> dict[str, list[Entry]]:
        """Return the versions of things, the oldest first."""
        found: dict[str, list[Entry]] = {id: [] for id in ids}
        c = change_history.c
        wanted = select(change_history).where(c.noun == noun, c.id.in_(found)).order_by(c.id, c.version)
        async with self.engine.connect() as connection:
            for row in await connection.execute(wanted):
                found[row.id].append(msgspec.convert(plain(row), Entry))
        return found

    async def _claim(self, connection: AsyncConnection, call: Call) -> bool:
        """Say whether a key is new; wait for whoever is about to use it."""
        make = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        row = {
            "organisation": call.doer.organisation, "subject": call.doer.subject, "key": call.key,
            "mutation": call.mutation, "digest": call.digest, "at": now(),
        }  # fmt: skip
        statement = make(change_key).values(row).on_conflict_do_nothing().returning(change_key.c.key)
        return (await connection.execute(statement)).first() is not None

    async def _again(self, connection: AsyncConnection, call: Call, kind: Kind[R]) -> Outcome[R]:
        known = (await connection.execute(select(change_key).where(*_key(call)))).one()
        if (known.mutation, known.digest) != (call.mutation, call.digest):
            raise Conflict(f"The key {call.key!r} was used before, for other content; take a new one.")
        answer = msgspec.json.decode(known.answer, type=_Answer)
        if answer.problems:
            return Outcome(None, answer.problems, repeated=True)
        body = answer.body
        if not body:
            c = change_history.c
            then = select(c.body).where(c.noun == kind.name, c.id == answer.id, c.version == answer.version)
            body = (await connection.execute(then)).scalar_one()
        return Outcome(msgspec.json.decode(body, type=kind.type), repeated=True)


def new_id() -> str:
    """Return an identity that nothing has yet."""
    return uuid.uuid4().hex


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def thing_of(noun: Noun[T], row: Row[Any]) -> T:
    """Return the thing of a row."""
    return msgspec.convert(plain(row), noun.type)


def plain(row: Row[Any]) -> dict[str, Any]:
    """Return a row by the names of its columns, which SQLAlchemy gives as texts of a kind of its own."""
    return {str(name): value for name, value in row._mapping.items()}


def _answer(thing: Any, problems: Sequence[Problem]) -> _Answer:
    if problems:
        return _Answer(problems=tuple(problems))
    if isinstance(thing, Thing):
        return _Answer(thing.id, thing.version)
    return _Answer(body=msgspec.json.encode(thing).decode())


def _columns(thing: Thing) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(thing, builtin_types=(date, datetime))
    return found


def _key(call: Call) -> tuple[Any, ...]:
    c = change_key.c
    return c.organisation == call.doer.organisation, c.subject == call.doer.subject, c.key == call.key
