"""An indicator system as a value: what a scheme file says, checked and ready to be applied.

Points are whole numbers of the scheme's smallest part (a hundredth, where it has two decimals), so that they add up
exactly and in any order. Where weights differ by stage, every maximum has one entry a stage; otherwise just one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from codes.scores import Missing
from scoring.bounds import Interval

Take = Literal["amount", "number", "months", "category", "count", "total"]
Better = Literal["higher", "lower", "none"]


@dataclass(frozen=True, slots=True)
class Names:
    """What a part of a scheme is called, in English and in Chinese."""

    id: str
    name: str
    name_zh: str | None = None
    recalled: bool = False
    """The name is remembered or second-hand, not read in the official document."""


@dataclass(frozen=True, slots=True)
class Validity:
    """The fields of a record that say when it holds; a field that is not named bounds nothing."""

    since: str | None = None
    until: str | None = None
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """One column that a scheme needs: which records of a collection, and what is taken of them."""

    name: str
    collection: str
    take: Take
    field: str | None = None
    dated: str = "year"
    """The field that tells the year of a record: a whole number, a date, or a text that begins with the year."""
    years: tuple[int, int] | None = None
    """First and last year of the records, counted from the year of the evaluation."""
    period: str | None = None
    """The field that must be the evaluation's period."""
    where: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """For each field the texts of which a record must have one."""
    valid: Validity | None = None
    categories: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """For each category the beginnings of its texts; what belongs to none has the code behind the last."""

    @property
    def money(self) -> bool:
        """Whether the values are amounts, in fen."""
        return self.take in ("amount", "total")

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the collection that are needed to make the column."""
        valid = (self.valid.since, self.valid.until, self.valid.withdrawn) if self.valid else ()
        names = (self.field, self.dated if self.years else None, self.period, *self.where, *valid)
        return tuple(dict.fromkeys(name for name in names if name))


Denominator = Literal["missing", "lowest", "highest", "absolute"] | float


@dataclass(frozen=True, slots=True)
class Measure:
    """How an indicator's value is made of inputs; `of` and `over` are sums."""

    kind: Literal["amount", "count", "years", "category", "ratio", "share", "growth"]
    of: tuple[str, ...]
    over: tuple[str, ...] = ()
    zero: Denominator = "missing"
    negative: Denominator = "missing"
    unknown: Denominator = "missing"
    unit: str = ""
    scale: Fraction = Fraction(1)
    """What one unit is in the value's own measure: 1/100 for %, 1,000,000 fen for 万元, 12 months for 年."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it is made of."""
        return (*self.of, *self.over)


@dataclass(frozen=True, slots=True, eq=False)
class Tiers:
    """Points by the tier in which a value falls; ordered by value."""

    intervals: tuple[Interval, ...]
    texts: tuple[str | None, ...]
    begins: NDArray[np.float64]
    """Where each tier but the first begins."""
    points: NDArray[np.int32]
    """By stage and tier."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Points in proportion between a value that earns none and one that earns all."""

    none_at: float
    full_at: float


@dataclass(frozen=True, slots=True)
class Percentile:
    """Points in proportion to the share of peers that are not better."""

    among: Literal["stage", "all"]
    better: Better


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Points by category."""

    categories: tuple[str, ...]
    points: NDArray[np.int32]
    """By stage and category; the last is for values that belong to none."""


Points = Tiers | Linear | Percentile | Table


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to earn an indicator's points."""

    names: Names
    measure: Measure
    points: Points


@dataclass(frozen=True, slots=True)
class MissingRule:
    """How a missing indicator counts: with a share of its maximum, or left out, so that the others weigh more."""

    left_out: bool = False
    share: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True, eq=False)
class Indicator:
    """One indicator: the best of its alternatives, mostly of one."""

    names: Names
    group: int
    alternatives: tuple[Alternative, ...]
    maximum: NDArray[np.int32]
    better: Better
    missing: MissingRule
    not_applicable: MissingRule
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Indicators whose points are added up."""

    names: Names
    maximum: NDArray[np.int32]
    bonus: bool = False
    capped: bool = False
    """The indicators could earn more than the group gives."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be true of one input: a value within bounds, or one of some categories."""

    input: str
    interval: Interval = dataclasses.field(default_factory=Interval)
    codes: tuple[int, ...] = ()
    unit: str = ""
    scale: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A veto or a direct way: holds where all its conditions do."""

    names: Names
    conditions: tuple[Condition, ...]
    unranks: bool = False
    """A veto that also keeps from ranks and lists."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Points that a group or an indicator must reach to pass."""

    of: Literal["group", "indicator"]
    place: int
    least: int
    """The least points that reach it."""
    words: str


@dataclass(frozen=True, slots=True)
class StageBy:
    """A measure by which stages are told apart."""

    names: Names
    measure: Measure


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of life: the values of the measures that belong to it."""

    names: Names
    bounds: Mapping[str, Interval]
    otherwise: bool = False
    """Whether it is the stage of all that are in no other."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages; none has bounds where the cuts are not known."""

    by: tuple[StageBy, ...]
    stages: tuple[Stage, ...]
    unknown: int | None = None
    """The stage whose weights count where an enterprise's own is not known."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A list: the first so many, or those between two shares of the ranked, best first."""

    names: Names
    among: Literal["stage", "all"]
    first: int | None = None
    beyond: Fraction = Fraction(0)
    up_to: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class DataSource:
    """A source from which indicators are meant to draw."""

    name: str
    title_zh: str
    department: str
    collections: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Scheme:
    """A versioned indicator system with all that is needed to score enterprises by it."""

    id: str
    version: str
    title: str
    title_zh: str
    issuer: str
    document: str | None
    valid_from: date | None
    valid_to: date | None
    synthetic: bool
    note: str
    digest: str
    """SHA-256 of what the file says, whatever its layout and comments."""
    text: str
    """The file itself."""
    decimals: int
    base: int
    bonus: int
    evaluated: Input | None
    """The records that put an enterprise into an edition, as a count; None: everyone in the zone is evaluated."""
    inputs: Mapping[str, Input]
    groups: tuple[Group, ...]
    indicators: tuple[Indicator, ...]
    stages: Stages | None
    passing: int | None
    floors: tuple[Floor, ...]
    vetoes: tuple[Rule, ...]
    direct: tuple[Rule, ...]
    ties: tuple[int, ...]
    """Places of the groups whose points decide between equal totals."""
    lists: tuple[Cut, ...]
    data_sources: tuple[DataSource, ...]

    @property
    def maximum(self) -> int:
        """The most points there are, the bonus included."""
        return self.base + self.bonus

    @property
    def weights(self) -> int:
        """How many sets of maxima there are: one a stage where there are stages, otherwise one."""
        return len(self.stages.stages) if self.stages else 1

    def decimal(self, points: int) -> Decimal:
        """Write points as the scheme does."""
        return Decimal(int(points)).scaleb(-self.decimals)


REASONS: Mapping[int, Missing] = {
    1: Missing.NOT_DELIVERED,
    2: Missing.NOT_SHARED,
    3: Missing.SOURCE_DOWN,
    4: Missing.NOT_APPLICABLE,
    5: Missing.NOT_FOUND,
    6: Missing.STALE,
    7: Missing.UNREADABLE,
    8: Missing.ZERO_DENOMINATOR,
    9: Missing.NEGATIVE_DENOMINATOR,
    10: Missing.CONTRADICTORY,
    11: Missing.NO_PEERS,
    12: Missing.NOT_KNOWN,
}
"""The numbers of the reasons in columns and snapshots: new ones may be added, none may change."""

CODES: Mapping[Missing, int] = {reason: code for code, reason in REASONS.items()}
