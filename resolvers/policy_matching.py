"""Policies held to enterprises, by what the reader may see of them: each condition with its reason, and the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from codes.kinds import Listed
from codes.matching import Fit, Truth
from codes.policies import Condition, PolicyContent
from codes.policy_facts import FACTS, FactForm
from codes.policy_matching import amount_of, base_of, overall, required, truth
from connectors.outcomes import Absent
from resolvers.binding import Batch
from resolvers.changing import changes_of
from resolvers.fact_values import UNDECIDED, Observed, observed
from resolvers.facts import HINTS
from resolvers.fetching import whole
from resolvers.hub_source import NAME
from resolvers.pages import check_size
from resolvers.request import Ask
from store.policies import ZonePolicy, in_force

_HINTS: Mapping[str, str] = {**HINTS, UNDECIDED: "What is known of it does not decide this: ask the zone."}
_DATES = frozenset(("id", "source", "valid_from", "valid_to", "published_on", "zone_id"))
_ORDER = tuple(Fit)
_FOURTH = Decimal("0.0001")
TEXT_ONLY = "TEXT_ONLY"


class Held(msgspec.Struct, frozen=True):
    """A condition, and the fact of one enterprise that it was held to."""

    condition: Condition
    truth: Truth
    required: Sequence[str]
    actual: str | None = None
    reason: str | None = None
    hint: str | None = None
    source: str | None = None
    as_of: datetime | None = None
    synthetic: bool | None = None


class Matched(msgspec.Struct, frozen=True):
    """What a policy's conditions come to for one enterprise, and what it would receive."""

    fit: Fit
    conditions: Sequence[Held]
    amount: Decimal | None = None
    amount_reason: str | None = None


class Found(msgspec.Struct, frozen=True):
    """The same without its reasons: the truth of each condition, in their order."""

    fit: Fit
    truths: Sequence[Truth]
    amount: Decimal | None


class Match(msgspec.Struct, frozen=True):
    """A policy held to an enterprise."""

    policy: Any
    fit: Fit
    structured: bool
    number: int | None = None
    conditions: Sequence[Held] = ()
    amount: Decimal | None = None
    reason: str | None = None


async def matched(ask: Ask, zone: str, said: PolicyContent) -> list[Matched]:
    """Return for each parent, an enterprise, whether it meets a policy of a zone."""
    conditions, facts, bases = await _observed(ask, zone, said)
    return [
        _matched(said, conditions, [column[place] for column in facts], [column[place] for column in bases])
        for place in range(len(ask.parents))
    ]


async def found_to_be(ask: Ask, zone: str, said: PolicyContent) -> list[Found]:
    """Return the same for each parent, without the reasons: for counting very many."""
    conditions, facts, bases = await _observed(ask, zone, said)
    columns = [
        [truth(condition, one.value, doubtful=one.reason is not None) for one in column]
        for condition, column in zip(conditions, facts, strict=True)
    ]
    weights = [condition.importance for condition in conditions]
    amounts = [amount_of(said.benefit, one.value) for one in bases[0]] if bases else None
    fixed = None if amounts else amount_of(said.benefit, None)
    return [
        Found(overall(zip(weights, truths, strict=True)), truths, amounts[place] if amounts else fixed)
        for place, truths in enumerate(zip(*columns, strict=True))
    ]


async def _observed(
    ask: Ask, zone: str, said: PolicyContent
) -> tuple[Sequence[Condition], list[list[Observed]], list[list[Observed]]]:
    """Return a policy's conditions, the facts that they are held to, and those that the benefit is a part of."""
    conditions = all_conditions(zone, said)
    found = await observed(ask, [*conditions, *base_of(said.benefit)])
    return conditions, found[: len(conditions)], found[len(conditions) :]


def all_conditions(zone: str, said: PolicyContent) -> Sequence[Condition]:
    """Return a policy's conditions, and that it is for enterprises on the roster of its zone."""
    own = Condition(
        code="on-roster",
        text="在本园区名册上",
        text_en="On the roster of the zone that made the policy",
        fact="zone",
        one_of=(zone,),
    )
    return [own, *said.conditions]


def held(condition: Condition, fact: Observed) -> Held:
    """Return a condition held to a fact."""
    found = truth(condition, fact.value, doubtful=fact.reason is not None)
    reason = (fact.reason or UNDECIDED) if found is Truth.UNKNOWN else None
    return Held(
        condition,
        found,
        required(condition),
        _actual(condition, fact),
        reason,
        _HINTS.get(reason or "") or (_hint(condition, fact) if found is Truth.UNMET else None),
        fact.source,
        fact.as_of,
        fact.synthetic,
    )


def _matched(
    said: PolicyContent, conditions: Sequence[Condition], facts: Sequence[Observed], base: Sequence[Observed]
) -> Matched:
    each = [held(condition, fact) for condition, fact in zip(conditions, facts, strict=True)]
    amount = amount_of(said.benefit, base[0].value if base else None)
    reason = (base[0].reason or UNDECIDED) if amount is None and base else None
    return Matched(overall((one.condition.importance, one.truth) for one in each), each, amount, reason)


def _actual(condition: Condition, fact: Observed) -> str | None:
    """Return what is known of the enterprise, as a text; of what it holds, only what the condition is about."""
    if fact.value is None:
        return None
    about = FACTS[condition.fact]
    if about.form is FactForm.HELD:
        wanted = (*condition.one_of, *condition.none_of)
        return ", ".join(name for name in fact.value if name in wanted) or None
    if about.form is FactForm.NUMBER:
        return f"{_told(fact.value)} {about.unit}"
    return f"{fact.value} {fact.title}" if fact.title else str(fact.value)


def _told(number: Decimal) -> str:
    """Return a number as it is told: shares and years with four decimals, which do not decide."""
    return f"{number.quantize(_FOURTH) if number.as_tuple().exponent < -4 else number:f}"  # type: ignore[operator]  # finite


def _hint(condition: Condition, fact: Observed) -> str | None:
    """Return what would help, where that can be said."""
    about = FACTS[condition.fact]
    if about.form is FactForm.NUMBER:
        if condition.at_least is not None and fact.value < condition.at_least:
            missing = _told(condition.at_least - fact.value)
            return f"{missing} {about.unit} more are needed. 还差 {missing}。"
        if condition.at_most is not None:
            surplus = _told(fact.value - condition.at_most)
            return f"{surplus} {about.unit} less are needed. 超出 {surplus}。"
    if about.form is FactForm.HELD and about.members is not None:
        names = {member.value: member.term for member in about.members if isinstance(member, Listed)}
        wanted = condition.one_of or [name for name in condition.none_of if name in fact.value]
        words = " / ".join(f"{names.get(name, '')} {name}".strip() for name in wanted)
        return f"One of these has to be valid: {words}." if condition.one_of else f"This has to end: {words}."
    return None


async def _matches(ask: Ask, first: int = 10) -> Sequence[Any]:
    check_size("first", first)
    fields = ask.selection.at("PolicyMatch", "policy").needs("Policy") | _DATES
    records = await whole(ask, "policies", fields)
    if isinstance(records, Absent):
        return [records] * len(ask.parents)
    today = ask.hub.today()
    current = {record.id: record for record in records if _is_current(record, today)}
    own = [policy for policy in await in_force(changes_of(ask).engine) if policy.id in current]
    told = [await matched(ask, policy.zone_id, _said(policy)) for policy in own]
    others = [record for record in current.values() if record.source != NAME]
    return [
        _ordered([*_own(own, current, told, place), *(_textual(record) for record in others)])[:first]
        for place in range(len(ask.parents))
    ]


def _own(
    policies: Sequence[ZonePolicy], records: Mapping[str, Any], told: Sequence[Sequence[Matched]], place: int
) -> Iterator[Match]:
    for policy, column in zip(policies, told, strict=True):
        one = column[place]
        reason = one.amount_reason
        yield Match(records[policy.id], one.fit, True, policy.number, one.conditions, one.amount, reason)


def _textual(record: Any) -> Match:
    return Match(record, Fit.UNKNOWN, False, reason=TEXT_ONLY)


def _said(policy: ZonePolicy) -> PolicyContent:
    assert policy.published is not None, "what is in force was published"
    return policy.published


def _is_current(record: Any, today: date) -> bool:
    first, last = record.valid_from, record.valid_to
    return (not isinstance(first, date) or first <= today) and (not isinstance(last, date) or today <= last)


def _ordered(matches: list[Match]) -> list[Match]:
    """The fitting ones first, those that are text only last; among equals those with more conditions satisfied."""

    def key(one: Match) -> tuple[bool, int, int, str]:
        met = Counter(held.truth for held in one.conditions)[Truth.SATISFIED]
        return (not one.structured, _ORDER.index(one.fit), -met, str(one.policy.id))

    return sorted(matches, key=key)


BATCHES: Mapping[str, Batch] = {"Enterprise.policyMatches": Batch(_matches, reads=("policies",))}
