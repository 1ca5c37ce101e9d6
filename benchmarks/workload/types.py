"""What the workload's graph asks: an enterprise, its score, its policies, its managers and funds."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.declaring import answered, declared

ID = strawberry.ID


@strawberry.enum
class EnterpriseStatus(Enum):
    """Status in the register."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CANCELLED = "CANCELLED"


@strawberry.enum
class EnterpriseStage(Enum):
    """Stage of life."""

    SEED = "SEED"
    GROWTH = "GROWTH"
    MATURE = "MATURE"
    LISTED = "LISTED"


@strawberry.type
class Indicator:
    """One indicator of a score."""

    key: str
    value: float
    score: float


@strawberry.type
class CategoryScore:
    """The score of a category."""

    key: str
    score: float


@strawberry.type
class Score:
    """A score and what it is made of."""

    total: float
    rank: int
    categories: list[CategoryScore]
    indicators: list[Indicator]


@strawberry.type
class Policy:
    """A policy that fits."""

    id: ID
    title: str
    issuer: str
    valid_to: str


@strawberry.type
class Manager:
    """A technology manager."""

    id: ID
    name: str
    institution: str


@strawberry.type
class Fund:
    """A fund."""

    id: ID
    name: str
    amount: float


@strawberry.type
class Enterprise:
    """An enterprise: a record of the register, and what three other sources know of it."""

    uscc: ID
    name: str
    name_en: str | None
    district: str
    industry_code: str
    registered_capital: float
    founded_on: str
    status: EnterpriseStatus
    stage: EnterpriseStage
    score: Score | None
    policies: list[Policy]
    managers: list[Manager]
    funds: list[Fund]


@strawberry.type
class Query:
    """Where every question starts."""

    @declared("The enterprise with this code.")
    def enterprise(self, uscc: ID) -> Enterprise | None:
        """The enterprise with this code."""
        answered()

    @declared("A page of enterprises in the register's order.")
    def enterprises(self, first: int, offset: int = 0) -> list[Enterprise]:
        """A page of enterprises."""
        answered()

    @declared("The enterprises with these codes.")
    def enterprises_by_uscc(self, usccs: list[ID]) -> list[Enterprise | None]:
        """The enterprises with these codes."""
        answered()


def build_schema() -> strawberry.Schema:
    """Return the workload's schema."""
    return strawberry.Schema(Query, config=StrawberryConfig())
