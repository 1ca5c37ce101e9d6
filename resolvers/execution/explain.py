"""A plan in words: which batches it makes, of which sources, with which fields, what they cost, and what they took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from connectors.sources import Sources
from resolvers.binding import Batch, Group
from resolvers.execution.cost import Bill, Kind, Price
from resolvers.execution.plan import Below, Field, GroupUse, Scope
from resolvers.execution.run import Timing

_MOST_TOLD = 20_000
"""Fields after which no more is told: interfaces within interfaces would have it told over and over."""


class Step(msgspec.Struct, omit_defaults=True):
    """One batch of a plan: what is asked, of whom, for which fields."""

    asks: str
    """`Type.field`, or `Type (group)`."""
    path: list[str]
    sources: dict[str, list[str]] = {}
    """Source → the fields of the hub that it is asked for, if they are known before."""
    resolver: str = ""
    cost: float = 0.0
    """Units of its objects and what they carry with them; of an interface, as if all were of that type."""
    withheld: str | None = None
    """The error's code that stands in its place; no source is asked."""
    objects: int | None = None
    milliseconds: float | None = None
    """None: it was there at once, or has not been run."""
    below: list[Step] = []


class Explanation(msgspec.Struct, omit_defaults=True):
    """What becomes of an operation."""

    engine: str
    """`compiled`, or why it goes the reference's way."""
    cost: int = 0
    batches: int = 0
    fields: int = 0
    """Response fields of the plan, each place once."""
    steps: list[Step] = []


def explanation(
    root: Scope, sources: Sources, price: Price, bill: Bill, timings: Sequence[Timing] = (), *, inside: bool = True
) -> Explanation:
    """Return a plan in words; with timings, also what its batches took; not `inside`: without names of functions."""
    taken: dict[tuple[int, int], tuple[int, float]] = {}
    for level, asked, began, ended in timings:
        count, before = taken.get((id(level.scope), id(asked)), (0, 0.0))
        taken[id(level.scope), id(asked)] = (count + len(level.rows), before + (ended - began) * 1000)
    telling = _Telling(sources, bill, taken, inside)
    steps, _ = telling.steps(root, [], price.root.kinds[0], 1)
    return Explanation("compiled", price.units(bill), telling.batches, telling.fields, steps)


def lines(steps: Sequence[Step], indent: int = 0) -> Iterator[str]:
    """Give the steps as an indented list."""
    for step in steps:
        asked = "; ".join(f"{name}: {', '.join(fields)}" if fields else name for name, fields in step.sources.items())
        took = f"  [{step.objects} objects, {step.milliseconds:.1f} ms]" if step.milliseconds is not None else ""
        cost = f"  ({step.cost:,g} units)" if step.cost else ""
        answered = f"withheld: {step.withheld}" if step.withheld else asked or step.resolver
        yield f"{'  ' * indent}{'.'.join(step.path)}  {step.asks} ← {answered}{cost}{took}"
        yield from lines(step.below, indent + 1)


class _Telling:
    def __init__(
        self, sources: Sources, bill: Bill, taken: Mapping[tuple[int, int], tuple[int, float]], inside: bool
    ) -> None:
        self.batches = self.fields = 0
        self._sources = sources
        self._bill = bill
        self._taken = taken
        self._inside = inside

    def steps(self, scope: Scope, path: list[str], kind: Kind, times: int) -> tuple[list[Step], float]:
        """Return the batches of a scope, each with what follows from it, and what its other fields cost."""
        self.fields += len(scope.fields)
        found = [self._group(scope, use, path) for use in scope.groups]
        cost = times * kind.values
        for field in scope.fields:
            here, place = [*path, field.key], kind.places.get(field.key)
            count = times * self._bill.size(place) if place else times
            own = count * place.weight if place else 0.0
            if isinstance(field.answer, Batch) and field.answer.withheld:
                found.append(Step(f"{scope.type_name}.{field.name}", here, withheld=field.answer.withheld))
                continue
            below, within = self._below(field.below, here, place.kinds if place else (), count)
            if isinstance(field.answer, Batch):
                found.append(self._batch(scope, field, field.answer, here, own + within, below))
            else:
                found += below
                cost += own + within
        return found, cost

    def _group(self, scope: Scope, use: GroupUse, path: list[str]) -> Step:
        self.batches += 1
        step = Step(f"{scope.type_name} ({use.group.name})", path, self._fed(use.group.reads, use.needs))
        return self._timed(step, scope, use, use.group)

    def _batch(self, scope: Scope, field: Field, batch: Batch, path: list[str], cost: float, below: list[Step]) -> Step:
        self.batches += 1
        needs = field.below.selection.needs(field.below.named) if field.below and not field.below.abstract else None
        step = Step(f"{scope.type_name}.{field.name}", path, self._fed(batch.reads, needs or frozenset()))
        step.cost, step.below = round(cost, 2), below
        return self._timed(step, scope, field, batch)

    def _timed(self, step: Step, scope: Scope, asked: Field | GroupUse, answer: Batch | Group) -> Step:
        if self._inside:
            step.resolver = getattr(answer.resolve, "__qualname__", "").partition(".<locals>")[0]
        if found := self._taken.get((id(scope), id(asked))):
            step.objects, step.milliseconds = found[0], round(found[1], 2)
        return step

    def _below(
        self, below: Below | None, path: list[str], kinds: Sequence[Kind], times: int
    ) -> tuple[list[Step], float]:
        if below is None:
            return [], 0.0
        found: list[Step] = []
        costs = [0.0]
        for kind in kinds if self.fields < _MOST_TOLD else ():
            steps, cost = self.steps(below.scope(kind.type_name), path, kind, times)
            found += steps
            costs.append(cost)
        return found, max(costs)

    def _fed(self, collections: Sequence[str], needs: frozenset[str]) -> dict[str, list[str]]:
        return {
            f"{feed.intake.source.name}.{collection}": sorted(n for n in needs if n in feed.intake.config.fields)
            for collection in collections
            for feed in self._sources.concerned(collection, needs)
            if feed.is_shared
        }
