"""Conditions of policies held to facts, and the benefit that follows: in three values, exact to the fen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from codes.industry import digits_of
from codes.matching import Fit, Truth, fit
from codes.policies import Benefit, Condition, Importance
from codes.policy_facts import FACTS, FactForm

_FEN = Decimal("0.01")


def truth(condition: Condition, value: Any, doubtful: bool = False) -> Truth:
    """Return whether a fact meets a condition; None is unknown.

    Of several things that may be held, `doubtful` says that there may be more than those in `value`.
    """
    form = FACTS[condition.fact].form
    if value is None or (doubtful and form is not FactForm.HELD):
        return Truth.UNKNOWN
    if form is FactForm.HELD:
        return _held(condition, frozenset(value), doubtful)
    if form is FactForm.NUMBER:
        low, high = condition.at_least, condition.at_most
        return _truth((low is None or value >= low) and (high is None or value <= high))
    if form is FactForm.PREFIXES:
        return _truth(any(_begins(value, prefix) for prefix in condition.one_of))
    return _truth(value in condition.one_of)


def overall(truths: Iterable[tuple[Importance, Truth]]) -> Fit:
    """Return what conditions come to together.

    Required ones decide, and are never made up for by others. A general one that is not met leaves an enterprise
    near at best; a preferred one changes nothing.
    """
    by: dict[Importance, list[Truth]] = {importance: [] for importance in Importance}
    for importance, one in truths:
        by[importance].append(one)
    found, general = fit(by[Importance.REQUIRED]), by[Importance.GENERAL]
    if found is not Fit.ELIGIBLE:
        return found
    if Truth.UNKNOWN in general:
        return Fit.UNKNOWN
    return Fit.NEARLY if Truth.UNMET in general else Fit.ELIGIBLE


def amount_of(benefit: Benefit, base: Decimal | None) -> Decimal | None:
    """Return what one enterprise receives, cut to whole fen; None if the figure that it is a part of is not known."""
    if benefit.amount is not None:
        return benefit.amount
    if base is None or benefit.percent is None:
        return None
    found = (max(base, Decimal(0)) * benefit.percent / 100).quantize(_FEN, ROUND_DOWN)
    return min(found, benefit.most)


def base_of(benefit: Benefit) -> Sequence[Condition]:
    """Return what has to be known to tell the benefit's amount, as a condition that asks nothing of it."""
    return [Condition(code="benefit", fact=benefit.of, year=benefit.year)] if benefit.of is not None else []


def required(condition: Condition) -> list[str]:
    """Return what a condition asks, in words that need no language: names, codes, bounds with their unit."""
    unit = FACTS[condition.fact].unit or ""
    bounds = [(">=", condition.at_least), ("<=", condition.at_most)]
    found = [f"{sign} {bound:f} {unit}".strip() for sign, bound in bounds if bound is not None]
    return [*found, *condition.one_of, *(f"not {name}" for name in condition.none_of)]


def _held(condition: Condition, held: frozenset[str], doubtful: bool) -> Truth:
    if condition.none_of:
        if not held.isdisjoint(condition.none_of):
            return Truth.UNMET
        return Truth.UNKNOWN if doubtful else Truth.SATISFIED
    if not held.isdisjoint(condition.one_of):
        return Truth.SATISFIED
    return Truth.UNKNOWN if doubtful else Truth.UNMET


def _begins(code: str, prefix: str) -> bool:
    return code.startswith(prefix) or digits_of(code).startswith(prefix)


def _truth(met: bool) -> Truth:
    return Truth.SATISFIED if met else Truth.UNMET
