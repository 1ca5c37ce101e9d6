"""What a run leaves behind: levels of objects, and column by column what was found for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import chain
from types import MappingProxyType, NoneType
from typing import Any
from weakref import ref

import msgspec
from graphql.pyutils import is_iterable

from connectors.outcomes import Absent, Incomplete
from resolvers.execution.plan import Field, Scope

Path = list[str | int]
Spot = tuple[int, tuple[int, ...]]
"""The object that a value belongs to, and the value's place in the lists of its field."""


_NO_GROUPS: Mapping[int, Sequence[Any]] = MappingProxyType({})


class Nest(msgspec.Struct):
    """The objects below one field, a level for each type among them."""

    clean: bool
    """There is an object, or a complete list of objects, in every place."""
    levels: list[Level] = []
    spots: list[Spot] | None = None
    shape: Any = None
    """Of which classes the objects are, and those below them (`origins`), once that was asked."""


class Level(msgspec.Struct, weakref=True):
    """The objects of one scope, and what was found for them."""

    scope: Scope
    rows: Sequence[Any]
    kind: type | None = None
    """The class of all objects, if it is one."""
    above: ref[Level] | None = None
    """Whose objects these lie below; it holds this one, and is held by whoever runs the plan."""
    field: Field | None = None
    members: Sequence[int] | None = None
    """The objects' numbers below the field, if others there are of another type."""
    groups: Mapping[int, Sequence[Any]] = _NO_GROUPS
    """By a group's base: its record for each object."""
    found: dict[int, Sequence[Any]] = {}
    """By a field's place: its value for each object."""
    nests: dict[int, Nest] = {}
    """By a field's place: what lies below it."""
    dead: Set[int] = frozenset()
    """The objects that a null within has made null."""

    def records(self, base: int) -> Sequence[Any]:
        """Return the records of a base: the objects themselves, or what a group has for each."""
        return self.groups[base] if base else self.rows

    def bury(self, row: int) -> None:
        """Make an object null."""
        if not isinstance(self.dead, set):  # as few have any
            self.dead = set()
        self.dead.add(row)

    def path(self, number: int) -> Path:
        """Return where one of the objects is in the answer."""
        above = self.above() if self.above else None
        if above is None or self.field is None or self.field.below is None:
            return []
        nest = above.nests[self.field.place]
        if nest.spots is None:
            nest.spots = list(_spots(above.found[self.field.place], self.field.below.depth))
        row, places = nest.spots[number if self.members is None else self.members[number]]
        return [*above.path(row), self.field.key, *places]


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

    @property
    def kind(self) -> type | None:
        """The class of all objects, if it is one."""
        (kind,) = self.kinds if len(self.kinds) == 1 else (None,)
        return kind


def flat(values: Sequence[Any], depth: int) -> Flat:
    """Return the objects that lie so many lists deep in values."""
    if depth == 0:
        kinds = set(map(type, values))
        if kinds <= _known_objects or all(map(_is_object, kinds)):
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


_known_objects: set[type] = set()
"""Classes of objects that have been met: in a run of nothing else, no class has to be looked at again."""
_MOST_CLASSES = 4096


@lru_cache(maxsize=_MOST_CLASSES)
def _is_object(kind: type) -> bool:
    found = kind is not NoneType and kind is not Absent and not issubclass(kind, Exception)
    if found and len(_known_objects) < _MOST_CLASSES:
        _known_objects.add(kind)
    return found


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
