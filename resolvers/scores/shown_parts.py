"""The parts of a score that the graph shows: indicators, where their records came from, groups, rules and stages.

They are read from columns of results when they are asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Protocol

import strawberry

from codes.scores import Missing, Verdict
from resolvers.scores.schemes import Shown
from schema import scheme as graph
from scoring import explanation as explaining
from scoring.checking import collections_of
from scoring.results import Results
from scoring.scheme import REASONS

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


def decimal(value: float | None) -> Decimal | None:
    """Return a figure as the graph writes it: exact to ten places, without exponent."""
    return None if value is None else Decimal(f"{value:.10f}".rstrip("0").rstrip("."))


class Several:
    """The results of several scores as lists, each made when the first of them needs it."""

    def __init__(
        self, of: Shown, results: Results, provisional: bool, edition_id: str | None, peers_id: str | None = None
    ) -> None:
        self.of = of
        self.scheme = of.scheme
        self.results = results
        self.provisional = provisional
        self.edition_id = None if edition_id is None else ID(edition_id)
        self.peers_id = peers_id
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


class Whole(Protocol):
    """The score that an indicator is a part of."""

    uscc: str
    row: int
    origins: Origins

    @property
    def by_indicator(self) -> Mapping[str, explaining.IndicatorScore]:
        """What explains the indicators."""
        ...


class ShownIndicator:
    """What one indicator earned, in its place of a score."""

    __slots__ = ("_place", "_row", "_score", "_several", "uscc")

    def __init__(self, score: Whole, several: Several, place: int) -> None:
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
    def made_of(self) -> frozenset[tuple[str, str | None]]:
        """Collection and field of each of its inputs; no field where records are counted."""
        inputs = self._several.scheme.inputs
        return frozenset((inputs[name].collection, inputs[name].field) for name in self._several.inputs[self._place])

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
