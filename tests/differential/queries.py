"""Random valid operations over a schema."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

from resolvers.execution.documents import Documents, Refused

_MOST = 1500
_LEAVES: Mapping[str, tuple[Any, ...]] = {
    "Int": (0, 1, 3),
    "ID": ("Leaf:1", "Branch:2"),
    "String": ("a", '"q"'),
    "Boolean": (True, False),
    "Float": (0.5, 2),
    "Even": (2, 4),
    "Date": ("2024-01-31",),
    "DateTime": ("2024-01-31T00:00:00+00:00",),
    "Decimal": ("1.5",),
}


class Generator:
    """One operation after another, by a seed."""

    def __init__(
        self,
        schema: GraphQLSchema,
        seed: int,
        values: Mapping[str, tuple[Any, ...]] | None = None,
        without: frozenset[str] = frozenset(),
    ) -> None:
        """Begin; `values` are what arguments of a scalar may be given, `without` names fields that are not asked."""
        self._without = without
        self._schema = schema
        self._random = random.Random(seed)
        self._values = {**_LEAVES, **(values or {})}
        self._variables: dict[str, tuple[str, Any]] = {}
        self._fragments: list[str] = []
        self._left = 0

    def operation(self, documents: Documents) -> tuple[str, dict[str, Any]]:
        """Return an operation that is a valid document, and its variables."""
        while True:
            text, given = self.draft()
            if _is_valid(documents, text):
                return text, given

    def operation_below(self, type_name: str, around: str, documents: Documents) -> tuple[str, dict[str, Any]]:
        """Return a valid operation of which only what is asked of one type is random: where `around` has three dots."""
        while True:
            text, given = self._draft(
                lambda: around.replace("...", self._selection(self._schema.type_map[type_name], 4))
            )
            if _is_valid(documents, text):
                return text, given

    def draft(self) -> tuple[str, dict[str, Any]]:
        """Return an operation that is mostly valid, and its variables."""
        assert self._schema.query_type is not None
        query = self._schema.query_type
        return self._draft(lambda: self._selection(query, 4))

    def _draft(self, select: Callable[[], str]) -> tuple[str, dict[str, Any]]:
        while True:
            self._variables, self._fragments, self._left = {}, [], 60
            selection = select()
            declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in self._variables.items())
            text = f"query{f'({declared})' if declared else ''} {selection}\n" + "\n".join(self._fragments)
            if len(text) < _MOST:
                return text, {name: value for name, (_, value) in self._variables.items() if value is not ...}

    def _selection(self, type_: Any, depth: int) -> str:
        parts: list[str] = []
        for _ in range(self._random.choice((1, 2, 3, 4))):
            parts.append(self._part(type_, depth))
        return "{ " + " ".join(parts) + " }"

    def _part(self, type_: Any, depth: int) -> str:
        chance = self._random.random()
        if chance < 0.12 and depth > 1:
            return self._fragment(type_, depth)
        if chance < 0.2 or isinstance(type_, GraphQLUnionType):
            on = self._some_type(type_)
            return f"... on {on.name}{self._directive()} {self._selection(on, depth)}" if on else "__typename"
        if chance < 0.27:
            return "__typename"
        return self._field(type_, depth)

    def _some_type(self, type_: Any) -> Any:
        if isinstance(type_, GraphQLObjectType):
            return type_
        return self._random.choice(list(self._schema.get_possible_types(type_)))

    def _fragment(self, type_: Any, depth: int) -> str:
        name = f"F{len(self._fragments)}"
        self._fragments.append("")
        place = len(self._fragments) - 1
        self._fragments[place] = f"fragment {name} on {type_.name} {self._selection(type_, depth)}"
        return f"...{name}{self._directive()}" + (f" ...{name}" if self._random.random() < 0.3 else "")

    def _field(self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        self._left -= 1
        fields = [
            (name, field)
            for name, field in type_.fields.items()
            if (is_leaf_type(get_named_type(field.type)) or (depth > 1 and self._left > 0))
            and f"{type_.name}.{name}" not in self._without
        ]
        if not fields:
            return "__typename"
        name, field = self._random.choice(fields)
        given = [f"{n}: {self._argument(a.type)}" for n, a in field.args.items() if self._is_given(a.type)]
        arguments = f"({', '.join(given)})" if given else ""
        alias = f"a{self._random.randrange(3)}{name}: " if self._random.random() < 0.25 or given else ""
        named = get_named_type(field.type)
        below = "" if is_leaf_type(named) else " " + self._selection(named, depth - 1)
        return f"{alias}{name}{arguments}{self._directive()}{below}"

    def _is_given(self, type_: Any) -> bool:
        return isinstance(type_, GraphQLNonNull) or self._random.random() < 0.6

    def _argument(self, type_: Any) -> str:
        if self._random.random() < 0.4:
            name = f"v{len(self._variables)}"
            value = self._value(type_)
            missing = not isinstance(type_, GraphQLNonNull) and self._random.random() < 0.2
            default = f" = {self._literal(self._value(type_), type_)}" if self._random.random() < 0.3 else ""
            missing = missing or (bool(default) and self._random.random() < 0.5) or self._random.random() < 0.02
            self._variables[name] = (f"{type_}{default}", ... if missing else value)
            return f"${name}"
        return self._literal(self._value(type_), type_)

    def _value(self, type_: Any) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return self._value(type_.of_type)
        if self._random.random() < 0.1:
            return None if not isinstance(type_, GraphQLNonNull) else self._value(type_)
        if isinstance(type_, GraphQLList):
            inner = type_.of_type
            items = [self._value(inner) for _ in range(self._random.randrange(3))]
            return [item for item in items if item is not None or not isinstance(inner, GraphQLNonNull)]
        if isinstance(type_, GraphQLInputObjectType):
            return {
                name: value
                for name, field in type_.fields.items()
                if self._is_given(field.type) and ((value := self._value(field.type)) is not None)
            }
        if isinstance(type_, GraphQLEnumType):
            return self._random.choice(list(type_.values))
        return self._random.choice(self._values[type_.name])

    def _literal(self, value: Any, type_: Any) -> str:
        type_ = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if value is None:
            return "null"
        if isinstance(type_, GraphQLList):
            return "[" + ", ".join(self._literal(item, type_.of_type) for item in value) + "]"
        if isinstance(type_, GraphQLInputObjectType):
            return "{" + ", ".join(f"{n}: {self._literal(v, type_.fields[n].type)}" for n, v in value.items()) + "}"
        if isinstance(type_, GraphQLEnumType):
            return str(value)
        if isinstance(value, dict):  # of a scalar that takes anything
            return "{" + ", ".join(f"{name}: {self._literal(given, type_)}" for name, given in value.items()) + "}"
        if isinstance(value, str):
            return '"' + value.replace('"', '\\"') + '"'
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _directive(self) -> str:
        if self._random.random() > 0.12:
            return ""
        kind = self._random.choice(("skip", "include"))
        if self._random.random() < 0.5:
            return f" @{kind}(if: {self._random.choice(('true', 'false'))})"
        name = f"v{len(self._variables)}"
        self._variables[name] = ("Boolean!", self._random.random() < 0.5)
        return f" @{kind}(if: ${name})"


def _is_valid(documents: Documents, text: str) -> bool:
    """Say whether a text is a valid document; who asks it of the same documents next finds it there."""
    try:
        documents.get(text)
    except Refused:
        return False
    return True
