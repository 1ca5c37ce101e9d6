"""What a question costs: weights and sizes of lists, declared where the fields are, before any source is asked.

A unit is about one record of a source. An object costs one, whichever field leads to it, and a value of an object a
fiftieth; `@cost` says otherwise of a field, or of all objects of a type. A list costs its size times what each of its
objects costs; `@listSize` says how large it is. Both directives are those of IBM's GraphQL Cost Directives
specification, with weights as whole numbers as in Apollo Federation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import strawberry
from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)
from strawberry.schema_directive import Location
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

OBJECT = 1.0
VALUE = 0.02
"""What a value costs: answers of many values cost their reader and the hub, though no source is asked for more."""
CHANGE = 10.0
"""What a field of the mutation costs."""
ASSUMED = 10
"""How many objects a list is taken to have that declares no size."""


@strawberry.schema_directive(
    locations=[Location.OBJECT, Location.FIELD_DEFINITION, Location.ARGUMENT_DEFINITION],
    name="cost",
    description="What a field costs each time it is asked, or every object of a type, in units: about records of a "
    "source. Without it an object costs 1, a value 0.02, and a field of the mutation 10. Of an argument: what "
    "the field costs besides where that is true.",
)
class Cost:
    """What a field or an object costs."""

    weight: int


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many objects a list is taken to have: what the largest of the slicing arguments says (a number, "
    "or the length of a list), otherwise `assumedSize`. With `sizedFields` it is these fields of the object that have "
    "so many.",
)
class ListSize:
    """How many objects a list is taken to have."""

    assumed_size: int | None = strawberry.UNSET
    slicing_arguments: list[str] | None = strawberry.UNSET
    sized_fields: list[str] | None = strawberry.UNSET
    require_one_slicing_argument: bool | None = True


class Mispriced(Exception):
    """The declarations of what a field costs contradict it; raised at start."""


@dataclass(frozen=True)
class Size:
    """How many objects a list has: what the largest of the arguments says, otherwise so many."""

    assumed: int
    slicing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rate:
    """What a field costs each time it is asked."""

    weight: float
    size: Size | None = None
    """Of the field's own list; None: one object, or as many as the field above says."""
    sized: Mapping[str, Size] | None = None
    """Of the lists among the fields of its object."""
    choices: Mapping[str, float] = field(default_factory=dict)
    """By argument, what it costs besides where that is true."""


Rates = Mapping[str, Mapping[str, Rate]]
"""By type and field."""


def costing(weight: int) -> list[object]:
    """Return the directive of a field or type that has a weight of its own."""
    return [Cost(weight=weight)]


def listed(assumed: int) -> list[object]:
    """Return the directive of a list that has about so many objects."""
    return [ListSize(assumed_size=assumed, require_one_slicing_argument=False)]


def sliced(argument: str) -> list[object]:
    """Return the directive of a list that has as many objects as an argument says that is always there."""
    return [ListSize(slicing_arguments=[argument])]


def paged(page: int, *, backwards: bool = True) -> list[object]:
    """Return the directive of a connection with so many members a page if the reader does not say.

    Not `backwards`: it has no argument `last`.
    """
    return [
        ListSize(
            assumed_size=page,
            slicing_arguments=["first", "last"] if backwards else ["first"],
            sized_fields=["nodes", "edges"],
            require_one_slicing_argument=False,
        )
    ]


def sized(argument: str, assumed: int, *below: str) -> list[object]:
    """Return the directive of a list that has as many objects as an argument says, otherwise so many.

    With `below` it is these lists of the object that have so many.
    """
    return [
        ListSize(
            assumed_size=assumed,
            slicing_arguments=[argument],
            sized_fields=list(below) or strawberry.UNSET,
            require_one_slicing_argument=False,
        )
    ]


@lru_cache(maxsize=2)
def rates(schema: strawberry.Schema) -> Rates:
    """Return what each field of each object type and interface costs; raise Mispriced for a contradiction."""
    weights = {name: _declared(definition.directives, Cost) for name, definition in _definitions(schema)}
    mutation = schema._schema.mutation_type
    found: dict[str, dict[str, Rate]] = {}
    for name, definition in _definitions(schema):
        fields: Mapping[str, GraphQLField] = schema._schema.type_map[name].fields  # type: ignore[attr-defined]  # it has
        found[name] = {}
        for declared in definition.fields:
            field_name = schema.config.name_converter.get_graphql_name(declared)
            answering, target = fields[field_name], get_named_type(fields[field_name].type)
            usual = VALUE if is_leaf_type(target) else OBJECT
            usual = CHANGE if mutation is not None and name == mutation.name else usual
            own = _declared(declared.directives, Cost) or weights.get(target.name)
            size = _declared(declared.directives, ListSize)
            coordinate = f"{name}.{field_name}"
            rate = _rate(coordinate, answering, float(own.weight) if own else usual, size)
            found[name][field_name] = replace(rate, choices=_choices(schema, coordinate, answering, declared))
    return found


def unsized(schema: strawberry.Schema) -> list[str]:
    """Return the lists of objects of which nothing says how large they are."""
    known = rates(schema)
    sizing: dict[str, list[Rate]] = {}
    lists: list[tuple[str, str]] = []
    for name, by_field in known.items():
        for field_name, rate in by_field.items():
            type_ = schema._schema.type_map[name].fields[field_name].type  # type: ignore[attr-defined]  # see above
            sizing.setdefault(get_named_type(type_).name, []).append(rate)
            if rate.size is None and _is_list(type_) and not is_leaf_type(get_named_type(type_)):
                lists.append((name, field_name))
    return [
        f"{n}.{f}" for n, f in lists if not all(rate.sized and f in rate.sized for rate in sizing.get(n, [Rate(0)]))
    ]


def _rate(coordinate: str, field: GraphQLField, weight: float, declared: Any) -> Rate:
    if declared is None:
        return Rate(weight)
    slicing = tuple(declared.slicing_arguments or ())
    if unknown := set(slicing) - field.args.keys():
        raise Mispriced(f"{coordinate}: @listSize names the arguments {sorted(unknown)}, which the field lacks.")
    if declared.require_one_slicing_argument and not (len(slicing) == 1 and _always(field, slicing[0])):
        raise Mispriced(f"{coordinate}: @listSize requires one slicing argument; name one that is never null.")
    if not declared.require_one_slicing_argument and not declared.assumed_size:
        raise Mispriced(f"{coordinate}: @listSize says nothing where no slicing argument is given; give assumedSize.")
    size = Size(declared.assumed_size or ASSUMED, slicing)
    if not declared.sized_fields:
        if not _is_list(field.type):
            raise Mispriced(f"{coordinate}: @listSize is said of no list; name its sizedFields.")
        return Rate(weight, size)
    below = getattr(get_named_type(field.type), "fields", {})
    if unknown := {name for name in declared.sized_fields if name not in below or not _is_list(below[name].type)}:
        raise Mispriced(f"{coordinate}: @listSize names the fields {sorted(unknown)}, which are no lists below it.")
    return Rate(weight, None, dict.fromkeys(declared.sized_fields, size))


def _choices(
    schema: strawberry.Schema, coordinate: str, answering: GraphQLField, declared: StrawberryField
) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for argument in declared.arguments:
        if own := _declared(argument.directives, Cost):
            name = schema.config.name_converter.get_graphql_name(argument)
            if get_named_type(answering.args[name].type) is not GraphQLBoolean:
                raise Mispriced(f"{coordinate}: @cost is said of the argument {name}, which is neither true nor false.")
            found[name] = float(own.weight)
    return found


def _always(field: GraphQLField, argument: str) -> bool:
    return isinstance(field.args[argument].type, GraphQLNonNull)


def _is_list(type_: Any) -> bool:
    return isinstance(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, GraphQLList)


def _declared(directives: Any, kind: type) -> Any:
    return next((directive for directive in directives or () if isinstance(directive, kind)), None)


def _definitions(schema: strawberry.Schema) -> Iterator[tuple[str, StrawberryObjectDefinition]]:
    for name, type_ in schema._schema.type_map.items():
        definition = schema.get_type_by_name(name)
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and isinstance(
            definition, StrawberryObjectDefinition
        ):
            yield name, definition
