"""The engine that answers now, while another may still be at work on what it began."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

from resolvers.execution.engine import Engine
from resolvers.execution.operation import Answer, Operation, Renewed

_LOOK = 0.1
"""Seconds after which it is looked again whether an engine is still at work."""


class Current:
    """Has each operation answered by one engine, from its beginning to its end: the newest when it begins."""

    def __init__(self, engine: Engine) -> None:
        """Answer by this one, until another takes its place."""
        self.engine = engine

    def answer(self, operation: Operation) -> Coroutine[Any, Any, Answer]:
        """Return the answer of an operation."""
        return self.engine.answer(operation)

    def answers(self, operation: Operation, renewed: Renewed) -> AsyncGenerator[Answer, None]:
        """Give the answers of an operation as they come; of a subscription, each by the engine of its moment."""
        return self.engine.answers(operation, renewed)

    def replace(self, engine: Engine) -> Engine:
        """Answer by another engine from now on, those included who listen; return the one before."""
        engine.succeed(self.engine)
        before, self.engine = self.engine, engine
        return before

    async def idle(self, engine: Engine, seconds: float) -> None:
        """Wait until an engine that was replaced is at work on nothing; at least so many seconds, for who listens."""
        await asyncio.sleep(seconds)
        while engine.at_work:  # noqa: ASYNC110 - each of hundreds of answers would have to tell
            await asyncio.sleep(_LOOK)
