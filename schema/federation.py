"""What a federation's gateway asks of a subgraph, by Apollo's specification: its text, and things by their keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NewType, TypeAlias

import strawberry
from graphql import GraphQLError

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

KEYS: Mapping[str, tuple[str, ...]] = {
    "Enterprise": ("uscc", "id"),
    **dict.fromkeys(
        (
            "Edition", "Fund", "LoanProduct", "Policy", "Scheme", "Source", "TechnologyManager",
            "TechnologyManagerNetwork", "Zone",
        ),
        ("id",),
    ),
}  # fmt: skip
"""By type, the fields by each of which a representation may name one of its things."""

NOBODY = ""
"""The identity of what a representation names that nothing can be."""

Representation = NewType("Representation", str)
"""The identity in the whole graph of what a representation names."""


def _identity(given: Any) -> str:
    """Return the identity that a representation names; raise GraphQLError for what is none."""
    if not isinstance(given, dict) or not isinstance(name := given.get("__typename"), str):
        raise GraphQLError("A representation is an object with __typename and the fields of a key.")
    for key in KEYS.get(name, ()):
        if isinstance(value := given.get(key), str):
            return _of_code(value) if key == "uscc" else value if value.startswith(f"{name}:") else NOBODY
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
