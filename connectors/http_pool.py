"""Connections to one host, kept open between requests."""

from __future__ import annotations

import asyncio
import time
from ssl import SSLContext

from connectors.http_connection import Answer, Connection, Lost

_IDLE = 4.0
"""Seconds for which an unused connection is kept: many servers close theirs after five."""


_FAIR_SHARE = 0.8
"""A request that has less of its time than this once it is its turn may come too late for no fault of the host."""


class Crowded(TimeoutError):
    """The deadline came, and a good part of the time had gone to others that were before the request."""


class Pool:
    """At most so many connections to a host; a request takes the one that was used last, or opens another."""

    def __init__(self, host: str, port: int, certificates: SSLContext | None, most: int, largest: int) -> None:
        """Connect to nothing yet. `largest`: bytes of an answer's body."""
        self._host, self._port, self._certificates, self._largest = host, port, certificates, largest
        self._room = asyncio.Semaphore(most)
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()

    async def exchange(self, request: bytes, deadline: float) -> Answer:
        """Return the answer; raise Lost, TooLarge, BadlyPacked, or TimeoutError at the deadline (time.monotonic).

        It is Crowded if others of this pool were before it.

        A request that reached a kept connection as the other side closed it is sent again, once: everything that the
        hub asks of a source is a reading.
        """
        if not self._room.locked():
            async with self._room:
                return await self._exchanged(request, deadline)
        whole = _left(deadline)
        try:
            async with asyncio.timeout(whole):
                await self._room.acquire()
        except TimeoutError as error:
            raise Crowded from error
        is_fair = deadline - time.monotonic() >= whole * _FAIR_SHARE
        try:
            return await self._exchanged(request, deadline)
        except TimeoutError as error:
            if is_fair:
                raise
            raise Crowded from error
        finally:
            self._room.release()

    async def aclose(self) -> None:
        """Close every connection; what is under way over one is lost."""
        closing = [connection.closed for connection in self._open]
        for connection in self._open:
            connection.close()
        self._idle.clear()
        if closing:
            await asyncio.wait(closing)

    async def _exchanged(self, request: bytes, deadline: float) -> Answer:
        if kept := self._kept():
            try:
                return await self._over(kept, request, deadline)
            except Lost as lost:
                if not lost.unanswered:
                    raise
        return await self._over(await self._opened(deadline), request, deadline)

    async def _over(self, connection: Connection, request: bytes, deadline: float) -> Answer:
        try:
            return await connection.ask(request, _left(deadline))
        finally:
            if connection.usable:
                connection.idle_since = time.monotonic()
                self._idle.append(connection)
            else:
                connection.close()

    def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and time.monotonic() - connection.idle_since < _IDLE:
                return connection
            connection.close()
        return None

    async def _opened(self, deadline: float) -> Connection:
        loop = asyncio.get_running_loop()
        encrypted = self._certificates is not None
        try:
            async with asyncio.timeout(_left(deadline)):
                _, connection = await loop.create_connection(
                    lambda: Connection(self._largest),
                    self._host,
                    self._port,
                    ssl=self._certificates,
                    server_hostname=self._host if encrypted else None,
                )
        except TimeoutError:
            raise
        except OSError as error:
            raise Lost(type(error).__name__) from error
        self._open.add(connection)
        connection.closed.add_done_callback(lambda _: self._open.discard(connection))
        return connection


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
