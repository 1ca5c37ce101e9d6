"""What must hold across a whole scheme, and between a scheme and the hub that is to apply it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise, product
from math import inf, prod

from scoring.bounds import Interval
from scoring.errors import SchemeMisconfigured
from scoring.scheme import Alternative, DataSource, Indicator, Input, Names, Scheme, Stages, Table, Tiers

STRENGTH = 2**62
"""Total and tie-breakers of an enterprise are kept as one number below this."""


def check(scheme: Scheme, path: str) -> None:
    """Raise SchemeMisconfigured if weights do not add up, stages leave gaps, or names are given twice."""
    named = (scheme.groups, scheme.indicators, scheme.vetoes, scheme.direct, scheme.lists)
    for entries in (*named, scheme.stages.stages if scheme.stages else ()):
        _once(path, [entry.names for entry in entries])
    for indicator in scheme.indicators:
        _attainable(path, indicator)
    _weights(scheme, path)
    if scheme.stages:
        _stages(scheme, scheme.stages, path)
    if prod(strength_bases(scheme)) >= STRENGTH:
        raise SchemeMisconfigured(f"{path}: ranking.ties", "has too many groups to tell apart", "Name fewer groups.")
    _data_sources(scheme, path)


def check_inputs(scheme: Scheme, path: str, fields: Mapping[str, Mapping[str, str]]) -> None:
    """Raise SchemeMisconfigured if an input's collection or field does not exist, or does not hold such values.

    `fields` says for each collection which fields it has and of which kind each is: amount, number, date, text, flag,
    or another word for what cannot be taken.
    """
    inputs = {f"inputs.{name}": needed for name, needed in scheme.inputs.items()}
    for name, needed in (inputs | {"evaluated": scheme.evaluated} if scheme.evaluated else inputs).items():
        where = f"{path}: {name}"
        if needed.collection not in fields:
            raise SchemeMisconfigured(where, f"there is no collection {needed.collection!r}", "Correct `collection`.")
        have = fields[needed.collection]
        for field in needed.fields:
            if field not in have:
                problem = f"{needed.collection} has no field {field!r}"
                raise SchemeMisconfigured(where, problem, f"It has {sorted(have)}.")
        if needed.field and have[needed.field] not in _TAKEN_OF[needed.take]:
            raise SchemeMisconfigured(
                where,
                f"takes a {needed.take} of {needed.collection}.{needed.field}, which is of kind {have[needed.field]}",
                f"That can be taken of {' or '.join(_TAKEN_OF[needed.take])}.",
            )


def check_sources(scheme: Scheme, path: str, feeds: Mapping[str, Iterable[str]]) -> None:
    """Raise SchemeMisconfigured if a source that the scheme counts on is not there, or does not feed its collections.

    `feeds` says for each source of the hub which collections it feeds.
    """
    for source in scheme.data_sources:
        where = f"{path}: data_sources.{source.name}"
        if source.name not in feeds:
            raise SchemeMisconfigured(where, "the hub has no such source", "Declare it in sources.toml.")
        if lacking := set(source.collections) - set(feeds[source.name]):
            raise SchemeMisconfigured(where, f"it does not feed {sorted(lacking)[0]!r}", "Map that collection.")


def strength_bases(scheme: Scheme) -> tuple[int, ...]:
    """Return how many values the total and each tie-breaker can have."""
    return (scheme.maximum + 1, *(int(scheme.groups[place].maximum.max()) + 1 for place in scheme.ties))


def collections_of(scheme: Scheme, indicator: Indicator) -> frozenset[str]:
    """Return the collections from which an indicator's inputs are taken."""
    used = (name for way in indicator.alternatives for name in way.measure.inputs)
    return frozenset(scheme.inputs[name].collection for name in used)


_TAKEN_OF: Mapping[str, tuple[str, ...]] = {
    "amount": ("amount",),
    "total": ("amount",),
    "number": ("number", "flag"),
    "months": ("date",),
    "category": ("text", "flag"),
    "count": (),
}


def _once(path: str, names: list[Names]) -> None:
    repeated = [id_ for id_, times in Counter(one.id for one in names).items() if times > 1]
    if repeated:
        raise SchemeMisconfigured(f"{path}: {repeated[0]}", "is there twice", "Give each its own id.")


def _attainable(path: str, indicator: Indicator) -> None:
    for stage, most in enumerate(indicator.maximum.tolist()):
        best = max(_best(way, stage, most) for way in indicator.alternatives)
        if best != most:
            raise SchemeMisconfigured(
                f"{path}: indicators.{indicator.names.id}",
                f"gives at best {best} of {most} smallest parts of a point",
                "Let the best tier or category give the indicator's `points`.",
            )


def _best(way: Alternative, stage: int, most: int) -> int:
    return int(way.points.points[stage].max()) if isinstance(way.points, Tiers | Table) else most


def _weights(scheme: Scheme, path: str) -> None:
    for stage in range(scheme.weights):
        sums = [0] * len(scheme.groups)
        for indicator in scheme.indicators:
            sums[indicator.group] += int(indicator.maximum[stage])
        for group, found in zip(scheme.groups, sums, strict=True):
            most = int(group.maximum[stage])
            if found < most or (found > most and not group.capped):
                raise SchemeMisconfigured(
                    f"{path}: groups.{group.names.id}",
                    f"its indicators add up to {scheme.decimal(found)}, not {scheme.decimal(most)}{_in(scheme, stage)}",
                    "Correct the points, or say `capped = true` if the group gives less than its indicators could.",
                )
        for bonus, declared in ((False, scheme.base), (True, scheme.bonus)):
            found = sum(int(group.maximum[stage]) for group in scheme.groups if group.bonus is bonus)
            if found != declared:
                raise SchemeMisconfigured(
                    f"{path}: {'bonus' if bonus else 'points'}",
                    f"groups add up to {scheme.decimal(found)}, not {scheme.decimal(declared)}{_in(scheme, stage)}",
                    "Correct the groups' points.",
                )


def _in(scheme: Scheme, stage: int) -> str:
    return f" in the stage {scheme.stages.stages[stage].names.id}" if scheme.stages else ""


def _stages(scheme: Scheme, stages: Stages, path: str) -> None:
    if not stages.by:
        if any(stage.bounds or stage.otherwise for stage in stages.stages) or scheme.indicators:
            raise SchemeMisconfigured(f"{path}: stages", "cannot be told apart", "Declare [stages.by] and bounds.")
        return
    differ = any(len(set(indicator.maximum.tolist())) > 1 for indicator in scheme.indicators)
    if differ and stages.unknown is None:
        raise SchemeMisconfigured(
            f"{path}: stages.unknown",
            "is not given, but weights differ by stage",
            "Name the stage whose weights count where an enterprise's own stage is not known.",
        )
    others = [stage for stage in stages.stages if stage.otherwise]
    if len(others) > 1 or any(stage.bounds for stage in others):
        raise SchemeMisconfigured(f"{path}: stages", "`otherwise` is not alone", "Give it to one stage without bounds.")
    cut = [stage for stage in stages.stages if not stage.otherwise]
    axes = {by.names.id: _points_of(stages, by.names.id) for by in stages.by}
    for point in product(*axes.values()):
        at = dict(zip(axes, point, strict=True))
        inside = [all(_holds(bounds, at[n]) for n, bounds in stage.bounds.items()) for stage in cut]
        held = [stage.names.id for stage, holds in zip(cut, inside, strict=True) if holds]
        if len(held) > 1 or not (held or others):
            where = ", ".join(f"{name} {value}" for name, value in at.items())
            found = " and ".join(held) or "no stage"
            raise SchemeMisconfigured(f"{path}: stages", f"{where} is in {found}", "Let each value be in one stage.")


def _points_of(stages: Stages, name: str) -> list[float]:
    """Every edge, and a value on either side: all the places where stages may differ."""
    edges = {
        float(bound[0]) for s in stages.stages if (i := s.bounds.get(name)) for bound in (i.low(), i.high()) if bound
    }
    ordered = sorted(edges)
    between = [(low + high) / 2 for low, high in pairwise(ordered)]
    return [*ordered, *between, *((ordered[0] - 1, ordered[-1] + 1) if ordered else (0.0,))]


def _holds(interval: Interval, value: float) -> bool:
    low, high = interval.low() or (-inf, False), interval.high() or (inf, False)
    return (value > low[0] or (value == low[0] and not low[1])) and (value < high[0] or (value == high[0] and high[1]))


def _data_sources(scheme: Scheme, path: str) -> None:
    known: Mapping[str, DataSource] = {source.name: source for source in scheme.data_sources}
    used: set[str] = set()
    for indicator in scheme.indicators:
        where = f"{path}: indicators.{indicator.names.id}.sources"
        if strange := set(indicator.sources) - set(known):
            raise SchemeMisconfigured(where, f"there is no {sorted(strange)[0]!r}", "Declare it under [data_sources].")
        needed = collections_of(scheme, indicator)
        fed = {collection for name in indicator.sources for collection in known[name].collections}
        if indicator.sources and (lacking := needed - fed):
            raise SchemeMisconfigured(where, f"none of them feeds {sorted(lacking)[0]!r}", "Name the one that does.")
        for name in indicator.sources:
            if not needed & set(known[name].collections):
                raise SchemeMisconfigured(where, f"{name!r} feeds none of its inputs", "Take it out.")
        used.update(indicator.sources)
    conditions = [c.input for rule in (*scheme.vetoes, *scheme.direct) for c in rule.conditions]
    staging = [name for by in (scheme.stages.by if scheme.stages else ()) for name in by.measure.inputs]
    ruled = {scheme.inputs[name].collection for name in (*conditions, *staging)}
    for name, source in known.items():
        if name not in used and not ruled & set(source.collections):
            raise SchemeMisconfigured(f"{path}: data_sources.{name}", "nothing draws on it", "Take it out.")


def needs(scheme: Scheme) -> Mapping[str, Iterable[Input]]:
    """Return the inputs by the collection of which they are taken."""
    found: dict[str, list[Input]] = {}
    for needed in scheme.inputs.values():
        found.setdefault(needed.collection, []).append(needed)
    return found
