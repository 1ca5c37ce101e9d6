"""Facts about enterprises, as far as the reader may see them: what conditions of funds, policies and loans are held to.

A fact that is not given is unknown, with the code of the reason, and is asked of no source.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from auth.rules import Verdict
from codes.access import LEVELS, SENSITIVE, DataGroup
from connectors.errors import SourceFailure
from connectors.outcomes import Absent, Incomplete
from resolvers.access import Judgement, Owner
from resolvers.fetching import facets
from resolvers.guarded_parts import GIVEN
from resolvers.request import Ask


class Unknown(msgspec.Struct, frozen=True):
    """Why a fact is not known: the code of an error, or the reason of an absence."""

    reason: str


async def facts(ask: Ask, group: DataGroup, collection: str, fields: frozenset[str]) -> list[Any]:
    """Return what a collection has of each parent, an enterprise, as the reader may see it; Unknown otherwise."""
    access, codes = ask.request.access, [parent.uscc for parent in ask.parents]
    await ask.request.learn(codes)
    judgement = _judgement(ask, group, collection)
    verdicts = [access.verdict(judgement, code) if judgement else Verdict.ALLOW for code in codes]
    places = [place for place, verdict in enumerate(verdicts) if verdict is Verdict.ALLOW]
    if LEVELS[group] >= SENSITIVE:
        access.saw(group, [codes[place] for place in places])
        access.missed(group, [code for code, verdict in zip(codes, verdicts, strict=True) if verdict not in GIVEN])
    found: list[Any] = [Unknown("MASKED" if v is Verdict.MASK else v.value) for v in verdicts]
    if places:
        seen = Ask(ask.request, [ask.parents[place] for place in places], ask.selection)
        for place, outcome in zip(places, await facets(seen, collection, fields), strict=True):
            found[place] = known(outcome)
    return found


def known(value: Any) -> Any:
    """Return a value, Unknown where there is none."""
    if isinstance(value, Absent):
        return Unknown(value.value)
    if isinstance(value, SourceFailure):
        return Unknown(value.code)
    if isinstance(value, Incomplete):
        return Unknown(Absent.INCOMPLETE.value)
    return value


def first_unknown(*values: Any) -> str:
    """Return the reason for which the first of some values is not known."""
    reasons: Sequence[str] = [one.reason for one in map(known, values) if isinstance(one, Unknown)]
    return reasons[0] if reasons else Absent.NOT_DELIVERED.value


def _judgement(ask: Ask, group: DataGroup, collection: str) -> Judgement | None:
    """Return the judgement on a group, as the plan would have it for a field of that collection."""
    rights = ask.request.access.rights
    if rights is None:
        return None
    others = rights.others[group]
    if collection in ask.hub.sources.shared.conditional and others in GIVEN and not rights.for_purpose:
        others = Verdict.PURPOSE_REQUIRED
    return Judgement(group, rights.own[group], others, Owner.ENTERPRISE)
