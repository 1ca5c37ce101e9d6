"""Entitlements 免申即享: benefits of a policy that come to an enterprise without application. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from codes.flow import Flow, Party, step
from codes.kinds import Listed


class EntitlementState(Listed):
    """How far an entitlement has come 兑现状态."""

    MATCHED = "MATCHED", "系统比对"
    PUSHED = "PUSHED", "精准推送"
    REVIEW = "REVIEW", "人工审核"
    CONFIRMED = "CONFIRMED", "意愿确认"
    FULFILLED = "FULFILLED", "自动兑付"
    ARCHIVED = "ARCHIVED", "公示归档"
    DECLINED = "DECLINED", "已放弃"
    EXPIRED = "EXPIRED", "已过期"


class EntitlementAction(Listed):
    """What is done about an entitlement 兑现操作."""

    PUSH = "PUSH", "推送"
    CONFIRM = "CONFIRM", "确认"
    DECLINE = "DECLINE", "放弃"
    APPROVE = "APPROVE", "审核通过"
    REJECT = "REJECT", "审核不通过"
    FULFIL = "FULFIL", "兑付"
    ARCHIVE = "ARCHIVE", "归档"
    EXPIRE = "EXPIRE", "过期"


class FigureBy(Listed):
    """What benefits are counted by 统计维度."""

    POLICY = "POLICY", "政策"
    DISTRICT = "DISTRICT", "行政区划"
    STAGE = "STAGE", "评价阶段"


class Account(msgspec.Struct, frozen=True):
    """The account to which an enterprise wants to be paid; in the store each text of it is sealed."""

    holder: str
    bank: str
    number: str


class Approval(msgspec.Struct, frozen=True):
    """An officer's approval."""

    organisation: str
    subject: str
    at: datetime


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a condition of the policy was found when the enterprise was matched."""

    code: str
    truth: str
    actual: str | None = None
    reason: str | None = None
    source: str | None = None
    as_of: datetime | None = None


_STATE, _DO = EntitlementState, EntitlementAction

FLOW = Flow(
    "An entitlement",
    _STATE.MATCHED,
    frozenset((Party.OFFICER,)),
    (
        step(_DO.PUSH, [_STATE.MATCHED], _STATE.PUSHED, [Party.OFFICER]),
        # What nobody has to look at goes on to CONFIRMED at once.
        step(_DO.CONFIRM, [_STATE.PUSHED], _STATE.REVIEW, [Party.ENTERPRISE]),
        step(_DO.DECLINE, [_STATE.PUSHED, _STATE.REVIEW, _STATE.CONFIRMED], _STATE.DECLINED, [Party.ENTERPRISE]),
        step(_DO.APPROVE, [_STATE.REVIEW], _STATE.CONFIRMED, [Party.OFFICER]),
        step(_DO.REJECT, [_STATE.REVIEW], _STATE.DECLINED, [Party.OFFICER]),
        step(_DO.FULFIL, [_STATE.CONFIRMED], _STATE.FULFILLED, [Party.OFFICER]),
        step(_DO.ARCHIVE, [_STATE.FULFILLED], _STATE.ARCHIVED, [Party.OFFICER]),
        step(_DO.EXPIRE, [_STATE.MATCHED, _STATE.PUSHED], _STATE.EXPIRED, [Party.OFFICER]),
    ),
)

RESERVED = frozenset((_STATE.REVIEW, _STATE.CONFIRMED))
"""States in which the pool holds the money."""
PAID = frozenset((_STATE.FULFILLED, _STATE.ARCHIVED))
HELD = RESERVED | PAID
"""States that count for exclusions and caps."""
OVER = frozenset((_STATE.DECLINED, _STATE.EXPIRED))
"""States after which the enterprise may be matched anew."""
PAYING = frozenset((_STATE.CONFIRMED, _STATE.FULFILLED))
"""States in which those who pay see the account."""
