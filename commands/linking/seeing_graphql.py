"""A GraphQL service looked at by introspection: look-ups by key, pages, and what its records have."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    get_introspection_query,
    get_named_type,
    is_leaf_type,
    is_object_type,
)

from commands.linking.seen import Column, NotSeen, Place, Seen
from connectors.errors import SourceFailure
from connectors.http import HttpSource

_SECONDS = 10.0
_KEYS = ("ID", "String")
_KINDS = {
    "Int": "integer", "Float": "number", "Decimal": "number", "Boolean": "flag", "Date": "date", "DateTime": "moment",
}  # fmt: skip


async def see(http: HttpSource, written: str) -> Seen:
    """Return what a GraphQL service offers by keys."""
    schema = await introspected(http, written)
    places = sorted(_places(schema), key=lambda one: one.options["batch"]["style"] != "list")  # fewer questions
    if not places:
        raise NotSeen(f"{written}: has no root field that takes keys and gives objects. Ask its owner for one.")
    return Seen("partner", {"url": written}, places)


async def introspected(http: HttpSource, written: str) -> GraphQLSchema:
    """Return a service's schema; raise NotSeen if it does not tell."""
    body = {"query": get_introspection_query(descriptions=True)}
    try:
        reply = await http.ask("POST", "", time.monotonic() + _SECONDS, json=body)
        return build_client_schema(reply.value["data"])
    except SourceFailure as failure:
        raise NotSeen(f"{written}: {failure.message}. Check address and credentials.") from failure
    except (KeyError, TypeError) as error:
        raise NotSeen(f"{written}: does not answer introspection. Ask its owner to allow it for your token.") from error


def _places(schema: GraphQLSchema) -> Iterator[Place]:
    fields = schema.query_type.fields if schema.query_type else {}
    for name, field in fields.items():
        target = get_named_type(field.type)
        if not isinstance(target, GraphQLObjectType):
            continue
        keyed = {argument: one for argument, one in field.args.items() if get_named_type(one.type).name in _KEYS}
        several = [argument for argument, one in keyed.items() if _is_list(one.type)]
        if several and _is_list(field.type):
            argument = several[0]
            style = {"style": "list", "field": name, "argument": argument, "type": str(field.args[argument].type)}
        elif keyed and not several and not _is_list(field.type):
            argument = next(iter(keyed))
            style = {"style": "aliases", "field": name, "argument": argument, "type": str(field.args[argument].type)}
        else:
            continue
        scan = next((one for one in (_scan(other, of, target) for other, of in fields.items()) if one), None)
        options: dict[str, Any] = {"batch": style, **({"scan": scan} if scan else {})}
        columns = tuple(_columns(target, ""))
        keys = tuple(one.name for one in columns if one.name in ("id", "uscc", argument, argument.removesuffix("s")))
        yield Place(name, options, columns, keys)


def _scan(name: str, field: GraphQLField, target: GraphQLObjectType) -> Mapping[str, Any] | None:
    """Return how a root field reads the whole: a connection in pages, or a list without keys."""
    if any(str(one.type).endswith("!") for one in field.args.values()):
        return None
    shown = get_named_type(field.type)
    if shown is target and _is_list(field.type) and not field.args:
        return {"field": name}
    if not isinstance(shown, GraphQLObjectType) or not {"first", "after"} <= field.args.keys():
        return None
    nodes, info = shown.fields.get("nodes"), shown.fields.get("pageInfo")
    if nodes is None or info is None or get_named_type(nodes.type) is not target:
        return None
    return {"field": name, "rows": "nodes", "next": "pageInfo.endCursor", "more": "pageInfo.hasNextPage"}


def _columns(type_: GraphQLObjectType, above: str) -> Iterator[Column]:
    for name, field in type_.fields.items():
        if any(str(one.type).endswith("!") for one in field.args.values()):
            continue
        target = get_named_type(field.type)
        if is_leaf_type(target):
            kind = "texts" if _is_list(field.type) else _KINDS.get(target.name, "text")
            yield Column(above + name, (), kind, field.description or "")
        elif is_object_type(target) and not above and not _is_list(field.type):
            assert isinstance(target, GraphQLObjectType), "object types are made of these"
            yield from _columns(target, f"{name}.")


def _is_list(type_: Any) -> bool:
    return isinstance(getattr(type_, "of_type", None), GraphQLList) or isinstance(type_, GraphQLList)
