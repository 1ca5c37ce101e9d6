"""Policies that officers make in the hub: their life, and what they consist of. Pure: no store, no clock."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from codes.flow import Flow, Party, step
from codes.kinds import Level, Listed


class PolicyState(Listed):
    """How far a policy of a zone has come 政策状态."""

    DRAFT = "DRAFT", "草案"
    PUBLISHED = "PUBLISHED", "已发布"
    WITHDRAWN = "WITHDRAWN", "已撤销"


class PolicyAction(Listed):
    """What is done about a policy of a zone 政策操作."""

    EDIT = "EDIT", "修订"  # of a published one: drafts its next version
    PUBLISH = "PUBLISH", "发布"
    WITHDRAW = "WITHDRAW", "撤销"


class Importance(Listed):
    """How much a condition weighs 条件重要性: required ones decide, whatever the others say."""

    REQUIRED = "REQUIRED", "必要条件"
    PREFERRED = "PREFERRED", "加分项"
    GENERAL = "GENERAL", "一般要求"


class Condition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A condition over one fact: one of these, none of these, or a number between two bounds, these included."""

    code: str
    """Its name within the policy."""
    importance: Importance = Importance.REQUIRED
    text: str = ""
    text_en: str = ""
    fact: str
    """A name in `codes.policy_facts`."""
    scheme: str | None = None
    """Code and version of the scheme whose score or stage it is."""
    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    year: int | None = None
    """Of the filing; None: the last one."""
    valid_on: date | None = None
    """The day on which a qualification has to be valid; None: the day of the match."""


class Benefit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one enterprise receives: an amount, or per cent of a figure that it filed, up to a cap; CNY yuan."""

    amount: Decimal | None = None
    percent: Decimal | None = None
    of: str | None = None
    year: int | None = None
    cap: Decimal | None = None

    @property
    def most(self) -> Decimal:
        """The most that one enterprise receives."""
        found = self.amount if self.amount is not None else self.cap
        assert found is not None, "a ratio has a cap"
        return found


class RiskRule(msgspec.Struct, frozen=True, kw_only=True):
    """From when on a case is of a higher risk: if the condition is satisfied, or cannot be told."""

    level: int
    condition: Condition


class PolicyContent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a version of a policy says."""

    title: str
    title_en: str | None = None
    issuer: str
    document_number: str | None = None
    level: Level
    tool: str
    valid_from: date
    valid_to: date | None = None
    summary: str | None = None
    benefit_text: str
    benefit: Benefit
    conditions: tuple[Condition, ...]
    pool: str
    """The budget pool that it is paid from."""
    excludes: tuple[str, ...] = ()
    """Policies of the hub that nobody has together with it."""
    stacks: bool = True
    """It may be had together with others that do not exclude it; otherwise with none of the same zone and year."""
    yearly_cap: Decimal | None = None
    """Most that one enterprise receives in a calendar year of all policies of the zone, this one included."""
    confirm_days: int = 30
    """Days after the notice within which an enterprise confirms."""
    review_above: Decimal | None = None
    """Two officers have to approve what is more than this."""
    risks: tuple[RiskRule, ...] = ()
    synthetic: bool = False


_STATE, _DO = PolicyState, PolicyAction

FLOW = Flow(
    "A policy",
    _STATE.DRAFT,
    frozenset((Party.OFFICER,)),
    (
        step(_DO.EDIT, [_STATE.DRAFT], _STATE.DRAFT, [Party.OFFICER]),
        step(_DO.EDIT, [_STATE.PUBLISHED], _STATE.PUBLISHED, [Party.OFFICER]),
        step(_DO.PUBLISH, [_STATE.DRAFT, _STATE.PUBLISHED], _STATE.PUBLISHED, [Party.OFFICER]),
        step(_DO.WITHDRAW, [_STATE.DRAFT, _STATE.PUBLISHED], _STATE.WITHDRAWN, [Party.OFFICER]),
    ),
)
