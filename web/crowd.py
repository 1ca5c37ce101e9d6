"""How many requests are at work at once; one more is refused before anything of it is read."""

from __future__ import annotations

import time
from types import TracebackType

from web.body import Unacceptable

OVERLOADED = "OVERLOADED"

_AFTER = 1.0
"""Seconds for which a refusal is remembered, and after which a reader may come again."""


class Crowd:
    """Counts who is inside its `with`; refuses whom there is no room for."""

    def __init__(self, most: int) -> None:
        """Let so many in at once."""
        self._most = most
        self._inside = 0
        self._refused = -_AFTER

    @property
    def inside(self) -> int:
        """How many are inside."""
        return self._inside

    @property
    def overloaded(self) -> bool:
        """Whether there is no room, or was none a second ago."""
        return self._inside >= self._most or time.monotonic() - self._refused < _AFTER

    def __enter__(self) -> None:
        """Let one in; raise Unacceptable (503) if there is no room."""
        if self._inside >= self._most:
            self._refused = time.monotonic()
            message = "The hub is at work on as many requests as it takes at once; ask again in a second."
            raise Unacceptable(503, message, {"Retry-After": f"{_AFTER:.0f}"}, OVERLOADED)
        self._inside += 1

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Make room."""
        self._inside -= 1
