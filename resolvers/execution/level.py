"""What a run leaves behind: levels of objects, and column by column what was found for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from functools import lru_cache
from itertools import chain
from types import NoneType
from typing import Any

import msgspec
from graphql.pyutils import is_iterable

from connectors.outcomes import Absent, Incomplete
from resolvers.execution.plan import Field, Scope

Path = list[str | int]
Spot = tuple[int, tuple[int, ...]]
"""The object that a value belongs to, and the value's place in the lists of its field."""


class Nest(msgspec.Struct):
    """The objects below one field, a level for each type among them."""

    clean: bool
    """There is an object, or a complete list of objects, in every place."""
    levels: list[Level] = []
    spots: list[Spot] | None = None


class Level(msgspec.Struct):
    """The objects of one scope, and what was found for them."""

    scope: Scope
    rows: Sequence[Any]
    kind: type | None = None
    """The class of all objects, if it is one."""
    above: Level | None = None
    field: Field | None = None
    members: Sequence[int] | None = None
    """The objects' numbers below the field, if others there are of another type."""
    groups: dict[int, Sequence[Any]] = {}
    """By a group's base: its record for each object."""
    found: dict[int, Sequence[Any]] = {}
    """By a field's place: its value for each object."""
    nests: dict[int, Nest] = {}
    """By a field's place: what lies below it."""
    dead: set[int] = set()
    """The objects that a null within has made null."""

    def records(self, base: int) -> Sequence[Any]:
        """Return the records of a base: the objects themselves, or what a group has for each."""
        return self.groups[base] if base else self.rows

    def release(self) -> None:
        """Let go of what lies below, so that an answer's objects need no cyclic collector to disappear."""
        if self.nests:
            for nest in self.nests.values():
                for level in nest.levels:
                    level.release()
            self.nests.clear()

    def path(self, number: int) -> Path:
        """Return where one of the objects is in the answer."""
        if self.above is None or self.field is None or self.field.below is None:
            return []
        nest = self.above.nests[self.field.place]
        if nest.spots is None:
            nest.spots = list(_spots(self.above.found[self.field.place], self.field.below.depth))
        row, places = nest.spots[number if self.members is None else self.members[number]]
        return [*self.above.path(row), self.field.key, *places]


class Flat(msgspec.Struct, frozen=True):
    """The objects that lie within a field's values."""

    values: Sequence[Any]
    """As given, but with lists where there were other iterables; what is incomplete stays so."""
    objects: Sequence[Any]
    """Without nulls, absences and failures."""
    clean: bool
    """There is an object, or a complete list of objects, in every place."""
    kinds: Set[type]
    """The classes of the objects."""


def flat(values: Sequence[Any], depth: int) -> Flat:
    """Return the objects that lie so many lists deep in values."""
    if depth == 0:
        kinds = set(map(type, values))
        if all(map(_is_object, kinds)):
            return Flat(values, values, True, kinds)
        return Flat(values, list(filter(is_object, values)), False, set(filter(_is_object, kinds)))
    if not _LISTS.issuperset(map(type, values)):
        values = [list(v) if is_iterable(v) and not isinstance(v, list | Incomplete) else v for v in values]
        lists = [value for value in values if isinstance(value, list | Incomplete)]
        clean = len(lists) == len(values) and not any(isinstance(value, Incomplete) for value in values)
    else:
        lists, clean = list(values), True
    if depth == 1:
        inner = flat(lists[0] if len(lists) == 1 else list(chain.from_iterable(lists)), 0)
        return Flat(values, inner.objects, clean and inner.clean, inner.kinds)
    found = [flat(value, depth - 1) for value in lists]
    relisted = iter([one.values for one in found])
    values = [next(relisted) if isinstance(value, list | tuple) else value for value in values]
    objects = [value for one in found for value in one.objects]
    return Flat(values, objects, False, set().union(*(one.kinds for one in found)))


def is_object(value: Any) -> bool:
    """Say whether a value is an object, rather than a null, an absence or a failure."""
    kind: Any = type(value)
    return _is_object(kind)


_LISTS = frozenset((list, tuple))


@lru_cache(maxsize=4096)
def _is_object(kind: type) -> bool:
    return kind is not NoneType and kind is not Absent and not issubclass(kind, Exception)


def _spots(values: Sequence[Any], depth: int) -> Iterator[Spot]:
    """Give the spot of each object, in the order of `flat`."""
    for row, value in enumerate(values):
        yield from _spots_within(row, value, depth, ())


def _spots_within(row: int, value: Any, left: int, places: tuple[int, ...]) -> Iterator[Spot]:
    if not left:
        if is_object(value):
            yield row, places
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from _spots_within(row, item, left - 1, (*places, place))
