"""Answers that come one after the other: a subscription's, each an ordinary question of what has just happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, OperationType

from resolvers.binding import Batch, Listening
from resolvers.events import Lagging
from resolvers.execution.documents import Refused
from resolvers.execution.errors import LAGGING, OPERATION_FAILURE
from resolvers.execution.literals import DOCUMENTS_OWN
from resolvers.execution.operation import Answer, Operation, Renewed
from resolvers.execution.plan import Field, Plan
from resolvers.execution.preview import is_wanted
from resolvers.execution.refusing import REFUSALS, refusal, request_error
from resolvers.request import Ask, Selection
from resolvers.trail import audited, wishes

if TYPE_CHECKING:
    from resolvers.execution.engine import Engine

_AT_ONCE = 32
"""Events that are answered at once: who listens does not crowd out who asks."""
_OTHERS_AT_ONCE = 64
"""Queries and mutations over connections on which one listens, as many apart from these."""


@dataclass(frozen=True)
class _Begun:
    """A subscription that has begun."""

    listening: Listening
    given: Mapping[str, Any]
    selection: Selection
    happenings: AbstractAsyncContextManager[AsyncIterator[Any]]


class Streams:
    """Streams of answers of one engine."""

    def __init__(self, engine: Engine) -> None:
        """Nobody listens yet."""
        self.engine = engine
        """Who answers; another may take its place."""
        self._events = asyncio.Semaphore(_AT_ONCE)
        self._others = asyncio.Semaphore(_OTHERS_AT_ONCE)

    async def answers(self, operation: Operation, renewed: Renewed) -> AsyncGenerator[Answer, None]:
        """Give the answers of an operation as they come; a request error ends them."""
        begun = await self._begun(operation)
        if isinstance(begun, Answer):
            yield begun
            return
        if begun is None:
            _say_begun(operation)
            async with self._others:
                answer = await self.engine.answer(operation)
            yield answer
            return
        async with begun.happenings as happenings:
            _say_begun(operation)
            while True:
                try:
                    happening = await anext(happenings)
                except Lagging as lagging:
                    yield request_error([GraphQLError(str(lagging))], LAGGING, operation.query)
                    return
                async with self._events:
                    answered = await self._told(await renewed(), begun, happening)
                if answered is not None:
                    yield answered
                    if answered.request_error:
                        return

    async def _begun(self, operation: Operation) -> _Begun | Answer | None:
        """Return a subscription that has begun, or why it has not; None if it is none."""
        reader, engine = None, self.engine
        try:
            if operation.untrusted:
                return await engine.answer(operation)
            document, _ = engine.documents.get(operation.query)
            if document.prepared(operation.name).operation.operation is not OperationType.SUBSCRIPTION:
                return None
            if is_wanted(operation.headers):
                return await engine.answer(operation, None)
            reader, request = engine.reader(operation)
            prepared, variables = engine.prepare(operation, reader)
            if prepared.detour:
                raise _unusable(f"A subscription goes without {prepared.detour}; take it out.")
            field = _only(prepared.plan(variables, reader.rights))
            given = field.arguments.values(variables, DOCUMENTS_OWN) if field.arguments else {}
            assert isinstance(field.answer, Batch), "whatever is listened to has a batch"
            assert field.below is not None, "whatever is listened to gives objects"
            ask = Ask(request, (None,), field.below.selection)
            if field.answer.withheld:
                (withheld,) = field.answer.resolve(ask, **given)  # type: ignore[misc]  # it has nothing to wait for
                raise withheld
            assert field.answer.listening is not None, "checked at the start"
            happenings = await field.answer.listening.begin(ask, **given)
            return _Begun(field.answer.listening, given, field.below.selection, happenings)
        except REFUSALS as error:
            suggests = reader is None or reader.rights is None or reader.rights.introspection
            refused = refusal(error, operation, suggests)
        if reader is not None and reader.noted is not None:
            try:
                await audited(engine.hub.auditor, operation, reader, wishes(operation, engine.hub.auditor))
            except REFUSALS as error:
                return refusal(error, operation, suggests)
        return refused

    async def _told(self, operation: Operation, begun: _Begun, happening: Any) -> Answer | None:
        """Return the answer about something that happened; None if it is none of the reader's business now."""
        engine = self.engine
        try:
            reader, request = engine.reader(operation)
            ask = Ask(request, (happening,), begun.selection)
            happened = await begun.listening.concerns(ask, happening, **begun.given)
        except REFUSALS as error:
            return refusal(error, operation, False)
        return None if happened is None else await engine.answer(operation, happened, reader)


def _say_begun(operation: Operation) -> None:
    if operation.begun:
        operation.begun()


def _only(plan: Plan) -> Field:
    fields = [field for field in plan.root.fields if field.answer is not None]
    if len(fields) != 1 or len(plan.root.fields) != 1:
        raise _unusable("A subscription asks for one field; others go into subscriptions of their own.")
    return fields[0]


def _unusable(message: str) -> Refused:
    return Refused(OPERATION_FAILURE, [GraphQLError(message)])
