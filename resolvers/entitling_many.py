"""Many entitlements moved by one call: each by itself, so that what one is refused costs none of the others."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from auth.rules import Verdict
from codes.flow import Party
from codes.problems import Problems
from resolvers.binding import Batch
from resolvers.changing import Payload, calling, changed, changes_of, invalid, noting, refused, told
from resolvers.entitling import advance
from resolvers.request import Ask
from schema.entitlements import AdvanceEntitlementInput
from store.changes import Call, Change, Kind, Outcome
from store.entitlements import ENTITLEMENT

_NAME = "advanceEntitlements"
_MOST = 200


class _Many(msgspec.Struct, frozen=True):
    """What a key remembers of a call for many: that it was made. What became of each, keys of their own remember."""


_MANY = Kind("EntitlementsPayload", _Many)


class _Payload:
    """What became of each, in the order in which they were named."""

    def __init__(self, reader: str, outcomes: Sequence[Payload], problems: Problems | None = None) -> None:
        self.outcomes = outcomes
        self.parties = {Party.AUTHOR: reader}
        self.user_errors = told(problems.problems) if problems else []


async def _advance_all(ask: Ask, items: list[AdvanceEntitlementInput], idempotency_key: str) -> Sequence[Any]:
    access = ask.request.access
    if not access.may_change(ENTITLEMENT.group):
        raise access.withheld(f"Mutation.{_NAME}", ENTITLEMENT.group, Verdict.FORBIDDEN)
    reader = access.principal.organisation
    try:
        call = calling(ask, _NAME, idempotency_key, {"items": items})
        _check(items)
        await changes_of(ask).once(call, _MANY, _begin)
    except Problems as found:
        return [_Payload(reader, [], found)]
    return [_Payload(reader, [await _one(ask, call, place, item) for place, item in enumerate(items)])]


def _check(items: Sequence[AdvanceEntitlementInput]) -> None:
    if not 1 <= len(items) <= _MOST:
        raise Problems(invalid(f"Name 1 to {_MOST} entitlements.", "items"))
    ids = [item.id for item in items]
    if len(set(ids)) < len(ids):
        raise Problems(invalid("Name each entitlement once.", "items"))


async def _begin(_change: Change) -> _Many:
    return _Many()


async def _one(ask: Ask, call: Call, place: int, item: AdvanceEntitlementInput) -> Payload:
    """Return what became of one, in a transaction of its own, with its own record; who repeats goes on from there."""
    own = replace(call, key=_own_key(call.key, item.id))
    try:
        outcome = await changed(ask, own, ENTITLEMENT, lambda: advance(ask, item), noting(_NAME, ENTITLEMENT))
    except Problems as found:
        outcome = refused(ask, _NAME, Outcome(None, found.problems))
    problems = [msgspec.structs.replace(one, field=("items", str(place), *one.field[1:])) for one in outcome.problems]
    return Payload(ENTITLEMENT, replace(outcome, problems=problems), ask.request.access.principal.organisation)


def _own_key(key: str | None, id: str) -> str:
    """Return the key of one of many: none that a caller could give."""
    return "\x1f" + hashlib.sha256(f"{key}\0{id}".encode()).hexdigest()


BATCHES: Mapping[str, Batch] = {f"Mutation.{_NAME}": Batch(_advance_all)}
