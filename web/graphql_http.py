"""GraphQL over HTTP, as its specification's draft of the GraphQL foundation describes it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import orjson
import structlog
from msgspec.structs import replace
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.principal import Principal
from resolvers.execution.operation import Answer, Answers, Operation
from telemetry import metrics, traces
from telemetry.traces import Tracing
from web import negotiation
from web.body import Bodies, Unacceptable, parsed
from web.crowd import OVERLOADED, Crowd
from web.direct import direct
from web.door import Door, Purse
from web.event_stream import EventStream
from web.leaving import Watch
from web.listeners import Listeners
from web.operations import operation_of
from web.persisted import NotPersisted, Persisted
from web.sending import NO_MORE, Whole, headers_of, send_bytes

_log = structlog.get_logger()

_OFFERED = (negotiation.JSON, negotiation.GRAPHQL, negotiation.EVENTS)
_PLAIN = (negotiation.JSON, negotiation.GRAPHQL)
"""Given as a whole; refusals always are."""
_OFFERED_TO_BROWSERS = (*_OFFERED, negotiation.HTML)

_OVERLOADED = metrics.REFUSED.labels(OVERLOADED)

Reader = tuple[Principal, Purse]


@dataclass(frozen=True)
class GraphQLEndpoint:
    """The ASGI application behind /graphql."""

    answers: Answers
    door: Door
    crowd: Crowd
    bodies: Bodies
    listeners: Listeners
    persisted: Persisted
    editor: ASGIApp
    tracing: Tracing = field(default_factory=Tracing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; nothing that a reader sends becomes a 5xx, unless there is no room for it."""
        headers = headers_of(scope)
        here = self.tracing.enter(headers)
        media_type = negotiation.JSON
        try:
            media_type = _media_type(scope, headers)
            if scope["query_string"]:
                _refuse_tokens_in_the_address(scope["query_string"])
            if media_type == negotiation.HTML:
                await self.editor(scope, receive, send)
            elif media_type == negotiation.EVENTS:
                await self._stream(scope, receive, send, headers)
            else:
                with self.crowd:
                    answer = await self._answer(scope, receive, headers)
                    await _send_answer(send, answer, media_type)
        except Unacceptable as refusal:
            metrics.REFUSED.labels(refusal.code).inc()
            await _send_refusal(send, refusal, media_type if media_type in _PLAIN else negotiation.JSON)
        except ClientDisconnect:
            metrics.LEFT.inc()
            _log.info("request.left", path=scope["path"])
        except Exception as error:
            trace = traces.trace_id()
            _log.error("request.unexpected", trace_id=trace, exc_info=error)
            if media_type == negotiation.EVENTS:
                raise  # an answer has begun, which the server breaks off
            message = f"The hub failed; its operators find the reason under {trace}."
            await _send_errors(send, 500, media_type, message, {"code": "INTERNAL_SERVER_ERROR", "traceId": trace})
        finally:
            self.tracing.leave(here)

    def turned_away(self, scope: Scope) -> Whole | None:
        """Return the answer to a request for which there is no room; None if more of it has to be read for that."""
        if scope["method"] != "POST":
            return None
        _OVERLOADED.inc()
        for name, value in scope["headers"]:
            if name == b"accept":
                return self.crowd.refusal(negotiation.preferred(value.decode("latin-1"), _PLAIN) or negotiation.JSON)
        return self.crowd.refusal(negotiation.JSON)

    async def _answer(self, scope: Scope, receive: Receive, headers: Mapping[str, str]) -> Answer:
        reader = await self.door.enter(scope, headers)
        try:
            watch = Watch(receive)
            operation = await self._operation(scope, receive, headers, watch, reader)
            begins = self.crowd.begin()
            return await watch.over(
                self.answers.answer(operation) if begins else self._in_turn(receive, operation, watch)
            )
        finally:
            if reader[1].owes:
                await reader[1].settle()

    async def _in_turn(self, receive: Receive, operation: Operation, watch: Watch) -> Answer:
        exchange = direct(receive)
        if exchange is None:
            watch.begin()
        await self.crowd.turn()
        if exchange is not None and exchange.is_gone():
            raise ClientDisconnect
        return await self.answers.answer(operation)

    async def _stream(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str]) -> None:
        """Answer by events; a connection counts as one who listens, not among the requests at work."""
        with self.crowd:
            reader = await self.door.enter(scope, headers)
            begun = asyncio.Event()
            asked = await self._operation(scope, receive, headers, None, reader)
            operation = replace(asked, begun=begun.set)

        async def renewed() -> Operation:
            principal, purse = await self.door.again(scope, headers)
            return replace(operation, principal=principal, spend=purse.spend)

        with self.listeners.one(reader[1].key):
            await reader[1].spend(1)
            stream = EventStream(self.listeners, receive, send)
            await stream.give(self.answers.answers(operation, renewed), renewed, begun)

    async def _operation(
        self, scope: Scope, receive: Receive, headers: Mapping[str, str], watch: Watch | None, reader: Reader
    ) -> Operation:
        principal, purse = reader
        begin = watch.begin if watch else None
        if scope["method"] == "GET":
            asked = await self.persisted.asked(_of_parameters(_query_parameters(scope)), principal)
            return operation_of(asked, headers, principal, purse.spend, read_only=True, before_waiting=begin)
        _check_content_type(headers.get("content-type", ""))
        body = self.bodies.at_hand(receive, headers)
        given = parsed(await self.bodies.read(receive, headers) if body is None else body)
        asked = self.persisted.plain(given, principal) or await self.persisted.asked(given, principal)
        return operation_of(asked, headers, principal, purse.spend, before_waiting=begin)


def _media_type(scope: Scope, headers: Mapping[str, str]) -> str:
    if scope["method"] not in ("GET", "POST"):
        raise Unacceptable(405, f"{scope['method']} is not answered here; use POST or GET.", {"Allow": "GET, POST"})
    browsing = scope["method"] == "GET" and b"query=" not in scope["query_string"]
    offered = _OFFERED_TO_BROWSERS if browsing else _OFFERED
    found = negotiation.preferred(headers.get("accept", "*/*"), offered)
    if found is None:
        raise Unacceptable(406, f"Answers are given as {' or '.join(_OFFERED)}; the Accept header takes neither.")
    return found


def _refuse_tokens_in_the_address(query_string: bytes) -> None:
    """Refuse what RFC 9700 §4.3.2 forbids: addresses are kept by proxies and browsers."""
    names = {unquote_plus(part.partition(b"=")[0].decode("latin-1")).lower() for part in query_string.split(b"&")}
    if "access_token" in names:
        raise Unacceptable(
            400, "The address holds an access_token; send it in the header Authorization, and get a new one."
        )


@lru_cache(maxsize=512)
def _check_content_type(content_type: str) -> None:
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if kind != negotiation.JSON:
        raise Unacceptable(415, f"The body is {kind[:60] or 'of no type'!r}; send application/json.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in ("utf-8", "utf8"):
            raise Unacceptable(415, f"The body is in {value.strip()[:40]!r}; send UTF-8.")


def _query_parameters(scope: Scope) -> dict[str, str]:
    try:
        text = scope["query_string"].decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20))
    except (UnicodeDecodeError, ValueError) as error:
        raise Unacceptable(400, "The query string cannot be read; encode it as UTF-8 by RFC 3986.") from error


def _of_parameters(parameters: Mapping[str, str]) -> Mapping[str, Any]:
    given: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if parameters.get(name):
            try:
                given[name] = orjson.loads(parameters[name])
            except orjson.JSONDecodeError as error:
                raise Unacceptable(400, f"The parameter {name} is no JSON ({error.msg}).") from error
        else:
            given.pop(name, None)
    return given


def _send_answer(send: Send, answer: Answer, media_type: str) -> Awaitable[None]:
    # A reader of plain application/json may know nothing of status codes: errors of the document come with 200.
    status = 405 if answer.kind_refused else 400 if answer.request_error and media_type == negotiation.GRAPHQL else 200
    extra: Mapping[str, str] = {"Allow": "POST"} if answer.kind_refused else NO_MORE
    if answer.retry_after_seconds is not None:
        status, extra = 503, {"Retry-After": str(answer.retry_after_seconds)}
    if answer.timing:
        extra = {**extra, "Server-Timing": answer.timing}
    return send_bytes(send, status, answer.body, f"{media_type}; charset=utf-8", extra)


async def _send_refusal(send: Send, refusal: Unacceptable, media_type: str) -> None:
    shown = media_type if media_type != negotiation.HTML else negotiation.JSON
    # A reader of plain application/json gets what its document lacks with 200, as other errors of documents.
    plain = isinstance(refusal, NotPersisted) and shown == negotiation.JSON
    await _send_errors(
        send, 200 if plain else refusal.status, shown, refusal.message, {"code": refusal.code}, refusal.headers
    )


async def _send_errors(
    send: Send,
    status: int,
    media_type: str,
    message: str,
    extensions: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
) -> None:
    content = orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})
    await send_bytes(send, status, content, f"{media_type}; charset=utf-8", headers or {})
