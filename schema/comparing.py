"""What changes for readers between two texts of a schema: what breaks them, what may, and what does not.

Types, fields and arguments are compared by graphql-core. What it passes over is compared here: what a field holds, who
may ask, what it costs, how long lists are taken to be, and deprecations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graphql import (
    DirectiveNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    build_ast_schema,
    parse,
    value_from_ast_untyped,
)
from graphql.utilities import BreakingChange, DangerousChange, find_schema_changes

from schema.deprecations import until_of

_COORDINATE = re.compile(r"@?[A-Za-z_]\w*(?:\.\w+)?(?:\(\w+:\))?")
_UNION = re.compile(r"union type (\w+)")


class Kind(Enum):
    """What a change does to those who ask."""

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    SAFE = "safe"


_KINDS: Mapping[type, Kind] = {BreakingChange: Kind.BREAKING, DangerousChange: Kind.DANGEROUS}


@dataclass(frozen=True)
class Change:
    """A change, where it is, and what it is in words."""

    kind: Kind
    coordinate: str
    description: str


Said = Mapping[str, Mapping[str, Any]]
"""By directive, its arguments."""


def changes(old: str, new: str) -> list[Change]:
    """Return what changes between two texts of a schema, what breaks first; raise GraphQLError for no schema."""
    before, after = parse(old), parse(new)
    found = [_of_core(change) for change in find_schema_changes(build_ast_schema(before), build_ast_schema(after))]
    said, says = dict(_said(before)), dict(_said(after))
    for coordinate in said.keys() & says.keys():
        for kind, words in _differences(coordinate, said, says):
            found.append(Change(kind, coordinate, f"{coordinate} {words}."))
    order = [*Kind]
    return sorted(found, key=lambda change: (order.index(change.kind), change.description))


def _of_core(change: Any) -> Change:
    kind = _KINDS.get(type(change), Kind.SAFE)
    union = _UNION.search(change.description)
    named = [union[1]] if union else _COORDINATE.findall(change.description)
    return Change(kind, max(named, key=lambda name: ("." in name, name[0].isupper()), default=""), change.description)


def _said(document: Any) -> Iterator[tuple[str, Said]]:
    """Give the directives of every type, field, argument, input field and enum value."""
    kinds = (
        ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode, InputObjectTypeDefinitionNode, EnumTypeDefinitionNode
    )  # fmt: skip
    for node in document.definitions:
        if isinstance(node, kinds):
            name = node.name.value
            yield name, _arguments(node.directives)
            for member in (node.values if isinstance(node, EnumTypeDefinitionNode) else node.fields) or ():
                coordinate = f"{name}.{member.name.value}"
                yield coordinate, _arguments(member.directives)
                for argument in (member.arguments if isinstance(member, FieldDefinitionNode) else None) or ():
                    yield f"{coordinate}({argument.name.value}:)", _arguments(argument.directives)


def _arguments(directives: tuple[DirectiveNode, ...] | None) -> Said:
    return {
        directive.name.value: {a.name.value: value_from_ast_untyped(a.value) for a in directive.arguments or ()}
        for directive in directives or ()
    }


def _differences(coordinate: str, said: Mapping[str, Said], says: Mapping[str, Said]) -> Iterator[tuple[Kind, str]]:
    before, after = said[coordinate], says[coordinate]
    yield from _held(_inherited(coordinate, said, after), _inherited(coordinate, says, before))
    yield from _asked(before, after)
    yield from _priced(before, after)
    yield from _deprecated(before.get("deprecated"), after.get("deprecated"))


def _inherited(coordinate: str, said: Mapping[str, Said], other: Said) -> Mapping[str, Any]:
    """Return what something holds; what its type says where only the other text says so of itself."""
    own = said[coordinate].get("data")
    if own is None and "data" in other:
        own = said.get(coordinate.partition(".")[0], {}).get("data")
    return own or {}


def _held(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    if before.get("group") != after.get("group"):
        yield Kind.BREAKING, f"holds {after.get('group')}, where it held {before.get('group')}"
    was, is_ = int(before.get("level", 0)), int(after.get("level", 0))
    if was != is_:
        yield Kind.BREAKING if is_ > was else Kind.SAFE, f"has level {is_}, where it had {was}"
    if before.get("mask") != after.get("mask"):
        kind = Kind.BREAKING if after.get("mask") else Kind.SAFE
        yield kind, f"is masked as {after.get('mask')}, where it was as {before.get('mask')}"


def _asked(before: Said, after: Said) -> Iterator[tuple[Kind, str]]:
    for name in ("authenticated", "requiresScopes"):
        if before.get(name) != after.get(name):
            yield (Kind.BREAKING if name in after else Kind.SAFE), f"has another @{name} than before"


def _priced(before: Said, after: Said) -> Iterator[tuple[Kind, str]]:
    was, is_ = before.get("cost", {}).get("weight"), after.get("cost", {}).get("weight")
    if was != is_:
        dearer = int(is_ or 1) > int(was or 1)
        yield Kind.DANGEROUS if dearer else Kind.SAFE, f"costs {is_ or 'as usual'}, where it cost {was or 'as usual'}"
    if before.get("listSize") != after.get("listSize"):
        yield Kind.DANGEROUS, "is taken for a list of another size than before"


def _deprecated(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[tuple[Kind, str]]:
    if before == after:
        return
    if after is None:
        yield Kind.DANGEROUS, "is not deprecated any more"
    elif before is None:
        yield Kind.SAFE, f"is deprecated: {after.get('reason', 'no reason is given')}"
    else:
        was, is_ = until_of(str(before.get("reason"))), until_of(str(after.get("reason")))
        earlier = is_ is not None and was is not None and is_ < was
        yield Kind.DANGEROUS if earlier else Kind.SAFE, f"is deprecated otherwise: {after.get('reason')}"
