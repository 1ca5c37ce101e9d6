"""Whether fields of one response key can be merged (GraphQL specification, Field Selection Merging), in linear time.

The reference compares every pair of fields. Here the fields of a response key are compared with one of them, and what
lies below all of them is looked at as one set: first the shapes of all, then the names and arguments of those that may
stand on the same object. The idea of comparing sets instead of pairs is Simon Adameit's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    is_object_type,
    print_ast,
)

from resolvers.execution.limits import Budget, TooMuch, Written

_INTENTIONAL = "Use different aliases on the fields to fetch both if this was intentional."


class _Asked(NamedTuple):
    parent: str
    """The type that the field is asked of."""
    node: FieldNode
    type: Any
    """The field's own type; None if it has no such field, which another rule reports."""


_Sets = tuple[tuple[str, SelectionSetNode], ...]
"""Selection sets, each with the type that it is asked of."""


def conflicts(schema: GraphQLSchema, document: DocumentNode, most: int) -> list[GraphQLError]:
    """Return the response keys under which a valid document asks for different things, up to so many."""
    check = _Check(schema, document, most)
    try:
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode) and (root := schema.get_root_type(node.operation)):
                check.sets(((root.name, node.selection_set),), shapes_only=False)
    except TooMuch as problem:
        return [GraphQLError(f"The document {problem}; ask in several requests.")]
    return check.errors[:most]


class _Check:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode, most: int) -> None:
        self.errors: list[GraphQLError] = []
        self._schema = schema
        self._fragments = {n.name.value: n for n in document.definitions if isinstance(n, FragmentDefinitionNode)}
        self._budget = Budget(2 * Written.of(document).selections)
        self._seen: set[tuple[bool, tuple[tuple[str, int], ...]]] = set()
        self._most = most
        self._arguments: dict[int, Mapping[str, str]] = {}

    def sets(self, sets: _Sets, *, shapes_only: bool) -> None:
        """Check what is asked of one place of the answer, and of all places below it."""
        identity = shapes_only, tuple(dict.fromkeys((parent, id(selection)) for parent, selection in sets))
        if identity in self._seen or len(self.errors) >= self._most:
            return
        self._seen.add(identity)
        by_key: dict[str, list[_Asked]] = {}
        for asked in self._fields(sets, set()):
            by_key.setdefault((asked.node.alias or asked.node.name).value, []).append(asked)
        for key, group in by_key.items():
            if len(group) > 1 and (difference := self._shapes(group)):
                self._report(key, *difference)
                continue
            overlapping = [group] if shapes_only else self._overlapping(group)
            for some in overlapping:
                if not shapes_only and len(some) > 1 and (difference := self._meanings(some)):
                    self._report(key, *difference)
                    break
                self.sets(_below(some), shapes_only=shapes_only)
            if not shapes_only and len(overlapping) > 1:
                self.sets(_below(group), shapes_only=True)

    def _fields(self, sets: Iterable[tuple[str, SelectionSetNode]], spread: set[str]) -> Iterator[_Asked]:
        for parent, selection_set in sets:
            for node in selection_set.selections:
                self._budget.step()
                if isinstance(node, FieldNode):
                    yield _Asked(parent, node, self._type(parent, node))
                elif isinstance(node, InlineFragmentNode):
                    on = node.type_condition.name.value if node.type_condition else parent
                    yield from self._fields(((on, node.selection_set),), spread)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                    spread.add(node.name.value)
                    if fragment := self._fragments.get(node.name.value):
                        inner = (fragment.type_condition.name.value, fragment.selection_set)
                        yield from self._fields((inner,), spread)

    def _type(self, parent: str, node: FieldNode) -> Any:
        field = getattr(self._schema.type_map.get(parent), "fields", {}).get(node.name.value)
        return field.type if field else None

    def _shapes(self, group: Sequence[_Asked]) -> tuple[str, _Asked, _Asked] | None:
        known = [asked for asked in group if asked.type is not None]
        for other in known[1:]:
            if not _same_shape(known[0].type, other.type):
                reason = f'they return conflicting types "{known[0].type}" and "{other.type}"'
                return reason, known[0], other
        return None

    def _overlapping(self, group: Sequence[_Asked]) -> list[list[_Asked]]:
        """Return the fields that may stand on the same object, together."""
        anywhere = [asked for asked in group if not is_object_type(self._schema.type_map.get(asked.parent))]
        by_type: dict[str, list[_Asked]] = {}
        for asked in group:
            if is_object_type(self._schema.type_map.get(asked.parent)):
                by_type.setdefault(asked.parent, []).append(asked)
        return [[*anywhere, *own] for own in by_type.values()] or [anywhere]

    def _meanings(self, group: Sequence[_Asked]) -> tuple[str, _Asked, _Asked] | None:
        first = group[0]
        for other in group[1:]:
            if first.node.name.value != other.node.name.value:
                reason = f'"{first.node.name.value}" and "{other.node.name.value}" are different fields'
                return reason, first, other
            if self._given(first.node) != self._given(other.node):
                return "they have differing arguments", first, other
        return None

    def _given(self, node: FieldNode) -> Mapping[str, str]:
        found = self._arguments.get(id(node))
        if found is None:
            found = {argument.name.value: print_ast(argument.value) for argument in node.arguments or ()}
            self._arguments[id(node)] = found
        return found

    def _report(self, key: str, reason: str, one: _Asked, other: _Asked) -> None:
        message = f'Fields "{key}" conflict because {reason}. {_INTENTIONAL}'
        self.errors.append(GraphQLError(message, [one.node, other.node]))


def _below(group: Sequence[_Asked]) -> _Sets:
    named = ((get_named_type(asked.type).name, asked.node.selection_set) for asked in group if asked.type is not None)
    return tuple((name, selection_set) for name, selection_set in named if selection_set)


def _same_shape(one: Any, other: Any) -> bool:
    while isinstance(one, GraphQLNonNull | GraphQLList) or isinstance(other, GraphQLNonNull | GraphQLList):
        if type(one) is not type(other):
            return False
        one, other = one.of_type, other.of_type
    if is_leaf_type(one) or is_leaf_type(other):
        return one is other
    return True
