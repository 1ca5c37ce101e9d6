"""A real server on a free port of loopback, for as long as a test needs it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


@contextmanager
def serve(
    app: Any, port: int = 0, http: type[asyncio.Protocol] | None = None, ws: type[asyncio.Protocol] | None = None
) -> Iterator[str]:
    """Serve an ASGI application in a thread; give its address; stop it, open connections included."""
    listening = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(
        app,
        http=http or "auto",
        ws=ws or "auto",
        proxy_headers=False,  # as in serving.py
        log_level="critical",
        access_log=False,
        timeout_keep_alive=75,  # as by the settings: a client that computes for long finds its connection open
        timeout_graceful_shutdown=1,
    )
    ready = threading.Event()
    server = _Server(config, ready)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    assert ready.wait(60), "the server did not start"
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
