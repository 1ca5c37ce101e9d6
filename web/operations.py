"""From what a reader sends, whichever way it comes, to an operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from auth.principal import Principal
from resolvers.execution.operation import Operation
from web.body import Unacceptable
from web.persisted import Asked


def operation_of(
    asked: Asked,
    headers: Mapping[str, str],
    principal: Principal,
    spend: Callable[[int], Awaitable[None]],
    *,
    read_only: bool = False,
    before_waiting: Callable[[], None] | None = None,
    begun: Callable[[], None] | None = None,
) -> Operation:
    """Return the operation of a request's parameters; raise Unacceptable if they are none."""
    given = asked.given
    query, name = given.get("query"), given.get("operationName")
    if asked.untrusted and not isinstance(query, str):
        query = ""
    elif query is None or query == "":
        raise Unacceptable(400, "query is missing; give the GraphQL document as text.")
    if not isinstance(query, str):
        raise Unacceptable(400, "query is no text; give the GraphQL document.")
    if name is not None and not isinstance(name, str):
        raise Unacceptable(400, "operationName is no text.")
    return Operation(
        query,
        _table(given, "variables"),
        name or None,
        _table(given, "extensions"),
        headers,
        read_only,
        before_waiting,
        principal,
        spend,
        asked.untrusted,
        begun,
    )


def _table(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Unacceptable(400, f"{name} is no JSON object.")
    return found
