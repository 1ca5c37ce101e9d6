"""From a scheme to what the graph shows of it; made once for each scheme."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np
import strawberry
from numpy.typing import NDArray

from codes.scores import Better, Earning, Take
from schema import scheme as graph
from scoring.scheme import (
    Alternative,
    Condition,
    Cut,
    Floor,
    Indicator,
    Input,
    Linear,
    MissingRule,
    Percentile,
    Points,
    Rule,
    Scheme,
    Stage,
    Table,
    Tiers,
)

ID = strawberry.ID


@dataclass(frozen=True)
class Shown:
    """A scheme and what the graph shows of it; stages, groups and indicators by their places."""

    scheme: Scheme
    whole: graph.Scheme

    def stage(self, place: int) -> graph.Stage | None:
        """Return a stage by its place; None for -1."""
        return self.whole.stages[place] if place >= 0 else None


@lru_cache(maxsize=1024)
def shown(scheme: Scheme) -> Shown:
    """Return a scheme with what the graph shows of it."""
    stages = [_stage(scheme, stage) for stage in (scheme.stages.stages if scheme.stages else ())]
    make = _Making(scheme, stages)
    sources = {
        source.name: graph.DataSource(
            id=ID(source.name),
            title_zh=source.title_zh,
            department=source.department,
            collections=list(source.collections),
            source=None,
        )
        for source in scheme.data_sources
    }
    groups = [
        graph.IndicatorGroup(
            id=ID(group.names.id),
            name=group.names.name,
            name_zh=group.names.name_zh,
            recalled=group.names.recalled,
            points=make.points(group.maximum),
            bonus=group.bonus,
            capped=group.capped,
        )
        for group in scheme.groups
    ]
    indicators = [
        make.indicator(one, groups[one.group], [sources[name] for name in one.sources]) for one in scheme.indicators
    ]
    whole = graph.Scheme(
        id=identity(scheme),
        code=ID(scheme.id),
        version=scheme.version,
        title=scheme.title,
        title_zh=scheme.title_zh,
        issuer=scheme.issuer,
        document=scheme.document,
        valid_from=scheme.valid_from,
        valid_to=scheme.valid_to,
        synthetic=scheme.synthetic,
        note=scheme.note or None,
        maximum=scheme.decimal(scheme.maximum),
        bonus=scheme.decimal(scheme.bonus),
        passing=None if scheme.passing is None else scheme.decimal(scheme.passing),
        stages=stages,
        groups=groups,
        indicators=indicators,
        inputs=[_input(one) for one in scheme.inputs.values()],
        floors=[_floor(scheme, floor, groups, indicators) for floor in scheme.floors],
        vetoes=[_rule(scheme, rule) for rule in scheme.vetoes],
        direct_ways=[_rule(scheme, rule) for rule in scheme.direct],
        lists=[_list(cut) for cut in scheme.lists],
        sources=list(sources.values()),
    )
    return Shown(scheme, whole)


def identity(scheme: Scheme) -> strawberry.ID:
    """Return a scheme's identity in the whole graph: ``Scheme:technology-sme@2017``."""
    return ID(f"Scheme:{scheme.id}@{scheme.version}")


@dataclass(frozen=True)
class _Making:
    """What the parts of one scheme are made with."""

    scheme: Scheme
    stages: list[graph.Stage]

    def points(self, maximum: NDArray[np.int32]) -> list[graph.StagePoints]:
        """Return points by stage; one entry where they do not differ."""
        found = [self.scheme.decimal(most) for most in maximum.tolist()]
        if len(set(found)) == 1:
            return [graph.StagePoints(stage=None, points=found[0])]
        return [graph.StagePoints(stage=s, points=p) for s, p in zip(self.stages, found, strict=True)]

    def indicator(
        self, indicator: Indicator, group: graph.IndicatorGroup, sources: list[graph.DataSource]
    ) -> graph.Indicator:
        """Return an indicator."""
        return graph.Indicator(
            id=ID(indicator.names.id),
            name=indicator.names.name,
            name_zh=indicator.names.name_zh,
            recalled=indicator.names.recalled,
            group=group,
            unit=indicator.alternatives[0].measure.unit,
            points=self.points(indicator.maximum),
            better=Better(indicator.better.upper()),
            ways=[self.way(one) for one in indicator.alternatives],
            missing=_missing(indicator),
            sources=sources,
        )

    def way(self, way: Alternative) -> graph.Way:
        """Return one way to an indicator's points."""
        return graph.Way(
            name=way.names.name,
            name_zh=way.names.name_zh,
            unit=way.measure.unit,
            earning=_earning(way.points),
            inputs=[ID(name) for name in dict.fromkeys(way.measure.inputs)],
            tiers=self.tiers(way),
        )

    def tiers(self, way: Alternative) -> list[graph.Tier]:
        """Return tiers or categories with their points."""
        match way.points:
            case Tiers(intervals=intervals, texts=texts, points=points):
                unit = way.measure.unit
                words = [
                    (text or interval.words(unit), text or interval.words_zh(unit))
                    for interval, text in zip(intervals, texts, strict=True)
                ]
            case Table(categories=categories, points=points):
                words = [(name, name) for name in (*categories, "other")]
            case _:
                return []
        return [
            graph.Tier(tier=tier, tier_zh=tier_zh, points=self.points(points[:, place]))
            for place, (tier, tier_zh) in enumerate(words)
        ]


def _stage(scheme: Scheme, stage: Stage) -> graph.Stage:
    names = stage.names
    return graph.Stage(
        id=ID(names.id),
        name=names.name,
        name_zh=names.name_zh,
        recalled=names.recalled,
        criteria=_criteria(scheme, stage),
    )


def _criteria(scheme: Scheme, stage: Stage) -> str | None:
    if stage.otherwise:
        return "in no other stage"
    by = scheme.stages.by if scheme.stages else ()
    told = [
        f"{one.names.name}: {stage.bounds[one.names.id].words(one.measure.unit)}"
        for one in by
        if one.names.id in stage.bounds
    ]
    return "; ".join(told) or None


def _earning(points: Points) -> Earning:
    match points:
        case Tiers():
            return Earning.TIERS
        case Linear():
            return Earning.LINEAR
        case Percentile():
            return Earning.PERCENTILE
        case Table():
            return Earning.CATEGORIES


def _missing(indicator: Indicator) -> str:
    found = _counted(indicator.missing)
    if indicator.not_applicable != indicator.missing:
        return f"{found}; where it does not apply: {_counted(indicator.not_applicable)}"
    return found


def _counted(rule: MissingRule) -> str:
    if rule.left_out:
        return "left out, the group's others weigh more"
    return f"{float(rule.share * 100):g} % of the maximum"


def _input(one: Input) -> graph.SchemeInput:
    first, last = one.years or (None, None)
    return graph.SchemeInput(
        id=ID(one.name),
        collection=one.collection,
        field=one.field,
        take=Take(one.take.upper()),
        first_year=first,
        last_year=last,
        categories=list(one.categories),
    )


def _floor(
    scheme: Scheme, floor: Floor, groups: list[graph.IndicatorGroup], indicators: list[graph.Indicator]
) -> graph.Floor:
    of_group = floor.of == "group"
    return graph.Floor(
        group=groups[floor.place] if of_group else None,
        indicator=None if of_group else indicators[floor.place],
        least=scheme.decimal(floor.least),
        words=floor.words,
    )


def _rule(scheme: Scheme, rule: Rule) -> graph.SchemeRule:
    names = rule.names
    return graph.SchemeRule(
        id=ID(names.id),
        name=names.name,
        name_zh=names.name_zh,
        conditions=[_condition(scheme, one) for one in rule.conditions],
        unranks=rule.unranks,
    )


def _condition(scheme: Scheme, condition: Condition) -> str:
    if not condition.codes:
        return f"{condition.input}: {condition.interval.words(condition.unit)}"
    categories = (*scheme.inputs[condition.input].categories, "other")
    return f"{condition.input}: {' or '.join(categories[code] for code in condition.codes)}"


def _list(cut: Cut) -> graph.SchemeList:
    by_share = cut.first is None
    return graph.SchemeList(
        id=ID(cut.names.id),
        name=cut.names.name,
        name_zh=cut.names.name_zh,
        within_stage=cut.among == "stage",
        first=cut.first,
        beyond_percent=_percent(float(cut.beyond)) if by_share else None,
        up_to_percent=_percent(float(cut.up_to)) if by_share else None,
    )


def _percent(share: float) -> Decimal:
    return Decimal(f"{share * 100:.10g}")
