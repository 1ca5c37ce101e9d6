"""The schema as a whole, and its SDL."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.federation import ANY, Representation
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription

_SCALARS = {**SCALARS, Representation: ANY}


def build_schema() -> strawberry.Schema:
    """Return the schema, its fields not yet bound to their resolvers."""
    return strawberry.Schema(Query, Mutation, Subscription, config=StrawberryConfig(scalar_map=_SCALARS))


def sdl(schema: strawberry.Schema) -> str:
    """Return the schema as SDL, as it is committed in schema/schema.graphql."""
    return schema.as_str().strip() + "\n"
