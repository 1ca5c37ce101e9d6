"""Objections to data 数据异议: an enterprise says that what a source has of it is wrong, and its owner answers."""

from __future__ import annotations

from codes.flow import Flow, Party, step
from codes.kinds import Listed


class DataObjectionState(Listed):
    """How far an objection to a datum has come 数据异议状态."""

    OPEN = "OPEN", "待处理"
    ANSWERED = "ANSWERED", "已答复"
    CLOSED = "CLOSED", "已结束"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class DataObjectionAction(Listed):
    """What is done about an objection to a datum 数据异议操作."""

    UPHOLD = "UPHOLD", "认定成立"
    REJECT = "REJECT", "认定不成立"
    CLOSE = "CLOSE", "结束"
    WITHDRAW = "WITHDRAW", "撤回"


class DataObjectionOutcome(Listed):
    """What the source's owner has found 答复结论."""

    UPHELD = "UPHELD", "成立"
    REJECTED = "REJECTED", "不成立"


_STATE, _DO = DataObjectionState, DataObjectionAction

FLOW = Flow(
    "An objection to a datum",
    _STATE.OPEN,
    frozenset((Party.ENTERPRISE,)),
    (
        step(_DO.UPHOLD, [_STATE.OPEN], _STATE.ANSWERED, [Party.SOURCE_OWNER]),
        step(_DO.REJECT, [_STATE.OPEN], _STATE.ANSWERED, [Party.SOURCE_OWNER]),
        step(_DO.WITHDRAW, [_STATE.OPEN], _STATE.WITHDRAWN, [Party.ENTERPRISE]),
        step(_DO.CLOSE, [_STATE.ANSWERED], _STATE.CLOSED, [Party.ENTERPRISE, Party.SOURCE_OWNER]),
    ),
)

OUTCOME_OF = {_DO.UPHOLD: DataObjectionOutcome.UPHELD, _DO.REJECT: DataObjectionOutcome.REJECTED}
