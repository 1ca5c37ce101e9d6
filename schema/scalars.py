"""Scalars of the graph besides GraphQL's own: codes, amounts, dates."""

from __future__ import annotations

from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from codes.uscc import MalformedUscc, normalise

Uscc = NewType("Uscc", str)
"""A unified social credit code in canonical form; on input perhaps a MalformedUscc, reported in its place."""


def _parse(value: Any) -> str | MalformedUscc:
    """Accept any text: a malformed code in a list of a thousand costs its own place, not the request."""
    if not isinstance(value, str):
        raise GraphQLError(f"USCC is a text of 18 characters, not {value!r}.")
    try:
        return normalise(value)
    except MalformedUscc as malformed:
        return malformed


USCC = strawberry.scalar(
    name="USCC",
    description="Unified social credit code 统一社会信用代码: 18 characters, both check characters verified; lower "
    "case and spaces are accepted on input, upper case without spaces is answered.",
    serialize=str,
    parse_value=_parse,
)

Scope = NewType("Scope", str)
"""A data group in lower case, as a token's `scope` names it."""

SCALARS: dict[object, ScalarDefinition] = {
    Uscc: USCC,
    Scope: strawberry.scalar(
        name="Scope", description="A data group in lower case, as a token's `scope` names it.", serialize=str
    ),
}
