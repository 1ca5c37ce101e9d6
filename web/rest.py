"""Trusted documents for those who speak no GraphQL: `GET /rest/NAME?variable=…`, and what there is as OpenAPI 3.1.

A document is asked by the same reader, rules, audit and limits as by its hash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson
import structlog
from graphql import GraphQLBoolean, GraphQLFloat, GraphQLInputObjectType, GraphQLInt, GraphQLList, GraphQLNonNull
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from auth.principal import Principal
from resolvers.execution.operation import Answers
from resolvers.execution.signature import Parameter, Signature
from store.documents import TrustedDocument
from telemetry import traces
from web import openapi
from web.body import Unacceptable
from web.crowd import Crowd
from web.document_book import DocumentBook
from web.door import Door
from web.operations import operation_of
from web.persisted import Asked
from web.sending import headers_of, send_bytes

_log = structlog.get_logger()

_JSON = "application/json; charset=utf-8"
_MOST_PARAMETERS = 2_000

Described = Callable[[str], Signature]
"""Gives the signature of a document by its text."""


@dataclass(frozen=True)
class RestEndpoint:
    """The ASGI application behind /rest."""

    answers: Answers
    door: Door
    crowd: Crowd
    book: DocumentBook
    described: Described
    public_url: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = headers_of(scope)
        try:
            with self.crowd:
                principal, purse = await self.door.enter(scope, headers)
                try:
                    name = scope["path_params"]["name"]
                    if name == "openapi.json":
                        await send_bytes(send, 200, await self._description(principal), _JSON)
                        return
                    document, told = await self._named(principal, name)
                    variables = _variables(told.parameters, scope["query_string"])
                    asked = Asked({"query": document.text, "variables": variables}, untrusted=False)
                    operation = operation_of(asked, headers, principal, purse.spend, read_only=True)
                    if not self.crowd.begin():
                        await self.crowd.turn()
                    answer = await self.answers.answer(operation)
                finally:
                    await purse.settle()
            status, extra = (400 if answer.request_error else 200), {}
            if answer.retry_after_seconds is not None:
                status, extra = 503, {"Retry-After": str(answer.retry_after_seconds)}
            await send_bytes(send, status, answer.body, _JSON, extra)
        except Unacceptable as refusal:
            error: dict[str, Any] = {"message": refusal.message, "extensions": {"code": refusal.code}}
            await send_bytes(send, refusal.status, orjson.dumps({"errors": [error]}), _JSON, refusal.headers)
        except ClientDisconnect:
            return
        except Exception as failure:
            trace = traces.trace_id()
            _log.error("request.unexpected", trace_id=trace, exc_info=failure)
            message = f"The hub failed; its operators find the reason under {trace}."
            error = {"message": message, "extensions": {"code": "INTERNAL_SERVER_ERROR", "traceId": trace}}
            await send_bytes(send, 500, orjson.dumps({"errors": [error]}), _JSON)

    async def _named(self, principal: Principal, name: str) -> tuple[TrustedDocument, Signature]:
        document = await self.book.named(principal, name)
        told = self.described(document.text) if document else None
        if document is None or told is None or not told.is_query:
            message = f"There is no query {name[:80]!r} for your client; /rest/openapi.json tells what there is."
            raise Unacceptable(404, message, code="NOT_FOUND")
        return document, told

    async def _description(self, principal: Principal) -> bytes:
        found = [(one, self.described(one.text)) for one in await self.book.newest(principal)]
        return orjson.dumps(openapi.description([(o, told) for o, told in found if told.is_query], self.public_url))


def _variables(parameters: Sequence[Parameter], query_string: bytes) -> Mapping[str, Any]:
    """Return the variables that a query string gives; raise Unacceptable for what is none."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except (UnicodeDecodeError, ValueError) as error:
        raise Unacceptable(400, "The query string cannot be read; encode it as UTF-8 by RFC 3986.") from error
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    known = {one.name: one for one in parameters}
    if unknown := sorted(given.keys() - known.keys()):
        raise Unacceptable(400, f"There is no parameter {unknown[0][:80]!r}; take of {', '.join(known) or 'none'}.")
    return {name: _value(name, known[name].type, values) for name, values in given.items()}


def _value(name: str, type_: Any, values: list[str]) -> Any:
    """Return a parameter's value: a list for what is one, numbers and truth as such, inputs from JSON."""
    if isinstance(type_, GraphQLNonNull):
        return _value(name, type_.of_type, values)
    if isinstance(type_, GraphQLList):
        return [_value(name, type_.of_type, [value]) for value in values]
    if len(values) > 1:
        raise Unacceptable(400, f"{name} is given {len(values)} times; give it once.")
    (value,) = values
    if type_ in (GraphQLInt, GraphQLFloat, GraphQLBoolean) or isinstance(type_, GraphQLInputObjectType):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise Unacceptable(400, f"{name} is {value[:40]!r}, and cannot be read as {type_}.") from error
    return value
