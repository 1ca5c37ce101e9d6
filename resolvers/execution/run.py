"""A plan, run breadth-first: one call for each field of objects and place, for all parents at once.

The run walks the plan, never the data. Values that are there at once are taken at once; what has to be waited for is
waited for side by side, and what lies below a field is asked for as soon as that field is there. Nothing is checked or
put together here: that is the work of `assembly`, on the columns that a run leaves behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any
from weakref import ref

from resolvers.binding import Foreseen, is_awaited
from resolvers.execution.arguments import Unliftable
from resolvers.execution.level import Flat, Level, Nest, flat
from resolvers.execution.literals import Literals
from resolvers.execution.plan import Below, Field, GroupUse, Plan
from resolvers.execution.reading import class_of, read, untouched
from resolvers.execution.variables import Variables
from resolvers.request import Ask, Request
from telemetry import traces

Waiting = list[Coroutine[Any, Any, None]]
Timing = tuple[Level, Field | GroupUse, float, float]
"""What was asked, for the objects of which level, when, and when it was there (time of the event loop)."""


_LISTS = (list, tuple)


class Misaligned(Exception):
    """A resolver gave another number of values than it was given objects."""


class Run:
    """One request's way through a plan."""

    __slots__ = ("_before_waiting", "literals", "plan", "request", "timings", "variables")

    def __init__(
        self,
        plan: Plan,
        request: Request,
        variables: Variables,
        literals: Literals,
        before_waiting: Callable[[], None] | None = None,
        timings: list[Timing] | None = None,
    ) -> None:
        """Begin; `timings` is filled if it is given."""
        self._before_waiting = before_waiting
        self.plan = plan
        self.request = request
        self.variables = variables
        self.literals = literals
        self.timings = timings

    def begin(self, happening: Any = None) -> tuple[Level, Waiting]:
        """Ask for what the plan asks for, of what happened if it is a subscription.

        Return the first level, and what there is to wait for before everything is found: `rest`, unless it is nothing.
        """
        waiting: Waiting = []
        level = Level(self.plan.root, (happening,))
        self._open(level, waiting)
        return level, waiting

    async def rest(self, waiting: Waiting) -> None:
        """Wait for everything that is not there yet."""
        if self._before_waiting:
            self._before_waiting()
        await _all(waiting)

    def _open(self, level: Level, waiting: Waiting) -> None:
        """Ask for everything that a level's objects need and do not carry with them."""
        self._ask(level, waiting)
        if level.scope.nested:
            self._nested(level, 0, waiting)

    def _ask(self, level: Level, waiting: Waiting) -> None:
        for use in level.scope.groups:
            self._group(level, use, waiting)
        for field in level.scope.batched:
            self._batch(level, field, waiting)

    def _batch(self, level: Level, field: Field, waiting: Waiting) -> None:
        rows, below = level.rows, field.below
        ask = Ask(self.request, rows, below.selection if below else level.scope.selection)
        try:
            answer = field.called(ask, self.variables, self.literals)
        except Unliftable:
            raise
        except Exception as error:
            answer = [error] * len(rows)
        if type(answer) is list and len(answer) == len(rows):  # as nearly all are
            self._take(level, field, answer, waiting)
        elif not is_awaited(answer):
            self._take(level, field, _aligned(answer, level), waiting)
        elif isinstance(answer, Foreseen):
            waiting.append(self._foreseen(level, field, answer))
        else:
            waiting.append(self._later(level, field, answer, self._take))

    def _group(self, level: Level, use: GroupUse, waiting: Waiting) -> None:
        ask = Ask(self.request, level.rows, level.scope.selection)
        try:
            answer = use.group.resolve(ask, use.needs)
        except Exception as error:
            answer = [error] * len(level.rows)
        if is_awaited(answer):
            waiting.append(self._later(level, use, answer, self._take_group))
        else:
            self._take_group(level, use, _aligned(answer, level), waiting)

    async def _later(
        self,
        level: Level,
        asked: Any,
        answer: Awaitable[Sequence[Any]],
        take: Callable[[Level, Any, Sequence[Any], Waiting], None],
    ) -> None:
        """Wait for a resolver, and for what its answer leads to."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            values: Sequence[Any] = await (_traced(level, asked, answer) if traces.sampled() else answer)
        except Exception as error:
            values = [error] * len(level.rows)
        if self.timings is not None:
            self.timings.append((level, asked, began, loop.time()))
        more: Waiting = []
        take(level, asked, _aligned(values, level), more)
        if more:
            await _all(more)

    async def _foreseen(self, level: Level, field: Field, answer: Foreseen) -> None:
        """Wait for objects that are known already, and meanwhile for what lies below them."""
        below = field.below
        if below is None or below.abstract or not answer.objects:
            await self._later(level, field, answer, self._take)
            return
        lower = Level(below.scope(below.named), answer.objects, None, ref(level), field)
        trial = self.request.trial()
        # First the objects: what below asks the same of the same source can wait for that.
        waiting: Waiting = [self._later(level, field, answer, partial(self._confirm, lower))]
        self._upon(trial)._ask(lower, waiting)
        await _all(waiting)
        if lower.above is not None:
            self.request.access.take(trial.access)

    def _upon(self, request: Request) -> Run:
        """Return the same run with another request, for what is not sure yet to be asked."""
        return Run(self.plan, request, self.variables, self.literals, timings=self.timings)

    def _confirm(self, lower: Level, level: Level, field: Field, values: Sequence[Any], waiting: Waiting) -> None:
        """Let the objects that were found take the place of those foreseen; begin again where some are missing."""
        assert field.below is not None, "only objects are foreseen"
        found = flat(values, field.below.depth)
        if not found.clean or len(found.objects) != len(lower.rows):
            lower.above = None
            self._take(level, field, values, waiting)
            return
        level.found[field.place] = found.values
        level.nests[field.place] = Nest(True, [lower])
        lower.rows = found.objects
        lower.kind = found.kind
        if lower.scope.nested:
            self._nested(lower, 0, waiting)

    def _take_group(self, level: Level, use: GroupUse, values: Sequence[Any], waiting: Waiting) -> None:
        level.groups = {**level.groups, use.base: values}
        if level.scope.nested:
            self._nested(level, use.base, waiting)

    def _nested(self, level: Level, base: int, waiting: Waiting) -> None:
        """Take the objects that lie within the records of one base, unless they can go out untouched."""
        ready = untouched(level, base)
        for field in level.scope.nested:
            if field.base == base and field.place not in ready:
                self._take(level, field, read(self.request, field, level.records(base)), waiting)

    def _take(self, level: Level, field: Field, values: Sequence[Any], waiting: Waiting) -> None:
        below = field.below
        if below is not None:
            found = flat(values, below.depth)
            if below.abstract:
                found = self._typed(below, found)
            values = found.values
            if found.objects:
                if below.abstract:
                    levels = self._levels(level, field, below, found)
                else:
                    levels = [Level(below.scope(below.named), found.objects, found.kind, ref(level), field)]
                level.nests[field.place] = Nest(found.clean, levels)
                for lower in levels:
                    if not lower.scope.is_given:
                        self._open(lower, waiting)
        level.found[field.place] = values

    def _typed(self, below: Below, found: Flat) -> Flat:
        """Put the reason in the place of objects that are of no type that may stand here."""
        strange = {kind: error for kind in found.kinds if (error := self._strangeness(below, kind, found.objects))}
        return flat(_replaced(found.values, strange, below.depth), below.depth) if strange else found

    def _strangeness(self, below: Below, kind: type, objects: Sequence[Any]) -> Exception | None:
        try:
            below.type_of(next(value for value in objects if type(value) is kind))
        except Exception as error:
            return error
        return None

    def _levels(self, level: Level, field: Field, below: Below, found: Flat) -> list[Level]:
        """Return a level for each type among objects below an interface or a union."""
        objects = found.objects
        members: dict[str, list[int]] = {}
        for place, value in enumerate(objects):
            members.setdefault(below.type_of(value), []).append(place)
        if len(members) == 1:
            return [Level(below.scope(next(iter(members))), objects, found.kind, ref(level), field)]
        rows = {name: [objects[place] for place in places] for name, places in members.items()}
        return [Level(below.scope(n), rows[n], class_of(rows[n]), ref(level), field, members[n]) for n in members]


async def _traced(level: Level, asked: Field | GroupUse, answer: Awaitable[Sequence[Any]]) -> Sequence[Any]:
    """Wait for a resolver, within a span of its own."""
    name = f".{asked.name}" if isinstance(asked, Field) else f" ({asked.group.name})"
    with traces.span(f"batch {level.scope.type_name}{name}", {"objects": len(level.rows)}):
        return await answer


def _replaced(values: Sequence[Any], strange: dict[type, Exception], depth: int) -> list[Any]:
    """Return the values, so many lists deep, with a reason in the place of each object of a strange class."""
    if depth == 0:
        return [strange.get(type(value), value) for value in values]
    return [_replaced(v, strange, depth - 1) if isinstance(v, list | tuple) else v for v in values]


def _aligned(values: Any, level: Level) -> Sequence[Any]:
    """Return the values if there is one for each object; otherwise the reason in the place of each."""
    count = len(level.rows)
    if isinstance(values, _LISTS) and len(values) == count:
        return values
    given = len(values) if isinstance(values, _LISTS) else type(values).__name__
    return [Misaligned(f"{level.scope.type_name}: {given} values for {count} objects")] * count


async def _all(waiting: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Wait for all side by side, the first of them without a task of its own; if one fails, the others are given up."""
    first, *others = waiting
    tasks = [asyncio.create_task(one) for one in others]
    try:
        await first
        for task in tasks:
            await task
    finally:
        for task in tasks:
            if not task.cancel() and not task.cancelled():
                task.exception()  # has been looked at, whether it is told or not
