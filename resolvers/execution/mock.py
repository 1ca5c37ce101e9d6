"""The schema with values that are made up, for those who build a page before they have a hub; every answer says so."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import strawberry
from graphql import (
    ExecutionResult,
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)
from graphql import build_schema as build_from_sdl
from graphql.execution import execute

from codes import uscc
from resolvers.audience import Audiences, role_of
from resolvers.binding import Graph, bind
from resolvers.execution.documents import Documents, Refused
from resolvers.execution.encoding import encoded
from resolvers.execution.errors import OPERATION_FAILURE, formatted
from resolvers.execution.literals import DOCUMENTS_OWN
from resolvers.execution.operation import Answer, Operation, Renewed
from resolvers.execution.prepared import Binding
from resolvers.execution.refusing import refusal, request_error
from schema.graph import sdl

_NOTE = "Every value is made up: this hub mocks the schema and asks no source."
_USUAL, _MOST = 2, 50
"""Members of a list that says no size, and at most."""

Info = GraphQLResolveInfo[Any]


@dataclass(frozen=True)
class _Made:
    """An object that is made up: its type, its number, and what it was asked by."""

    type_name: str
    number: int
    given: Mapping[str, Any] = field(default_factory=dict)


class Mock:
    """Answers operations with values of the right types that mean nothing."""

    def __init__(self, schema: strawberry.Schema, graph: Graph) -> None:
        """Take the schema's text for a schema of its own."""
        self.sdl = sdl(schema)
        self._audiences = Audiences(schema, None)
        self._documents = Documents(Binding(schema, graph, bind(schema, graph), None))
        self._schema: GraphQLSchema = build_from_sdl(self.sdl)

    def text(self, audience: str) -> str:
        """Return the schema's text; the whole, whoever it is for."""
        return self._audiences.text(role_of(audience)) if audience else self.sdl

    async def answer(self, operation: Operation) -> Answer:
        """Return the answer of a query or a mutation; nothing is changed."""
        try:
            document, _ = self._documents.get(operation.query)
            prepared = document.prepared(operation.name)
        except Refused as refused:
            return refusal(refused, operation, True)
        kind = prepared.operation.operation
        if kind is OperationType.SUBSCRIPTION or (kind is OperationType.MUTATION and operation.read_only):
            message = f"A {kind.value} is not answered so by a hub that mocks; ask queries, and mutations by POST."
            return request_error([GraphQLError(message)], OPERATION_FAILURE, operation.query)
        result = execute(
            self._schema,
            document.node,
            variable_values=dict(operation.variables),
            operation_name=operation.name,
            field_resolver=_resolved,
            type_resolver=lambda value, _info, _type: value.type_name,
        )
        assert isinstance(result, ExecutionResult), "nothing is waited for"
        shown: dict[str, Any] = {"data": result.data, "extensions": {"mock": True, "note": _NOTE}}
        if result.errors:
            shown["errors"] = [formatted(error, operation.query, DOCUMENTS_OWN) for error in result.errors]
        return Answer(encoded(shown), request_error=False)

    async def answers(self, operation: Operation, renewed: Renewed) -> AsyncGenerator[Answer, None]:
        """Give one answer."""
        del renewed
        if operation.begun:
            operation.begun()
        yield await self.answer(operation)


def _resolved(source: Any, info: Info, /, **given: Any) -> Any:
    parent = source.given if isinstance(source, _Made) else {}
    number = crc32(".".join(map(str, info.path.as_list())).encode())
    if parent.get(info.field_name) is not None and is_leaf_type(get_named_type(info.return_type)):
        return parent[info.field_name]
    return _value(info.return_type, info, number, given)


def _value(type_: Any, info: Info, number: int, given: Mapping[str, Any]) -> Any:
    if isinstance(type_, GraphQLNonNull):
        return _value(type_.of_type, info, number, given)
    if isinstance(type_, GraphQLList):
        asked = next((key for key, value in given.items() if isinstance(value, list)), None)
        if asked is not None:  # one for each
            return [
                _value(type_.of_type, info, n, {asked.removesuffix("s"): one}) for n, one in enumerate(given[asked])
            ]
        sizes = [given[name] for name in ("first", "last", "years") if isinstance(given.get(name), int)]
        size = max(0, min(sizes[0] if sizes else _USUAL, _MOST))
        return [_value(type_.of_type, info, number + place, given) for place in range(size)]
    named = get_named_type(type_)
    if is_leaf_type(named):
        return _leaf(named, info.field_name, info.parent_type.name, number)
    if is_abstract_type(named):
        possible = {one.name for one in info.schema.get_possible_types(named)}
        wanted = str(given.get("id", "")).partition(":")[0]
        return _Made(wanted if wanted in possible else min(possible), number, given)
    return _Made(named.name, number, given)


def _leaf(type_: Any, name: str, parent: str, number: int) -> Any:
    if isinstance(type_, GraphQLEnumType):
        return [*type_.values][number % len(type_.values)]
    made: Mapping[str, Any] = {
        "ID": f"{parent}:mock-{number % 1000}",
        "USCC": uscc.compose("91", "000000", f"MCK{number % 100_000:05d}"),
        "Int": number % 100,
        "Float": float(number % 100),
        "Boolean": name == "synthetic" or number % 2 == 0,
        "Decimal": f"{number % 10_000_000}.00",
        "Date": f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
        "DateTime": f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}T00:00:00+00:00",
    }
    return made.get(type_.name, f"模拟 mock {name} {number % 100}")
