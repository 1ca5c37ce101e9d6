"""What would change a score, and what has changed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from codes.scores import Missing
from scoring.errors import ScoresNotComparable
from scoring.evaluation import Given, evaluate
from scoring.explanation import Explanation, IndicatorScore, explain
from scoring.inputs import Inputs
from scoring.peers import Peers, peers_of
from scoring.ranking import Placing, Ranking, placing, placing_among, ranked, standing
from scoring.results import Results
from scoring.scheme import Names, Scheme


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """One run of a scheme: what went in, what came out, and where that put everyone."""

    scheme: Scheme
    inputs: Inputs
    peers: Peers
    results: Results
    ranking: Ranking


def run(scheme: Scheme, inputs: Inputs) -> Edition:
    """Score and rank all enterprises of an edition."""
    peers = peers_of(scheme, inputs)
    results = evaluate(scheme, inputs, peers)
    return Edition(scheme, inputs, peers, results, ranked(scheme, standing(scheme, results)))


@dataclass(frozen=True, slots=True)
class Moved:
    """An indicator whose points differ."""

    names: Names
    before: Decimal
    after: Decimal
    was: IndicatorScore
    now: IndicatorScore


@dataclass(frozen=True, slots=True)
class Difference:
    """Two scores of an enterprise with the ranks that they have, and the indicators between them."""

    enterprise: str
    before: Explanation
    after: Explanation
    placed_before: Placing
    placed_after: Placing
    moved: tuple[Moved, ...]

    @property
    def change(self) -> Decimal:
        """The change of the total: below zero if it fell."""
        return self.after.total - self.before.total


@dataclass(frozen=True, slots=True, eq=False)
class WhatIf:
    """The results of one enterprise as they would be, and where that would put it."""

    results: Results
    placing: Placing


def what_if(edition: Edition, row: int, inputs: Mapping[str, float | Missing], values: Given | None = None) -> WhatIf:
    """Score the enterprise in a row of an edition with some inputs or values changed, all others staying as they are.

    Inputs are in their own measure, amounts in fen, and values in that of the way to points. Raises InputsUnfit for an
    unknown input.
    """
    scheme = edition.scheme
    results = evaluate(scheme, edition.inputs.rows(slice(row, row + 1)).changed(inputs), edition.peers, values)
    return WhatIf(results, placing_among(scheme, edition.ranking, results, 0, row))


def simulate(
    edition: Edition, enterprise: str, inputs: Mapping[str, float | Missing], values: Given | None = None
) -> Difference:
    """Say what an enterprise's score would be with some inputs or values changed, as in `what_if`.

    Raises KeyError for an enterprise that is not in the edition, InputsUnfit for an unknown input.
    """
    scheme, row = edition.scheme, edition.inputs.row(enterprise)
    found = what_if(edition, row, inputs, values)
    before, after = explain(scheme, edition.results, row), explain(scheme, found.results, 0)
    return _difference(before, after, placing(scheme, edition.ranking, row), found.placing)


def moved(before: Explanation, after: Explanation) -> tuple[Moved, ...]:
    """Return the indicators whose points differ, the largest difference first."""
    pairs = zip(before.indicators, after.indicators, strict=True)
    found = [Moved(now.names, was.points, now.points, was, now) for was, now in pairs if was.points != now.points]
    return tuple(sorted(found, key=lambda one: (-abs(one.after - one.before), one.names.id)))


def differences(
    before: Edition,
    after: Edition,
    *,
    drop_at_least: Decimal | None = None,
    drop_percent_at_least: Decimal | None = None,
    rank_drop_at_least: int | None = None,
) -> tuple[Difference, ...]:
    """Return what changed for the enterprises that are in both editions, the largest fall first.

    With bounds, only for those whose total fell by so many points, or so many percent of what it was, or whose rank
    fell by so many places: any of them suffices. Raises ScoresNotComparable for different schemes or versions.
    """
    pairs = fallen(before, after, Fall(drop_at_least, drop_percent_at_least, rank_drop_at_least))
    return tuple(
        _difference(
            explain(before.scheme, before.results, old),
            explain(after.scheme, after.results, new),
            placing(before.scheme, before.ranking, old),
            placing(after.scheme, after.ranking, new),
        )
        for old, new in pairs
    )


@dataclass(frozen=True, slots=True)
class Fall:
    """How far a score must have fallen, by any of the bounds; without any, it need not."""

    points: Decimal | None = None
    percent: Decimal | None = None
    """Of what the total was."""
    ranks: int | None = None


def fallen(before: Edition, after: Edition, bounds: Fall) -> list[tuple[int, int]]:
    """Return the rows in both editions of those who fell so far, the largest fall first.

    Raises ScoresNotComparable for different schemes or versions.
    """
    one, other = before.scheme, after.scheme
    if (one.id, one.version, one.digest) != (other.id, other.version, other.digest):
        raise ScoresNotComparable(
            f"{one.id} {one.version} and {other.id} {other.version} are different schemes: "
            "score both periods by one of them"
        )
    _, old, new = np.intersect1d(
        before.results.enterprises, after.results.enterprises, assume_unique=True, return_indices=True
    )
    fall = before.results.total[old].astype(np.int64) - after.results.total[new]
    wanted = np.full(len(old), bounds == Fall())
    if bounds.points is not None:
        wanted |= fall >= float(bounds.points.scaleb(one.decimals))
    if bounds.percent is not None:
        total = before.results.total[old]
        wanted |= (total > 0) & (fall * 100 >= total * float(bounds.percent))
    if bounds.ranks is not None:
        was, now = before.ranking.rank[old], after.ranking.rank[new]
        wanted |= (was > 0) & (now > 0) & (now - was >= bounds.ranks)
    chosen = np.flatnonzero(wanted)
    chosen = chosen[np.argsort(-fall[chosen], kind="stable")]
    return list(zip(old[chosen].tolist(), new[chosen].tolist(), strict=True))


def _difference(before: Explanation, after: Explanation, was: Placing, now: Placing) -> Difference:
    return Difference(after.enterprise, before, after, was, now, moved(before, after))
