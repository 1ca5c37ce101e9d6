"""Several worker processes behind one port, and the process that looks after them.

The parent holds a listening socket for each of them, among which the kernel deals out connections (SO_REUSEPORT). It
keeps them while a worker is gone: connections wait there until the next one takes them. Workers share nothing in
memory; they go when the parent does, however it ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import connection
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Any

import structlog

from telemetry.metrics import forgotten

_log = structlog.get_logger()

_LOOK = 0.2
"""Seconds after which the parent looks at what it was told."""
_SOON = 5.0
"""Seconds: a worker that ends sooner than this after its start is replaced only after a pause of as much."""
_FAREWELL = 5.0
"""Seconds past the time for draining, after which a worker that has not ended is killed."""


def listening(host: str, port: int, count: int) -> list[socket.socket]:
    """Return a listening socket for each worker, all at one address; end the process with a line if it is taken."""
    try:
        return _listening(host, port, count)
    except OSError as error:
        raise SystemExit(f"{host}:{port} cannot be listened at ({error.strerror}).") from error


def _listening(host: str, port: int, count: int) -> list[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as first:
        address = first.getsockname()  # nobody else is there: sharing a port would not tell
    return [socket.create_server(address[:2], family=family, backlog=2048, reuse_port=True) for _ in range(count)]


class Workers:
    """The workers, from their start until all have ended."""

    def __init__(
        self,
        work: Callable[..., None],
        arguments: Sequence[Any],
        sockets: Sequence[socket.socket],
        drain_seconds: float,
    ) -> None:
        """`work` is called in each with the arguments and its socket; both must be picklable."""
        self._work = work
        self._arguments = arguments
        self._sockets = sockets
        self._patience = drain_seconds + _FAREWELL
        self._spawn = multiprocessing.get_context("spawn")
        self._running: dict[int, tuple[SpawnProcess, float]] = {}
        self._paused_until: dict[int, float] = {}
        self._ending = False
        self._reloading = False

    def run(self) -> None:
        """Keep all running until told to end; raise SystemExit if one cannot even begin at the start."""
        signals: Mapping[int, Callable[[int, FrameType | None], None]] = {
            signal.SIGTERM: self._end,
            signal.SIGINT: self._end,
            signal.SIGHUP: self._reload,
        }
        for number, handler in signals.items():
            signal.signal(number, handler)
        began = time.monotonic()
        for place in range(len(self._sockets)):
            self._start(place)
        while not self._ending:
            connection.wait([process.sentinel for process, _ in self._running.values()], timeout=_LOOK)
            self._look(first=time.monotonic() - began < _SOON)
            if self._reloading:
                self._reloading = False
                self._tell(signal.SIGHUP)
        self._stop()

    def _look(self, *, first: bool) -> None:
        """Replace those that have ended."""
        now = time.monotonic()
        for place in range(len(self._sockets)):
            process, began = self._running.get(place, (None, 0.0))
            if process is not None and not process.is_alive():
                del self._running[place]
                forgotten(process.pid)
                if first and process.exitcode == 1:  # it has said why: its configuration is wrong
                    self._stop()
                    raise SystemExit(1)
                _log.error("worker.ended", worker=place, code=process.exitcode, instead="another is started")
                self._paused_until[place] = now + (_SOON if now - began < _SOON else 0.0)
            if place not in self._running and now >= self._paused_until.get(place, 0.0) and not self._ending:
                self._start(place)

    def _start(self, place: int) -> None:
        arguments = (self._patience, self._work, *self._arguments, self._sockets[place])
        process = self._spawn.Process(target=_working, args=arguments, name=f"worker-{place}")
        process.start()
        self._running[place] = process, time.monotonic()

    def _stop(self) -> None:
        """Have all end; kill what does not."""
        for one in self._sockets:
            one.close()
        self._tell(signal.SIGTERM)
        until = time.monotonic() + self._patience
        for process, _ in self._running.values():
            process.join(max(0.0, until - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()

    def _tell(self, number: int) -> None:
        for process, _ in self._running.values():
            if process.is_alive() and process.pid:
                os.kill(process.pid, number)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._ending = True

    def _reload(self, _number: int, _frame: FrameType | None) -> None:
        self._reloading = True


def _working(patience: float, work: Callable[..., None], *arguments: Any) -> None:
    """Work in a process of its own, that ends when its parent has; killed after so many seconds, as by the parent."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "it was started by one"
    threading.Thread(target=_follow, args=(parent.sentinel, patience), daemon=True).start()
    work(*arguments)


def _follow(sentinel: int, patience: float) -> None:
    connection.wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(patience)
    os.kill(os.getpid(), signal.SIGKILL)
