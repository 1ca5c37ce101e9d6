"""From results to the scores that the graph shows: the same for one enterprise and for many, live or of an edition.

A score is a row of results, read when a field of it is asked; words are made then, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import strawberry

from codes.scores import Verdict
from resolvers.scores.schemes import shown
from resolvers.scores.shown_parts import (
    Origins,
    Several,
    ShownFigure,
    ShownGroup,
    ShownIndicator,
    ShownOutcome,
    decimal,
)
from schema import scheme as graph
from scoring import explanation as explaining
from scoring.explanation import Decided, Explanation, explain
from scoring.ranking import Placing
from scoring.results import Results
from scoring.rules import VERDICTS
from scoring.scheme import Scheme

ID = strawberry.ID


_NOWHERE = Placing()


def scores(
    scheme: Scheme,
    results: Results,
    rows: Sequence[int] | None = None,
    *,
    provisional: bool,
    places: Sequence[Placing] | None = None,
    origins: Sequence[Origins] | None = None,
    edition_id: str | None = None,
    peers_of: str | None = None,
) -> list[ShownScore]:
    """Return the scores in some rows of results, all if not said.

    `places` and `origins` are aligned with `rows`; without them nothing is told of ranks and sources. `peers_of` is the
    edition with whose enterprises live scores are compared.
    """
    chosen = results if rows is None else results.rows(np.asarray(rows, np.intp))
    of = Several(shown(scheme), chosen, provisional, edition_id, peers_of)
    size = len(chosen)
    pairs = zip(places or [_NOWHERE] * size, origins or [{}] * size, strict=True)
    return [ShownScore(of, row, place, origin) for row, (place, origin) in enumerate(pairs)]


@dataclass(frozen=True, slots=True)
class ShownMove:
    """An indicator whose points differ."""

    uscc: str
    before: ShownIndicator
    after: ShownIndicator

    @property
    def indicator(self) -> graph.Indicator:
        """The indicator."""
        return self.after.indicator

    @property
    def change(self) -> Decimal:
        """The difference of its points."""
        return self.after.points - self.before.points


def moves(before: ShownScore, after: ShownScore) -> list[ShownMove]:
    """Return the indicators whose points differ between two scores by one scheme, the largest difference first."""
    pairs = zip(before.indicators, after.indicators, strict=True)
    found = [ShownMove(after.uscc, was, now) for was, now in pairs if was.points != now.points]
    return sorted(found, key=lambda one: (-abs(one.change), one.indicator.id))


class ShownScore:
    """A score: one row of results, with its place among others and where its inputs came from."""

    delivered = False
    source: str | None = None

    def __init__(self, several: Several, row: int, placed: Placing, origins: Origins) -> None:
        """Show the score in this row."""
        self.uscc: str = several.enterprises[row]
        self.row = row
        self.origins = origins
        self._several = several
        self._placed = placed
        self.scheme_code = several.of.whole.code
        self.version = several.scheme.version
        self.provisional = several.provisional
        self.edition_id = several.edition_id
        self.peers_id = several.peers_id
        self.rank, self.stage_rank = placed.rank, placed.stage_rank

    @property
    def scheme(self) -> graph.Scheme:
        """The scheme."""
        return self._several.of.whole

    @property
    def period(self) -> str:
        """What it is of."""
        return self._several.results.moment.period

    @property
    def day(self) -> date:
        """The day as of which dated facts hold."""
        return self._several.results.moment.day

    @property
    def total(self) -> Decimal:
        """The points."""
        return self._several.scheme.decimal(self._several.results.total[self.row])

    @property
    def maximum(self) -> Decimal:
        """The most points there are."""
        return self._several.of.whole.maximum

    @property
    def as_of(self) -> datetime | None:
        """When the oldest record was true."""
        moments = [origin.as_of for several in self.origins.values() for origin in several if origin.as_of]
        return min(moments, default=None)

    @property
    def synthetic(self) -> bool:
        """Whether the scheme is invented, or a record made up."""
        made_up = any(origin.synthetic for several in self.origins.values() for origin in several)
        return self._several.scheme.synthetic or made_up

    @property
    def note(self) -> str | None:
        """What the scheme says of itself."""
        return self._several.of.whole.note

    @property
    def stage(self) -> graph.Stage | None:
        """The stage; None if it is not known."""
        return self._several.of.stage(int(self._several.results.stage[self.row]))

    @property
    def stage_reason(self) -> str | None:
        """What the stage was told by, without the figures."""
        if self.stage is not None:
            return self.stage.criteria
        found = explaining.stage(self._several.scheme, self._several.results, self.row)
        return found.words if found else None

    @property
    def stage_figures(self) -> list[ShownFigure]:
        """The figures by which the stage was told."""
        several, stages = self._several, self._several.scheme.stages
        return [
            ShownFigure(
                self.uscc,
                by.names.name,
                by.names.name_zh,
                decimal(explaining.shown(by.measure, float(several.results.stage_values[place, self.row])))
                if not several.results.stage_reasons[place, self.row]
                else None,
                by.measure.unit,
            )
            for place, by in enumerate(stages.by if stages else ())
        ]

    @property
    def percentile(self) -> Decimal | None:
        """The share of the ranked that are not better."""
        return decimal(self._placed.percentile)

    @property
    def stage_percentile(self) -> Decimal | None:
        """The same within the stage."""
        return decimal(self._placed.stage_percentile)

    @property
    def lists(self) -> list[graph.SchemeList]:
        """The lists that it is on."""
        return [one for one in self._several.of.whole.lists if one.id in self._placed.lists]

    @property
    def passed(self) -> Verdict:
        """Whether it passes."""
        return VERDICTS[self._several.results.passed[self.row]]

    @property
    def floors(self) -> list[ShownOutcome]:
        """Floors, and whether they are reached."""
        return [self._outcome(one) for one in self.explanation.floors]

    @property
    def vetoes(self) -> list[ShownOutcome]:
        """Vetoes, and whether they are hit."""
        return [self._outcome(one) for one in self.explanation.vetoes]

    @property
    def direct_ways(self) -> list[ShownOutcome]:
        """Direct ways, and whether they are open."""
        return [self._outcome(one) for one in self.explanation.direct]

    @property
    def groups(self) -> list[ShownGroup]:
        """What the groups earned."""
        pairs = zip(self.scheme.groups, self.explanation.groups, strict=True)
        return [ShownGroup(self.uscc, group, found.points, found.maximum) for group, found in pairs]

    @property
    def indicators(self) -> list[ShownIndicator]:
        """What the indicators earned, in the scheme's order."""
        return [ShownIndicator(self, self._several, place) for place in range(len(self.scheme.indicators))]

    @cached_property
    def explanation(self) -> Explanation:
        """The score explained."""
        return explain(self._several.scheme, self._several.results, self.row)

    @cached_property
    def by_indicator(self) -> Mapping[str, explaining.IndicatorScore]:
        """The indicators explained, by their identifiers."""
        return {one.names.id: one for one in self.explanation.indicators}

    def _outcome(self, found: Decided) -> ShownOutcome:
        names: Any = found.names
        return ShownOutcome(self.uscc, names.id, names.name, names.name_zh, found.words or None, found.verdict)


@dataclass(frozen=True)
class ShownSimulation:
    """A score as it is, and as it would be with some inputs changed."""

    uscc: str
    before: ShownScore
    after: ShownScore

    @property
    def change(self) -> Decimal:
        """The difference of the totals."""
        return self.after.total - self.before.total

    @property
    def moved(self) -> list[ShownMove]:
        """The indicators whose points differ."""
        return moves(self.before, self.after)
