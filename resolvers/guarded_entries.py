"""Root fields behind a guard, whose objects an argument names: decided before anything is asked about them.

What a reader may not see is withheld whether there is such an object or not, and costs no source anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from auth.rules import Verdict
from codes.uscc import MalformedUscc, normalise
from resolvers.access import Judgement, Owner
from resolvers.binding import Answered, Batch, Entry, Owned, is_awaited
from resolvers.guarded_parts import GIVEN
from resolvers.request import Ask, Request


@dataclass(frozen=True)
class Judged:
    """What becomes of objects of a type, and what tells whose they are."""

    judgement: Judgement
    owned: Owned | None

    @property
    def by_identity(self) -> bool:
        """Whether an object's identity is its owner's key."""
        return self.owned is not None and (self.owned.owner is Owner.ENTERPRISE or self.owned.need == "id")


def entered(
    answer: Batch,
    entry: Entry,
    types: Mapping[str, Judged],
    withheld: Callable[[Request, Judgement, Verdict], Exception],
) -> Batch:
    """Return the answer of a root field with the objects withheld that the reader may not see."""
    concerned = types if entry.type_name is None else {entry.type_name: types[entry.type_name]}
    if all({one.judgement.own, one.judgement.others} <= set(GIVEN) for one in concerned.values()):
        return answer

    def judged(request: Request, identity: Any) -> Exception | None:
        type_name, key = _named(entry, identity)
        one = concerned.get(type_name)
        if one is None or key is None:
            return None
        known = one.by_identity
        verdict = request.access.verdict(one.judgement, key) if known else one.judgement.others
        if verdict in GIVEN:
            return None
        if one.judgement.owner is Owner.ENTERPRISE:
            request.access.missed(one.judgement.group, (key,))
        return withheld(request, one.judgement, verdict)

    def now(ask: Ask, given: Mapping[str, Any]) -> Answered:
        asked = given[entry.argument]
        if not isinstance(asked, list):
            refusal = judged(ask.request, asked)
            return answer.resolve(ask, **given) if refusal is None else [refusal]
        refusals = [judged(ask.request, one) for one in asked]
        places = [place for place, refusal in enumerate(refusals) if refusal is None]
        if len(places) == len(asked):
            return answer.resolve(ask, **given)
        if not places:
            return [refusals]
        seen = answer.resolve(ask, **{**given, entry.argument: [asked[place] for place in places]})
        return _later(refusals, places, seen) if is_awaited(seen) else _spliced(refusals, places, seen)

    def resolve(ask: Ask, **given: Any) -> Answered:
        asked = given[entry.argument]
        named = [_named(entry, one) for one in (asked if isinstance(asked, list) else [asked])]
        codes = [key for type_name, key in named if key is not None and type_name == "Enterprise"]
        return knowing(ask, codes, lambda: now(ask, given))

    return replace(answer, resolve=resolve)


def knowing(ask: Ask, codes: Sequence[str], answer: Callable[[], Answered]) -> Answered:
    """Answer when it is known of enterprises what may be seen of them: at once, or after finding out."""
    hub = ask.hub
    if ask.request.access.knows(hub.consents, hub.today, codes):
        return answer()

    async def after_learning() -> Sequence[Any]:
        await ask.request.learn(codes)
        found = answer()
        return await found if is_awaited(found) else found

    return after_learning()


def _named(entry: Entry, identity: Any) -> tuple[str, str | None]:
    """Return the type and the key that an identity names; no key if it cannot be one of anything."""
    if not isinstance(identity, str):
        return entry.type_name or "", None
    type_name, colon, local = identity.partition(":")
    if entry.type_name is not None:
        type_name, local = entry.type_name, local if colon and type_name == entry.type_name else identity
    if type_name != "Enterprise":
        return type_name, local
    try:
        return type_name, normalise(local)
    except MalformedUscc:
        return type_name, None


def _spliced(refusals: list[Any], places: Sequence[int], seen: Sequence[Any]) -> Sequence[Any]:
    (values,) = seen
    if not isinstance(values, list):
        return seen
    for place, value in zip(places, values, strict=True):
        refusals[place] = value
    return [refusals]


async def _later(refusals: list[Any], places: Sequence[int], seen: Awaitable[Sequence[Any]]) -> Sequence[Any]:
    return _spliced(refusals, places, await seen)
