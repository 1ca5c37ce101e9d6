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


class Better(Listed):
    """Which values of an indicator are the better ones 指标方向."""

    HIGHER = "HIGHER", "越高越好"
    LOWER = "LOWER", "越低越好"
    NONE = "NONE", "无方向"


class Earning(Listed):
    """How an indicator's value becomes points 计分方式."""

    TIERS = "TIERS", "分档计分"
    LINEAR = "LINEAR", "线性计分"
    PERCENTILE = "PERCENTILE", "位次计分"
    CATEGORIES = "CATEGORIES", "分类计分"


class Take(Listed):
    """What a scheme takes of the records of a collection 取数方式."""

    AMOUNT = "AMOUNT", "金额"
    NUMBER = "NUMBER", "数值"
    MONTHS = "MONTHS", "月数"
    CATEGORY = "CATEGORY", "类别"
    COUNT = "COUNT", "记录数"
    TOTAL = "TOTAL", "金额合计"
