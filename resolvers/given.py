"""What is wrong with single inputs of mutations: amounts, texts, days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from codes.problems import Problem
from resolvers.changing import invalid
from store.columns import MOST_YUAN

LONGEST = 2_000
_FEN = Decimal("0.01")
LONGEST_LINE = 200


def amount_problems(given: Decimal, *field: str) -> Iterator[Problem]:
    """Give what is wrong with an amount of money."""
    if not (given.is_finite() and 0 < given <= MOST_YUAN and given == round(given, 2)):
        yield invalid(f"Give an amount above zero and up to {MOST_YUAN:,.0f} yuan, in whole fen.", *field)


def yuan(given: Decimal) -> Decimal:
    """Return an amount as it is kept, in whole fen."""
    return given.quantize(_FEN)


def text_problems(given: str, *field: str, most: int = LONGEST) -> Iterator[Problem]:
    """Give what is wrong with a text that is needed."""
    if not 0 < len(given.strip()) <= most or "\0" in given:
        yield invalid(f"Write 1 to {most:,} characters.", *field)


def number_problems(given: int, least: int, most: int, *field: str) -> Iterator[Problem]:
    """Give what is wrong with a whole number."""
    if not least <= given <= most:
        yield invalid(f"Give a number from {least:,} to {most:,}.", *field)


def day_problems(given: date, least: date, most: date, *field: str) -> Iterator[Problem]:
    """Give what is wrong with a day."""
    if not least <= given <= most:
        yield invalid(f"Give a day from {least} to {most}.", *field)


def needed_problems(given: object, needed: bool, by: str, *field: str) -> Iterator[Problem]:
    """Give what is wrong with an input that goes with one action only, and is needed there."""
    if (given is not None) is not needed:
        yield invalid(f"It goes with {by}, and is needed there.", *field)
