"""What the fields of a whole schema hold, and whether what is withheld costs no more than itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import strawberry
from graphql import (
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    get_named_type,
    is_abstract_type,
    is_list_type,
)
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from codes.access import DataGroup, Mask
from schema.access import Held, held_by

Way = tuple[str, DataGroup]
"""The type that a field belongs to, and the group that the field holds."""


@dataclass(frozen=True)
class Holdings:
    """What a schema's fields hold."""

    fields: Mapping[str, Mapping[str, Held]]
    """By type and field."""
    ways: Mapping[str, frozenset[Way]]
    """By type, the fields that lead to it; behind an interface they hold what the type itself does."""
    types: Mapping[str, DataGroup]
    """By type, the group that it names for its fields."""
    compared: Mapping[str, Mapping[str, Held]]
    """By `Type.field`, what its arguments are compared with: `search`, or `filter.zone` of an input's field."""


class Unclassified(Exception):
    """A field or type of the schema does not say what it holds; raised at start."""


class NullWouldSpread(Exception):
    """A field that may be withheld may not be null, so that it would cost more than itself; raised at start."""


def held(schema: strawberry.Schema) -> dict[str, dict[str, Held]]:
    """Return what each field of each object type holds; raise Unclassified for one that does not say so."""
    types = schema._schema.type_map
    own = {name: held_by(definition.directives) for name, definition in _definitions(schema).items()}
    found: dict[str, dict[str, Held]] = {}
    for name, definition in _definitions(schema).items():
        type_ = types[name]
        if not isinstance(type_, GraphQLObjectType):
            continue
        found[name] = {}
        for field in definition.fields:
            field_name = schema.config.name_converter.get_graphql_name(field)
            target = get_named_type(type_.fields[field_name].type)
            below = own.get(target.name) if isinstance(target, GraphQLObjectType | GraphQLInterfaceType) else None
            what = held_by(field.directives) or below or own[name]
            if what is None:
                raise Unclassified(f"{name}.{field_name} does not say what it holds; give it or its type @data.")
            found[name][field_name] = what
    return found


@lru_cache(maxsize=2)
def holdings(schema: strawberry.Schema) -> Holdings:
    """Return what the schema holds; raise Unclassified or NullWouldSpread where it cannot be guarded."""
    fields_ = held(schema)
    types: dict[str, DataGroup] = {}
    compared: dict[str, Mapping[str, Held]] = {}
    for name, definition in _definitions(schema).items():
        if name not in fields_:
            continue
        what = held_by(definition.directives)
        if what is None:
            raise Unclassified(f"{name} does not say what it holds; give it @data.")
        types[name] = what.group
        for field in definition.fields:
            coordinate = f"{name}.{schema.config.name_converter.get_graphql_name(field)}"
            if given := dict(_compared(field)):
                compared[coordinate] = given
    found = Holdings(fields_, _ways(schema, fields_, types), types, compared)
    _check_nulls(schema, found)
    return found


def _ways(
    schema: strawberry.Schema, fields_: Mapping[str, Mapping[str, Held]], types: Mapping[str, DataGroup]
) -> dict[str, frozenset[Way]]:
    found: dict[str, set[Way]] = {}
    for name, by_field in fields_.items():
        type_ = schema._schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType), f"{name} has fields that are answered"
        for field_name, what in by_field.items():
            target = type_.fields[field_name].type
            for reached in _reached(schema, target):
                group = types[reached] if is_abstract_type(get_named_type(target)) else what.group
                found.setdefault(reached, set()).add((name, group))
    return {name: frozenset(ways) for name, ways in found.items()}


def _compared(field: StrawberryField) -> Iterator[tuple[str, Held]]:
    """Give what a field's arguments are compared with, by their names in Python."""
    for argument in field.arguments:
        if what := held_by(argument.directives):
            yield argument.python_name, what
        definition = getattr(_unwrapped(argument.type), "__strawberry_definition__", None)
        if isinstance(definition, StrawberryObjectDefinition) and definition.is_input:
            whole = held_by(definition.directives)
            for inner in definition.fields:
                what = held_by(inner.directives) or whole
                if what is None:
                    raise Unclassified(f"{definition.name}.{inner.python_name} does not say what it holds.")
                yield f"{argument.python_name}.{inner.python_name}", what


def _unwrapped(type_: object) -> object:
    while (inner := getattr(type_, "of_type", None)) is not None:
        type_ = inner
    return type_


def _check_nulls(schema: strawberry.Schema, found: Holdings) -> None:
    """Raise NullWouldSpread for a field that may be withheld where other fields are not, and may not be null."""
    certain = _certain(schema, found)
    for name, field_name, declared in _declared(schema, found):
        coordinate, what = f"{name}.{field_name}", found.fields[name][field_name]
        _check_mask(coordinate, what.mask, declared)
        if not isinstance(declared, GraphQLNonNull) or name not in certain:
            continue
        asked = {what.group, *(other.group for other in found.compared.get(coordinate, {}).values())}
        if not (beyond := asked - certain[name]):
            continue
        if {other.group for other in found.fields[name].values()} != beyond:
            group = min(group.value for group in beyond)
            raise NullWouldSpread(
                f"{coordinate} may be withheld as {group} from readers who may see a {name}, and may not be null, "
                f"so that the whole {name} would be lost. Let it be null, or give what leads to it the group {group}."
            )
        # All that the object has would be withheld together, so that nothing is lost with it but its own place.
        for above, leading, leads in _declared(schema, found):
            if isinstance(leads, GraphQLNonNull) and name in _reached(schema, leads):
                raise NullWouldSpread(
                    f"{above}.{leading} may not be null, and leads to a {name}, which may be withheld. Let it be null."
                )


def _declared(schema: strawberry.Schema, found: Holdings) -> Iterator[tuple[str, str, GraphQLOutputType]]:
    """Give every field that is answered: its type, its name and what it gives."""
    for name, by_field in found.fields.items():
        type_ = schema._schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType), f"{name} has fields that are answered"
        for field_name in by_field:
            yield name, field_name, type_.fields[field_name].type


def _reached(schema: strawberry.Schema, declared: GraphQLOutputType) -> Iterator[str]:
    """Give the types of the objects that a field may give."""
    target = get_named_type(declared)
    for reached in schema._schema.get_possible_types(target) if is_abstract_type(target) else (target,):
        yield reached.name


def _check_mask(coordinate: str, mask: Mask | None, declared: object) -> None:
    if mask is None:
        return
    may_be_null = not isinstance(declared, GraphQLNonNull)
    inner = declared.of_type if isinstance(declared, GraphQLNonNull) else declared
    if mask is Mask.AMOUNT and not may_be_null:
        raise NullWouldSpread(f"{coordinate} is an amount that may be masked, and may not be null. Let it be null.")
    if is_list_type(inner) or (
        mask is not Mask.AMOUNT and not (isinstance(inner, GraphQLScalarType) and inner.name == "String")
    ):
        raise NullWouldSpread(f"{coordinate} cannot be masked as {mask.value}: it is no single text; take it out.")


def _certain(schema: strawberry.Schema, found: Holdings) -> dict[str, set[DataGroup]]:
    """Return the groups that whoever has come to an object of a type may see, whichever way it came."""
    core = schema._schema
    roots = [type_ for type_ in (core.query_type, core.mutation_type, core.subscription_type) if type_]
    certain = {root.name: {found.types[root.name]} for root in roots}
    changed = True
    while changed:
        changed = False
        for name, ways in found.ways.items():
            if name not in found.types:
                continue
            known = [certain[parent] | {group} for parent, group in ways if parent in certain]
            if known and (common := set.intersection(*known)) != certain.get(name):
                certain[name], changed = common, True
    return certain


def _definitions(schema: strawberry.Schema) -> dict[str, StrawberryObjectDefinition]:
    found = {name: schema.get_type_by_name(name) for name in schema._schema.type_map if not name.startswith("__")}
    return {
        name: definition
        for name, definition in found.items()
        if isinstance(definition, StrawberryObjectDefinition) and not definition.is_input
    }
