"""Leaf types: which values may go out as they are, told by a whole column at a time, and how one value is made to."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect
from strawberry.schema.types.base_scalars import DateDefinition, DecimalDefinition

Column = Sequence[Any]
INT_MOST = 2**31 - 1
INT_LEAST = -(2**31)


@dataclass(frozen=True)
class Leaf:
    """One leaf type: the Python class whose values the encoder writes as the type would, and what else they must be."""

    declared: GraphQLLeafType
    as_is: type | None
    """None: every value has to be serialised by the type itself."""
    within: Callable[[Column], bool] | None = None
    """Tells of a column without nulls whether all of its values are in range."""

    def one(self, value: Any) -> Any:
        """Return a value as it goes out; raise what the type raises."""
        if type(value) is self.as_is and (self.within is None or self.within((value,))):
            return value
        given = self.declared.coerce_output_value(value)
        if given is Undefined or given is None:
            call = f"{inspect(self.declared)}.coerce_output_value({inspect(value)})"
            raise TypeError(f"Expected `{call}` to return non-nullable value, returned: {inspect(given)}")
        return given


@lru_cache(maxsize=1024)
def leaf_of(type_: GraphQLLeafType) -> Leaf:
    """Return what is known of a leaf type."""
    if isinstance(type_, GraphQLEnumType):
        return Leaf(type_, _enum_class(type_))
    if type_ in (GraphQLString, GraphQLID):
        return Leaf(type_, str)
    if type_ is GraphQLInt:
        return Leaf(type_, int, lambda column: min(column) >= INT_LEAST and max(column) <= INT_MOST)
    if type_ is GraphQLFloat:
        return Leaf(type_, float, lambda column: math.isfinite(sum(column)))
    if type_ is GraphQLBoolean:
        return Leaf(type_, bool)
    serialize = getattr(type_, "coerce_output_value", None)
    if serialize is str:
        return Leaf(type_, Decimal if type_.name == DecimalDefinition.name else str)
    if serialize is DateDefinition.serialize and type_.name == DateDefinition.name:
        return Leaf(type_, date)
    return Leaf(type_, None)


def checker(type_: Any) -> Callable[[Column], bool]:
    """Return what tells whether a whole column of leaves, or of lists of leaves, can go out as it is."""
    nullable = not isinstance(type_, GraphQLNonNull)
    inner = type_ if nullable else type_.of_type
    if isinstance(inner, GraphQLList):
        return _list_checker(checker(inner.of_type), nullable)
    leaf = leaf_of(inner)
    allowed = frozenset(kind for kind in (leaf.as_is, NoneType if nullable else None) if kind)
    within = leaf.within
    if within is None:
        return lambda column: allowed.issuperset(map(type, column))

    def check(column: Column) -> bool:
        if not allowed.issuperset(map(type, column)):
            return False
        present = [value for value in column if value is not None] if nullable else column
        return not present or within(present)

    return check


def _list_checker(check: Callable[[Column], bool], nullable: bool) -> Callable[[Column], bool]:
    allowed = frozenset((list, tuple, NoneType) if nullable else (list, tuple))

    def check_lists(column: Column) -> bool:
        return allowed.issuperset(map(type, column)) and check([item for items in column for item in items or ()])

    return check_lists


def is_sure(type_: Any, annotation: Any) -> bool:
    """Say whether every value of a typed record's field can go out as it is, by the field's Python type."""
    nullable = not isinstance(type_, GraphQLNonNull)
    inner = type_ if nullable else type_.of_type
    kind, optional, bounded = unwrapped(annotation)
    if optional and not nullable:
        return False
    if isinstance(inner, GraphQLList):
        items = get_args(kind)
        return get_origin(kind) in (list, tuple) and is_sure(inner.of_type, items[0])
    as_is = leaf_of(inner).as_is
    return as_is is not None and kind is as_is and (inner is not GraphQLInt or bounded)


def unwrapped(annotation: Any) -> tuple[Any, bool, bool]:
    """Return a field's type without `| None` and without bounds, and whether it had them."""
    optional = bounded = False
    if get_origin(annotation) in (Union, UnionType):
        others = [kind for kind in get_args(annotation) if kind is not NoneType]
        optional = len(others) < len(get_args(annotation))
        annotation = others[0] if len(others) == 1 else Any
    if get_origin(annotation) is Annotated:
        annotation, bounded = get_args(annotation)[0], True
    return annotation, optional, bounded


def _enum_class(type_: GraphQLEnumType) -> type | None:
    """The enumeration whose members the encoder writes by their names in the graph; None if they differ."""
    definition = type_.extensions.get("strawberry-definition")
    wrapped: type[Enum] | None = getattr(definition, "wrapped_cls", None)
    if wrapped is None or issubclass(wrapped, str | int):
        return None
    names = {name for name, _ in type_.values.items()}
    return wrapped if all(member.value == member.name for member in wrapped) and len(names) == len(wrapped) else None
