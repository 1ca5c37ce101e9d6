"""From a scheme file's form to the scheme: names resolved, units applied, points exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from scoring import form, scheme, units
from scoring.bounds import Interval, cover, edge
from scoring.errors import SchemeMisconfigured


@dataclass(frozen=True)
class Building:
    """What the parts of one scheme need to know of the whole while they are made."""

    path: str
    document: form.Document
    inputs: Mapping[str, scheme.Input]

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages' identifiers, or one name for all where there are none."""
        return tuple(s.id for s in self.document.stages.stage) if self.document.stages else ("all",)

    def refuse(self, where: str, problem: str, remedy: str) -> NoReturn:
        """Raise SchemeMisconfigured with the file and the key."""
        raise SchemeMisconfigured(f"{self.path}: {where}", problem, remedy)

    def exact(self, where: str, points: Decimal | Fraction) -> int:
        """Return points in the scheme's smallest part."""
        parts = Fraction(points) * 10**self.document.decimals
        if parts.denominator != 1 or not 0 <= parts < 2**24:
            self.refuse(
                where,
                f"{points} points cannot be written with {self.document.decimals} decimals",
                "Raise `decimals`, or choose points between 0 and 1,000 that fit.",
            )
        return int(parts)

    def maximum(self, where: str, points: form.Points) -> NDArray[np.int32]:
        """Return the maximum of each stage."""
        if not isinstance(points, dict):
            return np.full(len(self.stages), self.exact(where, points), np.int32)
        if set(points) != set(self.stages):
            self.refuse(where, f"names {sorted(points)}, the stages are {sorted(self.stages)}", "Give each stage once.")
        return np.array([self.exact(f"{where}.{stage}", points[stage]) for stage in self.stages], np.int32)

    def place(self, where: str, id_: str, among: tuple[Any, ...]) -> int:
        """Return where in the tables that one with the identifier stands."""
        for place, entry in enumerate(among):
            if entry.id == id_:
                return place
        return self.refuse(where, f"there is no {id_!r}", f"Choose one of {[entry.id for entry in among]}.")


def names(entry: form.Named) -> scheme.Names:
    """Return what an entry is called."""
    return scheme.Names(entry.id, entry.name, entry.name_zh, entry.recalled)


def interval(build: Building, where: str, entry: form.Bounds) -> Interval:
    """Return the interval that an entry's bounds make."""
    try:
        return Interval(entry.at_least, entry.above, entry.below, entry.at_most)
    except ValueError as error:
        build.refuse(where, str(error), "Correct the bounds.")


_KINDS = {
    "amount": ("amount", "total"),
    "count": ("number", "count"),
    "years": ("months",),
    "category": ("category",),
}
_NUMBERS = ("amount", "total", "number", "count")


def measure(build: Building, where: str, entry: form.Measure, unit: str) -> scheme.Measure:
    """Return a measure whose inputs exist and fit its kind and unit."""
    of = (entry.of,) if isinstance(entry.of, str) else entry.of
    over = (entry.over,) if isinstance(entry.over, str) else entry.over
    quotient = entry.kind in ("ratio", "share", "growth")
    if not of or bool(over) != quotient or (entry.kind in ("category", "years") and len(of) != 1):
        build.refuse(where, f"a {entry.kind} is not made of {len(of)} over {len(over)}", "Name the inputs it needs.")
    for name in (*of, *over):
        found = build.inputs.get(name)
        if found is None:
            build.refuse(where, f"there is no input {name!r}", f"Declare [inputs.{name}].")
        if found.take not in _KINDS.get(entry.kind, _NUMBERS):
            build.refuse(where, f"the input {name!r} takes a {found.take}", f"A {entry.kind} cannot be made of that.")
    above, below = (_all_money(build, where, part) for part in (of, over))
    if entry.kind in ("share", "growth") and above != below:
        build.refuse(where, "puts an amount and a number over one another", "Use kind = 'ratio' with a unit.")
    if quotient and (entry.zero is None or entry.negative is None):
        build.refuse(where, "does not say what a denominator of zero or below counts", "Give `zero` and `negative`.")
    try:
        scale = units.scale(entry.kind, unit, entry.per, (above, below))
    except ValueError as error:
        build.refuse(where, f"the unit {unit!r} {error}", "Correct `unit`.")
    zero, negative, unknown = (_denominator(rule, scale) for rule in (entry.zero, entry.negative, entry.unknown))
    return scheme.Measure(entry.kind, of, over, zero, negative, unknown, unit, scale)


def points(build: Building, where: str, entry: form.Scored, whole: form.Indicator, measured: scheme.Measure) -> Any:
    """Return how values become points: the one way that the entry gives."""
    ways = [way for way in ("tiers", "linear", "percentile", "categories") if getattr(entry, way) is not None]
    if len(ways) != 1:
        found = " and ".join(ways) or "no way to points"
        build.refuse(where, f"has {found}", "Give one of tiers, linear, percentile and categories.")
    if (measured.kind == "category") != (entry.categories is not None):
        build.refuse(where, f"a {measured.kind} cannot earn points by {ways[0]}", "Use categories for a category only.")
    maximum = build.maximum(f"{where}.points", whole.points)
    if entry.tiers is not None:
        return _tiers(build, f"{where}.tiers", entry.tiers, maximum, measured, whole)
    if entry.linear is not None:
        return _linear(build, f"{where}.linear", entry.linear, measured, whole)
    if entry.percentile is not None:
        if whole.better == "none" or (entry.percentile.among == "stage" and build.document.stages is None):
            build.refuse(f"{where}.percentile", "has no order, or no stages", "Give `better`, or among = 'all'.")
        return scheme.Percentile(entry.percentile.among, whole.better)
    return _table(build, f"{where}.categories", entry.categories or {}, maximum, measured, whole)


def condition(build: Building, where: str, entry: form.Condition) -> scheme.Condition:
    """Return a condition on an input that exists."""
    found = build.inputs.get(entry.input)
    if found is None:
        build.refuse(where, f"there is no input {entry.input!r}", f"Declare [inputs.{entry.input}].")
    bounds = interval(build, where, entry)
    if (found.take == "category") != bool(entry.is_any) or (bounds == Interval()) != bool(entry.is_any):
        build.refuse(where, "asks for nothing that the input can answer", "Give bounds, or `is_any` for a category.")
    if strange := set(entry.is_any) - {*found.categories, "other"}:
        build.refuse(
            where, f"there is no category {sorted(strange)[0]!r}", f"Choose of {[*found.categories, 'other']}."
        )
    known = (*found.categories, "other")
    kind = "amount" if found.money else "years" if found.take == "months" else "count"
    try:
        scale = units.scale(kind, entry.unit, 1, (found.money, False))
    except ValueError as error:
        build.refuse(where, f"the unit {entry.unit!r} {error}", "Correct `unit`.")
    return scheme.Condition(entry.input, bounds, tuple(known.index(c) for c in entry.is_any), entry.unit, scale)


def _all_money(build: Building, where: str, inputs: tuple[str, ...]) -> bool:
    kinds = {build.inputs[name].money for name in inputs}
    if len(kinds) > 1:
        build.refuse(where, "adds amounts and numbers", "Add what is of one kind.")
    return kinds == {True}


def _denominator(rule: str | Decimal | None, scale: Fraction) -> Any:
    return float(Fraction(rule) * scale) if isinstance(rule, Decimal) else rule or "missing"


def _shares(
    build: Building, where: str, given: list[tuple[Decimal | None, Decimal | None]], maximum: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return points by stage and entry, of entries that are (points, share of the maximum in percent)."""
    rows = []
    for most in maximum.tolist():
        row = []
        for number, (own, share) in enumerate(given):
            if (own is None) == (share is None):
                build.refuse(f"{where}[{number}]", "has not exactly one of points and share", "Give one of them.")
            if own is not None and len(set(maximum.tolist())) > 1:
                build.refuse(
                    f"{where}[{number}]", "has points, but the maximum differs by stage", "Give a `share` in %."
                )
            part = Fraction(share or 0) / 100 * most / 10**build.document.decimals
            row.append(build.exact(f"{where}[{number}]", part if own is None else own))
        rows.append(row)
    return np.array(rows, np.int32)


def _tiers(
    build: Building, where: str, entries: tuple[form.Tier, ...], maximum: NDArray[np.int32], measured: scheme.Measure,
    whole: form.Indicator,
) -> scheme.Tiers:  # fmt: skip
    found = [(interval(build, f"{where}[{n}]", entry), entry) for n, entry in enumerate(entries)]
    if problem := cover([bounds for bounds, _ in found]):
        build.refuse(where, problem, "Let the tiers cover every value exactly once.")
    found.sort(key=lambda pair: pair[0].edges(measured.scale)[0])
    table = _shares(build, where, [(entry.points, entry.share) for _, entry in found], maximum)
    steps = np.diff(table, axis=1)
    if (whole.better == "higher" and (steps < 0).any()) or (whole.better == "lower" and (steps > 0).any()):
        build.refuse(where, f"give fewer points to what is {whole.better}", "Correct the points, or `better`.")
    begins = [edge(low, measured.scale) for bounds, _ in found if (low := bounds.low())]
    return scheme.Tiers(tuple(b for b, _ in found), tuple(e.text for _, e in found), np.array(begins), table)


def _linear(
    build: Building, where: str, entry: form.Linear, measured: scheme.Measure, whole: form.Indicator
) -> scheme.Linear:
    none_at, full_at = (float(Fraction(value) * measured.scale) for value in (entry.none_at, entry.full_at))
    if none_at == full_at or (none_at < full_at) != (whole.better == "higher") or whole.better == "none":
        build.refuse(
            where, f"does not give more to what is {whole.better}", "Correct `none_at`, `full_at` or `better`."
        )
    return scheme.Linear(none_at, full_at)


def _table(
    build: Building, where: str, entries: Mapping[str, Decimal], maximum: NDArray[np.int32], measured: scheme.Measure,
    whole: form.Indicator,
) -> scheme.Table:  # fmt: skip
    known = (*build.inputs[measured.of[0]].categories, "other")
    if set(entries) != set(known):
        build.refuse(where, f"names {sorted(entries)}, the input has {sorted(known)}", "Give each category once.")
    one = len(set(maximum.tolist())) == 1 and not isinstance(whole.points, dict)
    given: list[tuple[Decimal | None, Decimal | None]] = [
        (entries[name], None) if one else (None, entries[name]) for name in known
    ]
    return scheme.Table(known[:-1], _shares(build, where, given, maximum))
