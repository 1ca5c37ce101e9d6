"""The closed lists of editions: how far an edition has come, and an objection against it."""

from __future__ import annotations

from codes.kinds import Listed


class EditionState(Listed):
    """How far an edition of scores has come 评价批次状态."""

    DRAFT = "DRAFT", "草稿"
    NOTICE = "NOTICE", "公示"
    FINAL = "FINAL", "生效"
    CORRECTED = "CORRECTED", "已更正"


class ObjectionState(Listed):
    """What became of an objection 异议状态."""

    OPEN = "OPEN", "待处理"
    ACCEPTED = "ACCEPTED", "成立"
    REJECTED = "REJECTED", "不成立"


PUBLISHED = (EditionState.NOTICE, EditionState.FINAL)
"""States in which an edition is what its zone says: a notice list is public, and shown with its state."""


class ChosenBy(Listed):
    """How it was decided who is evaluated 参评范围."""

    LIST = "LIST", "名单"
    SCHEME = "SCHEME", "方案规定"
    ZONE = "ZONE", "全园区"


class LeftOut(Listed):
    """Why one who is on a zone's roster is not evaluated 未参评原因."""

    NO_RECORD = "NO_RECORD", "未申报或已撤回"
    UNREADABLE = "UNREADABLE", "申报记录无法识别"
    NOT_SHARED = "NOT_SHARED", "申报记录未共享"
    LATER = "LATER", "基准日后入库"
    NAMELESS = "NAMELESS", "代码无法识别"


BESIDE_RESIDENTS = (LeftOut.LATER, LeftOut.NAMELESS)
"""Who of the roster is not among its residents: not there yet on the day, or nobody knows who it is."""
