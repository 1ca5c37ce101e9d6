"""What officers do with editions, and enterprises against them: one transaction each, and each in the audit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any

from auth.rules import Verdict
from codes.access import DataGroup, Role
from codes.editions import ObjectionState
from codes.uscc import MalformedUscc
from resolvers.binding import Batch
from resolvers.edition import show
from resolvers.fetching import checked, local_id
from resolvers.guarded_parts import GIVEN
from resolvers.objection import show as show_objection
from resolvers.request import Ask, BadInput
from resolvers.score import scheme_of
from resolvers.scores.collecting import RunRefused
from resolvers.scores.orders import Order, moment_of
from resolvers.scores.running import run
from resolvers.scores.seeing import named, shelf_of
from schema.edition_work import CorrectEditionInput, EditionPayload, RunEditionInput
from schema.objection import FileObjectionInput, ObjectionPayload
from schema.user_error import UserError
from store.edition_runs import RunTakenOver
from store.editions import Edition, EditionRefused
from store.objections import Objection, ObjectionRefused

_MOST = 1_000
"""Enterprises that are scored while a reader waits."""
_LONGEST = 2_000
"""Characters of a text."""

_REFUSALS = (EditionRefused, RunRefused, RunTakenOver, ObjectionRefused, BadInput)
Given = RunEditionInput | CorrectEditionInput


async def _run_edition(ask: Ask, input: RunEditionInput) -> Sequence[Any]:
    zone = local_id("Zone", input.zone)
    by = _officer(ask, "Mutation.runEdition", zone)

    async def made() -> Edition:
        moment = moment_of(input.period, ask.hub.today(), input.day, input.year)
        return await _run(ask, Order(zone, scheme_of(ask, input.scheme), moment, by, **_ways(input)))

    return [await _edition(ask, "run", ["input"], made)]


async def _correct_edition(ask: Ask, input: CorrectEditionInput) -> Sequence[Any]:
    parent = await _own(ask, "Mutation.correctEdition", input.edition)
    if isinstance(parent, EditionPayload):
        return [parent]
    content, by = parent.content, ask.request.access.principal.subject

    async def made() -> Edition:
        scheme = scheme_of(ask, input.scheme or f"{content.scheme}@{content.version}")
        moment = moment_of(content.period, ask.hub.today(), input.day or content.day, input.year or content.year)
        reason = _text("reason", input.reason)
        return await _run(ask, Order(content.zone, scheme, moment, by, **_ways(input), parent=parent.id, reason=reason))

    return [await _edition(ask, "correct", ["input"], made)]


async def _open_notice(ask: Ask, edition: str, until: date, first: date | None = None) -> Sequence[Any]:
    found = await _own(ask, "Mutation.openNotice", edition)
    if isinstance(found, EditionPayload):
        return [found]
    today, by = ask.hub.today(), ask.request.access.principal.subject
    begin = first or today

    async def opened() -> Edition:
        if begin < today:
            raise BadInput(f"A notice begins today at the earliest, not on {begin}: nobody could object before.")
        return await shelf_of(ask).editions.open_notice(found.id, begin, until, by)

    return [await _edition(ask, "open notice", ["until"], opened)]


async def _publish_edition(ask: Ask, edition: str) -> Sequence[Any]:
    found = await _own(ask, "Mutation.publishEdition", edition)
    if isinstance(found, EditionPayload):
        return [found]
    today, by = ask.hub.today(), ask.request.access.principal.subject
    return [await _edition(ask, "publish", ["edition"], lambda: shelf_of(ask).editions.publish(found.id, today, by))]


async def _file_objection(ask: Ask, input: FileObjectionInput) -> Sequence[Any]:
    access = ask.request.access
    code = access.principal.enterprise
    if Role.ENTERPRISE not in access.principal.roles or code is None:
        raise access.withheld("Mutation.fileObjection", DataGroup.SCORE, Verdict.FORBIDDEN)

    async def filed() -> Objection:
        edition = await named(ask, input.edition)
        scheme = await shelf_of(ask).scheme(edition)
        known = [one.names.id for one in scheme.indicators]
        if input.indicator is not None and input.indicator not in known:
            raise BadInput(f"{scheme.id} has no indicator {input.indicator[:40]!r}; it has: {', '.join(known)}.")
        return await shelf_of(ask).objections.file(
            edition.id, code, input.indicator, _text("text", input.text), ask.hub.today(), access.principal.subject
        )

    return [await _objection(ask, "file objection", ["input"], filed)]


async def _decide_objection(ask: Ask, id: str, accepted: bool, text: str) -> Sequence[Any]:
    objections = shelf_of(ask).objections
    found = await objections.get(id)
    editions = await shelf_of(ask).editions.of([found.edition]) if found else {}
    # Whether there is such an objection is told to nobody else.
    zone = editions[found.edition].content.zone if found else next(iter(ask.request.access.principal.zones), "")
    by = _officer(ask, "Mutation.decideObjection", zone)
    state = ObjectionState.ACCEPTED if accepted else ObjectionState.REJECTED

    async def decided() -> Objection:
        return await objections.decide(id, state, _text("text", text), by)

    return [await _objection(ask, f"decide objection as {state.value}", ["id"], decided)]


async def _run(ask: Ask, order: Order) -> Edition:
    """Run an edition for as long as the request may take; what was read by then is kept."""
    shelf = shelf_of(ask)
    try:
        async with asyncio.timeout(max(0.0, ask.request.session.deadline - time.monotonic())):
            return await run(ask.hub.sources, shelf.editions, shelf.runs, order, lambda *_: None, _MOST)
    except TimeoutError:
        raise BadInput(
            "It takes longer than a request may. What was read is kept: ask again, and it goes on."
        ) from None


async def _edition(ask: Ask, deed: str, field: list[str], change: Callable[[], Awaitable[Edition]]) -> EditionPayload:
    try:
        changed = await change()
    except _REFUSALS as refused:
        return EditionPayload(edition=None, user_errors=[UserError(field=field, message=str(refused))])
    if ask.hub.relay:
        ask.hub.relay.wake()
    ask.request.access.did(f"{deed} {changed.id}")
    return EditionPayload(edition=show(changed), user_errors=[])  # type: ignore[arg-type]  # shown by its parts


async def _objection(
    ask: Ask, deed: str, field: list[str], change: Callable[[], Awaitable[Objection]]
) -> ObjectionPayload:
    try:
        changed = await change()
    except _REFUSALS as refused:
        return ObjectionPayload(objection=None, user_errors=[UserError(field=field, message=str(refused))])
    ask.request.access.did(f"{deed} {changed.id} against {changed.edition}")
    ask.request.access.saw(DataGroup.SCORE, [changed.uscc])
    await _learn(ask, changed.uscc)
    return ObjectionPayload(objection=show_objection(changed), user_errors=[])  # type: ignore[arg-type]  # as above


async def _learn(ask: Ask, code: str) -> None:
    """Find out whose the enterprise is, for the sake of what is shown of the objection."""
    await ask.request.learn([code])


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
