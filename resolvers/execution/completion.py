"""One value at a time, by the letter of the specification: nulls, absences, failures and lists, with their paths.

The assembly comes here only for columns that cannot go out as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError, GraphQLList, GraphQLNonNull, Undefined, is_leaf_type, located_error
from graphql.pyutils import is_iterable

from connectors.outcomes import Absent, Incomplete
from resolvers.execution.leaves import leaf_of
from resolvers.execution.level import Level
from resolvers.execution.plan import Field
from resolvers.request import Request


class _Nulled(Exception):
    """A null had to stand where none may; its error is noted already."""


class Buried:
    """Stands for an object that a null within has made null."""


BURIED = Buried()


class Completion:
    """One field of one level's objects, completed value by value."""

    def __init__(self, request: Request, errors: list[GraphQLError], level: Level, field: Field) -> None:
        """Errors go to the list, absences to the request, objects that become null to the level."""
        self._request = request
        self._errors = errors
        self._level = level
        self._field = field
        self._row = 0

    def column(self, values: Sequence[Any]) -> list[Any]:
        """Return the completed values; an object whose value may not be null and is, is dead."""
        completed: list[Any] = []
        for row, value in enumerate(values):
            self._row = row
            try:
                completed.append(self._position(self._field.type, value, ()))
            except _Nulled:
                self._level.bury(row)
                completed.append(None)
        return completed

    def _position(self, type_: Any, value: Any, places: tuple[int, ...]) -> Any:
        """Complete what stands in one place; a failure there is its own, unless null may not stand there."""
        try:
            return self._completed(type_, value, places)
        except _Nulled:
            if isinstance(type_, GraphQLNonNull):
                raise
        except Exception as error:
            self._errors.append(located_error(error, self._field.nodes, self._path(places)))
            if isinstance(type_, GraphQLNonNull):
                raise _Nulled from None
        return None

    def _completed(self, type_: Any, value: Any, places: tuple[int, ...]) -> Any:
        if isinstance(value, Exception):
            raise value
        if isinstance(type_, GraphQLNonNull):
            completed = self._completed(type_.of_type, value, places)
            if completed is None:
                coordinate = f"{self._level.scope.type_name}.{self._field.name}"
                raise TypeError(f"Cannot return null for non-nullable field {coordinate}.")
            return completed
        if value is None or value is Undefined:
            return None
        if isinstance(value, Absent):
            self._request.note_absence(self._path(places), value)
            return None
        if isinstance(type_, GraphQLList):
            if not is_iterable(value):
                coordinate = f"{self._level.scope.type_name}.{self._field.name}"
                raise GraphQLError(f"Expected Iterable, but did not find one for field '{coordinate}'.")
            if isinstance(value, Incomplete):
                self._request.note_absence(self._path(places), Absent.INCOMPLETE, value.missing)
            return [self._position(type_.of_type, item, (*places, place)) for place, item in enumerate(value)]
        if is_leaf_type(type_):
            return leaf_of(type_).one(value)
        if value is BURIED:
            raise _Nulled
        return value

    def _path(self, places: tuple[int, ...]) -> list[str | int]:
        return [*self._level.path(self._row), self._field.key, *places]
