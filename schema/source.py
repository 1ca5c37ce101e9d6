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
from schema.enums import BreakerState, DataObjectionState, Sharing, SourceState
from schema.node import Node

if TYPE_CHECKING:
    from schema.data_objections import DataObjection


@strawberry.type(
    description="Of how many keys a source had a record, since the start of the process that answers. 覆盖率",
    directives=[*data(DataGroup.OPERATIONS), *costing(0)],
)
class SourceCoverage:
    """Of how many keys a source had a record."""

    asked: int = strawberry.field(description="Keys that it was asked for.")
    held: int = strawberry.field(description="Those of them of which it had a record.")
    share: float = strawberry.field(description="`held` over `asked`.")


@strawberry.type(
    description="What became of the questions put to a source within the last hour, in the process that answers. "
    "运行状况",
    directives=[*data(DataGroup.OPERATIONS), *costing(0)],
)
class SourceHealth:
    """What became of the questions put to a source within the last hour."""

    state: SourceState = strawberry.field(
        description="DOWN: it is left alone, or answered nothing; AILING: 5 % or more were not answered, its "
        "deliveries are late, or something is `lacking`; UNKNOWN: nothing was asked."
    )
    questions: int = strawberry.field(description="Those that were not put to it as its breaker is open included.")
    failures: int = strawberry.field(description="Those that were not answered.")
    error_rate: float | None = strawberry.field(description="`failures` over `questions`. 错误率")
    milliseconds: float | None = strawberry.field(
        description="What a call took on average; null if none had to be waited for."
    )
    lacking: list[str] = strawberry.field(
        description="What the hub uses of it and it has no longer, as its own schema says: fields, arguments.",
    )


@strawberry.type(
    description="Amounts that two sources give of the same records, held to each other since the start of the process "
    "that answers; what is asked again counts again. 数据不一致",
    directives=[*data(DataGroup.OPERATIONS), *costing(0)],
)
class SourceDisagreement:
    """Amounts that two sources give of the same records, held to each other."""

    collection: str
    field: str = strawberry.field(description="Field of the graph.")
    other: strawberry.ID = strawberry.field(description="The other source's id.")
    believed: bool = strawberry.field(description="The graph shows this source's amount, not the other's.")
    compared: int = strawberry.field(description="Amounts that both gave.")
    differing: int = strawberry.field(description="Those that differed by more than 5 % of the larger one.")
    largest: float = strawberry.field(description="The largest of these differences, as a share of the larger amount.")


@strawberry.type(
    description="A collection of records that a source feeds, and the fields it gives. 数据集合",
    directives=[*data(DataGroup.PUBLIC), *costing(0)],
)
class SourceFeed:
    """A collection that a source feeds."""

    collection: str = strawberry.field(description="Name of the collection, as in sources.toml.")
    fields: list[str] = strawberry.field(description="Fields of the graph that this source gives.")
    keeps_history: bool = strawberry.field(description="It can be read as it was on a date (`asOf`).")
    coverage: SourceCoverage | None = strawberry.field(
        description="Of how many keys it had a record; null before it was asked."
    )


@strawberry.type(
    description="The last time a source gave no answer.", directives=[*data(DataGroup.OPERATIONS), *costing(0)]
)
class SourceFailureReport:
    """The last time a source gave no answer."""

    code: str = strawberry.field(description="Error code, such as SOURCE_TIMEOUT.")
    message: str
    at: datetime


@strawberry.type(
    description="The bounds within which the hub asks a source, as sources.toml sets them; a call asks for a batch of "
    "keys. 访问策略",
    directives=[*data(DataGroup.OPERATIONS), *costing(0)],
)
class SourcePolicy:
    """The bounds within which the hub asks a source."""

    timeout_seconds: float = strawberry.field(description="Seconds that one call may take.")
    concurrent: int = strawberry.field(description="Calls at a time.")
    waiting: int = strawberry.field(description="Calls that may wait for their turn.")
    retries: int = strawberry.field(description="How often a call is repeated that found the source not available.")
    retry_share: float = strawberry.field(description="Repeated calls, as a share of all.")
    calls: int = strawberry.field(description="Calls that one operation may make.")
    together: bool = strawberry.field(
        description="Whether keys that different requests ask for at the same time go to the source in one call."
    )
    max_bytes: int | None = strawberry.field(
        description="Most bytes of one answer, unpacked; null if its kind has no such bound."
    )
    breaker_share: float = strawberry.field(description="Share of failed calls at which the breaker opens.")
    breaker_of: int = strawberry.field(description="Calls that the breaker looks back upon.")
    breaker_least: int = strawberry.field(description="Fewer calls tell the breaker nothing.")
    breaker_seconds: float = strawberry.field(description="Seconds for which it stays open.")
    ejection_failures: int = strawberry.field(description="Failures in a row after which one address is left out.")
    ejection_seconds: float = strawberry.field(
        description="Seconds for which it is left out the first time; longer each further time."
    )


@strawberry.type(
    description="Whether the hub asks a source at the moment. 熔断状态",
    directives=[*data(DataGroup.OPERATIONS), *costing(0)],
)
class SourceBreaker:
    """Whether the hub asks a source at the moment, in the process that answers."""

    state: BreakerState
    seconds_left: float = strawberry.field(description="Seconds until the source is asked again; 0 if it is asked.")
    failures: int = strawberry.field(description="Failed calls among those looked back upon.")
    looked_at: int = strawberry.field(description="Calls that are looked back upon.")
    refused: int = strawberry.field(description="Calls since the start that found no room among those waiting.")


@strawberry.type(
    description="One of several addresses of a source that give the same, in the process that answers. 副本",
    directives=[*data(DataGroup.OPERATIONS), *costing(0)],
)
class SourceReplica:
    """One of several addresses of a source that give the same."""

    number: int = strawberry.field(description="Its place in `urls` of sources.toml, from 1.")
    left_out: bool = strawberry.field(description="It has failed too often in a row: others are asked for a while.")
    seconds_left: float = strawberry.field(description="Seconds until it is asked again; 0 if it is asked.")
    failures: int = strawberry.field(description="Failures in a row up to now; one that was left out keeps some.")
    calls: int = strawberry.field(description="Calls under way.")


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
    health: SourceHealth | None
    disagreements: list[SourceDisagreement] | None = strawberry.field(
        description="Where amounts of this source and of another were held to each other, most differing first.",
        directives=listed(5),
    )
    policy: SourcePolicy | None
    breaker: SourceBreaker | None
    replicas: list[SourceReplica] | None = strawberry.field(
        description="Its addresses, where it stands at several that give the same; empty where it has one.",
        directives=listed(2),
    )
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
