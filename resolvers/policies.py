"""Policies of a zone: drafted, published, amended and withdrawn by its officers; and the pools they are paid from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from codes.flow import NotAllowed, Party
from codes.policies import FLOW, PolicyAction, PolicyContent, PolicyState
from codes.policy_facts import FACTS, UNITS
from codes.problems import Problem, ProblemCode, Problems
from connectors.outcomes import Absent
from resolvers.binding import Batch, Part
from resolvers.changing import Do, changes_of, invalid, mutation, not_allowed, party_to
from resolvers.fetching import by_keys, local_id
from resolvers.history import history
from resolvers.hub_source import NAME
from resolvers.listening import updates
from resolvers.pages import check_size
from resolvers.policy_checking import content_of, is_amount, problems_of
from resolvers.request import Ask, Request
from schema.policies import PolicyFact
from schema.policy_inputs import (
    AdvancePolicyInput,
    ChangeBudgetPoolInput,
    DraftPolicyInput,
    EditPolicyInput,
    OpenBudgetPoolInput,
    PolicyContentInput,
)
from store.changes import Change, new_id
from store.policies import (
    BUDGET_POOL,
    ZONE_POLICY,
    BudgetPool,
    ZonePolicy,
    keep_version,
    once_published,
    warning,
)

_LONGEST_NAME = 200


class ShownContent:
    """What a version of a policy says, shown to the officers of its zone."""

    def __init__(self, content: PolicyContent, parties: Mapping[Party, str]) -> None:
        """Show it to these parties."""
        self._content, self.parties = content, parties

    def __getattr__(self, name: str) -> Any:
        """Return what it says."""
        return getattr(self._content, name)

    @property
    def risks(self) -> list[Any]:
        """The rules of risk, to be shown to the same parties."""
        return [ShownRisk(one.level, one.condition, self.parties) for one in self._content.risks]


class ShownRisk(msgspec.Struct, frozen=True):
    """A rule of risk, shown to the officers of a zone."""

    level: int
    condition: Any
    parties: Mapping[Party, str]


class ShownRules:
    """What everybody sees of a published version."""

    def __init__(self, policy: ZonePolicy) -> None:
        """Show what is published."""
        self.number, self.published_at = policy.number, policy.published_at
        self._content = policy.published

    def __getattr__(self, name: str) -> Any:
        """Return what it says."""
        return getattr(self._content, name)


async def _draft(ask: Ask, input: DraftPolicyInput) -> Do[ZonePolicy]:
    zone = local_id("Zone", input.zone)
    _officer_of(ask, zone, "A policy is drafted by an officer of the zone that makes it.")
    content = await _checked(ask, input.content, zone)
    author = ask.request.access.principal.organisation

    async def do(change: Change) -> ZonePolicy:
        made = ZonePolicy(
            id=new_id(),
            zone_id=zone,
            author=author,
            state=FLOW.initial,
            draft=content,
            created_at=change.at,
            changed_at=change.at,
        )
        return await change.add(ZONE_POLICY, made, "DRAFT")

    return do


async def _edit(ask: Ask, input: EditPolicyInput) -> Do[ZonePolicy]:
    found, parties = await party_to(ask, ZONE_POLICY, input.id, "input", "id")
    content = await _checked(ask, input.content, found.zone_id)

    async def do(change: Change) -> ZonePolicy:
        now = await change.get(ZONE_POLICY, found.id, input.version, "input")
        state = _next(now, PolicyAction.EDIT, parties)
        return await change.replace(ZONE_POLICY, now, "EDIT", state=state, draft=content, changed_at=change.at)

    return do


async def _publish(ask: Ask, input: AdvancePolicyInput) -> Do[ZonePolicy]:
    found, parties = await party_to(ask, ZONE_POLICY, input.id, "input", "id")
    today = ask.hub.today()

    async def do(change: Change) -> ZonePolicy:
        now = await change.get(ZONE_POLICY, found.id, input.version, "input")
        state = _next(now, PolicyAction.PUBLISH, parties)
        if now.draft is None:
            raise Problems(_refused("Nothing is drafted that is not published yet; edit it first.", "id"))
        if now.draft.valid_to is not None and now.draft.valid_to < today:
            raise Problems(_refused(f"It would have ended on {now.draft.valid_to}; give it a later end.", "id"))
        made = await change.replace(
            ZONE_POLICY,
            now,
            "PUBLISH",
            state=state,
            number=now.number + 1,
            published=now.draft,
            draft=None,
            published_at=change.at,
            changed_at=change.at,
        )
        await keep_version(change, made)
        return made

    return do


async def _withdraw(ask: Ask, input: AdvancePolicyInput) -> Do[ZonePolicy]:
    found, parties = await party_to(ask, ZONE_POLICY, input.id, "input", "id")
    today = ask.hub.today()

    async def do(change: Change) -> ZonePolicy:
        now = await change.get(ZONE_POLICY, found.id, input.version, "input")
        state = _next(now, PolicyAction.WITHDRAW, parties)
        return await change.replace(
            ZONE_POLICY, now, "WITHDRAW", state=state, draft=None, withdrawn_on=today, changed_at=change.at
        )

    return do


def _next(now: ZonePolicy, action: PolicyAction, parties: frozenset[Party]) -> PolicyState:
    try:
        return FLOW.next(now.state, action, parties)
    except NotAllowed as refused:
        raise not_allowed(refused, "input", "id") from refused


def _refused(message: str, field: str) -> Problem:
    return Problem(ProblemCode.NOT_ALLOWED, message, ("input", field))


def _officer_of(ask: Ask, zone: str, message: str) -> None:
    if Party.OFFICER not in ask.request.access.parties({Party.OFFICER: zone}):
        raise Problems(_refused(message, "zone"))


async def _checked(ask: Ask, given: PolicyContentInput, zone: str) -> PolicyContent:
    """Return what a policy is to say; raise Problems for all that is wrong with it."""
    place = ("input", "content")
    found = list(problems_of(given, ask.hub.schemes, place))
    pool = await changes_of(ask).find(BUDGET_POOL, local_id("BudgetPool", given.pool))
    if pool is None or pool.zone_id != zone:
        found.append(invalid(f"The zone has no budget pool {given.pool[:60]!r}.", *place, "pool"))
    excluded = [local_id("Policy", one) for one in given.excludes or ()]
    known = await once_published(changes_of(ask).engine, excluded)
    for number, id in enumerate(excluded):
        if id not in known:
            message = f"No policy {id[:60]!r} was published in this hub."
            found.append(invalid(message, *place, "excludes", str(number)))
    found += await _zones_wrong(ask, given)
    if found:
        raise Problems(*found)
    return content_of(given)


async def _zones_wrong(ask: Ask, given: PolicyContentInput) -> list[Problem]:
    named = [
        (number, place, zone)
        for number, one in enumerate(given.conditions)
        if one.fact == "zone"
        for place, zone in enumerate(one.one_of or ())
    ]
    zones = await by_keys(ask, "zones", [zone for _, _, zone in named], frozenset(("id",)))
    return [
        invalid(f"There is no zone {zone[:60]!r}.", "input", "content", "conditions", str(number), "one_of", str(place))
        for (number, place, zone), found in zip(named, zones, strict=True)
        if found is Absent.NOT_FOUND
    ]


async def _open_pool(ask: Ask, input: OpenBudgetPoolInput) -> Do[BudgetPool]:
    zone, name = local_id("Zone", input.zone), input.name.strip()
    _officer_of(ask, zone, "A budget pool is opened by an officer of the zone.")
    if not 0 < len(name) <= _LONGEST_NAME or "\0" in name:
        raise Problems(invalid(f"Give a name of 1 to {_LONGEST_NAME} characters.", "input", "name"))
    total = _total(input.total)
    author = ask.request.access.principal.organisation

    async def do(change: Change) -> BudgetPool:
        made = BudgetPool(
            id=new_id(),
            zone_id=zone,
            name=name,
            author=author,
            total=total,
            created_at=change.at,
            changed_at=change.at,
        )
        return await change.add(BUDGET_POOL, made, "OPEN")

    return do


async def _change_pool(ask: Ask, input: ChangeBudgetPoolInput) -> Do[BudgetPool]:
    found, _ = await party_to(ask, BUDGET_POOL, input.id, "input", "id")
    total = _total(input.total)

    async def do(change: Change) -> BudgetPool:
        now = await change.get(BUDGET_POOL, found.id, input.version, "input")
        used = now.reserved + now.paid
        if total < used:
            raise Problems(_refused(f"{used:f} yuan of it are reserved or paid already.", "total"))
        warned = min(now.warned, warning(total, used))
        return await change.replace(BUDGET_POOL, now, "CHANGE", total=total, warned=warned, changed_at=change.at)

    return do


def _total(given: Decimal) -> Decimal:
    if not is_amount(given):
        raise Problems(invalid("Give an amount in yuan that can be.", "input", "total"))
    return given.quantize(Decimal("0.01"))


async def _of_zones(ask: Ask, first: int = 20, state: list[PolicyState] | None = None) -> Sequence[Any]:
    check_size("first", first)
    ids = [parent.id for parent in ask.parents]
    found = await changes_of(ask).of(ZONE_POLICY, "zone_id", ids, first, state)
    return [found[id] for id in ids]


async def _pools(ask: Ask, first: int = 20) -> Sequence[Any]:
    check_size("first", first)
    ids = [parent.id for parent in ask.parents]
    found = await changes_of(ask).of(BUDGET_POOL, "zone_id", ids, first)
    return [found[id] for id in ids]


async def _public(ask: Ask) -> Sequence[Any]:
    ids = [parent.id if parent.number else None for parent in ask.parents]
    return await by_keys(ask, "policies", ids, ask.selection.needs("Policy") | {"id"})


async def _rules(ask: Ask) -> Sequence[Any]:
    own = [parent.id for parent in ask.parents if parent.source == NAME]
    found = await once_published(changes_of(ask).engine, own) if own else {}
    return [
        ShownRules(found[parent.id]) if parent.source == NAME and parent.id in found else Absent.NOT_DELIVERED
        for parent in ask.parents
    ]


async def _facts(ask: Ask) -> Sequence[Any]:
    return [
        [
            PolicyFact(
                name=fact.name,
                form=fact.form,
                group=fact.group,
                title=fact.title,
                title_en=fact.title_en,
                unit=fact.unit,
                units=list(UNITS[fact.unit]) if fact.unit else [],
                members=[member.value for member in fact.members] if fact.members else [],
                of_scheme=fact.of_scheme,
                of_year=fact.of_year,
                dated=fact.dated,
            )
            for fact in FACTS.values()
        ]
    ]


def _allowed(request: Request, state: PolicyState, parties: Mapping[Party, str]) -> Sequence[Any]:
    access = request.access
    return FLOW.allowed(state, access.parties(parties)) if access.may_change(ZONE_POLICY.group) else []


def _shown(_request: Request, content: PolicyContent | None, parties: Mapping[Party, str]) -> Any:
    return None if content is None else ShownContent(content, parties)


def _identities(type_name: str) -> Any:
    def read(_request: Request, ids: Sequence[str]) -> Sequence[str]:
        return [f"{type_name}:{id}" for id in ids]

    return read


def _free(_request: Request, total: Decimal, reserved: Decimal, paid: Decimal) -> Decimal:
    return total - reserved - paid


def _used(_request: Request, total: Decimal, reserved: Decimal, paid: Decimal) -> Decimal:
    return (100 * (reserved + paid) / total).quantize(Decimal("0.01"))


def _warning(_request: Request, total: Decimal, reserved: Decimal, paid: Decimal) -> int | None:
    return warning(total, reserved + paid) or None


_MONEY = ("total", "reserved", "paid")


def _is_just_published(policy: ZonePolicy, zone: str) -> bool:
    """Say whether what has happened to a policy of a zone is that it was published: nothing is drafted of it then."""
    is_published = policy.state is PolicyState.PUBLISHED and policy.draft is None
    return is_published and policy.zone_id == local_id("Zone", zone)


async def _published(ask: Ask, ids: Sequence[str]) -> Sequence[Any]:
    return await by_keys(ask, "policies", ids, ask.selection.needs("Policy"))


BATCHES: Mapping[str, Batch] = {
    "Mutation.draftPolicy": mutation("draftPolicy", ZONE_POLICY, _draft),
    "Mutation.editPolicy": mutation("editPolicy", ZONE_POLICY, _edit),
    "Mutation.publishPolicy": mutation("publishPolicy", ZONE_POLICY, _publish),
    "Mutation.withdrawPolicy": mutation("withdrawPolicy", ZONE_POLICY, _withdraw),
    "Mutation.openBudgetPool": mutation("openBudgetPool", BUDGET_POOL, _open_pool),
    "Mutation.changeBudgetPool": mutation("changeBudgetPool", BUDGET_POOL, _change_pool),
    "Query.policyFacts": Batch(_facts),
    "Policy.rules": Batch(_rules, frozenset(("id", "source"))),
    "Zone.policyWork": Batch(_of_zones, frozenset(("id",))),
    "Zone.budgetPools": Batch(_pools, frozenset(("id",))),
    "ZonePolicy.policy": Batch(_public, reads=("policies",)),
    "ZonePolicy.history": history(ZONE_POLICY),
    "BudgetPool.history": history(BUDGET_POOL),
    **updates("policyPublished", ZONE_POLICY, _is_just_published, shown=_published, public=True, reads=("policies",)),
}

PARTS: Mapping[str, Part] = {
    "ZonePolicy.allowedActions": Part(("state", "parties"), _allowed),
    "ZonePolicy.published": Part(("published", "parties"), _shown),
    "ZonePolicy.draft": Part(("draft", "parties"), _shown),
    "ZonePolicy.zoneId": Part(("zone_id",), lambda _request, id: f"Zone:{id}"),
    "BudgetPool.zoneId": Part(("zone_id",), lambda _request, id: f"Zone:{id}"),
    "PolicyCondition.unit": Part(("fact",), lambda _request, name: FACTS[name].unit),
    "PolicyContent.pool": Part(("pool",), lambda _request, id: f"BudgetPool:{id}"),
    "PolicyContent.excludes": Part(("excludes",), _identities("Policy")),
    "PolicyRules.excludes": Part(("excludes",), _identities("Policy")),
    "BudgetPool.free": Part(_MONEY, _free),
    "BudgetPool.usedPercent": Part(_MONEY, _used),
    "BudgetPool.warning": Part(_MONEY, _warning),
}
