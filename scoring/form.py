"""The form of a scheme file: its tables and keys, before anything is made of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Rule = Literal["missing", "lowest", "highest"] | Decimal
Points = Decimal | dict[str, Decimal]
Missing = Literal["none", "left_out"] | Decimal


class Strict(BaseModel):
    """A table that has no other keys than these."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Strict):
    """A table that has an identifier and names."""

    id: Id
    name: Text
    name_zh: Text | None = None
    recalled: bool = False


class Bounds(Strict):
    """Up to two bounds, as the official text has them."""

    at_least: Decimal | None = None
    above: Decimal | None = None
    below: Decimal | None = None
    at_most: Decimal | None = None


class Valid(Strict):
    """`[inputs.….valid]`: fields that say when a record holds."""

    since: str | None = None
    until: str | None = None
    withdrawn: str | None = None


class Meant(Strict):
    """Which records of a collection are meant."""

    collection: str
    dated: str = "year"
    year: int | None = None
    years: tuple[int, int] | None = None
    period: str | None = None
    where: dict[str, tuple[str | bool | int, ...]] = {}
    valid: Valid | None = None


class Input(Meant):
    """`[inputs.NAME]`"""

    field: str | None = None
    take: Literal["amount", "number", "months", "category", "count", "total"]
    categories: dict[str, tuple[str, ...]] = {}


class Measure(Strict):
    """`measure = { … }`"""

    kind: Literal["amount", "count", "years", "category", "ratio", "share", "growth"]
    of: Id | tuple[Id, ...]
    over: Id | tuple[Id, ...] = ()
    zero: Rule | None = None
    negative: Literal["absolute"] | Rule | None = None
    unknown: Rule = "missing"
    per: int = Field(default=1, ge=1)


class Tier(Bounds):
    """One tier: its bounds, and its points or its share of the maximum in percent."""

    points: Decimal | None = None
    share: Decimal | None = None
    text: str | None = None


class Linear(Strict):
    """`linear = { none_at = …, full_at = … }`"""

    none_at: Decimal
    full_at: Decimal


class Percentile(Strict):
    """`percentile = { among = … }`"""

    among: Literal["stage", "all"]


class Scored(Strict):
    """One way to earn points: a measure, and exactly one of the ways of turning it into points."""

    name: Text | None = None
    name_zh: Text | None = None
    unit: str = ""
    measure: Measure
    tiers: tuple[Tier, ...] | None = None
    linear: Linear | None = None
    percentile: Percentile | None = None
    categories: dict[str, Decimal] | None = None


class Indicator(Named):
    """`[[indicators]]`: either one way to earn points, or `[[indicators.alternatives]]`."""

    group: Id
    points: Points
    better: Literal["higher", "lower", "none"] = "higher"
    unit: str = ""
    measure: Measure | None = None
    tiers: tuple[Tier, ...] | None = None
    linear: Linear | None = None
    percentile: Percentile | None = None
    categories: dict[str, Decimal] | None = None
    alternatives: tuple[Scored, ...] = ()
    missing: Missing | None = None
    not_applicable: Missing | None = None
    sources: tuple[str, ...] = ()


class Group(Named):
    """`[[groups]]`"""

    points: Points
    bonus: bool = False
    capped: bool = False


class Condition(Bounds):
    """What must be true of one input."""

    input: Id
    unit: str = ""
    is_any: tuple[str, ...] = ()


class Deciding(Named):
    """`[[vetoes]]` or `[[direct]]`"""

    when: tuple[Condition, ...] = Field(min_length=1)
    effect: Literal["not_passed", "not_ranked"] = "not_passed"


class Floor(Strict):
    """`[[floors]]`"""

    group: Id | None = None
    indicator: Id | None = None
    at_least: Decimal | None = None
    above: Decimal | None = None


class StageBy(Strict):
    """`[stages.by.NAME]`"""

    name: Text
    name_zh: Text | None = None
    unit: str = ""
    measure: Measure


class Stage(Named):
    """`[[stages.stage]]`: bounds by measure, or what is in no other stage; neither where the cuts are not known."""

    bounds: dict[str, Bounds] = {}
    otherwise: bool = False


class Stages(Strict):
    """`[stages]`"""

    by: dict[Id, StageBy] = {}
    stage: tuple[Stage, ...] = Field(min_length=1)
    unknown: Id | None = None


class Cut(Named):
    """`[[lists]]`"""

    among: Literal["stage", "all"]
    first: int | None = Field(default=None, ge=1)
    beyond_percent: Decimal = Decimal(0)
    up_to_percent: Decimal | None = None


class Ranking(Strict):
    """`[ranking]`"""

    ties: tuple[Id, ...] = ()


class Passing(Strict):
    """`[passing]`"""

    at_least: Decimal


class DataSource(Strict):
    """`[data_sources.NAME]`"""

    title_zh: Text
    department: Text
    collections: tuple[str, ...] = Field(min_length=1)


class Document(Strict):
    """A scheme file."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    version: Text
    title: Text
    title_zh: Text
    issuer: Text
    document: Text | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    synthetic: bool = False
    note: str = ""
    points: Decimal = Decimal(0)
    bonus: Decimal = Decimal(0)
    decimals: int = Field(default=2, ge=0, le=4)
    missing: Missing = "none"
    not_applicable: Missing | None = None
    evaluated: Meant | None = None
    inputs: dict[Id, Input] = {}
    groups: tuple[Group, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    stages: Stages | None = None
    passing: Passing | None = None
    floors: tuple[Floor, ...] = ()
    vetoes: tuple[Deciding, ...] = ()
    direct: tuple[Deciding, ...] = ()
    ranking: Ranking = Ranking()
    lists: tuple[Cut, ...] = ()
    data_sources: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")], DataSource] = {}
