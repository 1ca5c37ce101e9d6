"""What officers do with editions, and enterprises against them: one transaction each, its record in the audit too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from auth.rules import Verdict
from codes.access import DataGroup, Role
from codes.editions import ObjectionState
from codes.problems import Problem, ProblemCode, Problems
from codes.uscc import MalformedUscc
from resolvers.binding import Batch
from resolvers.changing import calling, changed, told
from resolvers.edition import show
from resolvers.fetching import checked, local_id
from resolvers.guarded_parts import GIVEN
from resolvers.noted import Noted
from resolvers.objection import show as show_objection
from resolvers.request import Ask, BadInput
from resolvers.score import scheme_of
from resolvers.scores.collecting import RunRefused
from resolvers.scores.orders import Order, moment_of
from resolvers.scores.running import computed
from resolvers.scores.seeing import named, shelf_of
from resolvers.scores.shelf import Shelf
from schema.edition_work import CorrectEditionInput, EditionPayload, RunEditionInput
from schema.objection import FileObjectionInput, ObjectionPayload
from schema.user_error import UserError
from store.changes import Change, Kind, Outcome
from store.edition_records import EDITION, Edition
from store.edition_runs import RunTakenOver
from store.editions import EditionRefused
from store.objections import OBJECTION, Objection, ObjectionRefused, no_objection

_MOST = 1_000
"""Enterprises that are scored while a reader waits."""
_LONGEST = 2_000
"""Characters of a text."""

R = TypeVar("R")
Given = RunEditionInput | CorrectEditionInput
Keep = Callable[[Shelf], Awaitable[R]]
"""What is done within a transaction, by a shelf that takes part in it."""


@dataclass(frozen=True)
class _Called:
    """A mutation as it was called, how the audit names the deed, and where in the arguments is what it is about."""

    mutation: str
    key: str | None
    given: Mapping[str, Any]
    deed: str
    field: tuple[str, ...]


async def _run_edition(ask: Ask, input: RunEditionInput, idempotency_key: str | None = None) -> Sequence[Any]:
    zone = local_id("Zone", input.zone)
    by = _officer(ask, "Mutation.runEdition", zone)

    async def made() -> Keep[Edition]:
        moment = moment_of(input.period, ask.hub.today(), input.day, input.year)
        return await _run(ask, Order(zone, scheme_of(ask, input.scheme), moment, by, **_ways(input)))

    called = _Called("runEdition", idempotency_key, {"input": input}, "run", ("input",))
    return [await _edition(ask, called, made)]


async def _correct_edition(ask: Ask, input: CorrectEditionInput, idempotency_key: str | None = None) -> Sequence[Any]:
    parent = await _own(ask, "Mutation.correctEdition", input.edition)
    if isinstance(parent, EditionPayload):
        return [parent]
    content, by = parent.content, ask.request.access.principal.subject

    async def made() -> Keep[Edition]:
        scheme = scheme_of(ask, input.scheme or f"{content.scheme}@{content.version}")
        moment = moment_of(content.period, ask.hub.today(), input.day or content.day, input.year or content.year)
        reason = _text("reason", input.reason)
        return await _run(ask, Order(content.zone, scheme, moment, by, **_ways(input), parent=parent.id, reason=reason))

    called = _Called("correctEdition", idempotency_key, {"input": input}, "correct", ("input",))
    return [await _edition(ask, called, made)]


async def _open_notice(
    ask: Ask, edition: str, until: date, first: date | None = None, idempotency_key: str | None = None
) -> Sequence[Any]:
    found = await _own(ask, "Mutation.openNotice", edition)
    if isinstance(found, EditionPayload):
        return [found]
    today, by = ask.hub.today(), ask.request.access.principal.subject
    begin = first or today

    async def opened() -> Keep[Edition]:
        if begin < today:
            raise BadInput(f"A notice begins today at the earliest, not on {begin}: nobody could object before.")
        return lambda shelf: shelf.editions.open_notice(found.id, begin, until, by)

    given = {"edition": found.id, "until": until, "first": first}
    return [await _edition(ask, _Called("openNotice", idempotency_key, given, "open notice", ("until",)), opened)]


async def _publish_edition(ask: Ask, edition: str, idempotency_key: str | None = None) -> Sequence[Any]:
    found = await _own(ask, "Mutation.publishEdition", edition)
    if isinstance(found, EditionPayload):
        return [found]
    today, by = ask.hub.today(), ask.request.access.principal.subject

    async def published() -> Keep[Edition]:
        return lambda shelf: shelf.editions.publish(found.id, today, by)

    called = _Called("publishEdition", idempotency_key, {"edition": found.id}, "publish", ("edition",))
    return [await _edition(ask, called, published)]


async def _file_objection(ask: Ask, input: FileObjectionInput, idempotency_key: str | None = None) -> Sequence[Any]:
    access = ask.request.access
    code = access.principal.enterprise
    if Role.ENTERPRISE not in access.principal.roles or code is None:
        raise access.withheld("Mutation.fileObjection", DataGroup.SCORE, Verdict.FORBIDDEN)

    async def filed() -> Keep[Objection]:
        edition = await named(ask, input.edition)
        scheme = await shelf_of(ask).scheme(edition)
        known = [one.names.id for one in scheme.indicators]
        if input.indicator is not None and input.indicator not in known:
            raise BadInput(f"{scheme.id} has no indicator {input.indicator[:40]!r}; it has: {', '.join(known)}.")
        text, today, by = _text("text", input.text), ask.hub.today(), access.principal.subject
        return lambda shelf: shelf.objections.file(edition.id, code, input.indicator, text, today, by)

    called = _Called("fileObjection", idempotency_key, {"input": input}, "file objection", ("input",))
    return [await _objection(ask, called, filed)]


async def _decide_objection(
    ask: Ask, id: str, accepted: bool, text: str, idempotency_key: str | None = None
) -> Sequence[Any]:
    objections = shelf_of(ask).objections
    found = await objections.get(id)
    editions = await shelf_of(ask).editions.of([found.edition]) if found else {}
    by = _officer(ask, "Mutation.decideObjection", None)
    if found and editions[found.edition].content.zone not in ask.request.access.principal.zones:
        # Whether there is such an objection is told to nobody else.
        ask.request.access.refused("Mutation.decideObjection", ProblemCode.NOT_ALLOWED.value)
        unknown = UserError(field=["id"], message=no_objection(id), code=ProblemCode.NOT_ALLOWED)
        return [ObjectionPayload(objection=None, user_errors=[unknown])]
    state = ObjectionState.ACCEPTED if accepted else ObjectionState.REJECTED

    async def decided() -> Keep[Objection]:
        why = _text("text", text)
        return lambda shelf: shelf.objections.decide(id, state, why, by)

    given = {"id": id, "accepted": accepted, "text": text}
    deed = f"decide objection as {state.value}"
    return [await _objection(ask, _Called("decideObjection", idempotency_key, given, deed, ("id",)), decided)]


async def _run(ask: Ask, order: Order) -> Keep[Edition]:
    """Run an edition for as long as the request may take; what was read by then is kept."""
    try:
        async with asyncio.timeout(max(0.0, ask.request.session.deadline - time.monotonic())):
            shelf = shelf_of(ask)
            found = await computed(ask.hub.sources, shelf.editions, shelf.runs, order, lambda *_: None, _MOST)
    except TimeoutError:
        raise BadInput(
            "It takes longer than a request may. What was read is kept: ask again, and it goes on."
        ) from None
    return lambda shelf: found.kept(shelf.editions, shelf.runs)


async def _edition(ask: Ask, called: _Called, prepare: Callable[[], Awaitable[Keep[Edition]]]) -> EditionPayload:
    def note(noted: Noted, made: Edition) -> None:
        noted.deeds.append(f"{called.deed} {made.id}")

    outcome = await _done(ask, called, EDITION, prepare, note)
    shown = show(outcome.thing) if outcome.thing else None
    return EditionPayload(edition=shown, user_errors=told(outcome.problems))  # type: ignore[arg-type]  # shown by its parts


async def _objection(ask: Ask, called: _Called, prepare: Callable[[], Awaitable[Keep[Objection]]]) -> ObjectionPayload:
    def note(noted: Noted, made: Objection) -> None:
        noted.deeds.append(f"{called.deed} {made.id} against {made.edition}")
        noted.saw(DataGroup.SCORE, [made.uscc])

    outcome = await _done(ask, called, OBJECTION, prepare, note)
    if outcome.thing:  # for the sake of what is shown of it
        await ask.request.learn([outcome.thing.uscc])
    shown = show_objection(outcome.thing) if outcome.thing else None
    return ObjectionPayload(objection=shown, user_errors=told(outcome.problems))  # type: ignore[arg-type]  # as above


async def _done(
    ask: Ask,
    called: _Called,
    kind: Kind[R],
    prepare: Callable[[], Awaitable[Keep[R]]],
    note: Callable[[Noted, R], None],
) -> Outcome[R]:
    """Do a deed once, or say why not; a key remembers what the store refused."""

    async def prepared() -> Callable[[Change], Awaitable[R]]:
        keep = await prepare()

        async def do(change: Change) -> R:
            try:
                return await keep(shelf_of(ask).within(change.connection))
            except (EditionRefused, ObjectionRefused) as refused:
                raise Problems(Problem(ProblemCode.NOT_ALLOWED, str(refused), called.field)) from refused

        return do

    try:
        call = calling(ask, called.mutation, called.key, called.given)
        return await changed(ask, call, kind, prepared, note)
    except Problems as found:
        return Outcome(None, found.problems)
    except (EditionRefused, RunRefused, RunTakenOver, BadInput) as refused:
        return Outcome(None, (Problem(ProblemCode.INVALID, str(refused), called.field),))


async def _own(ask: Ask, coordinate: str, identity: str) -> Edition | EditionPayload:
    """Return an edition of a zone of the reader's, or what is wrong with its name."""
    try:
        found = await named(ask, identity)
    except BadInput as unknown:
        _officer(ask, coordinate, None)
        return EditionPayload(edition=None, user_errors=[UserError(field=["edition"], message=str(unknown))])
    _officer(ask, coordinate, found.content.zone)
    return found


def _officer(ask: Ask, coordinate: str, zone: str | None) -> str:
    """Return who asks; raise Withheld unless it is an officer, of the zone if one is given."""
    access = ask.request.access
    reader = access.principal
    may = access.rights is None or access.rights.own[DataGroup.SCORE] in GIVEN
    if Role.OFFICER not in reader.roles or (zone is not None and zone not in reader.zones) or not may:
        raise access.withheld(coordinate, DataGroup.SCORE, Verdict.FORBIDDEN)
    return reader.subject


def _ways(given: Given) -> Mapping[str, Any]:
    codes: list[str | MalformedUscc] | None = given.usccs  # type: ignore[assignment]  # the scalar gives either
    return {
        "usccs": None if codes is None else tuple(checked(code) for code in codes),
        "accepted": frozenset(local_id("Source", name) for name in given.accept_missing or ()),
        "anew": given.anew,
    }


def _text(name: str, given: str) -> str:
    text = given.strip()
    if not 0 < len(text) <= _LONGEST or not all(one.isprintable() or one in "\n\t" for one in text):
        raise BadInput(f"Give {name} as 1 to {_LONGEST:,} printable characters.")
    return text


BATCHES: Mapping[str, Batch] = {
    "Mutation.runEdition": Batch(_run_edition),
    "Mutation.correctEdition": Batch(_correct_edition),
    "Mutation.openNotice": Batch(_open_notice),
    "Mutation.publishEdition": Batch(_publish_edition),
    "Mutation.fileObjection": Batch(_file_objection),
    "Mutation.decideObjection": Batch(_decide_objection),
}
