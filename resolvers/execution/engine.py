"""From an operation to its answer, with what it took from the sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
import strawberry
from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution import execute

from connectors.session import Freshness, Session
from resolvers.binding import Graph, bind
from resolvers.execution.documents import Documents, Refused, operation_of
from resolvers.execution.errors import BAD_INPUT, OPERATION_FAILURE, formatted
from resolvers.execution.operation import Answer, Operation
from resolvers.execution.stock import StockContext, attach
from resolvers.request import BadInput, Hub, Request

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*(\d{1,9})\s*(?:,|$)")


class Engine:
    """Answers operations over one schema."""

    def __init__(self, schema: strawberry.Schema, graph: Graph, hub: Hub, *, request_seconds: float = 8.0) -> None:
        """Bind the schema to its resolvers; raise BindingError where they disagree."""
        self.hub = hub
        self._answers = bind(schema, graph)
        attach(schema, graph, self._answers)
        self._schema = schema._schema
        self._documents = Documents(self._schema)
        self._request_seconds = request_seconds

    async def answer(self, operation: Operation) -> Answer:
        """Return the answer of an operation."""
        try:
            document = self._documents.get(operation.query)
            chosen = operation_of(document, operation.name)
            if refusal := _refused_kind(chosen, operation):
                return refusal
            session = Session.lasting(self._request_seconds, freshness(operation))
        except Refused as refused:
            return _request_error(refused.errors, refused.code)
        except BadInput as bad:
            return _request_error([GraphQLError(str(bad))], BAD_INPUT)
        context = StockContext(Request(self.hub, session), self._answers)
        try:
            outcome = execute(
                self._schema,
                document,
                context_value=context,
                variable_values=dict(operation.variables),
                operation_name=operation.name,
            )
            result = outcome if isinstance(outcome, ExecutionResult) else await outcome
        finally:
            context.cancel()
        if result.data is None and result.errors and all(error.path is None for error in result.errors):
            return _request_error(result.errors, BAD_INPUT)
        return Answer(encoded(_shown(result, context.request)), request_error=False)


def freshness(operation: Operation) -> Freshness | None:
    """Return what the reader says of age: `extensions.maxAge` in seconds, or Cache-Control's max-age.

    `extensions.ifOlder` is FLAG (the default: the answer says so) or REFUSE (null, with the reason STALE).
    """
    given = operation.extensions.get("maxAge")
    if_older = operation.extensions.get("ifOlder", "FLAG")
    if if_older not in ("FLAG", "REFUSE"):
        raise BadInput(f"extensions.ifOlder is {if_older!r}; give FLAG or REFUSE.")
    if given is None:
        header = _MAX_AGE.search(operation.headers.get("cache-control", ""))
        return Freshness(float(header[1]), if_older == "REFUSE") if header else None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < 1e9:
        raise BadInput(f"extensions.maxAge is {str(given)[:40]!r}; give seconds, 0 or more.")
    return Freshness(float(given), if_older == "REFUSE")


def encoded(value: Mapping[str, Any]) -> bytes:
    """Return an answer's JSON; whole numbers past 64 bits are written out rather than refused."""
    return orjson.dumps(value, default=str)


def _refused_kind(chosen: OperationDefinitionNode, operation: Operation) -> Answer | None:
    if chosen.operation is OperationType.QUERY or (
        chosen.operation is OperationType.MUTATION and not operation.read_only
    ):
        return None
    message = f"A {chosen.operation.value} is not answered by {'GET' if operation.read_only else 'plain HTTP'}."
    refusal = _request_error([GraphQLError(message)], OPERATION_FAILURE)
    return Answer(refusal.body, request_error=True, kind_refused=True)


def _request_error(errors: list[GraphQLError], code: str) -> Answer:
    return Answer(encoded({"errors": [formatted(error, code) for error in errors]}), request_error=True)


def _shown(result: ExecutionResult, request: Request) -> dict[str, Any]:
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [formatted(error) for error in result.errors]
    extensions: dict[str, Any] = {}
    if request.session.usage:
        extensions["sources"] = [_usage(name, request) for name in sorted(request.session.usage)]
    if request.absences:
        extensions["absences"] = [{"path": path, "reason": reason.value} for path, reason in request.absences]
    if request.absences_left_out:
        extensions["absencesLeftOut"] = request.absences_left_out
    if extensions:
        answer["extensions"] = extensions
    return answer


def _usage(name: str, request: Request) -> dict[str, Any]:
    usage = request.session.usage[name]
    source = request.hub.sources.sources[name].config
    shown: dict[str, Any] = {
        "source": name,
        "calls": usage.calls,
        "keys": usage.keys,
        "records": usage.records,
        "cacheHits": usage.cache_hits,
        "milliseconds": round(usage.milliseconds, 1),
        "oldestAsOf": usage.oldest.isoformat(timespec="seconds") if usage.oldest else None,
        "age": round(usage.age, 1),
        "synthetic": source.synthetic,
        "error": {"code": usage.failure.code, "message": usage.failure.message} if usage.failure else None,
    }
    limit = request.session.freshness
    if limit and usage.age > limit.max_age:
        shown["olderThanAsked"] = True
    return shown
