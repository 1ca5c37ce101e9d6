"""One connection to a source behind HTTP/1.1: a request at a time, its answer read by llhttp and bounded."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any, cast

import httptools

_LARGEST_HEAD = 131_072
"""Bytes of an answer's status and headers; links to next pages can be long."""
_ENDLESS = "its answer has an endless head"
_UNPACKED = (b"", b"identity")
_PACKED = (b"gzip", b"x-gzip", b"deflate")
_EITHER = zlib.MAX_WBITS | 32
"""Let zlib see by the first bytes which of its two wrappings it is."""


class Lost(ConnectionError):
    """The connection cannot be used: not made, cut, or what came over it is no HTTP."""

    def __init__(self, reason: str, *, unanswered: bool = False) -> None:
        self.unanswered = unanswered
        """Nothing came: the other side may have closed it before the request arrived."""
        super().__init__(reason)


class TooLarge(Exception):
    """The answer's body has more bytes than are taken."""


class BadlyPacked(Exception):
    """The answer's body is not packed as its Content-Encoding says."""


class Answer:
    """An answer as it came: status, headers by lower-case name in their order, body unpacked."""

    __slots__ = ("body", "headers", "status")

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    def all(self, name: bytes) -> list[str]:
        """Return every value of a header."""
        return [value.decode("latin-1") for found, value in self.headers if found == name]


class Connection(asyncio.Protocol):
    """One connection; whoever has it sends a request and waits for `asked`'s future before it sends the next."""

    def __init__(self, most: int) -> None:
        """Take bodies of at most so many bytes, unpacked."""
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._parser: Any = None
        self._unpack: Any = None
        self._began = False
        self.usable = False
        """It is open, and no answer is under way or half read."""
        self.idle_since = 0.0
        self.closed: asyncio.Future[None] = self._loop.create_future()

    def ask(self, request: bytes, timer_seconds: float) -> asyncio.Future[Answer]:
        """Send a request; return what will be its answer, Lost, TooLarge, BadlyPacked, or TimeoutError.

        A caller who no longer waits calls `close`: what comes later belongs to nobody.
        """
        assert self._transport is not None, "it has been made"
        self.usable = self._began = False
        self._head = self._size = 0
        self._answer, self._unpack, self._ends_by_closing = Answer(), None, True
        self._parts: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)
        self._waiter = waiter = self._loop.create_future()
        self._timer = self._loop.call_later(timer_seconds, self._late)
        self._transport.write(request)
        return waiter

    def close(self) -> None:
        """Use it no more; an answer that somebody waits for is lost."""
        self.usable = False
        if self._waiter is not None:
            self._settle(error=Lost("the hub closed the connection"))
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready."""
        self._transport = cast("asyncio.Transport", transport)
        self.usable = True

    def data_received(self, data: bytes) -> None:
        """Read on; what comes unasked ends the connection."""
        if self._waiter is None:
            self.close()
            return
        self._began = True
        try:
            self._head += len(data)
            self._parser.feed_data(data)
            if self._head > _LARGEST_HEAD:
                self._fail(Lost(_ENDLESS))
        except (httptools.HttpParserError, httptools.HttpParserCallbackError, httptools.HttpParserUpgrade) as error:
            cause = error.__context__ if isinstance(error, httptools.HttpParserCallbackError) else None
            known = isinstance(cause, Lost | TooLarge | BadlyPacked)
            self._fail(cause if cause and known else Lost("what it answered is no HTTP"))

    def eof_received(self) -> None:
        """Let the transport close, which tells `connection_lost`."""

    def connection_lost(self, exc: Exception | None) -> None:
        """End an answer that has no other end; fail one that has."""
        self.closed.set_result(None)
        if self._waiter is not None and exc is None and self._answer.status >= 200 and self._ends_by_closing:
            self._complete()
        elif self._waiter is not None:
            self._settle(error=Lost("it closed the connection too early", unanswered=not self._began))
        self.usable = False
        self._parser = None  # each of the two holds the other

    def on_message_begin(self) -> None:
        """Refuse a second answer to one request."""
        if self._waiter is None:
            raise Lost("it answered one request twice")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        name = name.lower()
        self._answer.headers.append((name, value))
        if name == b"content-encoding":
            self._unpack = _unpacker(value.strip().lower())
        elif name == b"content-length":
            self._ends_by_closing = False
            if self._unpack is None and int(value) > self._most:
                raise TooLarge
        elif name == b"transfer-encoding":
            self._ends_by_closing = False

    def on_headers_complete(self) -> None:
        """Know the status; what follows is body."""
        self._answer.status = self._parser.get_status_code()
        if self._head > _LARGEST_HEAD and _size(self._answer) > _LARGEST_HEAD:  # a body may have come along
            raise Lost(_ENDLESS)
        self._head = 0

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body, unpacked as far as there is room for it."""
        self._head = 0
        if self._unpack is not None:
            try:
                body = self._unpack.decompress(body, self._most - self._size + 1)
            except zlib.error as error:
                raise BadlyPacked from error
        self._size += len(body)
        if self._size > self._most:
            raise TooLarge
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """Hand the answer over; an interim one (1xx) only says that another will come."""
        if self._answer.status < 200:
            self._answer, self._ends_by_closing = Answer(), True
            return
        self._complete()
        if not self._parser.should_keep_alive():
            self.close()

    def _complete(self) -> None:
        parts = self._parts
        if self._unpack is not None and parts and not self._unpack.eof:
            self._fail(BadlyPacked())
            return
        self._answer.body = parts[0] if len(parts) == 1 else b"".join(parts)
        self.usable = True
        self._settle(self._answer)

    def _late(self) -> None:
        self._fail(TimeoutError())

    def _fail(self, error: BaseException) -> None:
        if self._waiter is not None:
            self._settle(error=error)
        self.close()

    def _settle(self, answer: Answer | None = None, error: BaseException | None = None) -> None:
        """Tell whoever waits, unless it has gone."""
        waiter, self._waiter = self._waiter, None
        self._timer.cancel()
        if waiter is None or waiter.done():
            return
        if error is not None:
            waiter.set_exception(error)
        elif answer is not None:
            waiter.set_result(answer)


def _size(answer: Answer) -> int:
    """Return the bytes of an answer's headers, with colon, blank and end of line."""
    return sum(len(name) + len(value) + 4 for name, value in answer.headers)


def _unpacker(encoding: bytes) -> Any:
    if encoding in _UNPACKED:
        return None
    if encoding not in _PACKED:
        raise BadlyPacked
    return zlib.decompressobj(_EITHER)
