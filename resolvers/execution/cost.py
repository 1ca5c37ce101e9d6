"""What an operation costs: a formula of its places, made once, over the values that variables and literals have.

An object costs the weight of its field, its values and what lies below it; a list so many times that. Where an object
may be of several types, the dearest counts. Introspection costs one unit a field. What a reader may not see costs as
much as what it may: the same question costs the same, whoever asks it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import chain
from typing import Any

from graphql import (
    BooleanValueNode,
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    Undefined,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from resolvers.execution.limits import TooMuch
from resolvers.execution.literals import Literals
from resolvers.execution.selection import FieldSelection
from resolvers.execution.variables import Variables
from schema.cost import ASSUMED, VALUE, Rate, Rates, Size

_META = {"__schema": "__Schema", "__type": "__Type"}
_MOST_PRICED = 20_000
"""Fields that are looked at for one price: those of each type that may stand at a place count anew."""
_DEAREST = 3

_Given = Callable[[Variables, Literals], int | None]


class TooDear(Exception):
    """An operation costs more than one may; `dearest` are the places with the largest shares, by path."""

    def __init__(self, cost: int, limit: int, dearest: Sequence[tuple[str, int]]) -> None:
        self.cost = cost
        self.limit = limit
        self.dearest = dearest
        shares = ", ".join(f"{path} ({share:,})" for path, share in dearest)
        super().__init__(
            f"This costs {cost:,} units, where {limit:,} are the most; the dearest are {shares}. "
            "Ask for fewer objects at a time, or for less of each."
        )


@dataclass(frozen=True)
class Measure:
    """How many objects a list is taken to have, by the arguments of one field of a document."""

    assumed: int
    given: tuple[_Given, ...] = ()
    """What the slicing arguments say where that varies from request to request."""

    def of(self, variables: Variables, literals: Literals) -> int:
        """Return the size for a request."""
        said = [size for given in self.given if (size := given(variables, literals)) is not None]
        return max(0, *said) if said else self.assumed


@dataclass(frozen=True, eq=False)
class Kind:
    """What objects of one type at one place cost, besides the weight of the place."""

    type_name: str
    values: float
    places: Mapping[str, Place]
    """By the key under which they go out."""
    fixed: float = field(init=False)
    varying: tuple[Place, ...] = field(init=False)

    def __post_init__(self) -> None:
        known = [place.constant for place in self.places.values()]
        object.__setattr__(self, "fixed", self.values + sum(cost for cost in known if cost is not None))
        object.__setattr__(self, "varying", tuple(p for p in self.places.values() if p.constant is None))


@dataclass(frozen=True, eq=False)
class Place:
    """What one place of an answer costs, for each object that it belongs to."""

    weight: float
    size: Measure | None
    """None: one object."""
    kinds: tuple[Kind, ...]
    """Of the types that its objects may have; none: a value."""
    constant: float | None = field(init=False)
    """What it costs, whatever the variables and literals are; None if that matters."""

    def __post_init__(self) -> None:
        known = (self.size is None or not self.size.given) and not any(kind.varying for kind in self.kinds)
        size = self.size.assumed if self.size else 1
        cost = size * (self.weight + max((kind.fixed for kind in self.kinds), default=0.0)) if known else None
        object.__setattr__(self, "constant", cost)


class Price:
    """What an operation costs."""

    def __init__(self, root: Place) -> None:
        """Hold the formula."""
        self.root = root
        self._constant = None if root.constant is None else _units(root.constant)

    def units(self, bill: Bill) -> int:
        """Return what a request costs, in whole units; at least one."""
        return _units(bill.cost(self.root)) if self._constant is None else self._constant

    def check(self, limit: int, variables: Variables, literals: Literals) -> int:
        """Return what a request costs; raise TooDear if that is more than the limit."""
        if self._constant is not None and self._constant <= limit:
            return self._constant
        bill = Bill(variables, literals)
        cost = self.units(bill)
        if cost > limit:
            shares = bill.shares(self.root, "", 1)
            found = nlargest(_DEAREST, shares, key=lambda share: share[1])
            raise TooDear(cost, limit, [(path, math.ceil(share)) for path, share in found])
        return cost


class Bill:
    """A price with the values of one request."""

    def __init__(self, variables: Variables, literals: Literals) -> None:
        """Nothing is counted yet."""
        self.variables = variables
        self.literals = literals
        self._known: dict[Place, float] = {}

    def cost(self, place: Place) -> float:
        """Return what a place costs for each object that it belongs to."""
        if place.constant is not None:
            return place.constant
        found = self._known.get(place)
        if found is None:
            each = max((self._each(kind) for kind in place.kinds), default=0.0)
            found = self._known[place] = self.size(place) * (place.weight + each)
        return found

    def size(self, place: Place) -> int:
        """Return how many objects a place has for each object that it belongs to."""
        return place.size.of(self.variables, self.literals) if place.size else 1

    def shares(self, place: Place, path: str, times: int) -> Iterator[tuple[str, float]]:
        """Give what each place below has in the cost, with its objects' values and without what lies further below."""
        times *= self.size(place)
        kind = max(place.kinds, key=self._each, default=None)
        if path:
            yield path, times * (place.weight + (kind.values if kind else 0.0))
        for key, below in kind.places.items() if kind else ():
            yield from self.shares(below, f"{path}.{key}" if path else key, times)

    def _each(self, kind: Kind) -> float:
        return kind.fixed + sum(map(self.cost, kind.varying)) if kind.varying else kind.fixed


def price(schema: GraphQLSchema, rates: Rates, root_type: str, root: FieldSelection) -> Price:
    """Return what an operation costs; raise TooMuch if it has too many fields to tell."""
    return Price(Place(0.0, None, _Pricing(schema, rates).kinds(root_type, root, {})))


def _units(cost: float) -> int:
    return max(1, math.ceil(round(cost, 6)))


class _Pricing:
    def __init__(self, schema: GraphQLSchema, rates: Rates) -> None:
        self._schema = schema
        self._rates = rates
        self._known: dict[Any, Kind] = {}
        self._priced = 0

    def kinds(self, named: str, selection: FieldSelection, sized: Mapping[str, Measure]) -> tuple[Kind, ...]:
        """Return what objects of this name cost; `sized` are those of their lists that the field above sizes."""
        type_ = self._schema.type_map[named]
        possible = [t.name for t in self._schema.get_possible_types(type_)] if is_abstract_type(type_) else [named]
        return tuple(self._kind(name, selection, sized) for name in possible)

    def _kind(self, type_name: str, selection: FieldSelection, sized: Mapping[str, Measure]) -> Kind:
        if sized:  # by the arguments of the field above: no other place has the same
            return self._priced_kind(type_name, selection, sized)
        identity = (type_name, selection.identity)
        found = self._known.get(identity)
        if found is None:
            found = self._known[identity] = self._priced_kind(type_name, selection, sized)
        return found

    def _priced_kind(self, type_name: str, selection: FieldSelection, sized: Mapping[str, Measure]) -> Kind:
        values = 0.0
        places: dict[str, Place] = {}
        for key, nodes in selection.keys(type_name).items():
            self._step()
            name = nodes[0].name.value
            if name in _META:
                places[key] = Place(self._fields(_META[name], FieldSelection(selection.scope, nodes)), None, ())
                continue
            rate = self._rates[type_name][name] if name != "__typename" else Rate(VALUE)
            declared = self._schema.type_map[type_name].fields.get(name)  # type: ignore[attr-defined]  # an object type
            if declared is None or is_leaf_type(get_named_type(declared.type)):
                if rate.weight == VALUE:
                    values += VALUE
                else:
                    places[key] = Place(rate.weight, None, ())
                continue
            named = get_named_type(declared.type).name
            lists = {n: _measure(size, nodes[0], declared) for n, size in (rate.sized or {}).items()}
            below = self.kinds(named, FieldSelection(selection.scope, nodes), lists)
            size = sized.get(name) or (_measure(rate.size, nodes[0], declared) if rate.size else _usual(declared))
            places[key] = Place(rate.weight, size, below)
            for argument, weight in rate.choices.items():
                places[f"{key}({argument})"] = Place(weight, _chosen(argument, nodes[0], declared), ())
        return Kind(type_name, values, places)

    def _fields(self, type_name: str, selection: FieldSelection) -> int:
        """Return how many fields of the schema's description are asked."""
        count = 1
        for nodes in selection.keys(type_name).values():
            self._step()
            declared = self._schema.type_map[type_name].fields.get(nodes[0].name.value)  # type: ignore[attr-defined]  # see above
            if declared is None or is_leaf_type(get_named_type(declared.type)):
                count += 1
            else:
                count += self._fields(get_named_type(declared.type).name, FieldSelection(selection.scope, nodes))
        return count

    def _step(self) -> None:
        self._priced += 1
        if self._priced > _MOST_PRICED:
            raise TooMuch(f"asks for more than {_MOST_PRICED:,} fields, those of each type counted")


def _usual(declared: GraphQLField) -> Measure | None:
    type_ = declared.type.of_type if isinstance(declared.type, GraphQLNonNull) else declared.type
    return Measure(ASSUMED) if isinstance(type_, GraphQLList) else None


def _measure(size: Size, node: FieldNode, declared: GraphQLField) -> Measure:
    written = {argument.name.value: argument.value for argument in node.arguments or ()}
    found = [_given(written.get(name), _default(declared.args[name])) for name in size.slicing]
    constant = [given for given in found if isinstance(given, int)]
    varying = [given for given in found if callable(given)]
    if not varying:
        return Measure(max(0, *constant) if constant else size.assumed)
    return Measure(size.assumed, tuple(chain(varying, (_always(given) for given in constant))))


def _chosen(argument: str, node: FieldNode, declared: GraphQLField) -> Measure:
    """Return how often what an argument costs is to be paid: once where it is true."""
    written = next((a.value for a in node.arguments or () if a.name.value == argument), None)
    default = declared.args[argument].default_value is True
    if isinstance(written, VariableNode):
        return Measure(0, (_by_variable(written.name.value, int(default)),))
    return Measure(int(written.value if isinstance(written, BooleanValueNode) else default))


def _given(written: Any, default: int | None) -> _Given | int | None:
    """Return what an argument says of a size: a number, what finds it out for a request, or nothing."""
    if isinstance(written, VariableNode):
        return _by_variable(written.name.value, default)
    if isinstance(written, IntValueNode):
        return lambda _variables, literals: literals.whole(written)
    if isinstance(written, ListValueNode):
        return len(written.values)
    if written is None:
        return default
    return None if isinstance(written, NullValueNode) else 1


def _by_variable(name: str, default: int | None) -> _Given:
    def given(variables: Variables, _literals: Literals) -> int | None:
        value = variables.coerced.get(name, Undefined)
        if value is Undefined:
            return default
        return len(value) if isinstance(value, list) else value if isinstance(value, int) else None

    return given


def _always(size: int) -> _Given:
    return lambda _variables, _literals: size


def _default(argument: GraphQLArgument) -> int | None:
    value = argument.default_value
    return value if isinstance(value, int) else None
