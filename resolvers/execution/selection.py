"""What an operation asks below a field: the record fields to fetch, with fragments, @skip and @include applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from graphql.language import BooleanValueNode

from resolvers.binding import Answer, Batch, Grouped, Part

Answers = Mapping[str, Mapping[str, Answer]]


@dataclass(frozen=True)
class OperationScope:
    """What is the same for every selection of one operation."""

    schema: GraphQLSchema
    answers: Answers
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class FieldSelection:
    """What an operation asks below one field, wherever the field's name occurs among these nodes."""

    scope: OperationScope
    nodes: Sequence[FieldNode]
    _keys: dict[str, dict[str, list[FieldNode]]] = field(default_factory=dict)
    _fields: dict[str, dict[str, list[FieldNode]]] = field(default_factory=dict)
    _needs: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[int, ...]:
        """The same for all selections of one operation that ask the same, field by field."""
        return tuple(dict.fromkeys(id(node.selection_set) for node in self.nodes))

    def keys(self, type_name: str) -> dict[str, list[FieldNode]]:
        """Return the fields asked of an object of this type by the key they go out under, in the order they do."""
        found = self._keys.get(type_name)
        if found is None:
            found = self._keys[type_name] = {}
            sets = (node.selection_set for node in self.nodes if node.selection_set)
            for node in _collect(self.scope, type_name, sets, set()):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return found

    def fields(self, type_name: str) -> dict[str, list[FieldNode]]:
        """Return the fields asked of an object of this type by their own name, with their nodes."""
        found = self._fields.get(type_name)
        if found is None:
            found = self._fields[type_name] = {}
            for nodes in self.keys(type_name).values():
                found.setdefault(nodes[0].name.value, []).extend(nodes)
        return found

    def needs(self, type_name: str) -> frozenset[str]:
        """Record fields that are needed of an object of this type, for its own fields and for its children's."""
        found = self._needs.get((type_name,))
        if found is None:
            answers = self.scope.answers[type_name]
            needed = (need for name in self.fields(type_name) for need in _needs(answers.get(name)))
            found = self._needs[type_name,] = frozenset(needed)
        return found

    def part_needs(self, type_name: str, group: str) -> frozenset[str]:
        """Record fields that are needed of a group's record."""
        found = self._needs.get((type_name, group))
        if found is None:
            answers = self.scope.answers[type_name]
            parts = (answers.get(name) for name in self.fields(type_name))
            needed = (n for a in parts if isinstance(a, Grouped) and a.group.name == group for n in a.part.needs)
            found = self._needs[type_name, group] = frozenset(needed)
        return found

    def at(self, type_name: str, *path: str) -> FieldSelection:
        """The selection further down, through fields of this type and of those below."""
        here, type_ = self, type_name
        for name in path:
            nodes = here.fields(type_).get(name, [])
            parent = self.scope.schema.type_map[type_]
            type_ = get_named_type(parent.fields[name].type).name  # type: ignore[attr-defined]  # only objects have fields asked
            here = FieldSelection(self.scope, nodes)
        return here


def _needs(answer: Answer | None) -> Iterable[str]:
    if isinstance(answer, Batch):
        return answer.requires
    return answer.needs if isinstance(answer, Part) else ()


def _collect(
    scope: OperationScope, type_name: str, sets: Iterable[SelectionSetNode], visited: set[str]
) -> Iterator[FieldNode]:
    for selections in sets:
        for node in selections.selections:
            if not _is_included(node.directives, scope.variables):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else type_name
                if _applies(scope.schema, condition, type_name):
                    yield from _collect(scope, type_name, (node.selection_set,), visited)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                fragment = scope.fragments[node.name.value]
                if _applies(scope.schema, fragment.type_condition.name.value, type_name):
                    yield from _collect(scope, type_name, (fragment.selection_set,), visited)


def _applies(schema: GraphQLSchema, condition: str, type_name: str) -> bool:
    if condition == type_name:
        return True
    wider, narrower = schema.type_map[condition], schema.type_map[type_name]
    return is_abstract_type(wider) and is_object_type(narrower) and schema.is_sub_type(wider, narrower)


def _is_included(directives: Sequence[DirectiveNode] | None, variables: Mapping[str, Any]) -> bool:
    for directive in directives or ():
        if directive.name.value in ("skip", "include"):
            condition = next(a.value for a in directive.arguments or () if a.name.value == "if")
            holds = (
                bool(variables.get(condition.name.value))
                if isinstance(condition, VariableNode)
                else isinstance(condition, BooleanValueNode) and condition.value
            )
            if holds is (directive.name.value == "skip"):
                return False
    return True
