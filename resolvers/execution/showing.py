"""What goes out of what was found: the data, the errors, and what is told beside them of sources, cost and plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
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


class _Usage(msgspec.Struct, rename="camel", gc=False):
    source: str
    calls: int
    keys: int
    records: int
    cache_hits: int
    stale: int
    milliseconds: float
    oldest_as_of: str | None
    age: float
    synthetic: bool
    error: dict[str, str] | None
    older_than_asked: bool | msgspec.UnsetType


def as_shown(outcome: Outcome, text: str) -> dict[str, Any]:
    """Return the answer to a text, ready to be encoded."""
    request = outcome.request
    answer: dict[str, Any] = {"data": outcome.data}
    if outcome.errors:
        answer["errors"] = [formatted(error, text, outcome.literals) for error in outcome.errors]
    extensions: dict[str, Any] = {"engine": outcome.path, "cost": outcome.cost}
    if request.session.usage:
        extensions["sources"] = [_usage(name, request) for name in sorted(request.session.usage)]
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


def _tenths(number: float) -> float:
    return int(number * 10 + 0.5) / 10 if number else 0.0


@lru_cache(maxsize=256)
def _moment(delivered: datetime) -> str:
    return delivered.isoformat(timespec="seconds")


def _usage(name: str, request: Request) -> _Usage:
    usage = request.session.usage[name]
    limit = request.session.freshness
    return _Usage(
        name,
        usage.calls,
        usage.keys,
        usage.records,
        usage.cache_hits,
        usage.stale,
        _tenths(usage.milliseconds),
        _moment(usage.oldest) if usage.oldest else None,
        _tenths(usage.age),
        request.hub.sources.sources[name].config.synthetic,
        {"code": usage.failure.code, "message": usage.failure.message} if usage.failure else None,
        True if limit and usage.age > limit.max_age else msgspec.UNSET,
    )


def previewed(found: Preview) -> dict[str, Any]:
    """Return the answer that holds a preview."""
    return {"data": None, "extensions": {"preview": found}}
