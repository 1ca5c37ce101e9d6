"""What a reader would change of a scheme's inputs and of indicators' values, in the scheme's own measures."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from codes.scores import Missing
from resolvers.request import BadInput
from schema.score_changes import IndicatorChange
from scoring.peers import Place
from scoring.records import fen
from scoring.scheme import Indicator, Input, Scheme

_MOST = 100

Value = float | Missing


class Changes(NamedTuple):
    """What is other than it is: inputs, amounts in fen; and values of ways to points, in the measures' own units."""

    inputs: dict[str, Value]
    values: dict[Place, Value]


def changed(scheme: Scheme, year: int, changes: Sequence[IndicatorChange]) -> Changes:
    """Return what is changed of a score of a year; raise BadInput for what the scheme cannot be given."""
    if len(changes) > _MOST:
        raise BadInput(f"These are {len(changes)} changes; give at most {_MOST}.")
    found = Changes({}, {})
    for change in changes:
        if (change.input is None) == (change.indicator is None):
            raise BadInput("A change is of an `input` or of an `indicator`; give one of them.")
        if change.input is not None:
            _change_input(found, _dated(scheme, year, _input(scheme, change.input), change.year), change)
        elif change.year is not None:
            raise BadInput("The value of an indicator is of the score's own year; leave out `year`, or name an input.")
        else:
            _change_indicator(found, scheme, str(change.indicator), change)
    return found


def _change_input(found: Changes, needed: Input, change: IndicatorChange) -> None:
    if needed.name in found.inputs:
        raise BadInput(f"The input {needed.name!r} is changed twice; give each once.")
    found.inputs[needed.name] = _value(needed, change)


def _input(scheme: Scheme, named: str) -> Input:
    needed = scheme.inputs.get(named)
    if needed is not None:
        return needed
    place = _place(scheme, named)
    if place is None:
        raise BadInput(f"{scheme.id} has no input {named[:40]!r}; it has {', '.join(sorted(scheme.inputs))}.")
    made_of = dict.fromkeys(name for way in scheme.indicators[place].alternatives for name in way.measure.inputs)
    raise BadInput(
        f"{named} is an indicator of {scheme.id}, not an input; it is made of {', '.join(made_of)}. Change one of "
        "these, or name it as `indicator`."
    )


def _dated(scheme: Scheme, year: int, needed: Input, wanted: int | None) -> Input:
    """Return the input that takes the same of another year; raise BadInput where the scheme counts none."""
    if wanted is None:
        return needed
    by_year = {
        year + one.years[0]: one
        for one in scheme.inputs.values()
        if (one.collection, one.field, one.take, one.where)
        == (needed.collection, needed.field, needed.take, needed.where)
        and one.years is not None
        and one.years[0] == one.years[1]
    }
    if wanted not in by_year:
        known = ", ".join(map(str, sorted(by_year))) or "no single year"
        raise BadInput(f"{scheme.id} counts {needed.name} of {known}, not of {wanted}.")
    return by_year[wanted]


def _place(scheme: Scheme, named: str) -> int | None:
    return next((place for place, one in enumerate(scheme.indicators) if one.names.id == named), None)


def _change_indicator(found: Changes, scheme: Scheme, named: str, change: IndicatorChange) -> None:
    """Give an indicator's value as its first way measures it; one that is missing is so by every way."""
    place = _place(scheme, named)
    if place is None:
        known = ", ".join(one.names.id for one in scheme.indicators)
        raise BadInput(f"{scheme.id} has no indicator {named[:40]!r}; it has {known}.")
    if (place, 0) in found.values:
        raise BadInput(f"The indicator {named!r} is changed twice; give each once.")
    indicator = scheme.indicators[place]
    value = _measured(scheme, indicator, change)
    ways = range(len(indicator.alternatives)) if isinstance(value, Missing) else (0,)
    found.values.update({(place, way): value for way in ways})


def _measured(scheme: Scheme, indicator: Indicator, change: IndicatorChange) -> Value:
    measure, name = indicator.alternatives[0].measure, indicator.names.id
    if measure.kind == "category":
        return _value(scheme.inputs[measure.of[0]], change)
    if change.category is not None:
        raise BadInput(f"{name} is no category; give `value`, in {measure.unit or 'numbers'}.")
    if change.value is None:
        return Missing.NOT_DELIVERED
    value = float(_exact(name, change.value) * measure.scale)
    if measure.kind == "share" and not 0 <= value <= 1:
        raise BadInput(f"{name} is a share; give a value from 0 to 100 %.")
    if measure.kind in ("count", "years") and value < 0:
        raise BadInput(f"{name} is not below 0.")
    return value


def _value(needed: Input, change: IndicatorChange) -> Value:
    if change.category is not None:
        return _category(needed, change.category)
    if change.value is None:
        return Missing.NOT_DELIVERED
    if needed.take == "category":
        raise BadInput(f"{needed.name} is a category; give `category`: {', '.join(needed.categories)} or other.")
    if needed.take == "count" and (change.value < 0 or change.value % 1):
        raise BadInput(f"{needed.name} counts records; give a whole number that is not below 0.")
    if needed.money:
        try:
            return fen(change.value)
        except (ValueError, ArithmeticError) as error:
            raise BadInput(f"{needed.name}: {error}. Give a smaller one.") from error
    return float(_exact(needed.name, change.value))


def _exact(name: str, value: Decimal) -> Fraction:
    if not value.is_finite() or abs(value) >= 2**53:
        raise BadInput(f"{name}: {value} is too large. Give a smaller one.")
    return Fraction(value)


def _category(needed: Input, named: str) -> float:
    if needed.take != "category":
        raise BadInput(f"{needed.name} is no category; give `value`.")
    names = [*needed.categories, "other"]
    if named not in names:
        raise BadInput(f"{needed.name} has no category {named[:40]!r}; it has {', '.join(names)}.")
    return float(names.index(named))
