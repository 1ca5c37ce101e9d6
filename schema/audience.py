"""A schema's text cut to what an audience can see, without what is never given to it and what only that leads to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

_ROOTS = ("Query", "Mutation", "Subscription")
_COMPOSITE = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
_TYPES = (
    _COMPOSITE
    | InputObjectTypeDefinitionNode
    | EnumTypeDefinitionNode
    | ScalarTypeDefinitionNode
    | UnionTypeDefinitionNode
)


def cut(text: str, hidden: Collection[str]) -> str:
    """Return the text without what is hidden, fields as `Type.field` and arguments as `Type.field(argument:)`."""
    types = {n.name.value: n for n in parse(text, no_location=True).definitions if isinstance(n, _TYPES)}
    others = [n for n in parse(text, no_location=True).definitions if not isinstance(n, _TYPES)]
    for name, node in types.items():
        if isinstance(node, _COMPOSITE):
            types[name] = replace(node, fields=tuple(_fields(node, hidden)))
    while empty := {n for n, node in types.items() if isinstance(node, _COMPOSITE) and not node.fields}:
        for name in empty:
            del types[name]
        for name, node in types.items():
            types[name] = _without(node, empty)
    reached = _reached(types, others)
    kept = [_implementing(types[name], types) for name in types if name in reached]
    return print_ast(DocumentNode(definitions=(*others, *kept))) + "\n"


def _fields(node: Any, hidden: Collection[str]) -> Iterator[FieldDefinitionNode]:
    for field in node.fields or ():
        coordinate = f"{node.name.value}.{field.name.value}"
        if coordinate not in hidden:
            given = tuple(a for a in field.arguments or () if f"{coordinate}({a.name.value}:)" not in hidden)
            yield replace(field, arguments=given)


def _without(node: Any, names: Collection[str]) -> Any:
    """Return a type without what leads to types of these names."""
    if isinstance(node, UnionTypeDefinitionNode):
        return replace(node, types=tuple(t for t in node.types or () if t.name.value not in names))
    if isinstance(node, _COMPOSITE):
        return replace(node, fields=tuple(f for f in node.fields or () if _named(f.type) not in names))
    return node


def _reached(types: dict[str, Any], others: Collection[Any]) -> set[str]:
    """Return the names of the types that a question can come to."""
    reached: set[str] = set()
    left = [name for name in _ROOTS if name in types]
    for directive in others:
        if isinstance(directive, DirectiveDefinitionNode):
            left += [_named(argument.type) for argument in directive.arguments or ()]
    while left:
        name = left.pop()
        node = types.get(name)
        if node is None or name in reached:
            continue
        reached.add(name)
        left += _leads_to(node)
        if isinstance(node, InterfaceTypeDefinitionNode):
            left += [
                other.name.value
                for other in types.values()
                if isinstance(other, ObjectTypeDefinitionNode) and name in _interfaces(other)
            ]
    return reached


def _leads_to(node: Any) -> Iterator[str]:
    if isinstance(node, UnionTypeDefinitionNode):
        yield from (type_.name.value for type_ in node.types or ())
    elif isinstance(node, InputObjectTypeDefinitionNode):
        yield from (_named(field.type) for field in node.fields or ())
    elif isinstance(node, _COMPOSITE):
        yield from _interfaces(node)
        for field in node.fields or ():
            yield _named(field.type)
            yield from (_named(argument.type) for argument in field.arguments or ())


def _interfaces(node: Any) -> Collection[str]:
    return [interface.name.value for interface in node.interfaces or ()]


def _implementing(node: Any, types: dict[str, Any]) -> Any:
    """Return a type with the interfaces of which it still has all fields."""
    if not isinstance(node, _COMPOSITE):
        return node
    own = {field.name.value for field in node.fields or ()}
    kept = [
        i
        for i in node.interfaces or ()
        if i.name.value in types and {field.name.value for field in types[i.name.value].fields} <= own
    ]
    return replace(node, interfaces=tuple(kept))


def _named(type_: Any) -> str:
    while not isinstance(type_, NamedTypeNode):
        type_ = type_.type
    return type_.name.value
