"""The schema as a whole, and its SDL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

from codes.facets import Facet
from schema.declared import Added, Declared
from schema.enterprise import Enterprise
from schema.federation import ANY, Representation, extend_entities
from schema.mutation import Mutation
from schema.network import TechnologyManager, TechnologyManagerNetwork
from schema.offers import Fund, LoanProduct, Policy
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription
from schema.zone import Zone

_FOUND: Mapping[str, type] = {
    "Enterprise": Enterprise,
    "Fund": Fund,
    "LoanProduct": LoanProduct,
    "Policy": Policy,
    "TechnologyManager": TechnologyManager,
    "TechnologyManagerNetwork": TechnologyManagerNetwork,
    "Zone": Zone,
}
"""Types whose objects are found by a key that a field of a declared type may hold."""


def build_schema(facets: Sequence[Facet] = (), plugins: Sequence[Added] = ()) -> strawberry.Schema:
    """Return the schema, its fields not yet bound to their resolvers; with what an operator and plug-ins have added.

    Raise Misdeclared for a declaration that contradicts it.
    """
    if not facets and not plugins:
        return _schema(Query)
    theirs = [one for plugin in plugins for one in plugin.types]
    for plugin in plugins:
        plugin.check(_own_names())
    added = Declared(facets, _own_names() | {one.__name__ for one in theirs}, _FOUND)
    schema = _schema(added.root(), (*theirs, *added.types.values()))
    for plugin in plugins:
        plugin.extend(schema)
    added.extend(schema)
    extend_entities(schema, [facet.type_name for facet in facets if facet.is_root])
    return schema


@cache
def _own_names() -> frozenset[str]:
    """The names of all types of the schema itself."""
    return frozenset(_schema(Query)._schema.type_map)


def _schema(query: type, types: Sequence[type] = ()) -> strawberry.Schema:
    config = StrawberryConfig(scalar_map={**SCALARS, Representation: ANY})
    return strawberry.Schema(query, Mutation, Subscription, types=types, config=config)


def sdl(schema: strawberry.Schema) -> str:
    """Return the schema as SDL, as it is committed in schema/schema.graphql."""
    return schema.as_str().strip() + "\n"
