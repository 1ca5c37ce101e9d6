"""What has an identity in the graph, and where a record comes from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup
from schema.access import data

if TYPE_CHECKING:
    from schema.source import Source


@strawberry.interface(
    description="A thing with an identity of its own; `node(id:)` finds it again.", directives=data(DataGroup.PUBLIC)
)
class Node:
    """A thing with an identity of its own."""

    id: strawberry.ID = strawberry.field(description="Identity in the whole graph; treat it as opaque.")


@strawberry.type
class Sourced:
    """Fields that every record from a source has."""

    as_of: datetime | None = strawberry.field(
        description="When the record was true by its source's own word, otherwise when it was delivered. 数据时点"
    )
    source: Annotated[Source, strawberry.lazy("schema.source")] | None = strawberry.field(
        description="The source that delivered the record. 数据来源"
    )
    synthetic: bool | None = strawberry.field(description="Made up for demonstration, not real. 合成数据")


@strawberry.type
class Disputable(Sourced):
    """Fields of a record of an enterprise, which the enterprise may object to."""

    disputed: list[str] | None = strawberry.field(
        description="Fields of it that the enterprise disputes: not answered yet, or found wrong and yet to be "
        "corrected 异议."
    )
