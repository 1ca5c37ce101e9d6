"""A plan in words: which batches it makes, of which sources, with which fields, and what they took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from connectors.sources import Sources
from resolvers.binding import Batch, Group
from resolvers.execution.plan import Below, Field, GroupUse, Scope
from resolvers.execution.run import Timing


class Step(msgspec.Struct, omit_defaults=True):
    """One batch of a plan: what is asked, of whom, for which fields."""

    asks: str
    """`Type.field`, or `Type (group)`."""
    path: list[str]
    sources: dict[str, list[str]] = {}
    """Source → the fields of the hub that it is asked for, if they are known before."""
    resolver: str = ""
    objects: int | None = None
    milliseconds: float | None = None
    """None: it was there at once, or has not been run."""
    below: list[Step] = []


class Explanation(msgspec.Struct, omit_defaults=True):
    """What becomes of an operation."""

    engine: str
    """`compiled`, or why it goes the reference's way."""
    batches: int = 0
    fields: int = 0
    """Response fields of the plan, each place once."""
    steps: list[Step] = []


def explanation(root: Scope, sources: Sources, timings: Sequence[Timing] = ()) -> Explanation:
    """Return a plan in words; with timings, also what its batches took."""
    taken: dict[tuple[int, int], tuple[int, float]] = {}
    for level, asked, began, ended in timings:
        count, before = taken.get((id(level.scope), id(asked)), (0, 0.0))
        taken[id(level.scope), id(asked)] = (count + len(level.rows), before + (ended - began) * 1000)
    telling = _Telling(sources, taken)
    steps = list(telling.steps(root, []))
    return Explanation("compiled", telling.batches, telling.fields, steps)


def lines(steps: Sequence[Step], indent: int = 0) -> Iterator[str]:
    """Give the steps as an indented list."""
    for step in steps:
        asked = "; ".join(f"{name}: {', '.join(fields)}" if fields else name for name, fields in step.sources.items())
        took = f"  [{step.objects} objects, {step.milliseconds:.1f} ms]" if step.milliseconds is not None else ""
        yield f"{'  ' * indent}{'.'.join(step.path)}  {step.asks} ← {asked or step.resolver}{took}"
        yield from lines(step.below, indent + 1)


class _Telling:
    def __init__(self, sources: Sources, taken: Mapping[tuple[int, int], tuple[int, float]]) -> None:
        self.batches = self.fields = 0
        self._sources = sources
        self._taken = taken

    def steps(self, scope: Scope, path: list[str]) -> Iterator[Step]:
        """Give the batches of a scope, each with what follows from it."""
        self.fields += len(scope.fields)
        for use in scope.groups:
            yield self._group(scope, use, path)
        for field in scope.fields:
            here = [*path, field.key]
            if isinstance(field.answer, Batch):
                yield self._batch(scope, field, field.answer, here)
            elif field.below:
                yield from self._below(field.below, here)

    def _group(self, scope: Scope, use: GroupUse, path: list[str]) -> Step:
        self.batches += 1
        step = Step(f"{scope.type_name} ({use.group.name})", path, self._fed(use.group.reads, use.needs))
        return self._timed(step, scope, use, use.group)

    def _batch(self, scope: Scope, field: Field, batch: Batch, path: list[str]) -> Step:
        self.batches += 1
        needs = field.below.selection.needs(field.below.named) if field.below and not field.below.abstract else None
        step = Step(f"{scope.type_name}.{field.name}", path, self._fed(batch.reads, needs or frozenset()))
        if field.below:
            step.below = list(self._below(field.below, path))
        return self._timed(step, scope, field, batch)

    def _timed(self, step: Step, scope: Scope, asked: Field | GroupUse, answer: Batch | Group) -> Step:
        step.resolver = getattr(answer.resolve, "__qualname__", "").partition(".<locals>")[0]
        if found := self._taken.get((id(scope), id(asked))):
            step.objects, step.milliseconds = found[0], round(found[1], 2)
        return step

    def _below(self, below: Below, path: list[str]) -> Iterator[Step]:
        names = below.plan.possible(below.named) if below.abstract else (below.named,)
        for name in names:
            yield from self.steps(below.scope(name), path)

    def _fed(self, collections: Sequence[str], needs: frozenset[str]) -> dict[str, list[str]]:
        return {
            f"{feed.intake.source.name}.{collection}": sorted(n for n in needs if n in feed.intake.config.fields)
            for collection in collections
            for feed in self._sources.concerned(collection, needs)
        }
