"""GraphQL over WebSocket: the protocol graphql-transport-ws, for any number of operations over one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from msgspec.structs import replace
from starlette.types import Receive, Scope, Send

from resolvers.execution.errors import INTERNAL
from resolvers.execution.operation import Answers, Operation
from telemetry import traces
from web.body import Unacceptable
from web.door import Door, Purse
from web.listeners import TOO_MANY_LISTENERS, Listeners
from web.operations import operation_of
from web.persisted import Persisted
from web.sending import headers_of

_log = structlog.get_logger()

PROTOCOL = "graphql-transport-ws"

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SUBPROTOCOL = 4400, 4401, 4403, 4406
INIT_TIMEOUT, SUBSCRIBER_EXISTS, INITIALISED_TWICE, FAILED = 4408, 4409, 4429, 4500
"""Codes of the protocol."""
GONE, RESTART, TRY_AGAIN = 1001, 1012, 1013
"""Codes of WebSocket (RFC 6455) after which clients come again."""

_FROM_PAYLOAD = ("authorization", "dpop", "hub-purpose", "hub-reference", "hub-receipt", "cache-control")
"""Headers that may be given in the payload of connection_init, as browsers can send none with a WebSocket.

Never those in which proxies say whom they speak for.
"""
_LONGEST_ID = 200
_LONGEST_REASON = 120
"""Bytes of a reason that a closing frame has room for, nearly."""
_SILENT = 2.5
"""Heartbeats after which a reader that says nothing is taken to be gone."""


class _Close(Exception):
    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


class _Left(Exception):
    """The reader has closed the connection, or takes nothing any longer."""


@dataclass(frozen=True)
class WebSocketEndpoint:
    """The ASGI application behind /graphql, for WebSockets."""

    answers: Answers
    door: Door
    listeners: Listeners
    persisted: Persisted
    origins: Collection[str] = ()
    """Whose pages may connect, besides the hub's own."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        await receive()
        headers = headers_of(scope)
        if not self._welcome(scope, headers):
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403
            return
        if PROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": SUBPROTOCOL, "reason": f"Speak {PROTOCOL}."})
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        await _Connection(self, scope, receive, send, headers).serve()

    def _welcome(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Say whether a page of the connection's origin may connect; programs that are no browsers send none."""
        origin = headers.get("origin")
        if origin is None or origin in self.origins:
            return True
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        found = urlsplit(origin)
        # A proxy may have taken TLS off, so that the hub's own pages are https where it sees http.
        return found.scheme in (scheme, "https") and found.netloc == headers.get("host")


@dataclass
class _Connection:
    endpoint: WebSocketEndpoint
    scope: Scope
    receive: Receive
    send: Send
    headers: Mapping[str, str]
    _operations: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _sending: asyncio.Lock = field(default_factory=asyncio.Lock)
    _heard: float = 0.0

    async def serve(self) -> None:
        """Serve until either side ends it."""
        try:
            await self._serve()
        except* _Left:
            pass
        except* _Close as closings:
            (first, *_) = _leaves(closings)
            await self._close(first)
        except* Exception as failure:
            await self._close(_Close(FAILED, _failed(failure)))

    async def _serve(self) -> None:
        bounds = self.endpoint.listeners.bounds
        try:
            with self.endpoint.listeners.one(f"{self.endpoint.door.stranger(self.scope, self.headers)} begins"):
                async with asyncio.timeout(bounds.begin):
                    purse = await self._greeted()
            with self.endpoint.listeners.one(purse.key):
                await self._say({"type": "connection_ack"})
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._beat(bounds.heartbeat))
                    group.create_task(self._wait_for_the_end())
                    await self._converse(group)
        except TimeoutError:
            raise _Close(INIT_TIMEOUT, f"Nobody said within {bounds.begin:g} s who is there.") from None
        except Unacceptable as refusal:
            raise _Close(FORBIDDEN if refusal.status == 401 else TRY_AGAIN, refusal.message) from refusal

    async def _greeted(self) -> Purse:
        """Wait for connection_init; return what its reader pays from."""
        while (message := await self._message())["type"] != "connection_init":
            if message["type"] == "subscribe":
                raise _Close(UNAUTHORIZED, "Send connection_init first.")
            await self._pong(message)
        self.headers = {**self.headers, **self._said(message.get("payload"))}
        _, purse = await self.endpoint.door.enter(self.scope, self.headers)
        await purse.spend(1)
        return purse

    def _said(self, payload: Any) -> Mapping[str, str]:
        """Return the headers among what connection_init says; its other entries are the client's own."""
        if payload is None:
            return {}
        if not isinstance(payload, dict):
            raise _Close(BAD_REQUEST, "The payload of connection_init is no JSON object.")
        said: dict[str, str] = {}
        for name, value in payload.items():
            header = name.lower()
            if header not in _FROM_PAYLOAD or value is None:
                continue
            if not isinstance(value, str) or not value.isascii() or not value.isprintable():
                raise _Close(BAD_REQUEST, f"{name} in connection_init is no text of printable ASCII characters.")
            if said.get(header, value) != value or self.headers.get(header, value) != value:
                raise _Close(BAD_REQUEST, f"{name} is given twice; give it once.")
            said[header] = value
        return said

    async def _converse(self, group: asyncio.TaskGroup) -> None:
        while True:
            message = await self._message()
            kind = message["type"]
            if kind == "subscribe":
                await self._subscribe(group, message)
            elif kind == "complete":
                if task := self._operations.pop(_id(message), None):
                    task.cancel()
            elif kind == "connection_init":
                raise _Close(INITIALISED_TWICE, "Too many initialisation requests.")
            else:
                await self._pong(message)

    async def _subscribe(self, group: asyncio.TaskGroup, message: Mapping[str, Any]) -> None:
        id, most = _id(message), self.endpoint.listeners.bounds.operations
        if id in self._operations:
            raise _Close(SUBSCRIBER_EXISTS, f"Subscriber for {id} already exists.")
        payload = message.get("payload")
        if not isinstance(payload, dict):
            raise _Close(BAD_REQUEST, "The payload of subscribe is no JSON object.")
        if len(self._operations) >= most:
            text = f"{most:,} operations are under way over this connection, as many as may; complete one of them."
            await self._refuse(id, Unacceptable(429, text, code=TOO_MANY_LISTENERS))
            return
        begun = asyncio.Event()
        self._operations[id] = group.create_task(self._operate(id, payload, begun))
        # What comes behind is looked at once this listens: who subscribes and then asks misses nothing between them.
        await begun.wait()

    async def _operate(self, id: str, payload: Mapping[str, Any], begun: asyncio.Event) -> None:
        """Answer one operation, as often as there is something to tell."""
        task = asyncio.current_task()
        try:
            principal, purse = await self.endpoint.door.again(self.scope, self.headers)
            await purse.spend(1)
            asked = await self.endpoint.persisted.asked(payload, principal)
            operation = operation_of(asked, self.headers, principal, purse.spend, begun=begun.set)
            await self._tell(id, operation)
        except Unacceptable as refusal:
            if refusal.status == 401:
                raise _Close(FORBIDDEN, refusal.message) from refusal
            await self._refuse(id, refusal)
        except (_Close, _Left):
            raise
        except Exception as error:
            await self._refuse(id, Unacceptable(500, _failed(error), code=INTERNAL))
        finally:
            begun.set()
            if self._operations.get(id) is task:
                del self._operations[id]

    async def _tell(self, id: str, operation: Operation) -> None:
        async def renewed() -> Operation:
            principal, purse = await self.endpoint.door.again(self.scope, self.headers)
            return replace(operation, principal=principal, spend=purse.spend)

        async with aclosing(self.endpoint.answers.answers(operation, renewed)) as answers:
            async for answer in answers:
                if answer.request_error:
                    errors = orjson.loads(answer.body)["errors"]
                    await self._say({"id": id, "type": "error", "payload": errors})
                    return
                await self._write(b'{"id":%b,"type":"next","payload":%b}' % (orjson.dumps(id), answer.body))
        await self._say({"id": id, "type": "complete"})

    async def _refuse(self, id: str, refusal: Unacceptable) -> None:
        error = {"message": refusal.message, "extensions": {"code": refusal.code}}
        await self._say({"id": id, "type": "error", "payload": [error]})

    async def _beat(self, seconds: float) -> None:
        """Show now and then that the hub is there; see whether the reader is, and whether it is still believed."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(seconds)
            if loop.time() - self._heard > _SILENT * seconds:
                raise _Close(GONE, "Nothing was heard for too long; answer each ping.")
            try:
                await self.endpoint.door.again(self.scope, self.headers)
            except Unacceptable as refusal:
                raise _Close(FORBIDDEN if refusal.status == 401 else TRY_AGAIN, refusal.message) from refusal
            await self._say({"type": "ping"})

    async def _wait_for_the_end(self) -> None:
        await self.endpoint.listeners.closing.wait()
        raise _Close(RESTART, "The hub ends; come again.")

    async def _pong(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "ping":
            payload = {"payload": message["payload"]} if "payload" in message else {}
            await self._say({"type": "pong", **payload})
        elif message["type"] != "pong":
            raise _Close(BAD_REQUEST, f"{str(message['type'])[:40]!r} is no message of {PROTOCOL}.")

    async def _message(self) -> dict[str, Any]:
        received = await self.receive()
        if received["type"] == "websocket.disconnect":
            raise _Left
        self._heard = asyncio.get_running_loop().time()
        text = received.get("text")
        if text is None:
            raise _Close(BAD_REQUEST, "Messages are text, not bytes.")
        if len(text) > self.endpoint.listeners.bounds.message:
            raise _Close(BAD_REQUEST, "The message is too large.")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise _Close(BAD_REQUEST, "The message is no JSON.") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise _Close(BAD_REQUEST, "The message is no JSON object with a type.")
        return message

    async def _say(self, message: Mapping[str, Any]) -> None:
        await self._write(orjson.dumps(message))

    async def _write(self, message: bytes) -> None:
        """Send a message; give the connection up if nothing of what was sent is taken for too long."""
        try:
            async with asyncio.timeout(self.endpoint.listeners.bounds.begin), self._sending:
                await self.send({"type": "websocket.send", "text": message.decode()})
        except (TimeoutError, OSError):
            raise _Left from None

    async def _close(self, closing: _Close) -> None:
        reason = closing.reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
        try:
            async with asyncio.timeout(self.endpoint.listeners.bounds.begin):
                await self.send({"type": "websocket.close", "code": closing.code, "reason": reason})
        except (TimeoutError, OSError):
            return


def _failed(error: Exception) -> str:
    """Log an error of the hub's own; return what its reader is told."""
    trace = traces.trace_id()
    _log.error("socket.unexpected", trace_id=trace, exc_info=error)
    return f"The hub failed; its operators find the reason under {trace}."


def _id(message: Mapping[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= _LONGEST_ID:
        raise _Close(BAD_REQUEST, f"The id is no text of 1 to {_LONGEST_ID} characters.")
    return id


def _leaves(group: BaseExceptionGroup[_Close]) -> list[_Close]:
    found: list[_Close] = []
    for one in group.exceptions:
        found += _leaves(one) if isinstance(one, BaseExceptionGroup) else [one]
    return found
