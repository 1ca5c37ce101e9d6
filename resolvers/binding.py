"""How the fields of the schema are answered: the kinds of answer, and the check that schema and answers agree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import GraphQLObjectType
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from connectors.catalogue import COLLECTIONS, Catalogue
from connectors.errors import SourceFailure
from connectors.outcomes import Absent
from resolvers.request import Ask, Request

NO_VALUE = (Absent, SourceFailure)
"""What stands where a value would, with the reason why there is none."""


Answered = Sequence[Any] | Awaitable[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Objects that are known before they are found to exist: what lies below them is asked for meanwhile.

    Each of `objects` has what batches and groups below read of their parents. `answer` gives what stands in the end:
    where it has an object for each of them, what was asked below stands too; otherwise it is asked again, of those
    that there are.
    """

    objects: Sequence[Any]
    answer: Awaitable[Sequence[Any]]

    def __await__(self) -> Generator[Any, Any, Sequence[Any]]:
        """Wait for the answer."""
        return self.answer.__await__()


class BindingError(Exception):
    """Schema and resolvers do not agree; raised at start."""


@dataclass(frozen=True)
class Batch:
    """A field answered for all parents at once: a list in, an aligned list out, at once or to be waited for.

    `requires` are the fields of the parent's record that the resolver reads.
    """

    resolve: Callable[..., Answered]
    requires: frozenset[str] = frozenset()
    reads: tuple[str, ...] = ()
    """Collections that it asks the sources for; told to those who ask what a plan does."""
    withheld: str | None = None
    """The error's code that stands in its place for everybody who gets this answer: nobody is asked."""


@dataclass(frozen=True)
class Part:
    """A field read from the parent's record: from one of its fields as it is, or made of several."""

    needs: tuple[str, ...]
    read: Callable[..., Any] | None = None
    """Takes the request and the values; None: the one value as it is."""

    def value(self, request: Request, record: Any) -> Any:
        """Return the field's value; an absence or failure of what it needs is its own."""
        if self.read is None:
            return getattr(record, self.needs[0])
        values = [getattr(record, name) for name in self.needs]
        missing = next((value for value in values if isinstance(value, NO_VALUE)), None)
        return missing if missing is not None else self.read(request, *values)


@dataclass(frozen=True)
class Group:
    """Several fields of a type that come from one record which the parent does not carry: fetched once for all."""

    name: str
    resolve: Callable[[Ask, frozenset[str]], Answered]
    parts: Mapping[str, Part]
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grouped:
    """A field that is a part of a group's record."""

    group: Group
    part: Part


Answer = Batch | Part | Grouped


@dataclass(frozen=True)
class Graph:
    """Every answer: batch resolvers and derived parts by `Type.field`, groups by type, and types by collection."""

    batches: Mapping[str, Batch]
    parts: Mapping[str, Part]
    groups: Mapping[str, tuple[Group, ...]]
    records: Mapping[str, str]
    """Type → collection whose record it shows."""
    catalogue: Catalogue = field(default_factory=lambda: COLLECTIONS)
    types: Mapping[type, str] = field(default_factory=dict)
    """Class of a value → type, for the hub's own values behind an interface."""
    owned: frozenset[str] = frozenset()
    """Types whose objects carry the code of the enterprise that they are about, besides those by that code."""

    def type_of(self, value: Any) -> str:
        """Return the type of the graph that a value is of."""
        found = self.types.get(type(value)) or self._type_by_collection.get(type(value).__name__)
        if found is None:
            raise BindingError(f"no type of the graph is known for a {type(value).__name__}")
        return found

    @property
    def _type_by_collection(self) -> Mapping[str, str]:
        return {f"{collection}_record": name for name, collection in self.records.items()}


def bind(schema: strawberry.Schema, graph: Graph) -> dict[str, dict[str, Answer]]:
    """Return how each field of each object type is answered; raise BindingError where the two sides disagree."""
    answers: dict[str, dict[str, Answer]] = {}
    for name, type_ in schema._schema.type_map.items():
        definition = schema.get_type_by_name(name)
        if isinstance(type_, GraphQLObjectType) and isinstance(definition, StrawberryObjectDefinition):
            answers[name] = {
                schema.config.name_converter.get_graphql_name(f): _answer(schema, graph, name, f)
                for f in definition.fields
            }
    _check_names(graph, answers)
    return answers


def _answer(schema: strawberry.Schema, graph: Graph, type_name: str, declared: StrawberryField) -> Answer:
    name = schema.config.name_converter.get_graphql_name(declared)
    coordinate = f"{type_name}.{name}"
    if declared.permission_classes or declared.extensions:
        raise BindingError(f"{coordinate} carries Strawberry permissions or extensions, which batching would pass by.")
    if coordinate in graph.batches:
        return graph.batches[coordinate]
    if coordinate in graph.parts:
        return graph.parts[coordinate]
    for group in graph.groups.get(type_name, ()):
        if name in group.parts:
            return Grouped(group, group.parts[name])
    if declared.base_resolver is not None:
        raise BindingError(f"{coordinate} is declared in schema/ and has no resolver in resolvers/graph.py.")
    collection = graph.records.get(type_name)
    if collection and graph.catalogue[collection].kind(declared.python_name) is None:
        raise BindingError(f"{coordinate} is no field of the collection {collection!r} and has no resolver.")
    return Part((declared.python_name,))


def _check_names(graph: Graph, answers: Mapping[str, Mapping[str, Answer]]) -> None:
    named = [*graph.batches, *graph.parts]
    named += [f"{type_name}.{part}" for type_name, groups in graph.groups.items() for g in groups for part in g.parts]
    for coordinate in named:
        type_name, _, field_name = coordinate.partition(".")
        if field_name not in answers.get(type_name, {}):
            raise BindingError(f"resolvers/graph.py answers {coordinate}, which the schema does not have.")
    if unknown := [name for name in graph.records if name not in answers]:
        raise BindingError(f"resolvers/graph.py names the types {unknown}, which the schema does not have.")
