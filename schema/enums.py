"""The closed lists of the graph, from `codes.kinds`, each member described by its Chinese term."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from codes.access import DataGroup, Decision, Mask, Purpose, Role
from codes.kinds import (
    EnvironmentalGrade,
    GuaranteeKind,
    InstitutionKind,
    Level,
    Listed,
    ManagerGrade,
    PatentKind,
    PatentStatus,
    QualificationKind,
    RegistrationStatus,
    RiskKind,
    Sharing,
    StandardLevel,
    TaxCreditGrade,
)

__all__ = [
    "DataGroup",
    "Decision",
    "Direction",
    "EnvironmentalGrade",
    "GuaranteeKind",
    "InstitutionKind",
    "Level",
    "ManagerGrade",
    "Mask",
    "PatentKind",
    "PatentStatus",
    "Purpose",
    "QualificationKind",
    "RegistrationStatus",
    "RiskKind",
    "Role",
    "Sharing",
    "StandardLevel",
    "TaxCreditGrade",
]


def _list(kind: type[Listed]) -> None:
    strawberry.enum(kind, description=kind.__doc__)
    definition: StrawberryEnumDefinition = kind.__dict__["__strawberry_definition__"]
    for value, member in zip(definition.values, kind, strict=True):
        value.description = member.term


for _kind in Listed.__subclasses__():
    _list(_kind)


@strawberry.enum(description="Direction of an order 排序方向.")
class Direction(Enum):
    """Direction of an order."""

    ASCENDING = "ASCENDING"
    DESCENDING = "DESCENDING"
