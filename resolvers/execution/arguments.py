"""The arguments of a field, from the document and the variables to what its resolver is called with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLNonNull,
    Undefined,
    VariableNode,
    Visitor,
    get_argument_values,
    get_named_type,
    is_input_object_type,
    visit,
)
from strawberry.types.arguments import StrawberryArgument, convert_arguments
from strawberry.types.base import StrawberryMaybe
from strawberry.types.field import StrawberryField

from resolvers.execution.literals import Literals
from resolvers.execution.variables import Variables

Convert = Callable[[dict[str, Any]], dict[str, Any]]


def converter(schema: strawberry.Schema, declared: GraphQLField) -> Convert:
    """Return the way from GraphQL's values, by GraphQL's names, to those of the field's signature."""
    arguments = _signature(declared)
    registry = schema.schema_converter.scalar_registry

    def convert(given: dict[str, Any]) -> dict[str, Any]:
        return convert_arguments(given, arguments, registry, schema.config) if given else {}

    return convert


class Unliftable(Exception):
    """A text's own literals do not fit where another text's did: it has to be read for itself."""


class Arguments:
    """The arguments that one field of a document is called with."""

    def __init__(self, schema: strawberry.Schema, declared: GraphQLField, node: FieldNode) -> None:
        """Find out what can be known before a request: constants, and variables that are passed on as they are."""
        self._declared = declared
        self._node = node
        self._convert = converter(schema, declared)
        self._names = _names(schema, declared)
        self._passed = _passed_on(declared, node, self._names)
        self._constant: dict[str, Any] | None = None
        self.varies = _varies(node)

    def values(self, variables: Variables, literals: Literals) -> Mapping[str, Any]:
        """Return the arguments of a request; raise GraphQLError if they cannot be coerced."""
        if self._passed is not None:
            passed = _taken(self._passed, variables.coerced)
            if passed is not None:
                return passed
        if self._constant is not None and not literals.lifted:
            return self._constant
        if literals.lifted:
            return self._lifted(variables, literals)
        found = self._convert(get_argument_values(self._declared, self._node, variables.full))
        if not self.varies:
            self._constant = found
        return found

    def of_type(self, type_name: str) -> list[str]:
        """Return the signature's names of the arguments of a type, or lists of it."""
        types = {given: get_named_type(self._declared.args[name].type).name for name, given in self._names.items()}
        return [given for given, found in types.items() if found == type_name]

    def _lifted(self, variables: Variables, literals: Literals) -> Mapping[str, Any]:
        found: Mapping[str, Any] | None = literals.known.get(self)
        if found is None:
            try:
                node = literals.restored(self._node)
                found = self._convert(get_argument_values(self._declared, node, variables.full))
            except Exception as error:
                raise Unliftable from error
            if not self.varies:
                literals.known[self] = found
        return found


_Passed = Sequence[tuple[str, str, bool]]
"""The signature's name, the variable's, and whether null is refused."""


def _passed_on(declared: GraphQLField, node: FieldNode, names: Mapping[str, str]) -> _Passed | None:
    """The arguments, if each is a variable whose value needs nothing more done to it; otherwise None."""
    passed: list[tuple[str, str, bool]] = []
    for argument in node.arguments or ():
        type_ = declared.args[argument.name.value].type
        if not isinstance(argument.value, VariableNode) or argument.name.value not in names:
            return None
        passed.append((names[argument.name.value], argument.value.name.value, isinstance(type_, GraphQLNonNull)))
    left_out = set(declared.args) - {argument.name.value for argument in node.arguments or ()}
    if any(_has_default(declared.args[name]) for name in left_out):
        return None
    return passed or None


def _taken(passed: _Passed, coerced: Mapping[str, Any]) -> dict[str, Any] | None:
    taken: dict[str, Any] = {}
    for name, variable, refuses_null in passed:
        value = coerced.get(variable, Undefined)
        # A variable that was not given may leave its place to the argument's default: the long way knows.
        if value is Undefined or (value is None and refuses_null):
            return None
        taken[name] = value
    return taken


def _names(schema: strawberry.Schema, declared: GraphQLField) -> dict[str, str]:
    """The signature's names of the arguments that Strawberry would pass on as they are."""
    to_name = schema.config.name_converter.from_argument
    return {
        to_name(argument): argument.python_name
        for argument in _signature(declared)
        if not isinstance(argument.type, StrawberryMaybe)
        and not is_input_object_type(get_named_type(declared.args[to_name(argument)].type))
    }


def _signature(declared: GraphQLField) -> list[StrawberryArgument]:
    field: StrawberryField = declared.extensions["strawberry-definition"]
    return field.arguments


def _has_default(argument: GraphQLArgument) -> bool:
    return argument.default_value is not Undefined or getattr(argument, "default", None) is not None


def _varies(node: FieldNode) -> bool:
    """Whether any variable occurs in the arguments."""
    found = False

    class Variables_(Visitor):
        def enter_variable(self, *_: Any) -> None:
            nonlocal found
            found = True

    for argument in node.arguments or ():
        visit(argument, Variables_())
    return found
