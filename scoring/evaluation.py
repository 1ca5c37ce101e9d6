"""A scheme applied to inputs: for one enterprise and for a nation by the same steps.

Points of an enterprise depend on its own inputs, and on those of others only through `Peers`. Inputs may therefore be
scored in parts, in any order and place: first the peers of every part, merged; then each part with the same peers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codes.scores import Missing
from scoring.inputs import Column, Inputs, fit
from scoring.measures import measured
from scoring.peers import Compared, Peers, Place, peers_of
from scoring.points import Earned, earned
from scoring.results import WITH_VALUE, Results
from scoring.rules import NO, YES, Verdicts, holds, reaches
from scoring.scheme import CODES, Alternative, Indicator, MissingRule, Percentile, Rule, Scheme
from scoring.stages import Staged, staged

Others = Peers | Mapping[Place, Compared]
"""What points by percentile need of the others: their values, or already how each enterprise stands among them."""

_NOT_APPLICABLE = CODES[Missing.NOT_APPLICABLE]

Given = Mapping[Place, float | Missing]
"""Values that are not measured but given, in the measure's own unit."""


def evaluate(scheme: Scheme, inputs: Inputs, peers: Others | None = None, given: Given | None = None) -> Results:
    """Score the enterprises; without `peers` they are one another's. What is `given` is the same for all of them.

    Raises InputsUnfit if the inputs were made for another scheme.
    """
    fit(scheme, inputs)
    known = peers_of(scheme, inputs) if peers is None else peers
    size = len(inputs)
    stage = staged(scheme, inputs.columns, size)
    board = _Board.empty(len(scheme.indicators), size)
    for place, indicator in enumerate(scheme.indicators):
        _score(board, place, indicator, _Known(inputs, stage, known, given or {}))
    groups, ceilings = _groups(scheme, board, stage)
    total = groups.sum(axis=0, dtype=np.int32)
    floors = _rows([
        reaches(groups[f.place], ceilings[f.place], f.least)
        if f.of == "group"
        else reaches(board.points[f.place], board.ceiling[f.place], f.least)
        for f in scheme.floors
    ], size)  # fmt: skip
    vetoes, direct = (_verdicts(rules, inputs) for rules in (scheme.vetoes, scheme.direct))
    ceiling = ceilings.sum(axis=0, dtype=np.int32)
    stage_values = np.array([column.values for column in stage.by], np.float64).reshape(len(stage.by), size)
    stage_reasons = np.array([column.reasons for column in stage.by], np.uint8).reshape(len(stage.by), size)
    return Results(
        scheme=scheme.id,
        version=scheme.version,
        digest=scheme.digest,
        moment=inputs.moment,
        enterprises=inputs.enterprises,
        stage=stage.stage,
        stage_reasons=stage_reasons,
        stage_values=stage_values,
        values=board.values,
        reasons=board.reasons,
        chosen=board.chosen,
        tiers=board.tiers,
        points=board.points,
        maxima=board.maxima,
        groups=groups,
        total=total,
        floors=floors,
        vetoes=vetoes,
        direct=direct,
        passed=_passed(scheme, total, ceiling, floors, vetoes, direct),
        ranked=_ranked(scheme, vetoes),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What points are found from."""

    inputs: Inputs
    stage: Staged
    peers: Others
    given: Given

    def measured(self, place: Place, way: Alternative) -> Column:
        """Return the values of one way to points."""
        column = measured(way.measure, self.inputs.columns)
        return column.with_value(self.given[place]) if place in self.given else column

    def compared(self, place: Place, way: Alternative, column: Column) -> Compared | None:
        """Return how the values stand among those of others, if that is what earns points."""
        if not isinstance(way.points, Percentile):
            return None
        if isinstance(self.peers, Peers):
            return self.peers.compared(place, way.points, column.values, self.stage.weights)
        return self.peers[place]


@dataclass(frozen=True, slots=True, eq=False)
class _Board:
    """Where indicators' points are written while they are found, by indicator and enterprise."""

    values: NDArray[np.float64]
    reasons: NDArray[np.uint8]
    chosen: NDArray[np.uint8]
    tiers: NDArray[np.int8]
    points: NDArray[np.int32]
    maxima: NDArray[np.int32]
    ceiling: NDArray[np.int32]
    """The points if everything that is missing were there and earned all."""
    out: NDArray[np.bool_]
    """Whether the indicator is left out."""

    @classmethod
    def empty(cls, indicators: int, size: int) -> _Board:
        kinds = (np.float64, np.uint8, np.uint8, np.int8, np.int32, np.int32, np.int32, np.bool_)
        return cls(*(np.zeros((indicators, size), kind) for kind in kinds))


def _score(board: _Board, place: int, indicator: Indicator, known: _Known) -> None:
    """Write one indicator's row: the alternative that earns most, the earlier one where they earn the same."""
    maximum = indicator.maximum[known.stage.weights]
    values, best, chosen, open_ = _best(place, indicator, known, maximum)
    board.values[place] = np.where(np.isin(best.reasons, WITH_VALUE), values, 0.0)
    board.reasons[place], board.chosen[place] = best.reasons, chosen
    board.tiers[place], board.points[place], board.maxima[place] = best.tier, best.points, maximum
    if not open_.any():
        board.ceiling[place] = best.points
        return
    board.ceiling[place] = np.where(open_, maximum, best.points)
    inapplicable = best.reasons == _NOT_APPLICABLE
    _count(board, place, (best.reasons != 0) & ~inapplicable, indicator.missing)
    _count(board, place, inapplicable, indicator.not_applicable)


def _best(
    place: int, indicator: Indicator, known: _Known, maximum: NDArray[np.int32]
) -> tuple[NDArray[np.float64], Earned, NDArray[np.uint8] | int, NDArray[np.bool_]]:
    """Return value, points and number of the best alternative, and where any alternative is missing."""
    found: list[tuple[Column, Earned]] = []
    for which, way in enumerate(indicator.alternatives):
        column = known.measured((place, which), way)
        compared = known.compared((place, which), way, column)
        found.append((column, earned(way.points, column, known.stage.weights, maximum, compared)))
    column, best = found[0]
    values, open_ = column.values, best.reasons != 0
    if len(found) == 1:
        return values, best, 0, open_
    chosen = np.zeros(len(values), np.uint8)
    for which, (column, other) in enumerate(found[1:], 1):
        better = (other.reasons == 0) & ((best.reasons != 0) | (other.points > best.points))
        values = np.where(better, column.values, values)
        chosen[better] = which
        open_ = open_ | (other.reasons != 0)
        best = Earned(
            np.where(better, other.points, best.points),
            np.where(better, other.tier, best.tier),
            np.where(better, np.uint8(0), best.reasons),
        )
    return values, best, chosen, open_


def _count(board: _Board, place: int, at: NDArray[np.bool_], rule: MissingRule) -> None:
    """Count missing values by their rule."""
    if rule.left_out:
        board.out[place] |= at
    elif rule.share:
        most = board.maxima[place][at].astype(np.int64)
        board.points[place][at] = most * rule.share.numerator // rule.share.denominator


def _groups(scheme: Scheme, board: _Board, stage: Staged) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return points and ceiling of each group, after what is left out has given its weight to the others."""
    size = board.points.shape[1]
    points, ceilings = (np.zeros((len(scheme.groups), size), np.int32) for _ in range(2))
    for place, group in enumerate(scheme.groups):
        members = [n for n, indicator in enumerate(scheme.indicators) if indicator.group == place]
        most = group.maximum[stage.weights]
        if board.out[members].any():
            _redistribute(board, members)
            open_ = board.out[members].any(axis=0)
            ceilings[place] = np.where(open_, most, 0)
        points[place] = board.points[members].sum(axis=0)
        np.maximum(ceilings[place], board.ceiling[members].sum(axis=0), out=ceilings[place])
        if group.capped:
            np.minimum(points[place], most, out=points[place])
        np.minimum(ceilings[place], most, out=ceilings[place])
    return points, ceilings


def _redistribute(board: _Board, members: list[int]) -> None:
    """Let the indicators that are there share the weight of those that are left out, rounded down to whole parts."""
    whole = board.maxima[members].sum(axis=0, dtype=np.int64)
    board.maxima[members] = np.where(board.out[members], 0, board.maxima[members])
    there = board.maxima[members].sum(axis=0, dtype=np.int64)
    divisor = np.maximum(there, 1)
    for rows in (board.points, board.maxima):
        rows[members] = np.where(board.out[members], 0, rows[members] * whole // divisor)


def _rows(rows: list[Verdicts], size: int) -> Verdicts:
    return np.array(rows, np.uint8).reshape(len(rows), size)


def _verdicts(rules: tuple[Rule, ...], inputs: Inputs) -> Verdicts:
    return _rows([holds(rule, inputs.columns) for rule in rules], len(inputs))


def _passed(
    scheme: Scheme, total: NDArray[np.int32], ceiling: NDArray[np.int32], floors: Verdicts, vetoes: Verdicts,
    direct: Verdicts,
) -> Verdicts:  # fmt: skip
    found: Verdicts = np.full(len(total), YES)
    if scheme.passing is not None:
        found = reaches(total, ceiling, scheme.passing)
    found = np.minimum(found, floors.min(axis=0, initial=YES))
    found = np.maximum(found, direct.max(axis=0, initial=NO))
    free: Verdicts = np.minimum(found, YES - vetoes.max(axis=0, initial=NO))
    return free


def _ranked(scheme: Scheme, vetoes: Verdicts) -> NDArray[np.bool_]:
    unranking = [place for place, veto in enumerate(scheme.vetoes) if veto.unranks]
    worst: Verdicts = vetoes[unranking].max(axis=0, initial=NO)
    taking_part: NDArray[np.bool_] = worst != YES
    return taking_part
