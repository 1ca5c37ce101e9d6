"""The schema as a subgraph of an Apollo federation: its text with keys, and with the federation's own directives.

Directives that the graph declares as the federation does are taken from there by `@link`. Version 2.9 is the newest
that all composers know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import strawberry
from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    SchemaExtensionNode,
    parse,
    print_ast,
)

from schema.federation import keys
from schema.graph import sdl

_SPECIFICATION = "https://specs.apollo.dev/federation/v2.9"
_SECURITY = ("authenticated", "requiresScopes")
_OF_FEDERATION = ("key", "shareable", "tag", "cost", "listSize")
_OWN = frozenset(("_Any", "_Entity", "_Service", "Scope"))
"""Types that a gateway does not want to be told of, or has of the federation."""
_OWN_FIELDS = frozenset(("_entities", "_service"))
_VALUES = frozenset(("AmountBand", "District", "Industry", "PageInfo"))
"""Types without an identity that other subgraphs may have too."""
_ASSUMED = "100"
"""How long a list is for a gateway that cannot tell; the hub counts what is asked of it."""


def subgraph(schema: strawberry.Schema, *, security: bool = True) -> str:
    """Return the text that a gateway is told.

    With `security` it says what needs a token and of which scopes. A gateway that does not know these directives
    refuses a graph with them, as Apollo's own in JavaScript does; the hub holds to its rules whatever a gateway knows.
    """
    names = [*_OF_FEDERATION, *(_SECURITY if security else ())]
    imported = ", ".join(f'"@{name}"' for name in names)
    link = f'extend schema @link(url: "{_SPECIFICATION}", import: [{imported}])'
    dropped = frozenset((*names, *_SECURITY))
    definitions = [
        _told(node, () if security else _SECURITY)
        for node in parse(sdl(schema), no_location=True).definitions
        if not _is_left_out(node, dropped)
    ]
    return f"{link}\n\n{print_ast(DocumentNode(definitions=tuple(definitions)))}\n"


def _is_left_out(node: DefinitionNode, directives: frozenset[str]) -> bool:
    name: str = getattr(getattr(node, "name", None), "value", "")
    return name in (directives if isinstance(node, DirectiveDefinitionNode) else _OWN)


def _told(node: Any, unsaid: Sequence[str]) -> Any:
    """Return a definition as the federation has it."""
    if not isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        return node
    name = node.name.value
    has_identity = any(interface.name.value == "Node" for interface in node.interfaces or ())
    more = [f'@key(fields: "{key}")' for key in keys(name)] if has_identity else []
    more += ["@shareable"] if name in _VALUES else []
    fields = tuple(_field(f, unsaid) for f in node.fields or () if f.name.value not in _OWN_FIELDS)
    return replace(node, fields=fields, directives=(*_directives(more), *_kept(node.directives, unsaid)))


def _field(node: FieldDefinitionNode, unsaid: Sequence[str]) -> FieldDefinitionNode:
    numbers = {a.name.value for a in node.arguments or () if print_ast(a.type).rstrip("!") == "Int"}
    return replace(node, directives=tuple(_sized(d, numbers) for d in _kept(node.directives, unsaid)))


def _kept(directives: Sequence[ConstDirectiveNode] | None, unsaid: Sequence[str]) -> Iterator[ConstDirectiveNode]:
    """Give directives but those that are not said, and with what a field holds the tags by which a graph is cut."""
    for directive in directives or ():
        if directive.name.value not in unsaid:
            yield directive
        if directive.name.value == "data":
            held = {a.name.value: print_ast(a.value) for a in directive.arguments or ()}
            yield from _directives([f'@tag(name: "{held["group"].lower()}")', f'@tag(name: "level-{held["level"]}")'])


def _sized(directive: ConstDirectiveNode, numbers: set[str]) -> ConstDirectiveNode:
    """Return a list's size as the federation can tell it, which knows of numbers only and not of lists' lengths."""
    if directive.name.value != "listSize":
        return directive
    given: Mapping[str, Any] = {a.name.value: a for a in directive.arguments or ()}
    slicing = given.get("slicingArguments")
    if slicing is None or {value.value for value in slicing.value.values} <= numbers:
        return directive
    assumed = print_ast(given["assumedSize"].value) if "assumedSize" in given else _ASSUMED
    fields = f", sizedFields: {print_ast(given['sizedFields'].value)}" if "sizedFields" in given else ""
    return next(_directives([f"@listSize(assumedSize: {assumed}{fields}, requireOneSlicingArgument: false)"]))


def _directives(texts: Sequence[str]) -> Iterator[ConstDirectiveNode]:
    if texts:
        extension = parse(f"extend schema {' '.join(texts)}", no_location=True).definitions[0]
        assert isinstance(extension, SchemaExtensionNode)
        yield from extension.directives or ()
