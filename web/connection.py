"""Bounds on a connection: how long a caller may take, and how large the head of its request may be.

uvicorn bounds neither. Its own command line (`uvicorn --factory server:app`) serves without what is here.
"""

from __future__ import annotations

import asyncio
from asyncio.transports import BaseTransport
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import unquote

import httptools
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from web.exchange import Exchange, written
from web.sending import Whole

_MOST_HEADERS = 100
_LARGEST_HEAD = 65_536
"""Bytes of a request's target and headers; also of anything else that is no body, as endless trailers."""

_MOST_WAITING = 100
"""Requests that a caller may send before the first of them is answered; uvicorn keeps each."""

_SHORT = 64
"""Bytes of a target that is looked up rather than parsed."""

_REASON = f"The request has more than {_MOST_HEADERS} headers, or more than {_LARGEST_HEAD:,} bytes of them."
_REFUSAL = (
    "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    f"content-length: {len(_REASON)}\r\nconnection: close\r\n\r\n{_REASON}"
).encode()


TurnedAway = Callable[[Scope], Whole | None]
"""Gives the answer to a request that is not to be looked at, before its body is read; None for any other.

An application that has a method `turned_away` is asked before a task is begun for the request: when very many come,
that is most of what a refusal would cost.
"""


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's protocol, closed on callers who send no request or too much of it, or who take no answer.

    While no request is at work, bytes that come are the next one's head, or the rest of a body that nobody wanted: a
    whole head must be there `patience` seconds after the first of them. An answer of which nothing was taken for as
    long is given up. Where nothing comes for uvicorn's `timeout_keep_alive` after an answer, the connection is closed.
    One timer looks after all of it; a request that comes in time does not touch it.
    """

    patience: ClassVar[float] = 10.0
    """Seconds."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Wait for the first request."""
        super().connection_made(transport)
        self._turned_away: TurnedAway | None = getattr(self.app, "turned_away", None)
        self._uncounted = 0
        self._too_large = False
        self._unsent = 0
        self._taken = self.loop.time()
        self._due: float | None = self._taken + self.patience
        """When the connection is closed if nothing becomes of it until then; None: never."""
        self._is_idle = False
        self._look_every = min(self.patience, self.timeout_keep_alive)
        self._timer = self.loop.call_later(self._look_every, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and wait for the rest of it no longer than allowed."""
        self._uncounted += len(data)
        super().data_received(data)
        if self._uncounted > _LARGEST_HEAD and not self.transport.is_closing():
            self._refuse()
        if self._at_work():
            self._due = None
        elif self._due is None or self._is_idle:
            self._due = self.loop.time() + self.patience  # the timer comes sooner, and then waits until this
        self._is_idle = False

    def on_headers_complete(self) -> None:
        """Have the request answered; an exception stops the parser, and uvicorn then sends a 400."""
        if (
            len(self.headers) > _MOST_HEADERS
            or len(self.pipeline) == _MOST_WAITING
            or (self._uncounted > _LARGEST_HEAD and self._head_size() > _LARGEST_HEAD)
        ):
            self._too_large = True
            raise ValueError(_REASON)
        self._uncounted = 0
        if self._at_work() or self.expect_100_continue or self.parser.should_upgrade():
            super().on_headers_complete()
        else:
            self._begin()

    def _begin(self) -> None:
        """Have a request answered as uvicorn would, in an exchange that knows its usual answers."""
        version = self.parser.get_http_version()
        scope: Any = self.scope
        scope["http_version"] = version
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["path"], scope["raw_path"], scope["query_string"] = _target_of(self.url)
        keep_alive = version != "1.0" and self.parser.should_keep_alive()
        # Who takes no answers waits with the others: what is written here nobody waits to see taken.
        asked = self._turned_away if keep_alive and not self.flow.write_paused else None
        refusal = asked(scope) if asked else None
        if refusal is not None:
            self._turn_away(refusal)
            return
        self.cycle = self._exchange(keep_alive)
        self.cycle.begin(self.app, self.loop, self.tasks)

    def _turn_away(self, refusal: Whole) -> None:
        """Answer a request that nobody looks at; what comes of its body is left to an exchange that is over."""
        if self.cycle is None:
            self.cycle = self._exchange(True)
            self.cycle.response_complete = True
        self.transport.write(written(refusal, tuple(self.server_state.default_headers)))
        self.on_response_complete()

    def _exchange(self, keep_alive: bool) -> Exchange:
        return Exchange(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )

    def on_response_complete(self) -> None:
        """Go on with what waits; if nothing does, wait for the next request, without a timer for each answer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._due = self.loop.time() + self.timeout_keep_alive
            self._is_idle = True

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over to a protocol that bounds it in its own way."""
        self._timer.cancel()
        super().handle_websocket_upgrade()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, whose size is its reader's to bound."""
        self._uncounted = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser stopped at."""
        if self._too_large:
            self._refuse()
        else:
            super().send_400_response(msg)

    def _at_work(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _refuse(self) -> None:
        if not self._at_work():
            self.transport.write(_REFUSAL)
        self.transport.close()

    def _look(self) -> None:
        now = self.loop.time()
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self._unsent:
            self._unsent, self._taken = unsent, now
        elif now - self._taken >= self.patience:
            self.transport.abort()
            return
        if self._due is not None and now >= self._due:
            self.transport.close()
            self._due = None
        until = now + self._look_every
        self._timer = self.loop.call_at(until if self._due is None else min(until, self._due), self._look)


def _target_of(url: bytes) -> tuple[str, bytes, bytes]:
    """Return the path, the path as it was written, and the query of a request's target; a short one is known."""
    return _known_target(url) if len(url) <= _SHORT else _target(url)


def _target(url: bytes) -> tuple[str, bytes, bytes]:
    parsed = httptools.parse_url(url)
    path: str = parsed.path.decode("ascii")
    return unquote(path), parsed.path, parsed.query or b""


_known_target = lru_cache(maxsize=256)(_target)


class BoundedSocket(WebSocketsSansIOProtocol):
    """uvicorn's protocol of WebSockets, given up on readers who take nothing of what they are sent for too long."""

    patience: ClassVar[float] = 10.0
    """Seconds."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin to look whether what is sent is taken."""
        super().connection_made(transport)
        self._unsent = 0
        self._looking = self.loop.call_later(self.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._looking.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent and unsent == self._unsent:
            self.transport.abort()
            return
        self._unsent = unsent
        self._looking = self.loop.call_later(self.patience, self._look)


def bounded_socket(seconds: float) -> type[BoundedSocket]:
    """Return the protocol that waits so long, for uvicorn's `ws`."""
    return type("BoundedSocket", (BoundedSocket,), {"patience": seconds})


def bounded(seconds: float) -> type[BoundedConnection]:
    """Return the protocol that waits so long, for uvicorn's `http`."""
    return type("BoundedConnection", (BoundedConnection,), {"patience": seconds})
