"""Technology managers 技术经理人 and their networks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from codes.access import DataGroup, Mask
from schema.access import data
from schema.cost import listed, sliced
from schema.declaring import answered, declared
from schema.enums import InstitutionKind, IntroductionState, ManagerGrade
from schema.node import Node, Sourced

if TYPE_CHECKING:
    from schema.introductions import Introduction


@strawberry.type(description="Members of a network by kind of institution.", directives=data(DataGroup.PUBLIC))
class MemberCount(Sourced):
    """Members of a network by kind of institution."""

    institution_kind: InstitutionKind | None
    members: int | None


@strawberry.type(description="Technology managers' network 技术经理人协作网络.", directives=data(DataGroup.PUBLIC))
class TechnologyManagerNetwork(Node, Sourced):
    """Technology managers' network."""

    name: str | None
    name_en: str | None
    founded_on: date | None
    nature: str | None
    guided_by: list[str] | None
    services: list[str] | None
    members_total: int | None
    members_domestic: int | None
    members_overseas: int | None
    member_counts: list[MemberCount] | None = strawberry.field(
        description="Members by kind of institution.", directives=listed(10)
    )

    @declared(
        "Requests to be introduced to its members 对接申请, newest first; of these states, or all.",
        [*data(DataGroup.INTRODUCTIONS), *sliced("first")],
    )
    def introductions(
        self, first: int = 20, state: list[IntroductionState] | None = None
    ) -> list[Annotated[Introduction, strawberry.lazy("schema.introductions")]] | None:
        """Requests to be introduced to its members."""
        answered()


@strawberry.type(
    description="Technology manager 技术经理人: a natural person; contact goes through the network.",
    directives=data(DataGroup.MANAGERS),
)
class TechnologyManager(Node, Sourced):
    """Technology manager."""

    name: str | None = strawberry.field(directives=data(DataGroup.PEOPLE, Mask.NAME))
    institution: str | None
    institution_kind: InstitutionKind | None
    region: str | None
    country: str | None
    grade: ManagerGrade | None
    certificate_number: str | None = strawberry.field(directives=data(DataGroup.PEOPLE, Mask.IDENTITY_NUMBER))
    specialities: list[str] | None = strawberry.field(description="专业领域.")
    services: list[str] | None
    languages: list[str] | None
    member_since: date | None
    network: TechnologyManagerNetwork | None
