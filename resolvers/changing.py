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
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from auth.audit.digest import canonical_json
from auth.rules import Verdict
from codes.access import DataGroup
from codes.flow import Party
from codes.problems import Problem, ProblemCode, Problems
from resolvers.access import Access
from resolvers.binding import Batch
from resolvers.request import Ask
from schema.user_error import UserError
from store.changes import Call, Change, Changes, Doer, Noun, Outcome, Thing

T = TypeVar("T", bound=Thing)
Do = Callable[[Change], Awaitable[T]]
Prepare = Callable[..., Awaitable[Do[T]]]

_LONGEST_KEY = 100
_LONGEST_ID = 60
_REFUSALS = (ProblemCode.NOT_FOUND, ProblemCode.NOT_ALLOWED)


class Payload:
    """What a mutation gives: the thing under its noun, its parties, and what is wrong."""

    def __init__(self, noun: Noun[Any], outcome: Outcome[Any], reader: str) -> None:
        setattr(self, to_snake_case(noun.name), outcome.thing)
        # Where there is no thing, nothing has to be withheld: the payload is its caller's own.
        self.parties = outcome.thing.parties if outcome.thing else {Party.AUTHOR: reader}
        self.user_errors = [_told(problem) for problem in outcome.problems]


def mutation(name: str, noun: Noun[T], prepare: Prepare[T]) -> Batch:
    """Return what answers a field of the mutation that takes an `idempotencyKey` besides what `prepare` takes."""

    async def resolve(ask: Ask, idempotency_key: str, **given: Any) -> Sequence[Any]:
        access = ask.request.access
        if not access.may_change(noun.group):
            raise access.withheld(f"Mutation.{name}", noun.group, Verdict.FORBIDDEN)
        try:
            outcome = await _once(ask, name, noun, idempotency_key, given, prepare)
        except Problems as found:
            outcome = Outcome(None, found.problems)
        _note(access, name, noun.group, outcome)
        if outcome.places and ask.hub.relay:
            ask.hub.relay.wake()
        return [Payload(noun, outcome, access.principal.organisation)]

    return Batch(resolve)


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


async def _once(
    ask: Ask, name: str, noun: Noun[T], key: str, given: Mapping[str, Any], prepare: Prepare[T]
) -> Outcome[T]:
    if not (0 < len(key) <= _LONGEST_KEY and key.isprintable()):
        raise Problems(invalid(f"Give a key of 1 to {_LONGEST_KEY} printable characters.", "idempotency_key"))
    do = await prepare(ask, **given)
    access = ask.request.access
    reader, purpose = access.principal, access.purpose
    doer = Doer(reader.organisation, reader.subject, reader.client, purpose.value if purpose else None)
    return await changes_of(ask).once(Call(doer, name, key, _digest(given)), noun, do)


def _note(access: Access, name: str, group: DataGroup, outcome: Outcome[Any]) -> None:
    """Note for the audit what was changed, or that it was refused; a caller's slips leave nothing."""
    if outcome.thing is not None:
        code = outcome.thing.parties.get(Party.ENTERPRISE)
        access.saw(group, (code,) if code else ())
        access.has_changed(outcome.places)
    for problem in outcome.problems:
        if problem.code in _REFUSALS:
            access.refused(f"Mutation.{name}", problem.code.value)


def _digest(given: Mapping[str, Any]) -> str:
    """Return the digest of what a mutation was called with, whatever its spelling in the document."""
    return hashlib.sha256(canonical_json(msgspec.to_builtins(given, enc_hook=repr))).hexdigest()


def _told(problem: Problem) -> UserError:
    return UserError(field=list(problem.field), message=problem.message, code=problem.code)
