"""The closed lists of scores: why a value is missing, and what is decided where not everything is known."""

from __future__ import annotations

from codes.kinds import Listed


class Missing(Listed):
    """Why a value that a score needs is missing 缺失原因."""

    NOT_DELIVERED = "NOT_DELIVERED", "未提供"
    NOT_SHARED = "NOT_SHARED", "未共享"
    SOURCE_DOWN = "SOURCE_DOWN", "数据源不可用"
    NOT_APPLICABLE = "NOT_APPLICABLE", "不适用"
    NOT_FOUND = "NOT_FOUND", "查无记录"
    STALE = "STALE", "数据过期"
    UNREADABLE = "UNREADABLE", "无法识别"
    ZERO_DENOMINATOR = "ZERO_DENOMINATOR", "分母为零"
    NEGATIVE_DENOMINATOR = "NEGATIVE_DENOMINATOR", "分母为负"
    CONTRADICTORY = "CONTRADICTORY", "数据矛盾"
    NO_PEERS = "NO_PEERS", "无可比企业"
    NOT_KNOWN = "NOT_KNOWN", "标准未公布"


class Verdict(Listed):
    """Whether a rule holds, where unknown is not false 判定结果."""

    NO = "NO", "否"
    UNKNOWN = "UNKNOWN", "不确定"
    YES = "YES", "是"
