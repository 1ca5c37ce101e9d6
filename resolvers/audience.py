"""What of a schema the readers of a role can come to see, for whatever purpose and of whatever is their own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
from cachetools import LRUCache
from graphql import DocumentNode, ExecutionResult, FieldNode, GraphQLSchema, OperationDefinitionNode
from graphql import build_schema as build_from_sdl
from graphql.execution import execute
from strawberry.utils.str_converters import to_camel_case

from auth.principal import Principal
from auth.rules import Rights, Rulebook, Verdict
from codes.access import DataGroup, Purpose, Role
from resolvers.request import BadInput
from schema.audience import cut
from schema.graph import sdl
from schema.holdings import Holdings, holdings

AUDIENCE_HEADER = "hub-audience"
_INTROSPECTION = frozenset(("__schema", "__type", "__typename"))


def role_of(given: str) -> Role:
    """Return the role that an audience is named by; raise BadInput for none."""
    try:
        return Role(given.strip().upper())
    except ValueError:
        known = ", ".join(role.value.lower() for role in Role)
        raise BadInput(f"There is no audience {given[:40]!r}; give one of {known}.") from None


@dataclass(frozen=True)
class _Audience:
    text: str
    schema: GraphQLSchema


class Audiences:
    """A schema as each role can see it."""

    def __init__(self, schema: strawberry.Schema, rules: Rulebook | None) -> None:
        """Cut nothing yet. Without rules everybody sees everything."""
        self._schema = schema
        self._rules = rules
        self._known: LRUCache[Rights | None, _Audience] = LRUCache(len(Role))

    def text(self, role: Role) -> str:
        """Return the schema's text cut to what a role can see."""
        return self._audience(role).text

    def introspected(
        self, given: str, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> ExecutionResult:
        """Answer an introspection by the schema that a role can see; raise BadInput for what asks anything else."""
        for node in operation.selection_set.selections:
            if not isinstance(node, FieldNode) or node.name.value not in _INTROSPECTION:
                raise BadInput("With Hub-Audience only the schema is asked for; leave other fields and fragments out.")
        name = operation.name.value if operation.name else None
        schema = self._audience(role_of(given)).schema
        result = execute(schema, document, variable_values=dict(variables), operation_name=name)
        assert isinstance(result, ExecutionResult), "the schema is at hand"
        return result

    def _audience(self, role: Role) -> _Audience:
        rights = self._rights(role)
        key = rights[0] if rights else None
        found = self._known.get(key)
        if found is None:
            hidden = set(_hidden(self._schema, holdings(self._schema), rights)) if rights else set[str]()
            text = cut(sdl(self._schema), hidden)
            found = self._known[key] = _Audience(text, build_from_sdl(text))
        return found

    def _rights(self, role: Role) -> list[Rights]:
        if self._rules is None:
            return []
        reader = Principal("", "", frozenset((role,)), purposes=frozenset(Purpose))
        return [self._rules.rights(reader, purpose) for purpose in (None, *Purpose)]


def _hidden(schema: strawberry.Schema, held: Holdings, rights: Collection[Rights]) -> Iterator[str]:
    """Give the coordinates of what is never given to readers with any of these rights."""
    seen = {g for g in DataGroup if any({r.own[g], r.others[g]} != {Verdict.FORBIDDEN} for r in rights)}
    narrowing = {g for g in DataGroup if any(r.others[g] is Verdict.ALLOW for r in rights)}
    for name, fields in held.fields.items():
        yield from (f"{name}.{field}" for field, what in fields.items() if what.group not in seen)
    for coordinate, compared in held.compared.items():
        for argument, what in compared.items():
            if "." not in argument and what.group not in narrowing:
                yield f"{coordinate}({to_camel_case(argument)}:)"
