"""Entitlements as they are seen: by the enterprise, by officers of the zone that pays, and what everybody may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from codes.entitlements import FLOW, PAYING, EntitlementAction, EntitlementState, FigureBy, Finding
from codes.flow import Party
from codes.matching import Fit, Truth
from codes.policies import PolicyContent
from connectors.outcomes import Absent
from resolvers.binding import Batch, Part
from resolvers.changing import changes_of, learn
from resolvers.enterprise_key import EnterpriseKey
from resolvers.entitling import MUTATIONS
from resolvers.entitling_many import BATCHES as OF_MANY
from resolvers.fetching import by_keys, local_id
from resolvers.history import history
from resolvers.pages import MOST_PAGE, Window, check_size, page_of
from resolvers.request import Ask, BadInput, Request
from schema.entitlements import FitCount
from store import entitlements as store
from store.entitlements import ENTITLEMENT, Entitlement
from store.policies import versions
from store.sealing import SealBroken

_MOST_PAID = 10_000
"""Benefits in the public list, the newest."""
_MOST_LATE = 1000


class ShownAccount(msgspec.Struct, frozen=True):
    """Where to pay, and who may see it whole."""

    holder: str
    bank: str
    number: str
    receivers: Mapping[Party, str]


class ShownPart(msgspec.Struct, frozen=True):
    """A part of an entitlement, shown to its parties."""

    of: Any
    parties: Mapping[Party, str]

    def __getattr__(self, name: str) -> Any:
        """Return what it says."""
        return getattr(self.of, name)


class ShownFinding(msgspec.Struct, frozen=True):
    """How a condition was found, shown to the parties of an entitlement."""

    of: Finding
    parties: Mapping[Party, str]

    def __getattr__(self, name: str) -> Any:
        """Return what it says."""
        return getattr(self.of, name)

    @property
    def truth(self) -> Truth:
        """Whether it was met."""
        return Truth(self.of.truth)


class FrozenRules:
    """What a policy said in the version by which an entitlement came about."""

    def __init__(self, number: int, published_at: datetime, content: PolicyContent) -> None:
        """Show this version."""
        self.number, self.published_at, self._content = number, published_at, content

    def __getattr__(self, name: str) -> Any:
        """Return what it says."""
        return getattr(self._content, name)


class Paid(msgspec.Struct, frozen=True):
    """A benefit that was paid, as everybody sees it."""

    id: str
    policy_id: str
    number: int
    uscc: str
    amount: Any
    risk: int
    paid_on: Any
    synthetic: bool


class ShownFigure(msgspec.Struct, frozen=True):
    """A figure of a zone."""

    zone_id: str
    key: str | None
    title: str | None
    state: EntitlementState
    count: int
    amount: Any

    @property
    def parties(self) -> Mapping[Party, str]:
        """The officers of the zone."""
        return {Party.OFFICER: self.zone_id}


async def _of_enterprises(ask: Ask) -> Sequence[Any]:
    codes = [parent.uscc for parent in ask.parents]
    found = await changes_of(ask).of(ENTITLEMENT, "uscc", codes, MOST_PAGE)
    return [await _own(ask, found[code]) for code in codes]


async def _of_policies(ask: Ask, first: int = 20, state: list[EntitlementState] | None = None) -> Sequence[Any]:
    check_size("first", first)
    ids = [parent.id for parent in ask.parents]
    found = await changes_of(ask).of(ENTITLEMENT, "policy_id", ids, MOST_PAGE, state)
    return [(await _own(ask, found[id]))[:first] for id in ids]


async def _own(ask: Ask, found: Sequence[Entitlement]) -> list[Entitlement]:
    """Return those that the reader is a party to: of others it is not told that there are any."""
    access = ask.request.access
    if access.rights is None:
        return list(found)
    await learn(ask, [one.parties for one in found])
    own = [one for one in found if access.parties(one.parties)]
    if own:
        access.saw(ENTITLEMENT.group, [one.uscc for one in own])
    return own


async def _unpaid(ask: Ask, days: int = 10, first: int = 100) -> Sequence[Any]:
    check_size("first", first, most=_MOST_LATE)
    if not 0 <= days <= 3660:
        raise BadInput(f"days is {days}; give 0 to 3,660.")
    before = datetime.now(UTC) - timedelta(days=days)
    return [await store.unpaid(changes_of(ask).engine, parent.id, before, first) for parent in ask.parents]


async def _figures(ask: Ask, by: FigureBy = FigureBy.POLICY) -> Sequence[Any]:
    answers = []
    for parent in ask.parents:
        found = await store.figures(changes_of(ask).engine, parent.id, by)
        titles: dict[str, Any] = {}
        if by is FigureBy.POLICY:
            ids = list(dict.fromkeys(str(one.key) for one in found))
            records = await by_keys(ask, "policies", ids, frozenset(("id", "title")))
            titles = {id: getattr(record, "title", None) for id, record in zip(ids, records, strict=True)}
        answers.append(
            [
                ShownFigure(
                    parent.id,
                    f"Policy:{one.key}" if by is FigureBy.POLICY else one.key,
                    titles.get(str(one.key)),
                    one.state,
                    one.count,
                    one.amount,
                )
                for one in found
            ]
        )
    return answers


async def _paid(
    ask: Ask,
    zone: str | None = None,
    policy: str | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Sequence[Any]:
    window = Window(first, after, last, before)
    zone, policy = zone and local_id("Zone", zone), policy and local_id("Policy", policy)
    found = await store.paid(changes_of(ask).engine, zone, policy, _MOST_PAID)
    said = await versions(changes_of(ask).engine, [(one.policy_id, one.number) for one in found])
    shown = [
        Paid(
            one.id,
            one.policy_id,
            one.number,
            one.uscc,
            one.amount,
            one.risk,
            one.paid_on,
            said[one.policy_id, one.number].content.synthetic,
        )
        for one in found
    ]
    return [page_of(shown, lambda one: (f"{99999999 - one.paid_on.toordinal():08}", one.id), window)]


async def _policies(ask: Ask) -> Sequence[Any]:
    return await by_keys(
        ask, "policies", [one.policy_id for one in ask.parents], ask.selection.needs("Policy") | {"id"}
    )


async def _rules(ask: Ask) -> Sequence[Any]:
    keys = [(one.policy_id, one.number) for one in ask.parents]
    found = await versions(changes_of(ask).engine, keys)
    return [FrozenRules(key[1], found[key].published_at, found[key].content) for key in keys]


async def _beneficiaries(ask: Ask) -> Sequence[Any]:
    return [EnterpriseKey.of(one.uscc) for one in ask.parents]


def _account(request: Request, sealed: Any, state: EntitlementState, parties: Mapping[Party, str]) -> Any:
    if sealed is None:
        return None
    if request.hub.sealer is None:
        return Absent.UNREADABLE
    try:
        account = request.hub.sealer.open(sealed)
    except SealBroken:
        return Absent.UNREADABLE
    receivers = {Party.OFFICER: parties[Party.OFFICER]} if state in PAYING else {}
    return ShownAccount(account.holder, account.bank, account.number, receivers)


def _shown_findings(_request: Request, found: Sequence[Finding], parties: Mapping[Party, str]) -> Any:
    return [ShownFinding(one, parties) for one in found]


def _shown_parts(_request: Request, found: Sequence[Any], parties: Mapping[Party, str]) -> Any:
    return [ShownPart(one, parties) for one in found]


def _counts(_request: Request, counts: Mapping[str, int], parties: Mapping[Party, str]) -> Any:
    return [ShownPart(FitCount(fit=fit, count=counts[fit.value]), parties) for fit in Fit]


def _allowed(request: Request, state: EntitlementState, parties: Mapping[Party, str]) -> Sequence[EntitlementAction]:
    access = request.access
    return FLOW.allowed(state, access.parties(parties)) if access.may_change(ENTITLEMENT.group) else []


BATCHES: Mapping[str, Batch] = {
    **MUTATIONS,
    **OF_MANY,
    "Query.benefitsPaid": Batch(_paid),
    "Enterprise.entitlements": Batch(_of_enterprises),
    "Policy.entitlements": Batch(_of_policies, frozenset(("id",))),
    "Zone.unpaidEntitlements": Batch(_unpaid, frozenset(("id",))),
    "Zone.entitlementFigures": Batch(_figures, frozenset(("id",)), reads=("policies",)),
    "Entitlement.policy": Batch(_policies, reads=("policies",)),
    "Entitlement.rules": Batch(_rules),
    "Entitlement.history": history(ENTITLEMENT),
    "BenefitPaid.policy": Batch(_policies, reads=("policies",)),
    "BenefitPaid.enterprise": Batch(_beneficiaries),
}

PARTS: Mapping[str, Part] = {
    "Entitlement.allowedActions": Part(("state", "parties"), _allowed),
    "Entitlement.account": Part(("account", "state", "parties"), _account),
    "Entitlement.findings": Part(("findings", "parties"), _shown_findings),
    "Entitlement.approvals": Part(("approvals", "parties"), _shown_parts),
    "EntitlementRun.counts": Part(("counts", "parties"), _counts),
}

OF_PARTIES = (
    "Entitlement", "EntitlementApproval", "EntitlementFigure", "EntitlementFinding", "EntitlementPayload",
    "EntitlementRun", "EntitlementRunPayload", "EntitlementsPayload", "FitCount",
)  # fmt: skip
