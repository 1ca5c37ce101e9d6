"""Events told to whoever listens: in order, at least once, also after a crash and from other processes.

A channel is the seam: one within the process comes with the hub, another may carry events between processes. A relay
takes them from the store to the channel.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from resolvers.bell import Bell
from store.events import Event, Outbox

T = TypeVar("T")

_log = structlog.get_logger()

_ROOM = 1000
"""Events that wait for one listener."""
_POLL = 0.5
"""Seconds after which the store is asked for what other processes have changed."""
_PRUNED = timedelta(hours=1)
"""Time after which events that are too old are taken out again."""
_KEPT = timedelta(days=7)


class Lagging(Exception):
    """A listener was too slow, and was left behind: it has to read anew what it watches."""


class Channel(Protocol):
    """Where events are told."""

    async def publish(self, event: Event) -> None:
        """Tell an event; raise OSError if that failed, and be told it again."""
        ...

    def subscribe(self, topics: Collection[str]) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Listen to events of these topics from now on, each once and in order."""
        ...


class _Listener:
    def __init__(self, topics: Collection[str], room: int) -> None:
        self._topics = frozenset(topics)
        self._waiting: asyncio.Queue[Event] = asyncio.Queue(room)
        self._last = 0
        self._lagging = False

    def __aiter__(self) -> _Listener:
        return self

    async def __anext__(self) -> Event:
        if self._lagging:
            most = self._waiting.maxsize
            raise Lagging(f"More than {most} events waited; read anew what you watch, and listen again.")
        return await self._waiting.get()

    def tell(self, event: Event) -> None:
        """Take an event, unless it came before: what is told at least once is heard once."""
        if event.place <= self._last:
            return
        self._last = event.place
        if event.topic not in self._topics or self._lagging:
            return
        if self._waiting.full():
            self._lagging = True
            return
        self._waiting.put_nowait(event)


class InProcess:
    """The channel within one process."""

    def __init__(self, room: int | None = None) -> None:
        """Nobody listens yet; so many events may wait for each who will."""
        self._room = room
        self._listeners: list[_Listener] = []

    async def publish(self, event: Event) -> None:
        """Tell an event to all listeners, and wait for none."""
        for listener in self._listeners:
            listener.tell(event)

    @asynccontextmanager
    async def subscribe(self, topics: Collection[str]) -> AsyncIterator[AsyncIterator[Event]]:
        """Listen to events of these topics; raise Lagging in the iteration if too many wait."""
        listener = _Listener(topics, self._room or _ROOM)
        self._listeners.append(listener)
        try:
            yield listener
        finally:
            self._listeners.remove(listener)


class Readings:
    """What is read for an event, once for all who listen in this process; whose business it is, each finds out."""

    def __init__(self, most: int = 256) -> None:
        """Keep what was read for so many events, the last ones."""
        self._most = most
        self._found: dict[int, asyncio.Task[Any]] = {}

    async def of(self, event: Event, read: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what is read for an event; what failed is read again by the next who asks."""
        task: asyncio.Task[T] | None = self._found.get(event.place)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._found[event.place] = asyncio.create_task(read())
            if len(self._found) > self._most:
                del self._found[next(iter(self._found))]
        return await asyncio.shield(task)  # who leaves meanwhile leaves it to the others


class Relay:
    """Takes events from the store to a channel, from where all were told when it is opened."""

    def __init__(
        self,
        outbox: Outbox,
        channel: Channel,
        *,
        poll_seconds: float = _POLL,
        bell: Bell | None = None,
        kept: timedelta = _KEPT,
    ) -> None:
        """Tell nothing yet. By a bell, other processes are told at once to look; events stay in the store as `kept`."""
        self.channel = channel
        self.readings = Readings()
        self._outbox = outbox
        self._poll = poll_seconds
        self._bell = bell
        self._kept = kept
        self._place = self._settled = 0
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failing = self._ending = False

    async def open(self) -> None:
        """Begin with what nobody was told before."""
        self._place = self._settled = await self._outbox.delivered()
        self._task = asyncio.create_task(self._run())
        if self._bell:
            self._bell.open(self._awake.set)

    async def aclose(self) -> None:
        """Tell what there is, and end."""
        if self._bell:
            await self._bell.aclose()
        if self._task:
            self._ending = True
            self.wake()
            await asyncio.gather(self._task, return_exceptions=True)  # cancelled, it might leave a connection open
            await self._tell()

    def wake(self) -> None:
        """Look at once, and have the other processes look: something was changed here."""
        self._awake.set()
        if self._bell:
            self._bell.ring()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        pruning = loop.time()
        while not self._ending:
            self._awake.clear()
            await self._tell()
            if loop.time() >= pruning:
                pruning = loop.time() + _PRUNED.total_seconds()
                await self._prune()
            try:
                async with asyncio.timeout(self._poll):
                    await self._awake.wait()
            except TimeoutError:
                continue

    async def _tell(self) -> None:
        """Tell what is new; what fails is tried again later, and the log says so once."""
        try:
            while events := await self._outbox.after(self._place):
                for event in events:
                    await self.channel.publish(event)
                    self._place = event.place
            if self._place > self._settled:
                await self._outbox.settle(self._place)
                self._settled = self._place
        except (SQLAlchemyError, OSError) as error:
            if not self._failing:
                _log.warning("events.not_told", error=type(error).__name__, instead="tried again until it works")
            self._failing = True
        else:
            self._failing = False

    async def _prune(self) -> None:
        """Take out what was told long ago."""
        try:
            await self._outbox.prune(datetime.now(UTC) - self._kept)
        except (SQLAlchemyError, OSError) as error:
            _log.warning("events.not_pruned", error=type(error).__name__, instead="tried again in an hour")
