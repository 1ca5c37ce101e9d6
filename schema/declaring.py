"""How a field with arguments is declared here and answered elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn, ParamSpec, TypeVar, cast

import strawberry

P = ParamSpec("P")
R = TypeVar("R")


class AnsweredElsewhere(RuntimeError):
    """A field's declaration was called: it has no resolver in `resolvers.graph`, or was never bound to it."""


def answered() -> NoReturn:
    """Stand in for the body of a declared field; the resolver of its name replaces it at start."""
    raise AnsweredElsewhere("This field is declared in schema/ and answered from the map in resolvers/graph.py.")


def declared(
    description: str, directives: Sequence[object] = (), name: str | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a field by the signature of a function whose body is `answered()`, by its own name if none is given."""

    def declare(signature: Callable[P, R]) -> Callable[P, R]:
        field = strawberry.field(resolver=signature, description=description, directives=directives, name=name)
        return cast("Callable[P, R]", field)

    return declare
