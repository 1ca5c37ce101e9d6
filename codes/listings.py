"""Loan products that lenders list themselves 自主上架: their life, and what they say. Pure: no store, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from codes.flow import Flow, Party, step
from codes.kinds import GuaranteeKind, Listed, QualificationKind
from codes.policies import Condition


class ListingState(Listed):
    """How far a loan product of a lender has come 产品状态."""

    DRAFT = "DRAFT", "草稿"
    LISTED = "LISTED", "已上架"
    EXPIRED = "EXPIRED", "已到期"
    WITHDRAWN = "WITHDRAWN", "已下架"


class ListingAction(Listed):
    """What is done about a loan product of a lender 产品操作."""

    EDIT = "EDIT", "修改"
    LIST = "LIST", "上架"
    WITHDRAW = "WITHDRAW", "下架"
    EXPIRE = "EXPIRE", "到期"  # by nobody: its last day passes


class ScoreGate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom a product is for by a score: in one version of one scheme, for no other says anything of it."""

    scheme: str
    """Code and version."""
    at_least: Decimal | None = None
    stages: tuple[str, ...] = ()

    def conditions(self) -> Iterator[Condition]:
        """Give what it asks."""
        if self.at_least is not None:
            yield Condition(code="score", fact="score", scheme=self.scheme, at_least=self.at_least)
        if self.stages:
            yield Condition(code="stage", fact="stage", scheme=self.scheme, one_of=self.stages)


class ListingTerms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a version of a product says; amounts in CNY yuan, rates in per cent a year."""

    name: str
    lender_name: str
    branch: str | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal
    rate_min: Decimal | None = None
    rate_max: Decimal | None = None
    rate_basis: str | None = None
    term_months_min: int | None = None
    term_months_max: int
    revolving: bool = False
    """What was repaid can be drawn again."""
    guarantee_kinds: tuple[GuaranteeKind, ...]
    zones: tuple[str, ...] = ()
    """Ids; none: in every zone."""
    regions: tuple[str, ...] = ()
    """Beginnings of GB/T 2260 codes."""
    industries: tuple[str, ...] = ()
    """Beginnings of GB/T 4754 codes."""
    qualifications: tuple[QualificationKind, ...] = ()
    """One of them is needed."""
    scores: tuple[ScoreGate, ...] = ()
    """One of them is needed."""
    documents: tuple[str, ...] = ()
    turnaround_days: int | None = None
    risk_sharing: tuple[str, ...] = ()
    gate: str | None = None
    """Who may have it, in words."""
    valid_from: date
    valid_to: date | None = None
    note: str | None = None
    synthetic: bool = False


_STATE, _DO = ListingState, ListingAction

FLOW = Flow(
    "A loan product",
    _STATE.DRAFT,
    frozenset((Party.LENDER,)),
    (
        step(_DO.EDIT, [_STATE.DRAFT], _STATE.DRAFT, [Party.LENDER]),
        step(_DO.EDIT, [_STATE.LISTED, _STATE.EXPIRED], _STATE.LISTED, [Party.LENDER]),
        step(_DO.LIST, [_STATE.DRAFT], _STATE.LISTED, [Party.LENDER]),
        step(_DO.WITHDRAW, [_STATE.DRAFT, _STATE.LISTED, _STATE.EXPIRED], _STATE.WITHDRAWN, [Party.LENDER]),
        step(_DO.EXPIRE, [_STATE.LISTED], _STATE.EXPIRED, []),
    ),
)


def state_on(day: date, state: ListingState, terms: ListingTerms) -> ListingState:
    """Return the state on a day: what is listed expires when its last day is over."""
    over = terms.valid_to is not None and terms.valid_to < day
    return ListingState.EXPIRED if state is ListingState.LISTED and over else state
