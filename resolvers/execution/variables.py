"""The variables of an operation: coerced quickly where they are right, and by the reference's own rules where not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    TypeNode,
    Undefined,
    is_input_type,
    is_leaf_type,
    type_from_ast,
)
from graphql.execution import get_variable_values
from graphql.execution.values import VariableValues
from graphql.utilities import coerce_input_value

from resolvers.execution.leaves import INT_LEAST, INT_MOST

_Coerce = Callable[[Any], Any]
"""Returns Undefined for what it does not take; the reference then finds the words."""


class Unacceptable(Exception):
    """The variables do not fit the operation."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        self.errors = errors
        super().__init__(errors[0].message)


class Variables:
    """A request's variables, coerced."""

    __slots__ = ("_declared", "_full", "_given", "coerced")

    def __init__(self, coerced: dict[str, Any], declared: VariableTypes, given: Mapping[str, Any]) -> None:
        """Hold the coerced values; how they were given is kept for literals that contain them."""
        self.coerced = coerced
        self._declared = declared
        self._given = given
        self._full: VariableValues | None = None

    @property
    def full(self) -> VariableValues:
        """The variables as the reference implementation wants them."""
        if self._full is None:
            self._full = self._declared.by_reference(self._given)
        return self._full


class VariableTypes:
    """The variables that an operation declares."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        """Find a quick way for each variable that has one."""
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        self._quick: list[tuple[str, _Coerce, bool]] = []
        for definition in self._definitions:
            type_ = type_from_ast(schema, definition.type)
            coerce: _Coerce = _quick(type_) if is_input_type(type_) else _never
            may_lack = definition.default_value is None and not isinstance(type_, GraphQLNonNull)
            self._quick.append((definition.variable.name.value, coerce, may_lack))
        self._lists = [d.variable.name.value for d in self._definitions if _may_hold_lists(schema, d.type)]

    def coerced(self, given: Mapping[str, Any]) -> Variables:
        """Return the variables; raise Unacceptable with the reference's errors."""
        found: dict[str, Any] = {}
        for name, coerce, may_lack in self._quick:
            value = given.get(name, Undefined)
            if value is Undefined and may_lack:
                continue
            value = Undefined if value is Undefined else coerce(value)
            if value is Undefined:  # refused, or left out where it is required or has a default
                full = self.by_reference(given)
                return Variables(full.coerced, self, given)
            found[name] = value
        return Variables(found, self, given)

    def check_lists(self, given: Mapping[str, Any], most: int) -> None:
        """Raise Unacceptable if a list among the values has more members, before any of them is looked at."""
        for name in self._lists:
            if (longest := _longest(given.get(name))) > most:
                raise Unacceptable([GraphQLError(too_long(f"Variable '${name}'", longest, most))])

    def by_reference(self, given: Mapping[str, Any]) -> VariableValues:
        """Return the variables as the reference implementation coerces them; raise Unacceptable."""
        found = get_variable_values(self._schema, self._definitions, dict(given), max_errors=50)
        if isinstance(found, list):
            raise Unacceptable(found)
        return found


def too_long(what: str, members: int, most: int) -> str:
    """Return in words that a list has too many members."""
    return f"{what} has a list of {members:,} members; give at most {most:,} at a time."


def _may_hold_lists(schema: GraphQLSchema, written: TypeNode) -> bool:
    type_ = type_from_ast(schema, written)
    return not is_leaf_type(type_.of_type if isinstance(type_, GraphQLNonNull) else type_)


def _longest(value: Any) -> int:
    """Return the length of the longest list within a value as it was given."""
    longest, left = 0, [value]
    while left:
        found = left.pop()
        if isinstance(found, dict):
            left += found.values()
        elif isinstance(found, list):
            longest = max(longest, len(found))
            if found and not isinstance(found[0], str):
                left += found
    return longest


def _quick(type_: GraphQLInputType) -> _Coerce:
    if isinstance(type_, GraphQLNonNull):
        inner = _quick(type_.of_type)
        return lambda value: Undefined if value is None else inner(value)
    if isinstance(type_, GraphQLList):
        return _quick_list(type_.of_type)
    if type_ is GraphQLInt:
        return lambda value: value if value is None or _is_int(value) else Undefined
    plain = _PLAIN.get(type_.name) if isinstance(type_, GraphQLScalarType) else None
    if plain:
        return lambda value: value if value is None or plain((value,)) else Undefined
    return lambda value: value if value is None else coerce_input_value(value, type_)


def _quick_list(item: GraphQLInputType) -> _Coerce:
    inner = item.of_type if isinstance(item, GraphQLNonNull) else item
    plain = _PLAIN.get(inner.name) if isinstance(inner, GraphQLScalarType) else None

    def coerce(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is list:
            if plain and plain(value):
                return list(value)
            if isinstance(inner, GraphQLScalarType) and not plain and None not in value:
                return _each(inner.coerce_input_value, value)
        return coerce_input_value(value, GraphQLList(item))

    return coerce


def _each(parse: _Coerce, values: Sequence[Any]) -> Any:
    try:
        found = list(map(parse, values))
    except Exception:  # a scalar may raise anything; the reference says it in its own words
        return Undefined
    return Undefined if any(value is Undefined or value is None for value in found) else found


def _never(_value: Any) -> Any:
    return Undefined


def _are(kind: type) -> Callable[[Sequence[Any]], bool]:
    kinds = frozenset((kind,))
    return lambda values: kinds.issuperset(map(type, values))


def _is_int(value: Any) -> bool:
    return type(value) is int and INT_LEAST <= value <= INT_MOST


_ints = _are(int)
_PLAIN: Mapping[str, Callable[[Sequence[Any]], bool]] = {
    GraphQLString.name: _are(str),
    GraphQLID.name: _are(str),
    "Boolean": _are(bool),
    GraphQLInt.name: lambda values: (
        _ints(values) and (not values or (min(values) >= INT_LEAST and max(values) <= INT_MOST))
    ),
    GraphQLFloat.name: lambda values: _are(float)(values) and all(-1e308 < value < 1e308 for value in values),
}
