"""How a field says what it holds: its data group and level, how it is masked, and who may ask at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.schema_directive import Location

from codes.access import LEVELS, SENSITIVE, DataGroup, Mask
from schema.scalars import Scope

_OUTPUT = [Location.OBJECT, Location.INTERFACE, Location.FIELD_DEFINITION]
_EVERYWHERE = [*_OUTPUT, Location.INPUT_OBJECT, Location.INPUT_FIELD_DEFINITION, Location.ARGUMENT_DEFINITION]


@strawberry.schema_directive(
    locations=_EVERYWHERE,
    name="data",
    description="What a field holds: its group, its data security level from 1 (public) to 5, and how its value is "
    "masked. A field without it has what its type says; a field of an object type has what that type says. An argument "
    "or a field of an input has it for what it is compared with.",
)
class Data:
    """What a field holds."""

    group: DataGroup
    level: int
    mask: Mask | None = strawberry.UNSET


@strawberry.schema_directive(
    locations=_OUTPUT,
    name="authenticated",
    description="Whole values only for readers who have signed in, as in Apollo Federation; others may get masked "
    "ones.",
)
class Authenticated:
    """Whole values only for readers who have signed in."""


@strawberry.schema_directive(
    locations=_OUTPUT,
    name="requiresScopes",
    description="A token that is limited to scopes needs one of these sets of them, as in Apollo Federation.",
)
class RequiresScopes:
    """A limited token needs one of these sets of scopes."""

    scopes: list[list[Scope]]


@dataclass(frozen=True)
class Held:
    """What a field holds."""

    group: DataGroup
    level: int
    mask: Mask | None = None


def data(group: DataGroup, mask: Mask | None = None, level: int | None = None) -> list[object]:
    """Return the directives of a type or field that holds data of a group."""
    level = LEVELS[group] if level is None else level
    found: list[object] = [Data(group=group, level=level, mask=strawberry.UNSET if mask is None else mask)]
    if level >= SENSITIVE:
        found += [Authenticated(), RequiresScopes(scopes=[[Scope(group.value.lower())]])]
    return found


def held_by(directives: Any) -> Held | None:
    """Return what the directives of a type, field or argument say that it holds; None if they do not."""
    for directive in directives or ():
        if isinstance(directive, Data):
            mask = None if directive.mask is strawberry.UNSET else directive.mask
            return Held(directive.group, directive.level, mask)
    return None
