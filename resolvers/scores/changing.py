"""What a reader would change of a scheme's inputs, in the scheme's own measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from codes.scores import Missing
from resolvers.request import BadInput
from schema.score_changes import IndicatorChange
from scoring.records import fen
from scoring.scheme import Input, Scheme

_MOST = 100


def changed(scheme: Scheme, changes: Sequence[IndicatorChange]) -> Mapping[str, float | Missing]:
    """Return changes by input, amounts in fen; raise BadInput for one that the scheme cannot be given."""
    if len(changes) > _MOST:
        raise BadInput(f"These are {len(changes)} changes; give at most {_MOST}.")
    found: dict[str, float | Missing] = {}
    for change in changes:
        needed = scheme.inputs.get(change.input)
        if needed is None:
            raise BadInput(_unknown(scheme, change.input))
        if change.input in found:
            raise BadInput(f"The input {change.input!r} is changed twice; give each once.")
        found[change.input] = _value(needed, change)
    return found


def _unknown(scheme: Scheme, named: str) -> str:
    """Say what to change instead: of an indicator, what its value is made of."""
    indicator = next((one for one in scheme.indicators if one.names.id == named), None)
    if indicator is not None:
        made_of = dict.fromkeys(name for way in indicator.alternatives for name in way.measure.inputs)
        return f"{named} is an indicator of {scheme.id}, not an input; it is made of {', '.join(made_of)}."
    return f"{scheme.id} has no input {named[:40]!r}; it has {', '.join(sorted(scheme.inputs))}."


def _value(needed: Input, change: IndicatorChange) -> float | Missing:
    if change.category is not None:
        return _category(needed, change.category)
    if change.value is None:
        return Missing.NOT_DELIVERED
    if needed.take == "category":
        raise BadInput(f"{needed.name} is a category; give `category`: {', '.join(needed.categories)} or other.")
    if needed.take == "count" and (change.value < 0 or change.value % 1):
        raise BadInput(f"{needed.name} counts records; give a whole number that is not below 0.")
    return _number(needed, change.value)


def _number(needed: Input, value: Decimal) -> float:
    try:
        if needed.money:
            return fen(value)
        if abs(value) >= 2**53:
            raise ValueError(f"{value} is too large")
        return float(value)
    except (ValueError, ArithmeticError) as error:
        raise BadInput(f"{needed.name}: {error}. Give a smaller one.") from error


def _category(needed: Input, named: str) -> float:
    if needed.take != "category":
        raise BadInput(f"{needed.name} is no category; give `value`.")
    names = [*needed.categories, "other"]
    if named not in names:
        raise BadInput(f"{needed.name} has no category {named[:40]!r}; it has {', '.join(names)}.")
    return float(names.index(named))
