"""The two questions that most resolvers put to the sources: records by key, and a whole small collection."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, TypeGuard

from codes.uscc import MalformedUscc
from connectors.errors import SourceFailure
from connectors.outcomes import Absent, Outcome, Record
from resolvers.binding import Answered, Batch, Foreseen
from resolvers.enterprise_key import EnterpriseKey
from resolvers.request import Ask, BadInput

_NO_RECORD = (Absent, SourceFailure)


def facets_at_once(ask: Ask, collection: str, fields: frozenset[str]) -> list[Outcome] | None:
    """Return a collection's outcome for each enterprise where that needs no waiting; None where it does."""
    if any(parent.as_of_date is not None for parent in ask.parents):
        return None
    keys = [parent.uscc for parent in ask.parents]
    return ask.hub.sources.at_once(ask.request.session, collection, keys, fields)


async def facets(ask: Ask, collection: str, fields: frozenset[str]) -> list[Outcome]:
    """Return a collection's outcome for each enterprise; parents of one as-of date share a fetch."""
    by_date: dict[Any, list[int]] = {}
    for place, parent in enumerate(ask.parents):
        by_date.setdefault(parent.as_of_date, []).append(place)
    outcomes: list[Outcome] = [Absent.NOT_DELIVERED] * len(ask.parents)
    for as_of, places in by_date.items():
        keys = [ask.parents[place].uscc for place in places]
        found = await ask.hub.sources.fetch(ask.request.session, collection, keys, fields, as_of)
        for place, outcome in zip(places, found, strict=True):
            outcomes[place] = outcome
    return outcomes


def facet(collection: str, type_name: str) -> Batch:
    """Return the resolver of a facet of the enterprise that shows its collection as it is."""

    def resolve(ask: Ask) -> Answered:
        fields = ask.selection.needs(type_name)
        found = facets_at_once(ask, collection, fields)
        return found if found is not None else facets(ask, collection, fields)

    return Batch(resolve, reads=(collection,))


def children(collection: str, type_name: str, key: str) -> Batch:
    """Return the resolver of a field that shows another collection, by a key that the parent's record carries."""

    async def resolve(ask: Ask) -> Sequence[Outcome]:
        return await by_keys(ask, collection, [getattr(p, key) for p in ask.parents], ask.selection.needs(type_name))

    return Batch(resolve, frozenset((key,)), (collection,))


async def by_keys(ask: Ask, collection: str, keys: Sequence[Any], fields: frozenset[str]) -> list[Any]:
    """Return the record of each key; None where the key itself is None, and its reason where it is an absence."""
    asked = list(dict.fromkeys(key for key in keys if isinstance(key, str)))
    found = await ask.hub.sources.fetch(ask.request.session, collection, asked, fields) if asked else []
    outcomes = dict(zip(asked, found, strict=True))
    return [outcomes[key] if isinstance(key, str) else key for key in keys]


async def whole(ask: Ask, collection: str, fields: frozenset[str]) -> tuple[Record, ...] | Absent:
    """Return a whole small collection, or why there is none; raise if none of its sources answers.

    A source that fails while others answer costs its own records: what there is, is Incomplete.
    """
    found = await ask.hub.sources.whole(ask.request.session, collection, fields)
    if found.failures and not found.records:
        raise found.failures[0]
    return found.absent or found.records


def checked(code: str | MalformedUscc) -> str:
    """Return a code from a reader; raise BadInput for a malformed one."""
    if isinstance(code, MalformedUscc):
        raise BadInput(f"{code}. Check the code for a typing error.")
    return code


def local_id(type_name: str, given: str) -> str:
    """Return the id within its type, from that or from the identity in the whole graph: ``Zone:east-lake``."""
    prefix, colon, rest = given.partition(":")
    return rest if colon and prefix == type_name else given


async def existing(ask: Ask, codes: Sequence[str | MalformedUscc], as_of: Any) -> list[Any]:
    """Return an enterprise for each code: None where the registry does not know it, BadInput where it is malformed.

    A registry that fails does not cost the enterprise: its other facets have sources of their own. They are asked
    while the registry is (`foreseen`).
    """
    wanted = ask.selection.part_needs("Enterprise", "registration") or frozenset(("uscc",))
    good = list(dict.fromkeys(code for code in codes if isinstance(code, str)))
    found = await ask.hub.sources.fetch(ask.request.session, "registration", good, wanted, as_of) if good else []
    outcomes = dict(zip(good, found, strict=True))
    return [_existing(code, as_of, outcomes) for code in codes]


def foreseen(codes: Sequence[str | MalformedUscc], as_of: Any, answer: Awaitable[Sequence[Any]]) -> Foreseen:
    """Return an answer of enterprises to wait for, with the enterprises that it will have if all codes are known."""
    return Foreseen([EnterpriseKey.of(code, as_of) for code in codes if isinstance(code, str)], answer)


def _existing(code: str | MalformedUscc, as_of: Any, outcomes: dict[str, Outcome]) -> Any:
    if isinstance(code, MalformedUscc):
        return BadInput(f"{code}. Check the code for a typing error.")
    outcome = outcomes[code]
    if isinstance(outcome, Absent) and outcome not in (Absent.NO_HISTORY, Absent.STALE, Absent.NOT_SHARED):
        return outcome
    return EnterpriseKey.of(code, as_of)


def is_record(outcome: Outcome) -> TypeGuard[Any]:
    """Say whether an outcome is a record or records, not an absence or a failure."""
    return not isinstance(outcome, _NO_RECORD)
