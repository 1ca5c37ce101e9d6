"""Where two sources give the same amount of the same record, and not the same amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.catalogue import Money

AMOUNTS = (Money, Decimal, float, int)
"""Kinds of fields that are held to each other."""
_MUCH = 0.05
"""More than this share of the larger one is not the same."""

Pair = tuple[str, str, str, str]
"""Collection, field, the source that is believed, and another."""


@dataclass(slots=True)
class Compared:
    """What came of holding the values of two sources to each other since the start."""

    values: int = 0
    differing: int = 0
    largest: float = 0.0
    """The largest difference, as a share of the larger value."""


class Disagreements:
    """Counts, for each pair of sources, how often they were held to each other and differed by more than 5 %."""

    def __init__(self) -> None:
        """Nothing has been compared."""
        self.pairs: dict[Pair, Compared] = {}

    def compare(self, collection: str, field: str, sources: Sequence[str], values: Sequence[Any]) -> None:
        """Hold the first amount among the values to the others; what is no amount is passed over."""
        amounts = [
            (source, value)
            for source, value in zip(sources, values, strict=True)
            if isinstance(value, Decimal | int | float)
        ]
        if len(amounts) < 2:
            return
        (believed, first), *others = amounts
        for source, other in others:
            compared = self.pairs.setdefault((collection, field, believed, source), Compared())
            compared.values += 1
            difference = _difference(float(first), float(other))
            if difference > _MUCH:
                compared.differing += 1
                compared.largest = max(compared.largest, difference)


def _difference(one: float, other: float) -> float:
    larger = max(abs(one), abs(other))
    return abs(one - other) / larger if larger else 0.0
