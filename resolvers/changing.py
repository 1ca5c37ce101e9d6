"""How mutations change things: by whoever may, once for each key, with their record, and told to who listens.

A mutation has two halves. The first checks what it was given, asks sources and finds out whose the thing is; the
second, which it returns, does the change within one transaction and asks nobody but the store. Either raises Problems
for what its caller may mend.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from auth.audit.digest import canonical_json
from auth.rules import Verdict
from codes.flow import Party
from codes.problems import Problem, ProblemCode, Problems
from resolvers.auditing import AuditUnavailable
from resolvers.binding import Batch
from resolvers.noted import Noted
from resolvers.request import Ask
from schema.user_error import UserError
from store.changes import Call, Change, Changes, Doer, Kind, Noun, Outcome, Thing

R = TypeVar("R")
T = TypeVar("T", bound=Thing)
Do = Callable[[Change], Awaitable[T]]
Prepare = Callable[..., Awaitable[Do[T]]]

_log = structlog.get_logger()

_LONGEST_KEY = 100
_LONGEST_ID = 60
_REFUSALS = (ProblemCode.NOT_FOUND, ProblemCode.NOT_ALLOWED)


class Payload:
    """What a mutation gives: the thing under its noun, its parties, and what is wrong."""

    def __init__(self, noun: Noun[Any], outcome: Outcome[Any], reader: str) -> None:
        setattr(self, to_snake_case(noun.name), outcome.thing)
        # Where there is no thing, nothing has to be withheld: the payload is its caller's own.
        self.parties = outcome.thing.parties if outcome.thing else {Party.AUTHOR: reader}
        self.user_errors = told(outcome.problems)


def mutation(name: str, noun: Noun[T], prepare: Prepare[T]) -> Batch:
    """Return what answers a field of the mutation that takes an `idempotencyKey` besides what `prepare` takes."""

    async def resolve(ask: Ask, idempotency_key: str, **given: Any) -> Sequence[Any]:
        access = ask.request.access
        if not access.may_change(noun.group):
            raise access.withheld(f"Mutation.{name}", noun.group, Verdict.FORBIDDEN)

        try:
            call = calling(ask, name, idempotency_key, given)
            outcome = await changed(ask, call, noun, lambda: prepare(ask, **given), noting(name, noun))
        except Problems as found:
            outcome = refused(ask, name, Outcome(None, found.problems))
        return [Payload(noun, outcome, access.principal.organisation)]

    return Batch(resolve)


def noting(name: str, noun: Noun[T]) -> Callable[[Noted, T], None]:
    """Return what tells the audit what a mutation did to a thing."""

    def note(deed: Noted, thing: T) -> None:
        code = thing.parties.get(Party.ENTERPRISE)
        deed.saw(noun.group, (code,) if code else ())
        deed.deeds.append(f"{name}: {noun.name} {thing.id} version {thing.version}")

    return note


async def changed(
    ask: Ask,
    call: Call,
    kind: Kind[R],
    prepare: Callable[[], Awaitable[Callable[[Change], Awaitable[R]]]],
    note: Callable[[Noted, R], None],
) -> Outcome[R]:
    """Do what a call asks, once, in one transaction with its record; return what became of it.

    `prepare` gives what is to be done within the transaction; `note` tells the audit what was done. Raises
    AuditUnavailable, and nothing is done, if that cannot be recorded; and what `prepare` raises.
    """
    deed, request = Noted(), ask.request

    async def record(connection: AsyncConnection, thing: R) -> None:
        note(deed, thing)
        if request.record is not None:
            await request.record(connection, deed)

    changes = changes_of(ask)
    outcome = await changes.again(call, kind)
    if outcome is None:
        do = await prepare()
        try:
            outcome = await changes.once(call, kind, do, record)
        except (OperationalError, InterfaceError, OSError) as error:
            _log.error("change.not_made", mutation=call.mutation, error=type(error).__name__)
            raise AuditUnavailable from error  # what cannot be kept is not done, and can be asked for again
    if outcome.thing is None:
        return refused(ask, call.mutation, outcome)
    if outcome.repeated:
        note(deed, outcome.thing)
        deed.deeds.clear()
        request.access.note(deed)
    else:
        request.access.has_recorded(deed)
        if ask.hub.relay:
            ask.hub.relay.wake()
    return outcome


def calling(ask: Ask, name: str, key: str | None, given: Mapping[str, Any]) -> Call:
    """Return a reader's call of a mutation; raise Problems for a key that is none."""
    if key is not None and not (0 < len(key) <= _LONGEST_KEY and key.isprintable()):
        raise Problems(invalid(f"Give a key of 1 to {_LONGEST_KEY} printable characters.", "idempotency_key"))
    reader, purpose = ask.request.access.principal, ask.request.access.purpose
    doer = Doer(reader.organisation, reader.subject, reader.client, purpose.value if purpose else None)
    return Call(doer, name, key, _digest(given))


def refused(ask: Ask, name: str, outcome: Outcome[R]) -> Outcome[R]:
    """Note for the audit that a change was refused, and return what became of it; a caller's slips leave nothing."""
    for problem in outcome.problems:
        if problem.code in _REFUSALS:
            ask.request.access.refused(f"Mutation.{name}", problem.code.value)
    return outcome


def told(problems: Sequence[Problem]) -> list[UserError]:
    """Return problems as a payload shows them."""
    return [UserError(field=list(problem.field), message=problem.message, code=problem.code) for problem in problems]


async def party_to(ask: Ask, noun: Noun[T], id: str, *field: str) -> tuple[T, frozenset[Party]]:
    """Return a thing and what the reader is to it; raise Problems, the same if there is none as if it is others'."""
    local = id.removeprefix(f"{noun.name}:")
    found = await changes_of(ask).find(noun, local) if len(local) <= _LONGEST_ID and "\0" not in local else None
    parties = await parties_to(ask, found.parties) if found else frozenset[Party]()
    if found is None or not parties:
        raise Problems(Problem(ProblemCode.NOT_FOUND, f"You are no party to any {noun.name} {id[:80]!r}.", field))
    return found, parties


async def parties_to(ask: Ask, keys: Mapping[Party, str]) -> frozenset[Party]:
    """Return which of these parties the reader is, officers of an enterprise's zone included."""
    await learn(ask, [keys])
    return ask.request.access.parties(keys)


async def learn(ask: Ask, parties: Sequence[Mapping[Party, str]]) -> None:
    """Find out of which things' enterprises the reader is an officer."""
    codes = [keys[Party.ENTERPRISE] for keys in parties if Party.ENTERPRISE in keys]
    await ask.request.learn(codes)


def changes_of(ask: Ask) -> Changes:
    """Return the changes of the hub's store."""
    assert ask.hub.changes is not None, "a hub with a store has changes"
    return ask.hub.changes


def invalid(message: str, *field: str) -> Problem:
    """Return what is wrong with an input, by the names in Python of where it is."""
    return Problem(ProblemCode.INVALID, message, tuple(to_camel_case(name) for name in field))


def not_allowed(error: Exception, *field: str) -> Problems:
    """Return a flow's refusal as told to whoever asked for it."""
    return Problems(Problem(ProblemCode.NOT_ALLOWED, str(error), tuple(to_camel_case(name) for name in field)))


def _digest(given: Mapping[str, Any]) -> str:
    """Return the digest of what a mutation was called with, whatever its spelling in the document."""
    return hashlib.sha256(canonical_json(msgspec.to_builtins(given, enc_hook=repr))).hexdigest()
