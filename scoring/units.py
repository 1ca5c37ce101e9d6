"""Units of values: how much of a value's own measure one unit is, as an exact fraction.

Amounts are whole fen (a hundredth of a yuan) in float64, which holds every whole number up to 2^53, that is 9·10^15
fen. Sums and differences of fen are then exact, and a quotient is rounded once. By IEEE 754 a quotient of two whole
numbers that equals a tier's bound is the very float64 of that bound; and a quotient that differs from a bound p/q has
another float64 as long as denominator × q is below 2^53. In yuan that fails at once: as float64, 0.15 / 3 is below
0.05, while 15 / 300 is 0.05.
"""

from __future__ import annotations

from fractions import Fraction

MONEY = {"元": 100, "万元": 10**6, "亿元": 10**10}
"""Fen in a unit of money."""


def scale(kind: str, unit: str, per: int, money: tuple[bool, bool]) -> Fraction:
    """Return how much of the value's own measure one `unit` is; `money` says whether above and below are amounts.

    Raises ValueError, in words that continue “the unit …”, if the unit does not fit.
    """
    head = unit.partition("/")[0]
    if kind == "amount" or (kind == "ratio" and money == (True, False)):
        if head not in MONEY:
            raise ValueError(f"has to be an amount ({', '.join(MONEY)}), because the value is one")
        return Fraction(MONEY[head], per)
    if head in MONEY:
        raise ValueError("is an amount, but the value is none")
    if kind == "years":
        return Fraction(12)
    if unit == "%":
        if kind not in ("ratio", "share", "growth"):
            raise ValueError("is %, but the value is no ratio")
        return Fraction(1, 100)
    return Fraction(1, per)
