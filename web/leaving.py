"""Readers that leave before their answer is there: what is done for them is given up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

T = TypeVar("T")

_UNWATCHED = 0.1
"""Seconds before anybody looks whether the reader is still there: most answers are given sooner."""


class Watch:
    """Looks out for a reader's leaving, once the answer has taken a while."""

    __slots__ = ("_left", "_looking", "_receive", "_task", "_timer")

    def __init__(self, receive: Receive) -> None:
        """Do nothing yet: an answer that is given at once needs no watching."""
        self._receive = receive
        self._left = False
        self._task: asyncio.Task[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Look out from a while after now, on behalf of the task that calls this."""
        self._task = asyncio.current_task()
        self._timer = self._timer or asyncio.get_running_loop().call_later(_UNWATCHED, self._start)

    async def over(self, answering: Awaitable[T]) -> T:
        """Await an answer; if the reader leaves before it is there, cancel it and raise ClientDisconnect."""
        try:
            return await answering
        except asyncio.CancelledError:
            if not self._left or self._task is None:
                raise
            self._task.uncancel()
            raise ClientDisconnect from None
        finally:
            if self._timer:
                self._timer.cancel()
            if self._looking:
                self._looking.cancel()

    def _start(self) -> None:
        self._looking = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left = True
        if self._task:
            self._task.cancel()
