"""Conditions of policies held to facts: three values, importance, and amounts to the fen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from codes.matching import Fit, Truth
from codes.policies import Benefit, Condition, Importance
from codes.policy_matching import amount_of, overall, required, truth

S, U, N = Truth.SATISFIED, Truth.UNMET, Truth.UNKNOWN
REQUIRED, PREFERRED, GENERAL = Importance


def over(fact: str, **said: Any) -> Condition:
    return Condition(code="c", fact=fact, **said)


BETWEEN = over("rdIntensity", at_least=Decimal("3"), at_most=Decimal("10"))
FREE = over("riskFlag", none_of=("TAX_ARREARS",))
HOLDER = over("qualification", one_of=("HIGH_TECH", "LITTLE_GIANT"))


@pytest.mark.parametrize(
    ("condition", "value", "doubtful", "expected"),
    [
        (BETWEEN, None, True, N), (BETWEEN, Decimal("2.99"), False, U), (BETWEEN, Decimal("3.00"), False, S),
        (BETWEEN, Decimal("10"), False, S), (BETWEEN, Decimal("10.01"), False, U), (BETWEEN, Decimal("0"), False, U),
        (HOLDER, (), False, U), (HOLDER, (), True, N), (HOLDER, ("GAZELLE", "HIGH_TECH"), True, S),
        (HOLDER, None, True, N),
        (FREE, (), False, S), (FREE, (), True, N), (FREE, ("TAX_ARREARS",), True, U), (FREE, ("PENALTY",), False, S),
        (over("industry", one_of=("C39",)), "C3921", False, S), (over("industry", one_of=("39",)), "C3921", False, S),
        (over("industry", one_of=("I",)), "C3921", False, U), (over("industry", one_of=("C",)), "3921", False, U),
        (over("stage", one_of=("growth",)), "growth", False, S),
        (over("stage", one_of=("growth",)), "mature", False, U),
    ],
)  # fmt: skip
def test_a_condition_is_met_unmet_or_unknown(condition: Condition, value: Any, doubtful: bool, expected: Truth) -> None:
    assert truth(condition, value, doubtful) is expected


@pytest.mark.parametrize(
    ("truths", "expected"),
    [
        ([(REQUIRED, S)], Fit.ELIGIBLE),
        ([(REQUIRED, U)], Fit.NOT_ELIGIBLE),
        ([(REQUIRED, N)], Fit.UNKNOWN),
        ([(REQUIRED, S), (REQUIRED, U)], Fit.NEARLY),
        ([(REQUIRED, S), (REQUIRED, U), (REQUIRED, N)], Fit.NOT_ELIGIBLE),
        ([(REQUIRED, U), *[(PREFERRED, S)] * 9], Fit.NOT_ELIGIBLE),
        ([(REQUIRED, S), (PREFERRED, U), (PREFERRED, N)], Fit.ELIGIBLE),
        ([(REQUIRED, S), (GENERAL, U)], Fit.NEARLY),
        ([(REQUIRED, S), (GENERAL, U), (GENERAL, N)], Fit.UNKNOWN),
        ([(REQUIRED, N), (GENERAL, S)], Fit.UNKNOWN),
    ],
)
def test_required_conditions_are_not_made_up_for(truths: list[tuple[Importance, Truth]], expected: Fit) -> None:
    assert overall(truths) is expected


def test_an_amount_is_cut_to_the_fen_and_capped() -> None:
    ratio = Benefit(percent=Decimal("5"), of="rdExpense", cap=Decimal("100.00"))
    assert amount_of(ratio, Decimal("1000.19")) == Decimal("50.00")
    assert amount_of(ratio, Decimal("1e9")) == Decimal("100.00")
    assert amount_of(ratio, Decimal("-5")) == 0
    assert amount_of(ratio, None) is None
    assert amount_of(Benefit(amount=Decimal("7.00")), None) == 7


def test_what_is_required_is_told_without_language() -> None:
    assert required(BETWEEN) == [">= 3 PERCENT", "<= 10 PERCENT"]
    assert required(FREE) == ["not TAX_ARREARS"]
