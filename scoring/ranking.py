"""Ranks overall and within stages, and the lists that are cut from them.

Equal totals are told apart by the groups that the scheme names; who is equal in these too shares a rank, and the next
one is counted on (1, 2, 2, 4). On a page, who shares a rank stands in the order of credit codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from scoring.checking import strength_bases
from scoring.inputs import Names
from scoring.results import Results
from scoring.scheme import Cut, Scheme

Ranks = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What ranks depend on: all that has to be gathered from parts that were scored apart."""

    enterprises: Names
    strength: NDArray[np.int64]
    """Total and tie-breakers as one number: who has more stands before who has less."""
    stage: NDArray[np.int8]
    ranked: NDArray[np.bool_]

    def merged(self, other: Standing) -> Standing:
        """Return both parts as one."""
        return Standing(
            np.concatenate((self.enterprises, other.enterprises)),
            np.concatenate((self.strength, other.strength)),
            np.concatenate((self.stage, other.stage)),
            np.concatenate((self.ranked, other.ranked)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The ranks of a standing's enterprises, from 1; 0 where one has none."""

    standing: Standing
    rank: Ranks
    stage_rank: Ranks
    count: int
    """How many are ranked."""
    stage_counts: tuple[int, ...]
    """How many are ranked within each stage."""

    def percentile(self, row: int) -> float | None:
        """Return the share of the ranked that are not better, in percent; None if it has no rank."""
        return _percentile(int(self.rank[row]), self.count)

    def stage_percentile(self, row: int) -> float | None:
        """The same within its stage."""
        stage = int(self.standing.stage[row])
        return _percentile(int(self.stage_rank[row]), self.stage_counts[stage]) if stage >= 0 else None


def strengths(scheme: Scheme, total: NDArray[np.int32], groups: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return total and tie-breakers as one number an enterprise, the same whoever else is ranked."""
    found = total.astype(np.int64)
    for base, place in zip(strength_bases(scheme)[1:], scheme.ties, strict=True):
        found = found * base + groups[place]
    return found


def standing(scheme: Scheme, results: Results) -> Standing:
    """Return what ranks depend on."""
    return Standing(
        results.enterprises, strengths(scheme, results.total, results.groups), results.stage, results.ranked
    )


def ranked(scheme: Scheme, found: Standing) -> Ranking:
    """Rank all that take part, overall and within each stage."""
    stages = len(scheme.stages.stages) if scheme.stages else 0
    within = np.zeros(len(found.strength), np.int32)
    counts = []
    for stage in range(stages):
        peers = found.ranked & (found.stage == stage)
        counts.append(int(np.count_nonzero(peers)))
        within += _ranks(found.strength, peers)
    overall = _ranks(found.strength, found.ranked)
    return Ranking(found, overall, within, int(np.count_nonzero(found.ranked)), tuple(counts))


@dataclass(frozen=True, slots=True)
class Placing:
    """Where one enterprise stands: ranks are None where it has none, percentiles in percent."""

    rank: int | None = None
    stage_rank: int | None = None
    percentile: float | None = None
    stage_percentile: float | None = None
    lists: tuple[str, ...] = ()
    """Identifiers of the scheme's lists."""


def placing(scheme: Scheme, ranking: Ranking, row: int) -> Placing:
    """Return where an enterprise of a ranking stands."""
    rank, stage_rank = int(ranking.rank[row]), int(ranking.stage_rank[row])
    return Placing(
        rank or None,
        stage_rank or None,
        ranking.percentile(row),
        ranking.stage_percentile(row),
        lists_of(scheme, ranking, row) if rank else (),
    )


def placing_among(scheme: Scheme, ranking: Ranking, results: Results, row: int, own: int | None) -> Placing:
    """Return where the result in a row would stand among a ranking's enterprises, but for its `own` row there."""
    if not results.ranked[row]:
        return Placing()
    found, stage = ranking.standing, int(results.stage[row])
    strength = int(strengths(scheme, results.total[row : row + 1], results.groups[:, row : row + 1])[0])
    others = found.ranked.copy()
    if own is not None:
        others[own] = False
    peers = others & (found.stage == stage)
    rank, count = _among(found.strength[others], strength)
    stage_rank, stage_count = _among(found.strength[peers], strength) if stage >= 0 else (0, 0)
    return Placing(
        rank,
        stage_rank or None,
        _percentile(rank, count),
        _percentile(stage_rank, stage_count),
        _lists(scheme, (rank, count), (stage_rank, stage_count)),
    )


def listed(ranking: Ranking, cut: Cut) -> tuple[NDArray[np.intp], ...]:
    """Return the rows on a list, best first: one list, or one for each stage.

    Who shares the last rank of a list is on it. A share of the ranked that is no whole number is rounded up.
    """
    if cut.among == "all":
        return (_cut(cut, ranking.rank, ranking.count, ranking.standing, ranking.rank > 0),)
    stages = range(len(ranking.stage_counts))
    return tuple(
        _cut(cut, ranking.stage_rank, ranking.stage_counts[n], ranking.standing, ranking.standing.stage == n)
        for n in stages
    )


def lists_of(scheme: Scheme, ranking: Ranking, row: int) -> tuple[str, ...]:
    """Return the identifiers of the lists on which an enterprise is."""
    stage = int(ranking.standing.stage[row])
    within = (int(ranking.stage_rank[row]), ranking.stage_counts[stage]) if stage >= 0 else (0, 0)
    return _lists(scheme, (int(ranking.rank[row]), ranking.count), within)


def limits(cut: Cut, count: int) -> tuple[int, int]:
    """Return the first and the last rank on a list of so many ranked."""
    if cut.first is not None:
        return 1, cut.first
    return _up(cut.beyond, count) + 1, _up(cut.up_to, count)


def order(standing: Standing, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the rows best first; equal ones by credit code."""
    return rows[np.lexsort((standing.enterprises[rows], -standing.strength[rows]))]


def _ranks(strength: NDArray[np.int64], taking_part: NDArray[np.bool_]) -> Ranks:
    found = np.zeros(len(strength), np.int32)
    own = strength[taking_part]
    ordered = np.sort(own)
    found[taking_part] = len(own) - np.searchsorted(ordered, own, side="right") + 1
    return found


def _percentile(rank: int, count: int) -> float | None:
    return 100 * (count - rank + 1) / count if rank else None


def _among(others: NDArray[np.int64], strength: int) -> tuple[int, int]:
    """Return the rank of a strength that joins others, and how many there are then."""
    return 1 + int(np.count_nonzero(others > strength)), len(others) + 1


def _lists(scheme: Scheme, overall: tuple[int, int], within: tuple[int, int]) -> tuple[str, ...]:
    """Return the lists on which a rank of so many is, overall or within the stage; rank 0 is on none."""
    found = []
    for cut in scheme.lists:
        rank, count = overall if cut.among == "all" else within
        first, last = limits(cut, count)
        if first <= rank <= last:
            found.append(cut.names.id)
    return tuple(found)


def _up(share: Fraction, count: int) -> int:
    return ceil(share * count)


def _cut(cut: Cut, ranks: Ranks, count: int, found: Standing, among: NDArray[np.bool_]) -> NDArray[np.intp]:
    first, last = limits(cut, count)
    return order(found, np.flatnonzero(among & (ranks >= first) & (ranks <= last)))
