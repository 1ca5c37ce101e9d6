"""Deprecations: each says what takes its place, and until when it stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    resolve_schema_coordinate,
)

_REASON = re.compile(r"Use `([^`]+)` instead; it stays until (\d{4}-\d\d-\d\d)\.")


class Undated(Exception):
    """Something is deprecated without a date or a successor; raised at start."""


@dataclass(frozen=True)
class Deprecation:
    """What is deprecated, what takes its place, and its last day."""

    coordinate: str
    successor: str
    until: date


def deprecated(successor: str, until: date) -> str:
    """Return the reason of a deprecation: what takes its place, as `Type.field`, and the last day that it stays."""
    return f"Use `{successor}` instead; it stays until {until:%Y-%m-%d}."


def until_of(reason: str) -> date | None:
    """Return the day until which something stays; None if its reason does not say."""
    told = _REASON.search(reason)
    try:
        return date.fromisoformat(told[2]) if told else None
    except ValueError:
        return None


def deprecations(schema: GraphQLSchema) -> list[Deprecation]:
    """Return all that is deprecated; raise Undated for what does not say what takes its place, and until when."""
    found = []
    for coordinate, reason in _deprecated(schema):
        told, until = _REASON.search(reason), until_of(reason)
        if told is None or until is None:
            raise Undated(f'{coordinate} is deprecated as "{reason}"; say it by schema.deprecations.deprecated().')
        if resolve_schema_coordinate(schema, told[1]) is None:
            raise Undated(
                f"{coordinate} is deprecated for {told[1]}, which the schema does not have. Name what it has."
            )
        found.append(Deprecation(coordinate, told[1], until))
    return found


def _deprecated(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Give the coordinate and the reason of all that is deprecated."""
    for name, type_ in schema.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(type_, GraphQLEnumType):
            members = ((f"{name}.{value}", one.deprecation_reason) for value, one in type_.values.items())
            yield from ((coordinate, reason) for coordinate, reason in members if reason)
        elif isinstance(type_, GraphQLInputObjectType):
            yield from (
                (f"{name}.{f}", one.deprecation_reason) for f, one in type_.fields.items() if one.deprecation_reason
            )
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in type_.fields.items():
                if field.deprecation_reason:
                    yield f"{name}.{field_name}", field.deprecation_reason
                for argument, one in field.args.items():
                    if one.deprecation_reason:
                        yield f"{name}.{field_name}({argument}:)", one.deprecation_reason
