"""GraphQL over server-sent events, one operation a connection ("distinct connections mode" of that protocol)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import orjson
from starlette.types import Receive, Send

from resolvers.execution.operation import Answer
from web.body import Unacceptable
from web.listeners import Listeners
from web.negotiation import EVENTS

_HEADERS = [
    (b"content-type", f"{EVENTS}; charset=utf-8".encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),  # nginx would keep back what is sent bit by bit
    (b"vary", b"Accept"),
]
_COMPLETE = b"event: complete\ndata:\n\n"
_ALIVE = b":\n\n"
_COME_AGAIN = b"retry: 1000\n\n"
"""Without `complete`: clients take it for a broken connection, and come again."""


@dataclass(frozen=True)
class EventStream:
    """One response of events."""

    listeners: Listeners
    receive: Receive
    send: Send

    async def give(
        self, answers: AsyncGenerator[Answer, None], recheck: Callable[[], Awaitable[object]], begun: asyncio.Event
    ) -> None:
        """Send the answers as they come, until there are no more, the reader leaves, or the hub ends.

        A comment says when they have `begun`. Meanwhile `recheck` raises Unacceptable once the reader is not known any
        longer.
        """
        await self.send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        leaving = asyncio.ensure_future(_left(self.receive))
        closing = asyncio.ensure_future(self.listeners.closing.wait())
        try:
            following = asyncio.ensure_future(anext(answers))
            beginning = asyncio.ensure_future(begun.wait())
            await asyncio.wait((following, beginning, leaving), return_when=asyncio.FIRST_COMPLETED)
            beginning.cancel()
            if begun.is_set():
                await self._send(_ALIVE)
            await self._give(answers, following, recheck, leaving, closing)
        finally:
            leaving.cancel()
            closing.cancel()
            await answers.aclose()

    async def _give(
        self,
        answers: AsyncGenerator[Answer, None],
        following: asyncio.Future[Answer],
        recheck: Callable[[], Awaitable[object]],
        leaving: asyncio.Future[None],
        closing: asyncio.Future[None],
    ) -> None:
        beat = self.listeners.bounds.heartbeat
        try:
            while True:
                await asyncio.wait((following, leaving, closing), timeout=beat, return_when=asyncio.FIRST_COMPLETED)
                if leaving.done():
                    return
                if following.done():
                    await self._send(_next(following.result().body))
                    following = asyncio.ensure_future(anext(answers))
                elif closing.done():
                    await self._send(_COME_AGAIN, more=False)
                    return
                else:
                    await recheck()
                    await self._send(_ALIVE)
        except StopAsyncIteration:
            await self._send(_COMPLETE, more=False)
        except Unacceptable as refusal:
            error = {"message": refusal.message, "extensions": {"code": refusal.code}}
            await self._send(_next(orjson.dumps({"errors": [error]})) + _COMPLETE, more=False)
        finally:
            following.cancel()
            with suppress(BaseException):
                await following

    async def _send(self, content: bytes, *, more: bool = True) -> None:
        await self.send({"type": "http.response.body", "body": content, "more_body": more})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _next(body: bytes) -> bytes:
    return b"event: next\ndata: " + body + b"\n\n"
