"""The seam between the way in and the engine: what arrives, already checked for shape, and what goes back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec

from auth.principal import ANONYMOUS, Principal


class Operation(msgspec.Struct, frozen=True):
    """What arrived, already checked for shape."""

    query: str
    variables: Mapping[str, Any]
    name: str | None
    extensions: Mapping[str, Any]
    headers: Mapping[str, str]
    """Names in lower case."""
    read_only: bool
    """By GET: only queries are allowed."""
    before_waiting: Callable[[], None] | None = None
    """Called once, if the answer cannot be given at once."""
    principal: Principal = ANONYMOUS
    spend: Callable[[int], Awaitable[None]] | None = None
    """Called with what the operation costs, before anything is asked of a source; raises if that is too much."""
    untrusted: bool = False
    """Its reader's client may ask trusted documents only, and this is none."""
    begun: Callable[[], None] | None = None
    """Called once its answers are on their way: whatever happens from then on, a subscription tells."""


class Answer(msgspec.Struct, frozen=True):
    """What goes back."""

    body: bytes
    """An encoded JSON object."""
    request_error: bool
    """Nothing was executed (parsing, validation, coercion): there is no data entry."""
    kind_refused: bool = False
    """A mutation by GET, or a subscription by plain HTTP."""
    retry_after_seconds: int | None = None
    """Given if the answer is refused for now: its record could not be written."""
    errors: frozenset[str] = frozenset()
    """The codes of the errors told."""
    timing: str = ""
    """What its parts took, for the header Server-Timing; empty for readers who are not told."""


Renewed = Callable[[], Awaitable[Operation]]
"""Gives an operation as its reader may ask it now; raises if the reader is not known any longer."""

NOTHING: Any = object()
"""What has happened, where nobody listens for anything."""


class Answers(Protocol):
    """Whatever turns operations into answers."""

    async def answer(self, operation: Operation) -> Answer:
        """Return the answer; raise nothing for what a reader can send but what `operation.spend` raises."""
        ...

    def answers(self, operation: Operation, renewed: Renewed) -> AsyncGenerator[Answer, None]:
        """Give the answers as they come, one for a query or a mutation; raise besides what `renewed` raises."""
        ...
