"""How the fields of the schema are answered: the kinds of answer, and the check that schema and answers agree."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import GraphQLObjectType, get_named_type
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from typing_extensions import TypeIs

from connectors.catalogue import COLLECTIONS, Catalogue
from connectors.errors import SourceFailure
from connectors.outcomes import Absent
from resolvers.access import Owner
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


def is_awaited(answer: Any) -> TypeIs[Awaitable[Sequence[Any]]]:
    """Say whether an answer has to be waited for; a list, as most are, is told at a glance."""
    return type(answer) is not list and isinstance(answer, Awaitable)


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
    indexed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Collections that it tells something of from the hub's directory: under "" by its answer, under an argument
    (`search`, `filter.zone`) by what is found with that."""
    entry: Entry | None = None
    listening: Listening | None = None
    """Of a field of the subscription: what it listens to. Its parent is what happened."""


@dataclass(frozen=True)
class Listening:
    """What a field of the subscription listens to, and whose business what happens is."""

    begin: Callable[..., Awaitable[AbstractAsyncContextManager[AsyncIterator[Any]]]]
    """Takes an ask and the arguments; raises Withheld or BadInput for who may not listen so, and else gives what
    happens from when it is entered."""
    concerns: Callable[..., Awaitable[Any]]
    """Takes an ask, what happened and the arguments; gives the parent of the field, None if what happened is not the
    reader's business now. Where things of parties are shown, it has their `parties`."""


@dataclass(frozen=True)
class Entry:
    """A root field whose objects are named by an argument, so that whose they are is known before they are read.

    Without `type_name` the argument holds identities in the whole graph, which name their type.
    """

    argument: str
    type_name: str | None = None


@dataclass(frozen=True)
class Part:
    """A field read from the parent's record: from one of its fields as it is, or made of several."""

    needs: tuple[str, ...]
    read: Callable[..., Any] | None = None
    """Takes the request and the values; None: the one value as it is."""
    takes_absences: bool = False
    """It is also given what is absent or has failed; otherwise that is the field's value."""

    def value(self, request: Request, record: Any) -> Any:
        """Return the field's value from a record."""
        if self.read is None:
            return getattr(record, self.needs[0])
        return self.made(request, [getattr(record, name) for name in self.needs])

    def made(self, request: Request, values: Sequence[Any]) -> Any:
        """Return the field's value from what it needs."""
        if self.read is None:
            return values[0]
        if not self.takes_absences:
            missing = next((value for value in values if isinstance(value, NO_VALUE)), None)
            if missing is not None:
                return missing
        return self.read(request, *values)


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
class Owned:
    """What tells whose an object is: the key of an owner, in one of the object's fields."""

    owner: Owner
    need: str


OF_ENTERPRISE = Owned(Owner.ENTERPRISE, "uscc")
OF_PARTIES = Owned(Owner.PARTIES, "parties")
"""Of whoever has a part in it, as things that flows change."""


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
    owned: Mapping[str, Owned] = field(default_factory=dict)
    """By type, what tells whose its objects are; records by credit code need not be named."""

    def type_of(self, value: Any) -> str:
        """Return the type of the graph that a value is of."""
        found = self.types.get(type(value)) or self._type_by_collection.get(type(value).__name__)
        if found is None:
            raise BindingError(f"no type of the graph is known for a {type(value).__name__}")
        return found

    def owned_by(self, type_name: str) -> Owned | None:
        """Return what tells whose a type's objects are; None if they are nobody's."""
        collection = self.records.get(type_name)
        if collection and self.catalogue[collection].key == OF_ENTERPRISE.need:
            return OF_ENTERPRISE
        return self.owned.get(type_name)

    def collections(self, type_name: str) -> frozenset[str]:
        """Return the collections whose records make up the type's objects."""
        record = (self.records[type_name],) if type_name in self.records else ()
        return frozenset((*record, *(name for group in self.groups.get(type_name, ()) for name in group.reads)))

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
    _check_reads(schema, graph)
    _check_listening(schema, answers)
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


def _check_reads(schema: strawberry.Schema, graph: Graph) -> None:
    """Raise BindingError for a batch that gives records and does not say of which collection: sharing goes by that."""
    for coordinate, batch in graph.batches.items():
        type_name, _, field_name = coordinate.partition(".")
        type_: Any = schema._schema.type_map[type_name]
        collection = graph.records.get(get_named_type(type_.fields[field_name].type).name)
        if collection and collection not in batch.reads:
            raise BindingError(f"{coordinate} gives records of {collection!r}; name it in the batch's `reads`.")


def _check_listening(schema: strawberry.Schema, answers: Mapping[str, Mapping[str, Answer]]) -> None:
    """Raise BindingError for a field of the subscription that says nothing of what it listens to."""
    root = schema._schema.subscription_type
    for name, answer in answers[root.name].items() if root else ():
        if not isinstance(answer, Batch) or answer.listening is None:
            raise BindingError(f"Subscription.{name} listens to nothing; give its batch `listening`.")


def _check_names(graph: Graph, answers: Mapping[str, Mapping[str, Answer]]) -> None:
    named = [*graph.batches, *graph.parts]
    named += [f"{type_name}.{part}" for type_name, groups in graph.groups.items() for g in groups for part in g.parts]
    for coordinate in named:
        type_name, _, field_name = coordinate.partition(".")
        if field_name not in answers.get(type_name, {}):
            raise BindingError(f"resolvers/graph.py answers {coordinate}, which the schema does not have.")
    if unknown := [name for name in graph.records if name not in answers]:
        raise BindingError(f"resolvers/graph.py names the types {unknown}, which the schema does not have.")
