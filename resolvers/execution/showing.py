"""What goes out of what was found: the data, the errors, and what is told beside them of sources, cost and plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from graphql import GraphQLError

from resolvers.execution.errors import formatted
from resolvers.execution.explain import Explanation
from resolvers.execution.literals import Literals
from resolvers.execution.preview import Preview
from resolvers.request import Request

_NO_CODES: frozenset[str] = frozenset()


class Outcome(msgspec.Struct):
    """What was found for an operation, however it was."""

    data: Any
    errors: Sequence[GraphQLError]
    request: Request
    literals: Literals
    path: str
    cost: int
    plan: Explanation | None = None
    """For the reader."""
    slow: Explanation | None = None
    """For the log."""


def as_shown(outcome: Outcome, text: str) -> dict[str, Any]:
    """Return the answer to a text, ready to be encoded."""
    request = outcome.request
    answer: dict[str, Any] = {"data": outcome.data}
    if outcome.errors:
        answer["errors"] = [formatted(error, text, outcome.literals) for error in outcome.errors]
    extensions: dict[str, Any] = {"engine": outcome.path, "cost": outcome.cost}
    if usage := request.session.usage:
        if limit := request.session.freshness:
            for one in usage.values():
                one.older_than_asked = one.age > limit.max_age or msgspec.UNSET
        extensions["sources"] = [usage[name] for name in sorted(usage)]
    if request.absences:
        extensions["absences"] = request.absences
    if request.absences_left_out:
        extensions["absencesLeftOut"] = request.absences_left_out
    if outcome.plan:
        extensions["plan"] = outcome.plan
    answer["extensions"] = extensions
    return answer


def codes_of(shown: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes of the errors in an answer."""
    told = shown.get("errors")
    return frozenset(error["extensions"]["code"] for error in told) if told else _NO_CODES


def previewed(found: Preview) -> dict[str, Any]:
    """Return the answer that holds a preview."""
    return {"data": None, "extensions": {"preview": found}}
