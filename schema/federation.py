"""What a federation's gateway asks of a subgraph, by Apollo's specification: its text, and things by their keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NewType, TypeAlias

import strawberry
from graphql import GraphQLError, GraphQLObjectType, GraphQLUnionType

from codes.access import DataGroup
from codes.uscc import MalformedUscc, normalise
from schema.access import data
from schema.cost import costing
from schema.edition import Edition
from schema.enterprise import Enterprise
from schema.network import TechnologyManager, TechnologyManagerNetwork
from schema.offers import Fund, LoanProduct, Policy
from schema.scheme import Scheme
from schema.source import Source
from schema.zone import Zone

_CODE = "uscc"
_ID = "id"


def keys(type_name: str) -> tuple[str, ...]:
    """Return the fields by each of which a representation may name a thing with an identity."""
    return (_CODE, _ID) if type_name == "Enterprise" else (_ID,)


NOBODY = ""
"""The identity of what a representation names that nothing can be."""

Representation = NewType("Representation", str)
"""The identity in the whole graph of what a representation names."""


def _identity(given: Any) -> str:
    """Return the identity that a representation names; raise GraphQLError for what is none."""
    if not isinstance(given, dict) or not isinstance(name := given.get("__typename"), str):
        raise GraphQLError("A representation is an object with __typename and the fields of a key.")
    for key in keys(name):
        if isinstance(value := given.get(key), str):
            return _of_code(value) if key == _CODE else value if value.startswith(f"{name}:") else NOBODY
    return NOBODY


def _of_code(code: str) -> str:
    try:
        return f"Enterprise:{normalise(code)}"
    except MalformedUscc:
        return NOBODY


ANY = strawberry.scalar(
    name="_Any",
    description="A thing as other subgraphs know it: its `__typename` and the fields of one of its keys.",
    serialize=str,
    parse_value=_identity,
)

Entity: TypeAlias = Annotated[
    Edition
    | Enterprise
    | Fund
    | LoanProduct
    | Policy
    | Scheme
    | Source
    | TechnologyManager
    | TechnologyManagerNetwork
    | Zone,
    strawberry.union("_Entity", description="What other subgraphs may refer to."),
]


@strawberry.type(
    name="_Service",
    description="What a gateway is told of a subgraph.",
    directives=[*data(DataGroup.PUBLIC), *costing(0)],
)
class Service:
    """What a gateway is told of a subgraph."""

    sdl: str = strawberry.field(description="The schema with the directives of Apollo Federation.")


def extend_entities(schema: strawberry.Schema, names: Sequence[str]) -> None:
    """Let other subgraphs refer to things of more types, in this schema only."""
    union = schema._schema.type_map["_Entity"]
    assert isinstance(union, GraphQLUnionType), "it is declared above"
    more = (schema._schema.type_map[name] for name in names)
    union.types = (*union.types, *(type_ for type_ in more if isinstance(type_, GraphQLObjectType)))
