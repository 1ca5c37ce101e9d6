"""Where what goes out comes from: the columns whose members alone decide what is made of a level's objects."""

from __future__ import annotations

from typing import Any

import msgspec

from resolvers.execution.level import Level
from resolvers.execution.plan import OWN, Field
from resolvers.execution.reading import class_of, has_field, untouched


def shape_of(level: Level, field: Field) -> Any:
    """Return of which classes the objects below a field are, and those below them; None if they are of several.

    None also if nulls, absences or failures are among them.
    """
    nest = level.nests.get(field.place)
    if nest is None or not nest.clean:
        return None
    if nest.shape is None:  # it is asked for the levels above, too
        lower = nest.levels[0]
        plain = lower.scope.plain
        nest.shape = (lower.kind, tuple([shape_of(lower, inner) for inner in plain])) if plain else lower.kind
    return nest.shape


def kind_of_base(level: Level, field: Field) -> type | None:
    """Return the class of all records that a field is read from; None if there are several, or none."""
    if field.base is None:
        return None
    return class_of(level.groups[field.base]) if field.base else level.kind


def origins(level: Level) -> tuple[str, ...]:
    """Return the expressions of a level's columns of origin; none if more than records that never change decides.

    They hold for all levels of the same scope whose records and objects are of the same classes.
    """
    found = [_origin(level, field) for field in level.scope.fields if field.answer is not None]
    return tuple(dict.fromkeys(one for one in found if one)) if None not in found else ()


def _origin(level: Level, field: Field) -> str | None:
    if field.base is not None:
        return f"level.records({field.base})" if _is_read(level, field, kind_of_base(level, field)) else None
    lower = _lower(level, field)
    if field.below is None or lower is None or not _is_own(lower):
        return None
    return f"level.nests[{field.place}].levels[0].rows" if field.below.depth == 0 else f"level.found[{field.place}]"


def _is_read(level: Level, field: Field, kind: type | None) -> bool:
    """Say whether a record decides alone what a field is, and all that is asked below it."""
    if kind is None or not has_field(kind, field) or not _is_constant(kind):
        return False
    if field.below is None or field.place in untouched(level, field.base or OWN):
        return True
    lower = _lower(level, field)
    return lower is not None and _is_own(lower)


def _is_own(lower: Level) -> bool:
    """Say whether a level's objects decide alone what is made of them."""
    fields = (field for field in lower.scope.fields if field.answer is not None)
    return all(field.base == OWN and _is_read(lower, field, lower.kind) for field in fields)


def _lower(level: Level, field: Field) -> Level | None:
    """Return the level below a field if all of its objects are of one class, and one is in every place."""
    nest = level.nests.get(field.place)
    if nest is None or not nest.clean or field.below is None or field.below.abstract or field.below.depth > 1:
        return None
    return nest.levels[0] if nest.levels[0].kind is not None else None


def _is_constant(kind: type) -> bool:
    return issubclass(kind, msgspec.Struct) and kind.__struct_config__.frozen
