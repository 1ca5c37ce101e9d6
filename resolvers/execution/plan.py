"""An operation, compiled: scopes of fields, and for each field what answers it and what is asked below it.

A scope is what is asked of all objects of one type at one place. Scopes are compiled when they are first needed, and
equal places share one, so that neither an interface with many types nor fragments that spread one another cost more
than what the data reach.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLString,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)

from resolvers.binding import Answer, Batch, Graph, Group, Grouped, Part
from resolvers.execution.arguments import Arguments
from resolvers.execution.leaves import checker
from resolvers.execution.literals import Literals
from resolvers.execution.selection import FieldSelection, OperationScope
from resolvers.execution.variables import Variables
from resolvers.request import Ask

TYPENAME = GraphQLNonNull(GraphQLString)

OWN = 0
"""The base of the fields that are read from the object itself; groups come behind it."""


@dataclass(eq=False)
class Field:
    """One response key of a scope: what answers it, and what is asked below it."""

    place: int
    key: str
    name: str
    type: GraphQLOutputType
    nodes: Sequence[FieldNode]
    answer: Answer | None
    """None: `__typename`."""
    base: int | None
    """Which of a scope's records its part is read from; None: it has a batch of its own."""
    arguments: Arguments | None
    below: Below | None
    """None: a leaf."""
    check: Callable[[Sequence[Any]], bool] = field(init=False)
    """Tells of a column of leaves whether it can go out as it is."""
    resolve: Callable[..., Any] | None = field(init=False)
    """The batch resolver, where the field has one of its own."""

    def __post_init__(self) -> None:
        self.check = _never if self.below else checker(self.type)
        self.resolve = self.answer.resolve if isinstance(self.answer, Batch) else None

    def called(self, ask: Ask, variables: Variables, literals: Literals) -> Any:
        """Ask the field's batch resolver."""
        resolve: Any = self.resolve
        if self.arguments is None:
            return resolve(ask)
        return resolve(ask, **self.arguments.values(variables, literals))

    @property
    def part(self) -> Part:
        """What is read from a record."""
        answer = self.answer.part if isinstance(self.answer, Grouped) else self.answer
        assert isinstance(answer, Part), f"{self.name} has a batch of its own"
        return answer


@dataclass(eq=False)
class Below:
    """What is asked below a field: its selection, and a scope for each type that its objects may be of."""

    plan: Plan
    named: str
    abstract: bool
    depth: int
    """How many lists the objects lie in."""
    selection: FieldSelection
    _scopes: dict[str, Scope] = field(default_factory=dict)
    _type_names: dict[type, str] = field(default_factory=dict)

    def type_of(self, value: Any) -> str:
        """Return the type of an object below an interface or a union; raise where none of its types is known."""
        found = self._type_names.get(type(value))
        if found is None:
            found = self._type_names[type(value)] = self.plan.type_of(self.named, value)
        return found

    def scope(self, type_name: str) -> Scope:
        """Return the scope of objects of a type, compiled when it is first seen here."""
        found = self._scopes.get(type_name)
        if found is None:
            found = self._scopes[type_name] = self.plan.scope(type_name, self.selection)
        return found

    @property
    def scopes(self) -> Mapping[str, Scope]:
        """The scopes that have been needed so far."""
        return self._scopes


@dataclass(eq=False)
class GroupUse:
    """A group that a scope needs, and the fields needed of its record."""

    group: Group
    base: int
    needs: frozenset[str]


@dataclass(eq=False)
class Scope:
    """What is asked of all objects of one type at one place."""

    type_name: str
    selection: FieldSelection
    fields: tuple[Field, ...]
    groups: tuple[GroupUse, ...]
    buildings: dict[Any, Any] = field(default_factory=dict)
    """How its objects are put together, by the classes of the records they are made of."""
    untouched: dict[Any, frozenset[int]] = field(default_factory=dict)
    """Which fields' objects can go out as they lie in records of a class."""
    batched: tuple[Field, ...] = field(init=False)
    nested: tuple[Field, ...] = field(init=False)
    """Objects that lie within the record itself."""
    plain: tuple[Field, ...] = field(init=False)
    """Objects of a known type, one for each object of the scope or a list of them."""
    is_given: bool = field(init=False)
    """All that is asked are leaves of the records at hand."""

    def __post_init__(self) -> None:
        self.batched = tuple(f for f in self.fields if isinstance(f.answer, Batch))
        self.nested = tuple(f for f in self.fields if f.base is not None and f.below is not None)
        self.plain = tuple(f for f in self.fields if f.below and not f.below.abstract and f.below.depth <= 1)
        self.is_given = not (self.groups or self.batched or self.nested)


class Plan:
    """A compiled operation; the same for all requests that ask it with the same @skip and @include."""

    def __init__(
        self, schema: strawberry.Schema, graph: Graph, scope: OperationScope, root_type: str, root: FieldSelection
    ) -> None:
        """Compile the fields of the root; what lies below is compiled when it is needed."""
        self.graph = graph
        self._strawberry = schema
        self._schema: GraphQLSchema = schema._schema
        self._operation = scope
        self._scopes: dict[Any, Scope] = {}
        self.root = self.scope(root_type, root)

    def check(self, variables: Variables, literals: Literals) -> None:
        """Raise Unliftable if a text's own literals do not fit, before anything is asked of a source."""
        for scope in self._scopes.values():
            for batched in scope.batched:
                if batched.arguments:
                    batched.arguments.values(variables, literals)

    def scope(self, type_name: str, selection: FieldSelection) -> Scope:
        """Return the scope of a type and a selection; the same selection sets give the same scope."""
        identity = (type_name, selection.identity)
        found = self._scopes.get(identity)
        if found is None:
            found = self._scopes[identity] = self._compiled(type_name, selection)
        return found

    def possible(self, abstract: str) -> list[str]:
        """Return the types that may stand for an interface or a union."""
        wider = self._schema.type_map[abstract]
        assert is_abstract_type(wider), f"{abstract} is no interface and no union"
        return [type_.name for type_ in self._schema.get_possible_types(wider)]

    def type_of(self, abstract: str, value: Any) -> str:
        """Return the type of the graph that a value is of; raise GraphQLError if it may not stand for the abstract."""
        name = self.graph.type_of(value)
        wider, type_ = self._schema.type_map[abstract], self._schema.type_map.get(name)
        if not (is_abstract_type(wider) and is_object_type(type_) and self._schema.is_sub_type(wider, type_)):
            raise GraphQLError(f"Runtime Object type '{name}' is not a possible type for '{abstract}'.")
        return name

    def _compiled(self, type_name: str, selection: FieldSelection) -> Scope:
        type_ = self._schema.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType), f"{type_name} is no object type"
        answers = self._operation.answers[type_name]
        asked = selection.keys(type_name)
        uses: dict[str, GroupUse] = {}
        for nodes in asked.values():
            answer = answers.get(nodes[0].name.value)
            if isinstance(answer, Grouped) and answer.group.name not in uses:
                needs = selection.part_needs(type_name, answer.group.name)
                uses[answer.group.name] = GroupUse(answer.group, OWN + 1 + len(uses), needs)
        bases = {name: use.base for name, use in uses.items()}
        fields = tuple(
            self._field(place, key, nodes, type_, answers.get(nodes[0].name.value), bases)
            for place, (key, nodes) in enumerate(asked.items())
        )
        return Scope(type_name, selection, fields, tuple(uses.values()))

    def _field(
        self,
        place: int,
        key: str,
        nodes: Sequence[FieldNode],
        parent: GraphQLObjectType,
        answer: Answer | None,
        bases: Mapping[str, int],
    ) -> Field:
        name = nodes[0].name.value
        if name == "__typename":
            return Field(place, key, name, TYPENAME, nodes, None, None, None, None)
        declared: GraphQLField = parent.fields[name]
        assert answer is not None, f"{parent.name}.{name} was bound at start"
        base = bases[answer.group.name] if isinstance(answer, Grouped) else OWN if isinstance(answer, Part) else None
        takes = isinstance(answer, Batch) and declared.args
        arguments = Arguments(self._strawberry, declared, nodes[0]) if takes else None
        return Field(place, key, name, declared.type, nodes, answer, base, arguments, self._below(declared, nodes))

    def _below(self, declared: GraphQLField, nodes: Sequence[FieldNode]) -> Below | None:
        named = get_named_type(declared.type)
        selection = FieldSelection(self._operation, nodes)
        if is_leaf_type(named):
            return None
        return Below(self, named.name, not is_object_type(named), depth_of(declared.type), selection)


def _never(_column: Sequence[Any]) -> bool:
    return False


def depth_of(type_: Any) -> int:
    """Return how many lists a type has around its name."""
    depth = 0
    while isinstance(type_, GraphQLList | GraphQLNonNull):
        depth += isinstance(type_, GraphQLList)
        type_ = type_.of_type
    return depth
