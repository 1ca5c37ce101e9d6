"""What a document takes and gives, as JSON Schema: for those who ask it by its name and know no GraphQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    is_input_type,
    is_leaf_type,
    parse,
    type_from_ast,
    value_from_ast_untyped,
)

_NUMBERS: Mapping[str, str] = {"Int": "integer", "Float": "number", "Boolean": "boolean"}
_NESTED = 3
"""How deep inputs within inputs are described."""


@dataclass(frozen=True)
class Parameter:
    """A variable of a document."""

    name: str
    type: GraphQLInputType
    required: bool
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Signature:
    """What a document takes and gives."""

    is_query: bool
    parameters: tuple[Parameter, ...]
    data: Mapping[str, Any]
    """JSON Schema of the answer's `data`."""


@lru_cache(maxsize=1000)
def signature(schema: GraphQLSchema, text: str) -> Signature:
    """Return the signature of a valid document with one operation."""
    document = parse(text)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    fragments = {n.name.value: n for n in document.definitions if isinstance(n, FragmentDefinitionNode)}
    root = schema.get_root_type(operation.operation)
    data = _Answers(schema, fragments).object(root, (operation.selection_set,))
    is_query = operation.operation is OperationType.QUERY
    return Signature(is_query, tuple(_parameters(schema, operation)), {**data, "type": ["object", "null"]})


def _parameters(schema: GraphQLSchema, operation: OperationDefinitionNode) -> Iterator[Parameter]:
    for definition in operation.variable_definitions or ():
        type_ = type_from_ast(schema, definition.type)
        assert is_input_type(type_), "the document is valid"
        described = dict(_input(type_, _NESTED))
        if definition.default_value is not None:
            described["default"] = value_from_ast_untyped(definition.default_value)
        required = isinstance(type_, GraphQLNonNull) and definition.default_value is None
        yield Parameter(definition.variable.name.value, type_, required, described)


def _input(type_: Any, deep: int) -> Mapping[str, Any]:
    if isinstance(type_, GraphQLNonNull):
        return _input(type_.of_type, deep)
    if isinstance(type_, GraphQLList):
        return {"type": "array", "items": _input(type_.of_type, deep)}
    if isinstance(type_, GraphQLInputObjectType):
        if deep == 0:
            return {"type": "object"}
        required = [name for name, field in type_.fields.items() if isinstance(field.type, GraphQLNonNull)]
        fields = {name: _input(field.type, deep - 1) for name, field in type_.fields.items()}
        return {"type": "object", "properties": fields, **({"required": required} if required else {})}
    return _leaf(type_)


def _leaf(type_: Any) -> Mapping[str, Any]:
    if isinstance(type_, GraphQLEnumType):
        return {"type": "string", "enum": list(type_.values)}
    told = (type_.description or "").split("\n")[0]
    return {"type": _NUMBERS.get(type_.name, "string"), **({"description": told} if told else {})}


class _Answers:
    """Describes what a selection gives."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments

    def object(self, type_: Any, sets: Iterable[Any]) -> dict[str, Any]:
        """Return what an object gives; of an interface, with what any of its types may."""
        found: dict[str, tuple[Any, list[Any]]] = {}
        for parent, node in self._fields(type_, sets):
            key = (node.alias or node.name).value
            declared = getattr(parent, "fields", {}).get(node.name.value)
            found.setdefault(key, (declared, []))[1].extend([node.selection_set] if node.selection_set else [])
        properties = {
            key: {"type": "string"} if declared is None else self._given(declared.type, below)
            for key, (declared, below) in found.items()
        }
        return {"type": "object", "properties": properties}

    def _fields(self, type_: Any, sets: Iterable[Any]) -> Iterator[tuple[Any, FieldNode]]:
        for selection_set in sets:
            for node in selection_set.selections:
                if isinstance(node, FieldNode):
                    yield type_, node
                    continue
                inner = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
                condition = inner.type_condition
                narrowed = self._schema.type_map[condition.name.value] if condition else type_
                yield from self._fields(narrowed, (inner.selection_set,))

    def _given(self, type_: Any, below: list[Any]) -> Mapping[str, Any]:
        if isinstance(type_, GraphQLNonNull):
            return self._whole(type_.of_type, below)
        whole = dict(self._whole(type_, below))
        if "enum" in whole:
            whole["enum"] = [*whole["enum"], None]
        return {**whole, "type": [whole["type"], "null"]}

    def _whole(self, type_: Any, below: list[Any]) -> Mapping[str, Any]:
        if isinstance(type_, GraphQLList):
            return {"type": "array", "items": self._given(type_.of_type, below)}
        return _leaf(type_) if is_leaf_type(type_) else self.object(get_named_type(type_), below)
