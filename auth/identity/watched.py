"""A file that is read again when it changes, and what it held last while it cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from auth.identity.config import IdentityMisconfigured

_log = structlog.get_logger()

_LOOK_AGAIN = 1.0
"""Seconds between two looks at a file, however much is asked."""

Content = TypeVar("Content")


class Watched(Generic[Content]):
    """What a file holds, as it was at most a second ago."""

    def __init__(self, path: Path, read: Callable[[], Content], clock: Callable[[], float]) -> None:
        """Read it; raise IdentityMisconfigured as `read` does."""
        self._path = path
        self._read = read
        self._clock = clock
        self._looked = clock()
        self._told = ""
        # The sign is taken before the content: what is written in between is seen at the next look.
        self._seen = self._sign()
        self._content = read()

    def content(self) -> Content:
        """Return what the file holds; what it held before while it is absent or wrong, which the log tells once."""
        if self._clock() - self._looked >= _LOOK_AGAIN:
            self._look()
        return self._content

    def _look(self) -> None:
        self._looked = self._clock()
        sign = self._sign()
        if sign == self._seen:
            return
        try:
            self._content = self._read()
        except IdentityMisconfigured as error:
            if str(error) != self._told:
                _log.warning("identity.file_unreadable", problem=str(error), instead="what it held before is used")
            self._told = str(error)
        else:
            self._seen, self._told = sign, ""

    def _sign(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
