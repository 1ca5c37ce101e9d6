"""Readers that leave before their answer is there: what is done for them is given up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

T = TypeVar("T")

_UNWATCHED = 0.1
"""Seconds before anybody looks whether the reader is still there: most answers are given sooner."""


async def while_connected(answering: Awaitable[T], receive: Receive) -> T:
    """Await an answer; if the reader leaves before it is there, cancel it and raise ClientDisconnect."""
    watch = _Watch(receive)
    try:
        return await answering
    except asyncio.CancelledError:
        if not watch.left:
            raise
        watch.task.uncancel()
        raise ClientDisconnect from None
    finally:
        watch.end()


class _Watch:
    """Looks out for the reader's leaving, once the answer has taken a while."""

    def __init__(self, receive: Receive) -> None:
        task = asyncio.current_task()
        assert task is not None, "requests are answered in tasks"
        self.task = task
        self.left = False
        self._receive = receive
        self._looking: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(_UNWATCHED, self._begin)

    def end(self) -> None:
        """Look no longer."""
        self._timer.cancel()
        if self._looking:
            self._looking.cancel()

    def _begin(self) -> None:
        self._looking = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.left = True
        self.task.cancel()
