"""Bounds on a connection: how long a caller may take, and how large the head of its request may be.

uvicorn bounds neither. Its own command line (`uvicorn --factory server:app`) serves without what is here.
"""

from __future__ import annotations

import asyncio
from asyncio.transports import BaseTransport
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_MOST_HEADERS = 100
_LARGEST_HEAD = 65_536
"""Bytes of a request's target and headers; also of anything else that is no body, as endless trailers."""

_MOST_WAITING = 100
"""Requests that a caller may send before the first of them is answered; uvicorn keeps each."""

_REASON = f"The request has more than {_MOST_HEADERS} headers, or more than {_LARGEST_HEAD:,} bytes of them."
_REFUSAL = (
    "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    f"content-length: {len(_REASON)}\r\nconnection: close\r\n\r\n{_REASON}"
).encode()


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's protocol, closed on callers who send no request or too much of it, or who take no answer.

    While no request is at work, bytes that come are the next one's head, or the rest of a body that nobody wanted: a
    whole head must be there `patience` seconds after the first of them. An answer of which nothing was taken for as
    long is given up. One timer looks after both; a request that comes in time does not touch it.
    """

    patience: ClassVar[float] = 10.0
    """Seconds."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Wait for the first request."""
        super().connection_made(transport)
        self._uncounted = 0
        self._too_large = False
        self._unsent = 0
        self._taken = self.loop.time()
        self._due: float | None = self._taken + self.patience
        self._timer = self.loop.call_at(self._due, self._look)

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
        elif self._due is None:
            self._due = self.loop.time() + self.patience  # the timer comes sooner, and then waits until this

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
        super().on_headers_complete()

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
        self._timer = self.loop.call_at(self._due or now + self.patience, self._look)


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
