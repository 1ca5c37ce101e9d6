"""An edition in figures: how many, how they are spread, overall and within stages, without telling of anyone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from codes.scores import Missing
from scoring.changes import Edition
from scoring.results import Results
from scoring.rules import VERDICTS
from scoring.scheme import REASONS, Scheme

LEAST = 10
"""Enterprises below which figures would tell of single ones; an invented bound."""
_BARS = 20


class Bar(msgspec.Struct, frozen=True):
    """How many have points from one bound up to another, itself not included unless it is the maximum."""

    begin: Decimal
    end: Decimal
    count: int


class Figures(msgspec.Struct, frozen=True):
    """The figures of those who are ranked, overall or within a stage."""

    stage: str | None
    """Identifier of the stage; None: overall."""
    evaluated: int
    ranked: int
    passed: int
    undecided: int
    """Where what is missing could decide whether it passes."""
    mean: Decimal | None
    """None, as the quartiles, where there are so few that it would tell of single ones."""
    quartiles: tuple[Decimal, ...]
    bars: tuple[Bar, ...]


Statistics = tuple[Figures, ...]


def statistics(edition: Edition) -> Statistics:
    """Return the figures of an edition: overall, then stage by stage."""
    scheme, everyone = edition.scheme, np.ones(len(edition.results), bool)
    stages = scheme.stages.stages if scheme.stages else ()
    return (
        _figures(edition, None, everyone),
        *(_figures(edition, stage.names.id, edition.results.stage == place) for place, stage in enumerate(stages)),
    )


def written(found: Statistics) -> str:
    """Return figures as text."""
    return msgspec.json.encode(found).decode()


def read(text: str) -> Statistics:
    """Return figures from their text."""
    return _decoder.decode(text)


_decoder = msgspec.json.Decoder(Statistics)


def coverage(results: Results) -> list[tuple[int, list[tuple[Missing, int]]]]:
    """Return for each indicator how many have a value, and why others have none, the most frequent reason first.

    Of so few that it would tell of single ones there is nothing.
    """
    if len(results) < LEAST:
        return []
    found = []
    for reasons in results.reasons:
        counts = Counter(reasons.tolist())
        known = counts.pop(0, 0)
        found.append((known, [(REASONS[code], count) for code, count in counts.most_common()]))
    return found


def _figures(edition: Edition, stage: str | None, among: NDArray[np.bool_]) -> Figures:
    scheme, results = edition.scheme, edition.results
    total = np.sort(results.total[among & results.ranked])
    verdicts = [VERDICTS[code].value for code in results.passed[among].tolist()]
    few = len(total) < LEAST
    return Figures(
        stage,
        evaluated=int(np.count_nonzero(among)),
        ranked=len(total),
        passed=verdicts.count("YES"),
        undecided=verdicts.count("UNKNOWN"),
        mean=None if few else _mean(scheme, total),
        quartiles=() if few else tuple(scheme.decimal(total[len(total) * part // 4]) for part in (1, 2, 3)),
        bars=() if few else tuple(_bars(scheme, total)),
    )


def _mean(scheme: Scheme, total: NDArray[np.int32]) -> Decimal:
    return scheme.decimal(round(int(total.sum(dtype=np.int64)) / len(total)))


def _bars(scheme: Scheme, total: NDArray[np.int32]) -> Sequence[Bar]:
    """Return bars of a twentieth of the maximum, the highest first put together until each has enough in it."""
    edges = [scheme.maximum * place // _BARS for place in range(_BARS + 1)]
    counts: list[int] = np.histogram(total, edges)[0].tolist()
    found: list[list[Any]] = []
    for place in reversed(range(_BARS)):
        if found and found[-1][2] < LEAST:
            found[-1][0], found[-1][2] = edges[place], found[-1][2] + counts[place]
        else:
            found.append([edges[place], edges[place + 1], counts[place]])
    if len(found) > 1 and found[-1][2] < LEAST:
        lowest = found.pop()
        found[-1][0], found[-1][2] = lowest[0], found[-1][2] + lowest[2]
    return [Bar(scheme.decimal(begin), scheme.decimal(end), count) for begin, end, count in reversed(found)]
