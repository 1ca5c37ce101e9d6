"""Sources 数据源 as the graph shows them: what each feeds, and how it is doing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup
from codes.flow import Party
from schema.access import data
from schema.cost import costing, listed, sliced
from schema.declaring import answered, declared
from schema.enums import DataObjectionState, Sharing
from schema.node import Node

if TYPE_CHECKING:
    from schema.data_objections import DataObjection


@strawberry.type(
    description="A collection of records that a source feeds, and the fields it gives. 数据集合",
    directives=[*data(DataGroup.PUBLIC), *costing(0)],
)
class SourceFeed:
    """A collection that a source feeds."""

    collection: str = strawberry.field(description="Name of the collection, as in sources.toml.")
    fields: list[str] = strawberry.field(description="Fields of the graph that this source gives.")
    keeps_history: bool = strawberry.field(description="It can be read as it was on a date (`asOf`).")


@strawberry.type(
    description="The last time a source gave no answer.", directives=[*data(DataGroup.OPERATIONS), *costing(0)]
)
class SourceFailureReport:
    """The last time a source gave no answer."""

    code: str = strawberry.field(description="Error code, such as SOURCE_TIMEOUT.")
    message: str
    at: datetime


@strawberry.type(
    description="A source system that holds records, and how the hub has found it since its start. 数据源",
    directives=[*data(DataGroup.PUBLIC), *costing(0)],
)
class Source(Node):
    """A source system."""

    title: str
    title_zh: str | None
    owner: str = strawberry.field(description="Who is responsible for its data. 责任单位")
    kind: str = strawberry.field(description="Protocol: sql, rest, partner, files, memory or a plug-in's.")
    sharing: Sharing = strawberry.field(description="Sharing class 共享属性.")
    cadence: str | None = strawberry.field(description="How often its data change, ISO 8601 duration. 更新周期")
    synthetic: bool = strawberry.field(description="Its records are made up for demonstration, unless one says not.")
    feeds: list[SourceFeed] = strawberry.field(directives=listed(5))
    last_success_at: datetime | None
    newest_as_of: datetime | None = strawberry.field(description="The newest delivery that was seen.")
    late: bool | None = strawberry.field(
        description="The newest delivery is older than its cadence; null before the first one or without a cadence."
    )
    last_failure: SourceFailureReport | None
    unreadable_values: int = strawberry.field(description="Values that could not be read as their field's kind.")
    unmatched_records: int = strawberry.field(description="Scanned records without a readable key.")
    organisation: str | None = strawberry.field(description="Whose tokens answer objections to its data.")

    @property
    def parties(self) -> Mapping[Party, str]:
        """Who answers for it."""
        return {Party.SOURCE_OWNER: self.organisation} if self.organisation else {}

    @declared(
        "Objections of enterprises to its data 数据异议, newest first; for the organisation that answers for it.",
        [*data(DataGroup.DATA_OBJECTIONS), *sliced("first")],
    )
    def data_objections(
        self, first: int = 20, state: list[DataObjectionState] | None = None
    ) -> list[Annotated[DataObjection, strawberry.lazy("schema.data_objections")]] | None:
        """Objections of enterprises to its data."""
        answered()
