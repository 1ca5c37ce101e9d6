"""Served until told to stop, and then not dropped: what has come in is answered before the process ends.

Told to stop, a hub is no longer ready, and has those who listen leave. For a while it still takes what comes, so that
proxies notice, and closes each connection behind its answer. Then it takes no more connections, and ends when what is
under way is answered.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from settings import Settings
from web.connection import bounded, bounded_socket
from web.listeners import Closing
from workers import listening

_STRAGGLERS = 0.25
"""Seconds in which a request may still arrive over a connection that was taken last."""
_TICK = 0.05
_AT_A_TIME = 32
"""Connections that are taken in a round of the loop. uvloop takes one at each listening socket, so that whoever comes
anew, as probes do, would wait for as many rounds as there are connections before his. Each socket that finds nothing to
take costs about a microsecond."""


@dataclass(frozen=True)
class Lifecycle:
    """What a process is told from outside while it serves."""

    closing: Closing = field(default_factory=Closing)
    """It has to end."""
    reload: asyncio.Event = field(default_factory=asyncio.Event)
    """It has to read its configuration anew, changed or not (SIGHUP)."""


class _Server(uvicorn.Server):
    """uvicorn's server, which would wait for the end of what has none, and cut off what comes as it closes."""

    def __init__(self, config: uvicorn.Config, lifecycle: Lifecycle, lingering: float) -> None:
        super().__init__(config)
        self._lifecycle = lifecycle
        self._lingering = lingering

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if hasattr(signal, "SIGHUP"):
            with suppress(ValueError, RuntimeError):  # not in a thread besides the main one, where tests serve
                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._lifecycle.reload.set)
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGINT:
            self._lingering = 0.0  # somebody sits before it and waits
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._lifecycle.closing.begin()
        await self._wait(self._lingering)
        await self._take_the_last(sockets or ())
        await self._wait(_STRAGGLERS)
        await super().shutdown(sockets)

    async def _take_the_last(self, sockets: Sequence[socket.socket]) -> None:
        """Listen no more, and take the connections that wait to be taken: closing alone would reset them."""
        loop = asyncio.get_running_loop()
        listening = [socket.socket(fileno=os.dup(one.fileno())) for server in self.servers for one in server.sockets]
        for server in self.servers:
            server.close()
        for own in sockets:
            own.close()
        taken: list[socket.socket] = []
        for one in listening:
            one.setblocking(False)
            with suppress(BlockingIOError):
                while True:
                    taken.append(one.accept()[0])
            one.close()
        for connection in taken:
            connection.setblocking(False)
            await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn makes it
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    async def _wait(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until and not self.force_exit:  # noqa: ASYNC110 - set by a signal's handler
            await asyncio.sleep(_TICK)


def configured(application: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Return how uvicorn serves an application by these settings."""
    return uvicorn.Config(
        application,
        host=settings.host,
        port=settings.port,
        http=bounded(settings.header_seconds),
        ws=bounded_socket(settings.header_seconds),
        ws_max_size=settings.body_limit,
        ws_per_message_deflate=False,  # a small message may unpack to a large one
        proxy_headers=False,  # uvicorn would believe whoever asks from this machine
        server_header=False,  # nobody needs to know what parses their requests
        access_log=False,
        timeout_keep_alive=settings.idle_seconds,
        log_level="warning",
        log_config=None,  # its loggers write as all others do
        timeout_graceful_shutdown=settings.drain_seconds,
    )


def serve(
    application: ASGIApp,
    settings: Settings,
    lifecycle: Lifecycle | None = None,
    sockets: Sequence[socket.socket] | None = None,
) -> None:
    """Serve an application until told to stop: at its own address, or at sockets that listen already."""
    taking = [
        again
        for one in sockets or listening(settings.host, settings.port, 1)
        for again in (one, *(one.dup() for _ in range(1, _AT_A_TIME)))
    ]
    with suppress(KeyboardInterrupt):
        _Server(configured(application, settings), lifecycle or Lifecycle(), settings.leaving_seconds).run(taking)
