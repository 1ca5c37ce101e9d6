"""One request and its answer on a connection: uvicorn's, except that the usual answer is written without ado.

uvicorn looks at each header of each answer. The hub's own answers have one of a few sets of headers besides their
length: what has been looked at once is written again as it was.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE, RequestResponseCycle

from web.direct import Direct, Header
from web.sending import LENGTH, Whole

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

_UVICORNS = frozenset((b"connection", b"transfer-encoding", LENGTH))
"""Headers that decide what becomes of the connection, or of the body."""


class Exchange(RequestResponseCycle, Direct):
    """One request and its answer."""

    def begin(self, app: ASGI3Application, loop: asyncio.AbstractEventLoop, tasks: set[asyncio.Task[None]]) -> None:
        """Have an application answer, in a task that is among the others as long as it takes."""
        self.tasks = tasks
        self.task = loop.create_task(self.run_asgi(app))
        tasks.add(self.task)

    def at_hand(self) -> bytes | None:
        """See `Direct`."""
        if self.more_body or self.disconnected:
            return None
        self.flow.resume_reading()
        self.message_event.clear()
        body, self.body = self.body, bytearray()
        return bytes(body)

    def is_gone(self) -> bool:
        """See `Direct`."""
        return self.disconnected

    async def run_asgi(self, app: ASGI3Application) -> None:
        """Have an application answer; the task that does is forgotten without the loop's having to be told."""
        try:
            await super().run_asgi(app)
        finally:
            self.tasks.discard(self.task)

    def write_whole(self, status: int, headers: tuple[Header, ...], content: bytes) -> bool:
        """See `Direct`."""
        if self.response_started or self.flow.write_paused or self.disconnected or not self.keep_alive:
            return False
        known = _known(status, tuple(self.default_headers), headers)
        if known is None or self.scope["method"] == "HEAD":
            return False
        self.transport.writelines((b"%bcontent-length: %d%b" % (known[0], len(content), known[1]), content))
        self.response_started = self.response_complete = True
        self.chunked_encoding = self.waiting_for_100_continue = False
        self.message_event.set()
        self.on_response()
        return True


@lru_cache(maxsize=64)
def written(whole: Whole, before: tuple[Header, ...]) -> bytes:
    """Return all of an answer that is known as a whole, with a server's own headers before it."""
    head = STATUS_LINE[whole.status] + _lines((*before, *whole.headers))
    return b"%b\r\n%b" % (head, whole.body)


@lru_cache(maxsize=256)
def _known(status: int, before: tuple[Header, ...], behind: tuple[Header, ...]) -> tuple[bytes, bytes] | None:
    """Return what stands before and behind the length in an answer's head; None if uvicorn has to look at it."""
    for name, value in before + behind:
        if name.lower() in _UVICORNS or HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
            return None
    return STATUS_LINE[status] + _lines(before), b"\r\n%b\r\n" % _lines(behind)


def _lines(headers: tuple[Header, ...]) -> bytes:
    return b"".join(b"%b: %b\r\n" % (name.lower(), value) for name, value in headers)
