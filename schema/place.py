"""Where an enterprise is and what it does: district, industry."""

from __future__ import annotations

import strawberry

from codes.access import DataGroup
from schema.access import data
from schema.cost import costing


@strawberry.type(
    description="Administrative division 行政区划, GB/T 2260.", directives=[*data(DataGroup.REGISTRATION), *costing(0)]
)
class District:
    """Administrative division."""

    code: str
    name: str | None = strawberry.field(description="Null for codes outside the list, such as development zones'.")
    province: str | None


@strawberry.type(
    description="Industry 行业, GB/T 4754-2017, or the text alone where the registry gives no code.",
    directives=[*data(DataGroup.REGISTRATION), *costing(0)],
)
class Industry:
    """Industry."""

    code: str | None
    section: str | None = strawberry.field(description="Section letter A to T 门类.")
    division: str | None = strawberry.field(description="Name of the two-digit division 大类.")
    text: str | None = strawberry.field(description="As the registry writes it.")
