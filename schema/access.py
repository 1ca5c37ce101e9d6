"""How a field says what it holds: its data group and level, how it is masked, and who may ask at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_abstract_type
from strawberry.schema_directive import Location
from strawberry.types.base import StrawberryObjectDefinition

from codes.access import LEVELS, SENSITIVE, DataGroup, Mask
from schema.scalars import Scope

_EVERYWHERE = [Location.OBJECT, Location.INTERFACE, Location.FIELD_DEFINITION, Location.INPUT_FIELD_DEFINITION]
_OUTPUT = [Location.OBJECT, Location.INTERFACE, Location.FIELD_DEFINITION]


@strawberry.schema_directive(
    locations=_EVERYWHERE,
    name="data",
    description="What a field holds: its group, its data security level from 1 (public) to 5, and how its value is "
    "masked. A field without it has what its type says; a field of an object type has what that type says.",
)
class Data:
    """What a field holds."""

    group: DataGroup
    level: int
    mask: Mask | None = strawberry.UNSET


@strawberry.schema_directive(
    locations=_OUTPUT,
    name="authenticated",
    description="Whole values only for readers who have signed in, as in Apollo Federation; others may get masked "
    "ones.",
)
class Authenticated:
    """Whole values only for readers who have signed in."""


@strawberry.schema_directive(
    locations=_OUTPUT,
    name="requiresScopes",
    description="A token that is limited to scopes needs one of these sets of them, as in Apollo Federation.",
)
class RequiresScopes:
    """A limited token needs one of these sets of scopes."""

    scopes: list[list[Scope]]


@dataclass(frozen=True)
class Held:
    """What a field holds."""

    group: DataGroup
    level: int
    mask: Mask | None = None


@dataclass(frozen=True)
class Holdings:
    """What the fields of a schema hold, by type and field, and what the fields hold that lead to a type."""

    fields: Mapping[str, Mapping[str, Held]]
    entries: Mapping[str, frozenset[DataGroup]]


class Unclassified(Exception):
    """A field or type of the schema does not say what it holds; raised at start."""


def data(group: DataGroup, mask: Mask | None = None, level: int | None = None) -> list[object]:
    """Return the directives of a type or field that holds data of a group."""
    level = LEVELS[group] if level is None else level
    found: list[object] = [Data(group=group, level=level, mask=strawberry.UNSET if mask is None else mask)]
    if level >= SENSITIVE:
        found += [Authenticated(), RequiresScopes(scopes=[[Scope(group.value.lower())]])]
    return found


def held(schema: strawberry.Schema) -> dict[str, dict[str, Held]]:
    """Return what each field of each object type holds; raise Unclassified for one that does not say so."""
    types = schema._schema.type_map
    own = {name: _of(definition.directives) for name, definition in _definitions(schema).items()}
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
            what = _of(field.directives) or below or own[name]
            if what is None:
                raise Unclassified(f"{name}.{field_name} does not say what it holds; give it or its type @data.")
            found[name][field_name] = what
    return found


def holdings(schema: strawberry.Schema) -> Holdings:
    """Return what the fields hold, and those that lead to a type; raise Unclassified for one that does not say so."""
    types, fields_ = schema._schema.type_map, held(schema)
    entries: dict[str, set[DataGroup]] = {}
    for name, by_field in fields_.items():
        type_ = types[name]
        assert isinstance(type_, GraphQLObjectType), f"{name} has fields that are answered"
        for field_name, what in by_field.items():
            target = get_named_type(type_.fields[field_name].type)
            for reached in schema._schema.get_possible_types(target) if is_abstract_type(target) else (target,):
                entries.setdefault(reached.name, set()).add(what.group)
    return Holdings(fields_, {name: frozenset(groups) for name, groups in entries.items()})


def held_by_inputs(value: Any) -> Mapping[str, Held]:
    """Return what the given fields of an input are compared with, by the field's name."""
    definition = getattr(type(value), "__strawberry_definition__", None)
    if not is_dataclass(value) or definition is None:
        return {}
    given = {field.name for field in fields(value) if getattr(value, field.name) is not None}
    of_type = _of(definition.directives)
    named = {field.python_name: _of(field.directives) or of_type for field in definition.fields}
    return {name: what for name in given if (what := named.get(name)) is not None}


def _definitions(schema: strawberry.Schema) -> dict[str, StrawberryObjectDefinition]:
    found = {name: schema.get_type_by_name(name) for name in schema._schema.type_map if not name.startswith("__")}
    return {
        name: definition
        for name, definition in found.items()
        if isinstance(definition, StrawberryObjectDefinition) and not definition.is_input
    }


def _of(directives: Any) -> Held | None:
    for directive in directives or ():
        if isinstance(directive, Data):
            mask = None if directive.mask is strawberry.UNSET else directive.mask
            return Held(directive.group, directive.level, mask)
    return None
