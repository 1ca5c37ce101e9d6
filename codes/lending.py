"""Financing demands, loan applications and pre-credit: their states, and who moves them."""

from __future__ import annotations

from codes.flow import Flow, Party, step
from codes.kinds import Listed


class DemandState(Listed):
    """Whether a financing demand stands 融资需求状态."""

    OPEN = "OPEN", "已发布"
    CLOSED = "CLOSED", "已关闭"


class DemandAction(Listed):
    """What is done about a financing demand 融资需求操作."""

    REVISE = "REVISE", "修改"
    CLOSE = "CLOSE", "关闭"


class LoanState(Listed):
    """How far a loan application has come 贷款申请状态."""

    APPLIED = "APPLIED", "已申请"
    ACCEPTED = "ACCEPTED", "已受理"
    REVIEW = "REVIEW", "尽调中"
    CREDIT_APPROVED = "CREDIT_APPROVED", "已授信"
    REJECTED = "REJECTED", "已拒绝"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    SIGNED = "SIGNED", "已签约"
    DISBURSED = "DISBURSED", "已放款"
    SETTLED = "SETTLED", "已结清"


class LoanAction(Listed):
    """What is done about a loan application 贷款申请操作."""

    ACCEPT = "ACCEPT", "受理"
    REVIEW = "REVIEW", "尽调"
    APPROVE = "APPROVE", "授信"
    REJECT = "REJECT", "拒绝"
    WITHDRAW = "WITHDRAW", "撤回"
    SIGN = "SIGN", "签约"
    DRAW = "DRAW", "放款"
    REPAY = "REPAY", "还款"
    SETTLE = "SETTLE", "结清"


class MovementKind(Listed):
    """Money that went to an enterprise, or came back 资金变动."""

    DRAW = "DRAW", "放款"
    REPAYMENT = "REPAYMENT", "还款"


class PreCreditState(Listed):
    """Whether an offer of credit stands 预授信状态."""

    OFFERED = "OFFERED", "有效"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class PreCreditAction(Listed):
    """What is done about an offer of credit 预授信操作."""

    WITHDRAW = "WITHDRAW", "撤回"


class PreCreditReason(Listed):
    """Why an enterprise is not offered credit 未纳入原因."""

    CONSENT_REQUIRED = "CONSENT_REQUIRED", "未授权"
    NOT_IN_EDITION = "NOT_IN_EDITION", "未参评"
    BELOW_BOUND = "BELOW_BOUND", "低于分数线"
    OTHER_STAGE = "OTHER_STAGE", "阶段不符"
    NOT_RANKED = "NOT_RANKED", "未参与排名"


_LOAN, _DO = LoanState, LoanAction
_BY_LENDER, _BY_ENTERPRISE = (Party.LENDER,), (Party.ENTERPRISE,)

DEMAND_FLOW = Flow(
    "A financing demand",
    DemandState.OPEN,
    frozenset(_BY_ENTERPRISE),
    (
        step(DemandAction.REVISE, [DemandState.OPEN], DemandState.OPEN, _BY_ENTERPRISE),
        step(DemandAction.CLOSE, [DemandState.OPEN], DemandState.CLOSED, _BY_ENTERPRISE),
    ),
)

LOAN_FLOW = Flow(
    "A loan application",
    _LOAN.APPLIED,
    frozenset(_BY_ENTERPRISE),
    (
        step(_DO.ACCEPT, [_LOAN.APPLIED], _LOAN.ACCEPTED, _BY_LENDER),
        step(_DO.REVIEW, [_LOAN.ACCEPTED], _LOAN.REVIEW, _BY_LENDER),
        step(_DO.APPROVE, [_LOAN.REVIEW], _LOAN.CREDIT_APPROVED, _BY_LENDER),
        step(_DO.REJECT, [_LOAN.APPLIED, _LOAN.ACCEPTED, _LOAN.REVIEW], _LOAN.REJECTED, _BY_LENDER),
        step(
            _DO.WITHDRAW,
            [_LOAN.APPLIED, _LOAN.ACCEPTED, _LOAN.REVIEW, _LOAN.CREDIT_APPROVED],
            _LOAN.WITHDRAWN,
            _BY_ENTERPRISE,
        ),
        step(_DO.SIGN, [_LOAN.CREDIT_APPROVED], _LOAN.SIGNED, _BY_LENDER),
        step(_DO.DRAW, [_LOAN.SIGNED, _LOAN.DISBURSED], _LOAN.DISBURSED, _BY_LENDER),
        step(_DO.REPAY, [_LOAN.DISBURSED], _LOAN.DISBURSED, _BY_LENDER),
        step(_DO.SETTLE, [_LOAN.SIGNED, _LOAN.DISBURSED], _LOAN.SETTLED, _BY_LENDER),
    ),
)

PRE_CREDIT_FLOW = Flow(
    "An offer of pre-credit",
    PreCreditState.OFFERED,
    frozenset(_BY_LENDER),
    (step(PreCreditAction.WITHDRAW, [PreCreditState.OFFERED], PreCreditState.WITHDRAWN, _BY_LENDER),),
)

UNDECIDED = frozenset((_LOAN.APPLIED, _LOAN.ACCEPTED, _LOAN.REVIEW))
"""Nothing has been granted or refused yet."""
GRANTED = frozenset((_LOAN.CREDIT_APPROVED, _LOAN.SIGNED, _LOAN.DISBURSED))
"""There is a line."""
ENDED = frozenset((_LOAN.REJECTED, _LOAN.WITHDRAWN, _LOAN.SETTLED))
