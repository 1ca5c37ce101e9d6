"""A score that explains itself: each indicator's value, tier, points and what is missing, adding up to the total."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import isfinite, isinf

from codes.scores import Missing, Verdict
from scoring.bounds import Interval, edge
from scoring.results import Results
from scoring.rules import VERDICTS
from scoring.scheme import (
    REASONS,
    Alternative,
    Indicator,
    Linear,
    Measure,
    MissingRule,
    Names,
    Percentile,
    Scheme,
    Table,
    Tiers,
)


@dataclass(frozen=True, slots=True)
class NextStep:
    """The nearest value that earns more, in the indicator's unit, and how far it is."""

    bound: float
    distance: float
    points: Decimal
    """What the indicator would then earn."""
    words: str
    words_zh: str


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """What one indicator earned, and why."""

    names: Names
    alternative: Names | None
    """Which of several ways counted."""
    value: float | None
    """In `unit`; None if it is missing, or if a rule for denominators took its place."""
    category: str | None
    unit: str
    points: Decimal
    maximum: Decimal
    words: str
    words_zh: str
    """The tier that was hit, or how else the points came about."""
    missing: Missing | None
    next: NextStep | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupScore:
    """What a group earned; less than its indicators' sum where it is capped."""

    names: Names
    points: Decimal
    maximum: Decimal
    bonus: bool
    indicators: tuple[IndicatorScore, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """A floor, a veto or a direct way, and whether it is reached, hit or open."""

    names: Names
    verdict: Verdict
    words: str = ""


@dataclass(frozen=True, slots=True)
class StageFound:
    """The stage, and by what it was told."""

    names: Names | None
    words: str
    missing: Missing | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One enterprise's score by one scheme, version, period and stage: it means nothing beyond these."""

    enterprise: str
    scheme: str
    version: str
    period: str
    synthetic: bool
    stage: StageFound | None
    total: Decimal
    maximum: Decimal
    groups: tuple[GroupScore, ...]
    floors: tuple[Decided, ...]
    vetoes: tuple[Decided, ...]
    direct: tuple[Decided, ...]
    passed: Verdict

    @property
    def indicators(self) -> tuple[IndicatorScore, ...]:
        """All indicators, in the order of the groups."""
        return tuple(indicator for group in self.groups for indicator in group.indicators)


def explain(scheme: Scheme, results: Results, row: int) -> Explanation:
    """Explain the score of the enterprise in a row of results."""
    weights = max(int(results.stage[row]), 0)
    if scheme.stages and results.stage[row] < 0:
        weights = scheme.stages.unknown or 0
    columns = (results.values, results.reasons, results.chosen, results.tiers, results.points, results.maxima)
    found = zip(scheme.indicators, *(column[:, row].tolist() for column in columns), strict=True)
    indicators = [_indicator(scheme, weights, *one) for one in found]
    groups = tuple(
        GroupScore(
            group.names,
            scheme.decimal(results.groups[place, row]),
            scheme.decimal(group.maximum[weights]),
            group.bonus,
            tuple(i for i, of in zip(indicators, scheme.indicators, strict=True) if of.group == place),
        )
        for place, group in enumerate(scheme.groups)
    )
    floors = tuple(
        Decided(_floored(scheme, n), VERDICTS[results.floors[n, row]], floor.words)
        for n, floor in enumerate(scheme.floors)
    )
    return Explanation(
        enterprise=str(results.enterprises[row]),
        scheme=scheme.id,
        version=scheme.version,
        period=results.moment.period,
        synthetic=scheme.synthetic,
        stage=stage(scheme, results, row),
        total=scheme.decimal(results.total[row]),
        maximum=scheme.decimal(scheme.maximum),
        groups=groups,
        floors=floors,
        vetoes=tuple(Decided(v.names, VERDICTS[results.vetoes[n, row]]) for n, v in enumerate(scheme.vetoes)),
        direct=tuple(Decided(d.names, VERDICTS[results.direct[n, row]]) for n, d in enumerate(scheme.direct)),
        passed=VERDICTS[results.passed[row]],
    )


def shown(measure: Measure, value: float) -> float | None:
    """Return a value in its unit, freed of the noise of the last binary places; None for what a rule put in place."""
    if not isfinite(value):
        return None
    return round(value * measure.scale.denominator / measure.scale.numerator, 10)


def _indicator(
    scheme: Scheme, weights: int, indicator: Indicator, value: float, reason: int, chosen: int, tier: int, points: int,
    most: int,
) -> IndicatorScore:  # fmt: skip
    way = indicator.alternatives[chosen]
    several = len(indicator.alternatives) > 1
    missing = REASONS.get(reason)
    if missing:
        rule = indicator.not_applicable if missing is Missing.NOT_APPLICABLE else indicator.missing
        words, words_zh = _missing_words(missing, rule)
        shown_value, next_step = None, None
    else:
        words, words_zh = _words(way, value, tier)
        shown_value = None if way.measure.kind == "category" else shown(way.measure, value)
        next_step = _next(scheme, indicator, way, value, tier, points, most, weights)
    return IndicatorScore(
        names=indicator.names,
        alternative=way.names if several and not missing else None,
        value=shown_value,
        category=way.points.categories[tier]
        if not missing and isinstance(way.points, Table) and tier < len(way.points.categories)
        else None,
        unit=way.measure.unit,
        points=scheme.decimal(points),
        maximum=scheme.decimal(most),
        words=words,
        words_zh=words_zh,
        missing=missing,
        next=next_step,
        sources=indicator.sources,
    )


def _missing_words(missing: Missing, rule: MissingRule) -> tuple[str, str]:
    if rule.left_out:
        return f"missing ({missing.value}): left out, the group's others weigh more", f"{missing.term}，不计入本组"
    percent = float(rule.share * 100)
    return (
        f"missing ({missing.value}): counted with {percent:g} % of the maximum",
        f"{missing.term}，按{percent:g}%计分",
    )


def _words(way: Alternative, value: float, tier: int) -> tuple[str, str]:
    unit = way.measure.unit
    if isinf(value):
        side, side_zh = ("highest", "最高") if value > 0 else ("lowest", "最低")
        return f"no quotient: counted as the {side}", f"无法计算比值，按{side_zh}计"
    match way.points:
        case Tiers():
            interval, text = way.points.intervals[tier], way.points.texts[tier]
            return text or interval.words(unit), text or interval.words_zh(unit)
        case Table():
            name = way.points.categories[tier] if tier < len(way.points.categories) else "other"
            return name, name
        case Linear():
            none, full = (shown(way.measure, edge) for edge in (way.points.none_at, way.points.full_at))
            return f"in proportion from {none:g} to {full:g} {unit}".rstrip(), f"{none:g}至{full:g}{unit}按比例计分"
        case Percentile():
            peers, peers_zh = ("its stage", "同阶段") if way.points.among == "stage" else ("all", "全部")
            return f"by its place among {peers}", f"按在{peers_zh}企业中的位次计分"


def _next(
    scheme: Scheme, indicator: Indicator, way: Alternative, value: float, tier: int, points: int, most: int,
    weights: int,
) -> NextStep | None:  # fmt: skip
    """Return the nearest better tier, or the point of full marks; None at the top and where there is no such value."""
    if points >= most or isinf(value) or indicator.better == "none":
        return None
    if isinstance(way.points, Linear):
        return _step(scheme, way.measure, Interval(), way.points.full_at, value, most, indicator.better == "higher")
    if not isinstance(way.points, Tiers):
        return None
    table = way.points.points[weights].tolist()
    step = 1 if indicator.better == "higher" else -1
    better = tier + step
    while 0 <= better < len(table) and table[better] <= table[tier]:
        better += step
    if not 0 <= better < len(table):
        return None
    interval = way.points.intervals[better]
    point = interval.low() if step > 0 else interval.high()
    bound = edge((point[0], False), way.measure.scale) if point else value
    # where others were left out, this tier too earns more than the table says
    earns = table[better] * most // max(int(indicator.maximum[weights]), 1)
    return _step(scheme, way.measure, interval, bound, value, earns, step > 0)


def _step(
    scheme: Scheme, measure: Measure, interval: Interval, bound: float, value: float, points: int, up: bool
) -> NextStep:
    unit = measure.unit
    at = shown(measure, bound) or 0.0
    word, word_zh = ("at least", "不低于") if up else ("at most", "不高于")
    plain = interval == Interval()
    return NextStep(
        bound=at,
        distance=shown(measure, abs(bound - value)) or 0.0,
        points=scheme.decimal(points),
        words=f"{word} {at:g} {unit}".rstrip() if plain else interval.words(unit),
        words_zh=f"{word_zh}{at:g}{unit}" if plain else interval.words_zh(unit),
    )


def _floored(scheme: Scheme, number: int) -> Names:
    floor = scheme.floors[number]
    return (scheme.groups if floor.of == "group" else scheme.indicators)[floor.place].names


def stage(scheme: Scheme, results: Results, row: int) -> StageFound | None:
    """Say which stage an enterprise is in, and by what it was told; None where the scheme has no stages."""
    if scheme.stages is None:
        return None
    reasons = [REASONS.get(int(code)) for code in results.stage_reasons[:, row]]
    if results.stage[row] < 0:
        missing = next((reason for reason in reasons if reason), Missing.NOT_KNOWN)
        return StageFound(None, f"not known ({missing.value})", missing)
    found = scheme.stages.stages[results.stage[row]]
    words = []
    for number, by in enumerate(scheme.stages.by):
        if reason := reasons[number]:
            words.append(f"{by.names.name} not known ({reason.value})")
            continue
        value = shown(by.measure, float(results.stage_values[number, row]))
        bounds = found.bounds.get(by.names.id, Interval()).words(by.measure.unit)
        told = "" if found.otherwise else f": {bounds}"
        words.append(f"{by.names.name} {value:,.10g} {by.measure.unit}{told}")
    if found.otherwise:
        words.append("in no other stage")
    return StageFound(found.names, "; ".join(words), None)
