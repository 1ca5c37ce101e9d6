"""From columns to the answer, bottom-up, by code that is generated for each scope and class of records.

A column that the record's class vouches for is read where the objects are made; any other is checked as a whole, and
only one that fails is completed value by value. Objects are Structs whose fields are written under the answer's keys,
or the source's own records where these are what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec
from graphql import GraphQLError

from connectors.outcomes import Typed
from resolvers.execution.completion import BURIED, Completion
from resolvers.execution.leaves import goes, is_sure
from resolvers.execution.level import Level, Nest, is_object
from resolvers.execution.plan import Field, Scope
from resolvers.execution.reading import annotation_of, class_of, is_whole, read, untouched
from resolvers.request import Request

Build = Callable[["Assembly", Level], Sequence[Any]]


class Assembly:
    """The putting together of one answer."""

    __slots__ = ("errors", "request")

    def __init__(self, request: Request) -> None:
        """Begin without errors."""
        self.request = request
        self.errors: list[GraphQLError] = []

    def objects(self, level: Level) -> Sequence[Any]:
        """Return what goes out for each object of a level; None for those that are dead."""
        kinds: Any = level.kind
        if level.groups:
            kinds = (kinds, *(class_of(level.groups[base]) for base in range(1, len(level.scope.groups) + 1)))
        builders: dict[Any, Build] = level.scope.builders
        build = builders.get(kinds)
        if build is None:
            every = kinds if isinstance(kinds, tuple) else (kinds,)
            build = builders[kinds] = _builder(level.scope, every, untouched(level, 0))
        made = build(self, level)
        if not level.dead:
            return made
        return [None if number in level.dead else one for number, one in enumerate(made)]

    def leaves(self, level: Level, field: Field) -> Sequence[Any]:
        """Return the column of a leaf field."""
        values = (
            level.found[field.place] if field.base is None else read(self.request, field, level.records(field.base))
        )
        return values if goes(field.type, values) else self._completed(level, field, values)

    def nested(self, level: Level, field: Field) -> Sequence[Any]:
        """Return the column of a field with objects below it."""
        values = level.found[field.place]
        nest = level.nests.get(field.place)
        assert field.below is not None, f"{field.name} is a leaf"
        if nest is None:
            return self._completed(level, field, values)
        made, dead = self._made(nest)
        if nest.clean and not dead:
            if field.below.depth == 0:
                return made
            if len(nest.levels) == 1 and made is nest.levels[0].rows:
                return values
            if len(values) == 1:
                return [made]
            each = iter(made)
            return [list(islice(each, len(value))) for value in values]
        return self._completed(level, field, _put(values, field.below.depth, iter(made), BURIED))

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

    def _completed(self, level: Level, field: Field, values: Sequence[Any]) -> Sequence[Any]:
        return Completion(self.request, self.errors, level, field).column(values)


def _put(values: Sequence[Any], depth: int, made: Iterator[Any], buried: Any) -> list[Any]:
    """Return the values with what goes out in the place of each object."""

    def put(value: Any, left: int) -> Any:
        if left and isinstance(value, list | tuple):
            return [put(item, left - 1) for item in value]
        if left or not is_object(value):
            return value
        one = next(made)
        return buried if one is None else one

    return [put(value, depth) for value in values]


def _builder(scope: Scope, kinds: tuple[type | None, ...], ready: frozenset[int]) -> Build:
    """Return the code that puts objects of a scope together, from records of these classes."""
    if len(kinds) == 1 and kinds[0] is not None and is_whole(scope, kinds[0]):
        return lambda _assembly, level: level.rows
    columns: list[str] = []
    values: list[str] = []
    used: set[int] = set()
    for field in scope.fields:
        if field.answer is None:
            values.append(repr(scope.type_name))
        elif field.base is not None and (field.place in ready or _is_sure(field, kinds[field.base])):
            used.add(field.base)
            values.append(f"r{field.base}.{field.part.needs[0]}")
        else:
            way = "nested" if field.below else "leaves"
            columns.append(f"    x{field.place} = assembly.{way}(level, fields[{field.place}])")
            values.append(f"x{field.place}")
    code = _code(columns, values, used)
    names = {"Out": out_type(tuple(field.key for field in scope.fields)), "fields": scope.fields}
    exec(code, names)  # the text is made above, of numbers and of names that GraphQL allows
    build: Build = names["build"]  # type: ignore[assignment]  # defined by the code
    return build


def _code(columns: Sequence[str], values: Sequence[str], used: set[int]) -> str:
    zipped = [(f"r{base}", f"level.records({base})") for base in sorted(used)]
    zipped += [(value, value) for value in values if value.startswith("x")]
    made = f"Out({', '.join(values)})"
    if not zipped:
        body = f"[{made} for _ in level.rows]"
    elif not used and all(value.startswith("x") for value in values):
        body = f"list(map(Out, {', '.join(values)}))"
    elif len(zipped) == 1:
        body = f"[{made} for {zipped[0][0]} in {zipped[0][1]}]"
    else:
        body = f"[{made} for {', '.join(n for n, _ in zipped)} in zip({', '.join(v for _, v in zipped)})]"
    return "\n".join(("def build(assembly, level):", *columns, f"    return {body}"))


def _is_sure(field: Field, kind: type | None) -> bool:
    if kind is None or not issubclass(kind, Typed) or field.below is not None or field.part.read is not None:
        return False
    annotation = annotation_of(kind, field.part.needs[0])
    return annotation is not None and is_sure(field.type, annotation)


@lru_cache(maxsize=2048)
def out_type(keys: tuple[str, ...]) -> Callable[..., Any]:
    """Return the class of the objects that go out under these keys."""
    names = [f"f{place}" for place in range(len(keys))]
    return msgspec.defstruct(
        "Out", [(name, Any) for name in names], rename=dict(zip(names, keys, strict=True)), gc=False
    )
