"""From columns to the answer, bottom-up, by code that is generated for each scope and class of records.

A column that the record's class vouches for is read where the objects are made; any other is checked as a whole, and
only one that fails is completed value by value. Objects are Structs whose fields are written under the answer's keys,
or the source's own records where these are what is asked, or the text that was written of the same records before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import count, islice
from operator import attrgetter
from typing import Any

import msgspec
from graphql import GraphQLError

from connectors.outcomes import like
from resolvers.execution.completion import BURIED, Completion
from resolvers.execution.level import Level, Nest, is_object
from resolvers.execution.origins import kind_of_base, origins, shape_of
from resolvers.execution.plan import OWN, Field
from resolvers.execution.reading import class_of, has_field, is_shaped, is_sure_of, read, untouched
from resolvers.execution.texts import Columns, Made, Texts
from resolvers.request import Request

Build = Callable[["Assembly", Level], Sequence[Any]]

_numbers = count()


@dataclass(frozen=True, slots=True)
class Building:
    """How what goes out of a level's objects is made."""

    make: Build
    columns: Callable[[Level], Columns] | None
    """The records that alone decide what is made of each object; None where there is more to it."""
    number: int
    """By which the texts that different code makes are told apart."""


class Assembly:
    """The putting together of one answer."""

    __slots__ = ("completions", "errors", "request", "texts")

    def __init__(self, request: Request, texts: Texts | None = None) -> None:
        """Begin without errors; without texts, all that goes out is made anew."""
        self.request = request
        self.texts = texts
        self.errors: list[GraphQLError] = []
        self.completions = 0
        """How many columns could not go out as they were."""

    def objects(self, level: Level) -> Sequence[Any]:
        """Return what goes out for each object of a level; None for those that are dead."""
        return self._alive(level, self._out_of(level, Texts.of))

    def _out_of(self, level: Level, written: Callable[..., Any]) -> Any:
        """Return what goes out of a level's objects, by what was written of the same records if they decide it."""
        building = self._building(level)
        if self.texts is None or building.columns is None:
            return building.make(self, level)
        return written(self.texts, building.number, building.columns(level), partial(self._made_of, building, level))

    @staticmethod
    def _alive(level: Level, made: Sequence[Any]) -> Sequence[Any]:
        return [None if n in level.dead else one for n, one in enumerate(made)] if level.dead else made

    def _made_of(self, building: Building, level: Level) -> Made:
        before = self.completions
        return building.make(self, level), self.completions == before

    def _building(self, level: Level) -> Building:
        key: Any = level.kind
        if level.groups or level.scope.plain:
            groups = tuple([class_of(level.groups[use.base]) for use in level.scope.groups])
            key = (key, groups, tuple([shape_of(level, field) for field in level.scope.plain]))
        buildings: dict[Any, Building] = level.scope.buildings
        found = buildings.get(key)
        if found is None:
            found = buildings[key] = _building_of(level)
        return found

    def leaves(self, level: Level, field: Field) -> Sequence[Any]:
        """Return the column of a leaf field."""
        values = (
            level.found[field.place] if field.base is None else read(self.request, field, level.records(field.base))
        )
        return values if field.check(values) else self.completed(level, field, values)

    def nested(self, level: Level, field: Field) -> Sequence[Any]:
        """Return the column of a field with objects below it."""
        values = level.found[field.place]
        nest = level.nests.get(field.place)
        assert field.below is not None, f"{field.name} is a leaf"
        if nest is None:
            return self.completed(level, field, values)
        lower = nest.levels[0]
        if len(values) == len(nest.levels) == field.below.depth == 1 and nest.clean:
            made, dead = self._out_of(lower, Texts.of_list), bool(lower.dead)
            if not dead:
                return [made]
            made = self._alive(lower, made)
        else:
            made, dead = self._made(nest)
        if nest.clean and not dead:
            if field.below.depth == 0:
                return made
            if len(nest.levels) == 1 and made is lower.rows:
                return values
            each = iter(made)
            return [list(islice(each, len(value))) for value in values]
        return self.completed(level, field, _put(list(values), field.below.depth + 1, iter(made)))

    def _made(self, nest: Nest) -> tuple[Sequence[Any], bool]:
        """Return what goes out for each object below a field, and whether any of them is dead."""
        if len(nest.levels) == 1:
            return self.objects(nest.levels[0]), bool(nest.levels[0].dead)
        made: list[Any] = [None] * sum(len(level.rows) for level in nest.levels)
        for level in nest.levels:
            assert level.members is not None, "several types below a field keep their objects' numbers"
            for number, one in zip(level.members, self.objects(level), strict=True):
                made[number] = one
        return made, any(level.dead for level in nest.levels)

    def completed(self, level: Level, field: Field, values: Sequence[Any]) -> Sequence[Any]:
        """Return a column, completed value by value."""
        self.completions += 1
        return Completion(self.request, self.errors, level, field).column(values)


def _put(value: Any, depth: int, made: Iterator[Any]) -> Any:
    """Return a value with what goes out in the place of each object that lies so many lists deep in it."""
    if depth and isinstance(value, list | tuple):
        return like(value, [_put(item, depth - 1, made) for item in value])
    if depth or not is_object(value):
        return value
    one = next(made)
    return BURIED if one is None else one


def _building_of(level: Level) -> Building:
    """Return the code that puts a level's objects together, and those of other levels with records of these classes."""
    scope = level.scope
    if level.kind and is_shaped(scope, level.kind):
        return Building(_as_they_are(level), None, next(_numbers))
    make, columns = _made_anew(level), origins(level)
    return Building(make, eval(f"lambda level: ({', '.join(columns)},)") if columns else None, next(_numbers))


def _as_they_are(level: Level) -> Build:
    """Return the code that sends records on as they are, if their values may go."""
    unsure = [field for field in level.scope.fields if not is_sure_of(field, level.kind)]
    columns = [(field.check, attrgetter(field.part.needs[0])) for field in unsure]
    anew: list[Build] = []

    def build(assembly: Assembly, level: Level) -> Sequence[Any]:
        if all(check(list(map(take, level.rows))) for check, take in columns):
            return level.rows
        if not anew:
            anew.append(_made_anew(level))
        return anew[0](assembly, level)

    return build


def _made_anew(level: Level) -> Build:
    """Return the code that makes what goes out of records of these classes."""
    scope = level.scope
    ready = frozenset().union(*(untouched(level, base) for base in range(OWN, OWN + 1 + len(scope.groups))))
    names: dict[str, Any] = {"fields": scope.fields, "Out": out_type(tuple(field.key for field in scope.fields))}
    columns: list[str] = []
    values: list[str] = []
    zipped: dict[str, str] = {}
    for field in scope.fields:
        place, kind = field.place, kind_of_base(level, field)
        if field.answer is None:
            values.append(repr(scope.type_name))
        elif field.place in ready or is_sure_of(field, kind):
            zipped[f"r{field.base}"] = f"level.records({field.base})"
            values.append(f"r{field.base}.{field.part.needs[0]}")
        elif made := _made_within(level, field):
            names[f"Out{place}"] = out_type(tuple(inner.key for inner in made))
            zipped[f"s{place}"] = f"level.nests[{place}].levels[0].rows"
            values.append(f"Out{place}({', '.join(f's{place}.{inner.part.needs[0]}' for inner in made)})")
        else:
            columns += _column(field, kind)
            zipped[f"x{place}"] = f"x{place}"
            values.append(f"x{place}")
    exec(_code(columns, values, zipped), names)  # the text is made above, of numbers and of names that GraphQL allows
    build: Build = names["build"]
    return build


def _code(columns: Sequence[str], values: Sequence[str], zipped: dict[str, str]) -> str:
    made = f"Out({', '.join(values)})"
    if not zipped:
        body = f"[{made} for _ in level.rows]"
    elif list(zipped) == list(values):
        body = f"list(map(Out, {', '.join(zipped.values())}))"
    elif len(zipped) == 1:
        body = f"[{made} for {next(iter(zipped))} in {next(iter(zipped.values()))}]"
    else:
        body = f"[{made} for {', '.join(zipped)} in zip({', '.join(zipped.values())})]"
    return "\n".join(("def build(assembly, level):", *columns, f"    return {body}"))


def _column(field: Field, kind: type | None) -> list[str]:
    """Return the lines that put a field's column into a variable."""
    place = field.place
    if field.below is None and field.base is not None and has_field(kind, field):
        return [
            f"    x{place} = [r.{field.part.needs[0]} for r in level.records({field.base})]",
            f"    if not fields[{place}].check(x{place}):",
            f"        x{place} = assembly.completed(level, fields[{place}], x{place})",
        ]
    return [f"    x{place} = assembly.{'nested' if field.below else 'leaves'}(level, fields[{place}])"]


def _made_within(level: Level, field: Field) -> tuple[Field, ...]:
    """Return the fields of the objects below a field if these can be made right where their parents are."""
    nest = level.nests.get(field.place)
    if nest is None or not nest.clean or field.below is None or field.below.abstract or field.below.depth > 0:
        return ()
    kind, inner = nest.levels[0].kind, field.below.scope(field.below.named).fields
    return inner if all(f.base == OWN and is_sure_of(f, kind) for f in inner) else ()


@lru_cache(maxsize=2048)
def out_type(keys: tuple[str, ...]) -> Callable[..., Any]:
    """Return the class of the objects that go out under these keys."""
    names = [f"f{place}" for place in range(len(keys))]
    return msgspec.defstruct(
        "Out", [(name, Any) for name in names], rename=dict(zip(names, keys, strict=True)), gc=False
    )
