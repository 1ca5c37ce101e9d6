"""Whether somebody meets conditions, in three values: what is not known is never taken for unmet. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from codes.kinds import Listed


class Truth(Listed):
    """Whether a condition is met 条件状态."""

    SATISFIED = "SATISFIED", "已满足"
    UNMET = "UNMET", "未满足"
    UNKNOWN = "UNKNOWN", "不确定"


class Fit(Listed):
    """Whether all conditions are met together 匹配结论."""

    ELIGIBLE = "ELIGIBLE", "符合"
    NEARLY = "NEARLY", "接近"  # all but one of several are met, and nothing is unknown
    UNKNOWN = "UNKNOWN", "不确定"
    NOT_ELIGIBLE = "NOT_ELIGIBLE", "不符合"


class ConditionKind(Listed):
    """What a condition is about 条件类别."""

    STAGE = "STAGE", "阶段"
    REGION = "REGION", "地区"
    FIELD = "FIELD", "领域"
    ZONE = "ZONE", "园区"
    INDUSTRY = "INDUSTRY", "行业"
    QUALIFICATION = "QUALIFICATION", "资质"
    SCORE = "SCORE", "积分"
    AMOUNT = "AMOUNT", "金额"
    TERM = "TERM", "期限"
    IN_WORDS = "IN_WORDS", "文字条件"


def any_of(truths: Sequence[Truth]) -> Truth:
    """Return whether one of several alternatives is met; of none, none is."""
    if Truth.SATISFIED in truths:
        return Truth.SATISFIED
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.UNMET


def fit(truths: Sequence[Truth]) -> Fit:
    """Return whether conditions are met together; where there is none, nothing is known."""
    unmet, unknown = truths.count(Truth.UNMET), truths.count(Truth.UNKNOWN)
    if unmet:
        return Fit.NEARLY if unmet == 1 and not unknown and len(truths) > 1 else Fit.NOT_ELIGIBLE
    return Fit.UNKNOWN if unknown or not truths else Fit.ELIGIBLE
