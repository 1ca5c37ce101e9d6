"""Types and fields that an operator has declared in `sources.toml`, made like those of this package."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry
from graphql import GraphQLObjectType
from strawberry.schema.types import ConcreteType
from strawberry.types.base import StrawberryObjectDefinition, WithStrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from codes.facets import Facet, FacetField, Misdeclared
from schema.access import data
from schema.connection import DEFAULT_PAGE, Connection
from schema.cost import costing, listed, paged
from schema.declaring import answered, declared
from schema.enums import describe
from schema.node import Disputable, Node, Sourced
from schema.query import Query

_VALUES: Mapping[str, Any] = {
    "text": str, "texts": list[str], "integer": int, "amount": Decimal, "number": Decimal, "date": date,
    "moment": datetime, "flag": bool,
}  # fmt: skip
_CODE = "uscc"
_OTHERWISE = "Name it otherwise (`type`, `field`, `single`)."


class Declared:
    """The types of a hub's declared facets, and the root of a graph that has them."""

    def __init__(self, facets: Sequence[Facet], taken: Collection[str], found: Mapping[str, type]) -> None:
        """Make a type for each facet, of names that are not taken; their fields may lead to types `found` by a key.

        Raise Misdeclared for a name that the graph has already, or does not have.
        """
        self._facets = facets
        self._taken = set(taken)
        self.types: dict[str, type] = {facet.type_name: self._made(facet) for facet in facets}
        self._targets = {**found, **{facet.type_name: self.types[facet.type_name] for facet in facets if facet.is_root}}
        for facet in facets:
            self._link(facet)
        places: dict[tuple[str, str], Facet] = {}
        for facet in facets:
            if (other := places.setdefault((facet.parent, facet.field), facet)) is not facet:
                raise _taken_already(facet, f"{other.where} has the field {facet.parent}.{facet.field}")

    def root(self) -> type:
        """Return the type Query with the entries of declared root collections."""
        fields: dict[str, Any] = {}
        for facet in self._facets:
            if facet.is_root:
                _refuse_taken(Query, (facet.field, facet.single), facet)
                fields |= {facet.field: _pages(facet, self.types[facet.type_name])}
                fields |= {facet.single: _single(facet, self.types[facet.type_name])}
        if not fields:
            return Query
        definition = _definition(Query)
        made = type("Query", (Query,), {"__annotations__": {}, "__doc__": Query.__doc__, **fields})
        return strawberry.type(made, description=definition.description, directives=definition.directives or ())

    def extend(self, schema: strawberry.Schema) -> None:
        """Give the other types of a schema their fields, in this schema only."""
        for parent in dict.fromkeys(facet.parent for facet in self._facets if not facet.is_root):
            facets = [facet for facet in self._facets if facet.parent == parent]
            kinds = {facet.field: self._shown(facet) for facet in facets}
            fields = {
                facet.field: strawberry.field(
                    description=facet.description, directives=_held(facet) + (listed(facet.size) if facet.many else [])
                )
                for facet in facets
            }
            wheres = {facet.field: facet.where for facet in facets}
            _extend(schema, parent, _fields_of(kinds, fields), wheres.__getitem__)

    def _shown(self, facet: Facet) -> Any:
        made: Any = self.types[facet.type_name]
        return list[made] | None if facet.many else made | None

    def _made(self, facet: Facet) -> type:
        self._take(facet, facet.type_name)
        kinds: dict[str, Any] = {}
        fields: dict[str, Any] = {}
        for name, field in facet.fields.items():
            if isinstance(field.kind, type) and "__strawberry_definition__" not in field.kind.__dict__:
                self._take(facet, field.kind.__name__)
                describe(field.kind)
            if field.leads_to is None:
                kinds[name] = (_VALUES[field.kind] if isinstance(field.kind, str) else field.kind) | None
                fields[name] = strawberry.field(description=field.description, directives=_of_field(facet, field))
        bases = (Node, Sourced) if facet.is_root else (Disputable if facet.key == _CODE else Sourced,)
        made = type(facet.type_name, bases, {"__annotations__": kinds, "__doc__": facet.description, **fields})
        return strawberry.type(made, description=facet.description, directives=_held(facet))

    def _take(self, facet: Facet, name: str) -> None:
        if name in self._taken:
            raise _taken_already(facet, f"the graph has a type {name!r}")
        self._taken.add(name)

    def _link(self, facet: Facet) -> None:
        """Add the fields that lead to other objects, once all types are there."""
        links = {name: field for name, field in facet.fields.items() if field.leads_to is not None}
        kinds: dict[str, Any] = {}
        for name, field in links.items():
            target: Any = self._targets.get(str(field.leads_to))
            if target is None:
                problem = f"the graph has no type {field.leads_to!r} that is found by a key"
                raise Misdeclared(field.where, problem, f"Take one of {', '.join(sorted(self._targets))}.")
            kinds[name] = target | None
        fields = {n: strawberry.field(description=f.description, directives=_of_link(f)) for n, f in links.items()}
        _definition(self.types[facet.type_name]).fields.extend(_fields_of(kinds, fields))


def _pages(facet: Facet, made: Any) -> Any:
    def pages(
        self: Any, first: int | None = None, after: str | None = None, last: int | None = None,
        before: str | None = None,
    ) -> Any:  # fmt: skip
        answered()

    pages.__annotations__["return"] = Connection[made] | None
    return declared(facet.description, [*costing(10), *_held(facet), *paged(DEFAULT_PAGE)])(pages)


def _single(facet: Facet, made: Any) -> Any:
    def single(self: Any, id: strawberry.ID) -> Any:
        answered()

    single.__annotations__["return"] = made | None
    return declared(f"Of {facet.collection.replace('_', ' ')}, the one with this id.")(single)


def _held(facet: Facet) -> list[object]:
    return data(facet.group, level=facet.level)


def _of_field(facet: Facet, field: FacetField) -> list[object]:
    if field.group is None and field.level is None and field.mask is None:
        return []
    group = field.group or facet.group
    inherited = facet.level if group is facet.group else None
    return data(group, field.mask, field.level or inherited)


def _of_link(field: FacetField) -> list[object]:
    return data(field.group, level=field.level) if field.group else []


def _fields_of(kinds: Mapping[str, Any], fields: Mapping[str, Any]) -> list[StrawberryField]:
    """Return fields as Strawberry makes them of a class."""
    carrier = strawberry.type(type("Carrier", (), {"__annotations__": dict(kinds), **fields}))
    return list(_definition(carrier).fields)


def _extend(
    schema: strawberry.Schema, parent: str, fields: Sequence[StrawberryField], where: Callable[[str], str]
) -> None:
    """Give a type of a schema these fields, in this schema only; `where` says by its name where one was declared."""
    converter = schema.schema_converter
    made = {schema.config.name_converter.get_graphql_name(one): one for one in fields}
    known = converter.type_map.get(parent)
    if known is None or not isinstance(known.implementation, GraphQLObjectType):
        problem = f"the graph has no type {parent!r}"
        raise Misdeclared(where(next(iter(made))), problem, "Name one, as `Enterprise.customs` does.")
    assert isinstance(known.definition, StrawberryObjectDefinition), "object types are made of these"
    if taken := [name for name in made if name in known.implementation.fields]:
        raise Misdeclared(where(taken[0]), f"{parent} has a field {taken[0]!r} already", _OTHERWISE)
    definition = copy(known.definition)
    definition.fields = [*definition.fields, *fields]
    core = known.implementation
    core.fields.update({n: converter.from_field(one, type_definition=definition) for n, one in made.items()})
    core.extensions = {**core.extensions, converter.DEFINITION_BACKREF: definition}
    converter.type_map[parent] = ConcreteType(definition, core)


@dataclass(frozen=True)
class Added:
    """Types of a plug-in, and the fields that it gives to types of the graph."""

    types: Sequence[type]
    fields: Mapping[str, type]
    """By type of the graph, a Strawberry type whose fields that gets."""
    where: str

    def check(self, taken: Collection[str]) -> None:
        """Raise Misdeclared for a type whose name the graph has already."""
        if found := [one.__name__ for one in self.types if one.__name__ in taken]:
            raise Misdeclared(self.where, f"the graph has a type {found[0]!r} already", "Ask its maker to rename it.")

    def extend(self, schema: strawberry.Schema) -> None:
        """Give a schema's types their fields; raise Misdeclared for names that are taken."""
        for parent, carrier in self.fields.items():
            _extend(schema, parent, _definition(carrier).fields, lambda name: f"{self.where}: {name}")


def _refuse_taken(root: type, names: Iterable[str], facet: Facet) -> None:
    taken = {to_camel_case(field.python_name) for field in _definition(root).fields}
    if found := [name for name in names if name in taken]:
        raise _taken_already(facet, f"Query has a field {found[0]!r}")


def _taken_already(facet: Facet, problem: str) -> Misdeclared:
    return Misdeclared(facet.where, f"{problem} already", _OTHERWISE)


def _definition(of: Any) -> StrawberryObjectDefinition:
    found: WithStrawberryObjectDefinition = of
    return found.__strawberry_definition__
