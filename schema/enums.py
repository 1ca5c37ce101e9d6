"""The closed lists of the graph, from `codes.kinds`, each member described by its Chinese term."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from codes.access import DataGroup, Decision, Mask, Purpose, Role
from codes.data_objections import DataObjectionAction, DataObjectionOutcome, DataObjectionState
from codes.editions import ChosenBy, EditionState, LeftOut, ObjectionState
from codes.entitlements import EntitlementAction, EntitlementState, FigureBy
from codes.expiry import ExpiryKind, Urgency
from codes.introductions import IntroductionAction, IntroductionState
from codes.kinds import (
    BreakerState,
    EnvironmentalGrade,
    GuaranteeKind,
    IdentifierKind,
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
    SourceState,
    StandardLevel,
    SuggestionReasonKind,
    TaxCreditGrade,
)
from codes.ladder import LadderRung
from codes.lending import (
    DemandAction,
    DemandState,
    LoanAction,
    LoanState,
    MovementKind,
    PreCreditAction,
    PreCreditReason,
    PreCreditState,
)
from codes.listings import ListingAction, ListingState
from codes.matching import ConditionKind, Fit, Truth
from codes.policies import Importance, PolicyAction, PolicyState
from codes.policy_facts import FactForm
from codes.problems import ProblemCode
from codes.scores import Better, Earning, Missing, Take, Verdict

__all__ = [
    "Better",
    "BreakerState",
    "ChosenBy",
    "ConditionKind",
    "DataGroup",
    "DataObjectionAction",
    "DataObjectionOutcome",
    "DataObjectionState",
    "Decision",
    "DemandAction",
    "DemandState",
    "Direction",
    "Earning",
    "EditionState",
    "EntitlementAction",
    "EntitlementState",
    "EnvironmentalGrade",
    "ExpiryKind",
    "FactForm",
    "FigureBy",
    "Fit",
    "GuaranteeKind",
    "IdentifierKind",
    "Importance",
    "InstitutionKind",
    "IntroductionAction",
    "IntroductionState",
    "LadderRung",
    "LeftOut",
    "Level",
    "ListingAction",
    "ListingState",
    "LoanAction",
    "LoanState",
    "ManagerGrade",
    "Mask",
    "Missing",
    "MovementKind",
    "ObjectionState",
    "PatentKind",
    "PatentStatus",
    "PolicyAction",
    "PolicyState",
    "PreCreditAction",
    "PreCreditReason",
    "PreCreditState",
    "ProblemCode",
    "Purpose",
    "QualificationKind",
    "RegistrationStatus",
    "RiskKind",
    "Role",
    "Sharing",
    "SourceState",
    "StandardLevel",
    "SuggestionReasonKind",
    "Take",
    "TaxCreditGrade",
    "Truth",
    "Urgency",
    "Verdict",
]


def describe(kind: type[Listed]) -> None:
    """Make a closed list one of the graph, each member described by its Chinese term."""
    strawberry.enum(kind, description=kind.__doc__)
    definition: StrawberryEnumDefinition = kind.__dict__["__strawberry_definition__"]
    for value, member in zip(definition.values, kind, strict=True):
        value.description = member.term


for _kind in Listed.__subclasses__():
    describe(_kind)


@strawberry.enum(description="Direction of an order 排序方向.")
class Direction(Enum):
    """Direction of an order."""

    ASCENDING = "ASCENDING"
    DESCENDING = "DESCENDING"
