"""What is read from records: columns of values, and what of typed records can go out untouched."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, get_args, get_origin

import msgspec

from connectors.outcomes import Absent, Typed
from resolvers.execution.leaves import is_sure, unwrapped
from resolvers.execution.level import Level
from resolvers.execution.plan import OWN, Field, Scope
from resolvers.request import Request

_NO_RECORD = (Absent, Exception)
_NONE: frozenset[int] = frozenset()


def read(request: Request, field: Field, records: Sequence[Any]) -> Sequence[Any]:
    """Return a part's value of each record; an absence or failure of the record is the value's."""
    part = field.part
    # An absence has a name and a failure has a message, which are not those of the record that is missing.
    if part.read is None and not any(issubclass(kind, _NO_RECORD) for kind in set(map(type, records))):
        try:
            return list(map(attrgetter(part.needs[0]), records))
        except AttributeError:
            pass
    return [_read(request, field, record) for record in records]


def _read(request: Request, field: Field, record: Any) -> Any:
    if isinstance(record, _NO_RECORD):
        return record
    try:
        return field.part.value(request, record)
    except Exception as error:
        return error


def class_of(records: Sequence[Any]) -> type | None:
    """Return the class of all records; None if there are several."""
    kinds = set(map(type, records))
    return kinds.pop() if len(kinds) == 1 else None


def untouched(level: Level, base: int) -> frozenset[int]:
    """Return the places of the fields whose objects can go out as they lie in the records of a base."""
    kind = class_of(level.records(base)) if base else level.kind
    if kind is None or not issubclass(kind, Typed):
        return _NONE
    known = level.scope.untouched.get((base, kind))
    if known is None:
        nested = (field for field in level.scope.nested if field.base == base)
        known = frozenset(field.place for field in nested if _goes_untouched(field, kind))
        level.scope.untouched[base, kind] = known
    return known


def is_sure_of(field: Field, kind: type | None) -> bool:
    """Say whether every value that a leaf field reads from records of a class can go out as it is."""
    if kind is None or not issubclass(kind, Typed) or field.below or field.base is None or field.part.read:
        return False
    annotation = annotation_of(kind, field.part.needs[0])
    return annotation is not None and is_sure(field.type, annotation)


def has_field(kind: type | None, field: Field) -> bool:
    """Say whether records of a class have the one field that a part reads as it is."""
    if kind is None or not issubclass(kind, msgspec.Struct) or field.part.read is not None:
        return False
    return field.part.needs[0] in kind.__struct_fields__


def annotation_of(kind: type, name: str) -> Any:
    """Return the type of a typed record's field; None if it has no such field."""
    return next((f.type for f in msgspec.structs.fields(kind) if f.name == name), None)


def is_whole(scope: Scope, kind: type) -> bool:
    """Say whether records of a class are, as they are, what a scope asks of them, and every value is sure to be."""
    return issubclass(kind, Typed) and is_shaped(scope, kind) and all(is_sure_of(f, kind) for f in scope.fields)


def is_shaped(scope: Scope, kind: type) -> bool:
    """Say whether records of a class would go out under the keys that a scope asks for, all of them and in order."""
    return (
        issubclass(kind, msgspec.Struct)
        and tuple(field.key for field in scope.fields) == kind.__struct_encode_fields__
        and all(
            f.base == OWN and f.below is None and f.part.read is None and f.part.needs[0] == name
            for f, name in zip(scope.fields, kind.__struct_fields__, strict=True)
        )
    )


def _goes_untouched(field: Field, kind: type) -> bool:
    below = field.below
    if below is None or below.abstract or field.part.read is not None or below.depth != 1:
        return False
    lists, optional, _ = unwrapped(annotation_of(kind, field.part.needs[0]))
    if get_origin(lists) is not list or optional:
        return False
    item = get_args(lists)[0]
    return isinstance(item, type) and is_whole(below.scope(below.named), item)
