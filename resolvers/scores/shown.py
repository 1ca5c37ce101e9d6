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

from codes.scores import Missing, Verdict
from resolvers.scores.schemes import Shown, shown
from schema import scheme as graph
from scoring import explanation as explaining
from scoring.checking import collections_of
from scoring.explanation import Decided, Explanation, explain
from scoring.results import Results
from scoring.rules import VERDICTS
from scoring.scheme import REASONS, Scheme

ID = strawberry.ID


@dataclass(frozen=True, slots=True)
class Origin:
    """A source from which records of a collection came, and as of when the oldest of them was true."""

    source: str | None
    as_of: datetime | None = None
    synthetic: bool = False
    inputs: frozenset[str] | None = None
    """The inputs of the scheme that these records are of; None: all that are taken of the collection."""


Origins = Mapping[str, Sequence[Origin]]
"""By collection, where an enterprise's records came from."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a score stands among others, as an edition has ranked them."""

    rank: int | None = None
    stage_rank: int | None = None
    percentile: float | None = None
    stage_percentile: float | None = None
    lists: tuple[str, ...] = ()
    """Identifiers of the scheme's lists."""


NOWHERE = Placed()


def scores(
    scheme: Scheme,
    results: Results,
    rows: Sequence[int] | None = None,
    *,
    provisional: bool,
    places: Sequence[Placed] | None = None,
    origins: Sequence[Origins] | None = None,
    edition_id: str | None = None,
) -> list[ShownScore]:
    """Return the scores in some rows of results, all if not said.

    `places` and `origins` are aligned with `rows`; without them nothing is told of ranks and sources.
    """
    chosen = results if rows is None else results.rows(np.asarray(rows, np.intp))
    of = _Several(shown(scheme), chosen, provisional, edition_id)
    size = len(chosen)
    pairs = zip(places or [NOWHERE] * size, origins or [{}] * size, strict=True)
    return [ShownScore(of, row, place, origin) for row, (place, origin) in enumerate(pairs)]


def decimal(value: float | None) -> Decimal | None:
    """Return a figure as the graph writes it: exact to ten places, without exponent."""
    return None if value is None else Decimal(f"{value:.10f}".rstrip("0").rstrip("."))


class _Several:
    """The results of several scores as lists, each made when the first of them needs it."""

    def __init__(self, of: Shown, results: Results, provisional: bool, edition_id: str | None) -> None:
        self.of = of
        self.scheme = of.scheme
        self.results = results
        self.provisional = provisional
        self.edition_id = None if edition_id is None else ID(edition_id)
        self.enterprises: list[str] = results.enterprises.tolist()

    @cached_property
    def points(self) -> list[list[int]]:
        """By enterprise and indicator."""
        found: list[list[int]] = self.results.points.T.tolist()
        return found

    @cached_property
    def maxima(self) -> list[list[int]]:
        """By enterprise and indicator."""
        found: list[list[int]] = self.results.maxima.T.tolist()
        return found

    @cached_property
    def reasons(self) -> list[list[int]]:
        """By enterprise and indicator."""
        found: list[list[int]] = self.results.reasons.T.tolist()
        return found

    @cached_property
    def values(self) -> list[list[float]]:
        """By enterprise and indicator, in the measures' own units."""
        found: list[list[float]] = self.results.values.T.tolist()
        return found

    @cached_property
    def chosen(self) -> list[list[int]]:
        """By enterprise and indicator, the alternative that counts."""
        found: list[list[int]] = self.results.chosen.T.tolist()
        return found

    @cached_property
    def collections(self) -> tuple[tuple[str, ...], ...]:
        """By indicator, the collections from which its inputs are taken."""
        return tuple(tuple(sorted(collections_of(self.scheme, one))) for one in self.scheme.indicators)

    @cached_property
    def inputs(self) -> tuple[frozenset[str], ...]:
        """By indicator, the inputs of which its value is made."""
        ways = ([name for way in one.alternatives for name in way.measure.inputs] for one in self.scheme.indicators)
        return tuple(map(frozenset, ways))


@dataclass(frozen=True, slots=True)
class ShownOrigin:
    """Where the records of an indicator came from."""

    uscc: str
    collection: str
    source: str | None
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class ShownStep:
    """The nearest value that earns more."""

    uscc: str
    bound: Decimal
    distance: Decimal
    points: Decimal
    tier: str
    tier_zh: str


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """What a group earned."""

    uscc: str
    group: graph.IndicatorGroup
    points: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class ShownOutcome:
    """A floor, a veto or a direct way, and what became of it."""

    uscc: str
    id: str
    name: str
    name_zh: str | None
    words: str | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure by which stages are told apart."""

    uscc: str
    name: str
    name_zh: str | None
    value: Decimal | None
    unit: str


class ShownIndicator:
    """What one indicator earned, in its place of a score."""

    __slots__ = ("_place", "_row", "_score", "_several", "uscc")

    def __init__(self, score: ShownScore, several: _Several, place: int) -> None:
        """Show the indicator in this place of the scheme."""
        self.uscc = score.uscc
        self._score, self._several, self._place, self._row = score, several, place, score.row

    @property
    def indicator(self) -> graph.Indicator:
        """The indicator."""
        return self._several.of.whole.indicators[self._place]

    @property
    def edition_id(self) -> str | None:
        """The edition that it is of."""
        return self._several.edition_id

    @property
    def points(self) -> Decimal:
        """What it earned."""
        return self._several.scheme.decimal(self._several.points[self._row][self._place])

    @property
    def maximum(self) -> Decimal:
        """The most that it could earn."""
        return self._several.scheme.decimal(self._several.maxima[self._row][self._place])

    @property
    def missing(self) -> Missing | None:
        """Why there is no value."""
        return REASONS.get(self._several.reasons[self._row][self._place])

    @property
    def value(self) -> Decimal | None:
        """Its value, in its unit; it is there also where nobody is to compare it with."""
        several, row, place = self._several, self._row, self._place
        measure = several.scheme.indicators[place].alternatives[several.chosen[row][place]].measure
        if self.missing not in (None, Missing.NO_PEERS) or measure.kind == "category":
            return None
        return decimal(explaining.shown(measure, several.values[row][place]))

    @property
    def _explained(self) -> explaining.IndicatorScore:
        return self._score.by_indicator[self._several.scheme.indicators[self._place].names.id]

    @property
    def category(self) -> str | None:
        """Its category."""
        return self._explained.category

    @property
    def unit(self) -> str:
        """Of the value."""
        return self._explained.unit

    @property
    def way(self) -> str | None:
        """Which of several ways counted."""
        return self._explained.alternative.name if self._explained.alternative else None

    @property
    def tier(self) -> str | None:
        """The tier in words."""
        return None if self._explained.missing else self._explained.words

    @property
    def tier_zh(self) -> str | None:
        """The tier in Chinese."""
        return None if self._explained.missing else self._explained.words_zh

    @property
    def counted(self) -> str | None:
        """How a missing value counts."""
        return self._explained.words if self._explained.missing else None

    @property
    def counted_zh(self) -> str | None:
        """The same in Chinese."""
        return self._explained.words_zh if self._explained.missing else None

    @property
    def next(self) -> ShownStep | None:
        """The nearest value that earns more."""
        step = self._explained.next
        if step is None:
            return None
        bound, distance = (decimal(number) or Decimal(0) for number in (step.bound, step.distance))
        return ShownStep(self.uscc, bound, distance, step.points, step.words, step.words_zh)

    @property
    def sources(self) -> list[ShownOrigin]:
        """Where its records came from: an entry for each collection at least."""
        own = self._several.inputs[self._place]
        return [
            ShownOrigin(self.uscc, collection, source, as_of)
            for collection in self._several.collections[self._place]
            for source, as_of in _by_source(self._score.origins.get(collection, ()), own).items()
        ]


def _by_source(origins: Sequence[Origin], inputs: frozenset[str]) -> Mapping[str | None, datetime | None]:
    """Return the sources of these inputs, each with the oldest moment; none but an unknown one if there is none."""
    found: dict[str | None, datetime | None] = {}
    for origin in origins:
        if origin.inputs is None or not origin.inputs.isdisjoint(inputs):
            moments = [moment for moment in (found.get(origin.source), origin.as_of) if moment]
            found[origin.source] = min(moments, default=None)
    return found or {None: None}


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

    def __init__(self, several: _Several, row: int, placed: Placed, origins: Origins) -> None:
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
