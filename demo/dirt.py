"""Dirt as real registries deliver it: rare, on purpose, the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random

EMPTY = ("", "\\n", "-")


class Dirt:
    """The ways in which a source writes what it knows."""

    def __init__(self, rng: Random) -> None:
        """Take the source's own chance."""
        self._rng = rng

    def chance(self, per_cent: float) -> bool:
        """Say yes in so many cases of a hundred."""
        return self._rng.random() * 100 < per_cent

    def one_of(self, choices: Sequence[str], weights: Sequence[int]) -> str:
        """Choose by weight."""
        return self._rng.choices(choices, weights)[0]

    def code(self, uscc: str) -> str:
        """Write a code; one in fifty in lower case."""
        return uscc.lower() if self.chance(2) else uscc

    def masked(self, uscc: str) -> str:
        """Write a code with its middle hidden: nobody can match it."""
        return f"{uscc[:6]}******{uscc[12:]}"

    def day(self, value: date | None) -> str:
        """Write a date in one of the ways that occur."""
        if value is None or self.chance(0.3):
            return self._rng.choice(EMPTY)
        return "不详" if self.chance(0.2) else self.style(value)

    def style(self, value: date) -> str:
        """Write a date that is there in one of the ways that occur."""
        style = self._rng.random()
        if style < 0.9:
            return value.isoformat()
        if style < 0.95:
            return f"{value.year}-{value.month}-{value.day}"
        return f"{value.year}年{value.month}月{value.day}日" if style < 0.98 else value.strftime("%Y%m%d")

    def amount(self, yuan: int | None) -> str:
        """Write an amount in 万元, now and then with separators, with its own unit, or in words."""
        if yuan is None or self.chance(0.5):
            return self._rng.choice(EMPTY)
        if self.chance(0.2):
            return "约三千万"
        if self.chance(1):
            return f"{yuan}元"
        if self.chance(1):
            return f"{yuan / 10_000:,.2f}万元"
        return f"{yuan / 10_000:,.4f}" if self.chance(1) else f"{yuan / 10_000:.4f}"
