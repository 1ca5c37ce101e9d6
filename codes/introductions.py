"""Introduction requests 对接申请: a network is asked to bring somebody together with one of its technology managers."""

from __future__ import annotations

from codes.flow import Flow, Party, step
from codes.kinds import Listed


class IntroductionState(Listed):
    """How far an introduction request has come 对接状态."""

    REQUESTED = "REQUESTED", "已申请"
    ACCEPTED = "ACCEPTED", "已接受"
    DECLINED = "DECLINED", "已婉拒"
    MET = "MET", "已对接"
    CLOSED = "CLOSED", "已结束"


class IntroductionAction(Listed):
    """What is done about an introduction request 对接操作."""

    ACCEPT = "ACCEPT", "接受"
    DECLINE = "DECLINE", "婉拒"
    MEET = "MEET", "登记对接"
    CLOSE = "CLOSE", "结束"


_STATE, _DO = IntroductionState, IntroductionAction

FLOW = Flow(
    "An introduction request",
    _STATE.REQUESTED,
    frozenset((Party.ENTERPRISE, Party.OFFICER)),
    (
        step(_DO.ACCEPT, [_STATE.REQUESTED], _STATE.ACCEPTED, [Party.NETWORK]),
        step(_DO.DECLINE, [_STATE.REQUESTED], _STATE.DECLINED, [Party.NETWORK]),
        step(_DO.MEET, [_STATE.ACCEPTED], _STATE.MET, [Party.AUTHOR, Party.NETWORK]),
        step(_DO.CLOSE, [_STATE.REQUESTED], _STATE.CLOSED, [Party.AUTHOR]),
        step(_DO.CLOSE, [_STATE.ACCEPTED, _STATE.MET], _STATE.CLOSED, [Party.AUTHOR, Party.NETWORK]),
    ),
)

IN_CONTACT = frozenset((_STATE.ACCEPTED, _STATE.MET))
"""States in which whoever asked may see how to reach the manager."""
