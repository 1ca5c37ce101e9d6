"""A thread for what would keep the loop waiting, with a shorter way there and back than a pool of threads has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class SideThread:
    """Does one thing after the other; for each somebody in a loop waits."""

    def __init__(self, name: str) -> None:
        """Start; the process does not wait for it to end."""
        self._asked: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[], T]) -> T:
        """Return what some work returns, or raise what it raises; it is done even if nobody waits any more."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def ask() -> None:
            result, error = None, None
            try:
                result = work()
            except BaseException as raised:
                error = raised
            with suppress(RuntimeError):  # the loop is closed, and so nobody waits
                loop.call_soon_threadsafe(_tell, done, result, error)

        self._asked.put(ask)
        return await done

    def end(self) -> None:
        """End once all that was asked for is done."""
        self._asked.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (ask := self._asked.get()) is not None:
            ask()


def _tell(done: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
