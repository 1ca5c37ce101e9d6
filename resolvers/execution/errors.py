"""Errors as a reader sees them: a stable code, a message without secrets, and for our own faults a trace id."""

from __future__ import annotations

from socket import gaierror
from typing import Any

import structlog
from graphql import GraphQLError, Source, get_location
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as StoreTimeout

from connectors.errors import SourceFailure, SourceUnavailable
from resolvers import hub_source
from resolvers.access import Withheld
from resolvers.execution.literals import Literals
from resolvers.request import BadInput
from store.changes import Conflict
from telemetry import traces

_log = structlog.get_logger()

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
OPERATION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
COST_LIMIT = "COST_LIMIT"
BAD_INPUT = "BAD_USER_INPUT"
INTERNAL = "INTERNAL_SERVER_ERROR"
FORBIDDEN = "FORBIDDEN"
CONFLICT = "CONFLICT"
LAGGING = "LAGGING"
PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"

_OUT_OF_REACH = (OperationalError, InterfaceError, StoreTimeout, ConnectionError, gaierror)
"""What the store's driver says where there is no store to be asked; sources' failures are their own."""


def formatted(error: GraphQLError, text: str, literals: Literals, code: str | None = None) -> dict[str, Any]:
    """Return an error as it goes into the answer; `code` is given for errors before execution."""
    shown: dict[str, Any] = {"message": error.message}
    if literals.lifted and error.positions:
        places = [get_location(Source(text), literals.offset(position)) for position in error.positions]
    else:
        places = error.locations or []
    if places:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in places]
    if error.path is not None:
        shown["path"] = error.path
    shown["extensions"] = _extensions(error, code, shown)
    return shown


def _extensions(error: GraphQLError, code: str | None, shown: dict[str, Any]) -> dict[str, Any]:
    cause = error.original_error
    if code:
        return {"code": code, **(error.extensions or {})}
    if isinstance(cause, SourceFailure):
        shown["message"] = f"Source {cause.source}: {cause.message}."
        return {"code": cause.code, "source": cause.source}
    if isinstance(cause, Conflict):
        return {"code": CONFLICT}
    if isinstance(cause, Withheld):
        return {"code": cause.code}
    if cause is None or isinstance(cause, BadInput | GraphQLError):
        return {"code": BAD_INPUT if cause is not None else INTERNAL}
    trace = traces.trace_id()
    if isinstance(cause, _OUT_OF_REACH):
        _log.warning("store.out_of_reach", trace_id=trace, error=type(cause).__name__)
        shown["message"] = (
            f"Source {hub_source.NAME}: the store cannot be reached ({type(cause).__name__}); ask again in a while."
        )
        return {"code": SourceUnavailable.code, "source": hub_source.NAME}
    _log.error("operation.unexpected", trace_id=trace, path=error.path, exc_info=cause)
    shown["message"] = f"The hub failed to answer this field; its operators find the reason under {trace}."
    return {"code": INTERNAL, "traceId": trace}
