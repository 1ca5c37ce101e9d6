"""Loan products held to an enterprise, by what the reader may see of it: each condition with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec

from codes.matching import ConditionKind, Fit, Truth, any_of, fit
from codes.policies import Condition as Wanted
from connectors.outcomes import Absent
from resolvers.binding import Batch
from resolvers.fact_values import Observed, observed
from resolvers.fetching import whole
from resolvers.funds import Condition
from resolvers.listings import gates_of
from resolvers.pages import check_size
from resolvers.policy_matching import Held, held
from resolvers.request import Ask, BadInput

_FIELDS = frozenset(
    (
        "id", "name", "source", "zone_ids", "regions", "industries", "qualifications", "amount_min", "amount_max",
        "term_months_min", "term_months_max", "listed_on", "withdrawn_on", "gate",
    )
)  # fmt: skip
_ORDER = tuple(Fit)
_FROM_RECORD = (
    (ConditionKind.ZONE, "zone_ids", "zone"),
    (ConditionKind.REGION, "regions", "district"),
    (ConditionKind.INDUSTRY, "industries", "industry"),
    (ConditionKind.QUALIFICATION, "qualifications", "qualification"),
)
IN_WORDS = "TEXT_ONLY"


class Match(msgspec.Struct, frozen=True):
    """A product and its conditions."""

    product: Any
    fit: Fit
    conditions: Sequence[Condition]


@dataclass(frozen=True)
class Asked:
    """What a product asks under one kind: one of several alternatives, each of which has parts that hold together."""

    kind: ConditionKind
    alternatives: Sequence[Sequence[Wanted]]


async def _matches(
    ask: Ask, first: int = 10, amount: Decimal | None = None, term_months: int | None = None
) -> Sequence[Any]:
    check_size("first", first)
    if amount is not None and not (amount.is_finite() and amount > 0):
        raise BadInput("amount is not above zero; give what is sought in yuan.")
    wanted = ask.selection.at("LoanProductMatch", "product").needs("LoanProduct") | _FIELDS
    records = await whole(ask, "loan_products", wanted)
    if isinstance(records, Absent):
        return [records] * len(ask.parents)
    products = [one for one in records if _is_on_offer(one, ask.hub.today())]
    gates = await gates_of(ask, products)
    asked = [_asked(product, own) for product, own in zip(products, gates, strict=True)]
    looked = await _Looked.at(ask, asked)
    sought = [list(_sought(product, amount, term_months)) for product in products]
    return [
        _ordered(
            [
                _match(product, [*extra, *(_held(one, looked, place) for one in conditions), *_in_words(product)])
                for product, conditions, extra in zip(products, asked, sought, strict=True)
            ]
        )[:first]
        for place in range(len(ask.parents))
    ]


class _Looked:
    """The facts that all conditions are held to, each condition looked at once however many products state it."""

    def __init__(self, places: Mapping[bytes, int], found: Sequence[Sequence[Observed]]) -> None:
        self._places, self._found = places, found

    @classmethod
    async def at(cls, ask: Ask, asked: Sequence[Sequence[Asked]]) -> _Looked:
        all_ = [one for conditions in asked for each in conditions for parts in each.alternatives for one in parts]
        distinct = {_key(one): one for one in all_}
        return cls({key: place for place, key in enumerate(distinct)}, await observed(ask, list(distinct.values())))

    def of(self, wanted: Wanted, place: int) -> Observed:
        """Return the fact that a condition is held to, of one enterprise."""
        return self._found[self._places[_key(wanted)]][place]


def _key(wanted: Wanted) -> bytes:
    return msgspec.json.encode(wanted)


def _asked(product: Any, gates: Any) -> list[Asked]:
    """Return what a product asks of an enterprise; what it does not state is no condition."""
    found = [
        Asked(kind, [[Wanted(code=fact, fact=fact, one_of=_names(values))]])
        for kind, name, fact in _FROM_RECORD
        if isinstance(values := getattr(product, name), Sequence) and values
    ]
    if not isinstance(gates, Absent) and gates:
        found.append(Asked(ConditionKind.SCORE, [list(gate.conditions()) for gate in gates]))
    return found


def _names(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(one.value) if isinstance(one, Enum) else str(one) for one in values)


def _held(asked: Asked, looked: _Looked, place: int) -> Condition:
    ways = [[held(one, looked.of(one, place)) for one in parts] for parts in asked.alternatives]
    truth = any_of([_all_of([one.truth for one in parts]) for parts in ways])
    flat = [one for parts in ways for one in parts]
    # What decides, or would: the first that is as the whole is.
    telling = next((one for one in flat if one.truth is truth), flat[0])
    required = [_required(one) for one in flat] if asked.kind is ConditionKind.SCORE else list(flat[0].required)
    return Condition(
        asked.kind, truth, required, telling.actual, telling.reason, telling.hint, telling.source, telling.as_of,
        telling.synthetic,
    )  # fmt: skip


def _all_of(truths: Sequence[Truth]) -> Truth:
    if Truth.UNMET in truths:
        return Truth.UNMET
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.SATISFIED


def _required(one: Held) -> str:
    return f"{one.condition.scheme} {one.condition.fact} {' / '.join(one.required)}"


def _sought(product: Any, amount: Decimal | None, months: int | None) -> Iterator[Condition]:
    """Give whether a product lends so much for so long, as far as it says how much it lends, and for how long."""
    for kind, given, low, high, unit in (
        (ConditionKind.AMOUNT, amount, product.amount_min, product.amount_max, "CNY"),
        (ConditionKind.TERM, months, product.term_months_min, product.term_months_max, "months"),
    ):
        bounds = [(">=", low), ("<=", high)]
        stated = [(sign, bound) for sign, bound in bounds if isinstance(bound, int | Decimal)]
        if given is None:
            continue
        if not stated:
            yield Condition(kind, Truth.UNKNOWN, [], str(given), Absent.NOT_DELIVERED.value, "Ask the lender.")
            continue
        met = all(given >= bound if sign == ">=" else given <= bound for sign, bound in stated)
        required = [f"{sign} {bound:f} {unit}" if isinstance(bound, Decimal) else f"{sign} {bound} {unit}"
                    for sign, bound in stated]  # fmt: skip
        yield Condition(kind, Truth.SATISFIED if met else Truth.UNMET, required, f"{given} {unit}")


def _in_words(product: Any) -> Iterator[Condition]:
    """Give what a product says in words only: nobody can tell by that whether it is met."""
    if isinstance(product.gate, str) and product.gate:
        yield Condition(ConditionKind.IN_WORDS, Truth.UNKNOWN, [product.gate], None, IN_WORDS, "Ask the lender.")


def _match(product: Any, conditions: Sequence[Condition]) -> Match:
    return Match(product, fit([one.truth for one in conditions]), conditions)


def _is_on_offer(product: Any, today: date) -> bool:
    first, last = product.listed_on, product.withdrawn_on
    return (not isinstance(first, date) or first <= today) and (not isinstance(last, date) or today <= last)


def _ordered(matches: list[Match]) -> list[Match]:
    """The fitting ones first; among equals those of which more is satisfied."""

    def key(one: Match) -> tuple[int, int, str]:
        met = sum(condition.truth is Truth.SATISFIED for condition in one.conditions)
        return _ORDER.index(one.fit), -met, str(one.product.id)

    return sorted(matches, key=key)


BATCHES: Mapping[str, Batch] = {"Enterprise.loanProductMatches": Batch(_matches, reads=("loan_products",))}
