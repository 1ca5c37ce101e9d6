"""The access rules of a file, read again when it changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import structlog

from auth.principal import Principal
from auth.rules import SHIPPED, Rights, Rules, RulesMisconfigured, load
from codes.access import Purpose

_log = structlog.get_logger()

_LOOK_AGAIN = 0.5
"""Seconds between two looks at the file: nobody is asked for by old rules a second after a change."""

_Stamp = tuple[int, int, int]


class RulesFile:
    """The access rules of a file as it is now; while it cannot be used, as it was before."""

    def __init__(self, path: Path = SHIPPED, clock: Callable[[], float] = time.monotonic) -> None:
        """Read the file; raise RulesMisconfigured if it cannot be used."""
        self._path = path
        self._clock = clock
        self._told = ""
        self._looked = clock()
        self._stamp = self._stamped()
        self._rules = load(path)

    def rights(self, principal: Principal, purpose: Purpose | None) -> Rights:
        """Return what a reader may see who asks for this purpose."""
        return self.current.rights(principal, purpose)

    @property
    def current(self) -> Rules:
        """The rules as they were at most half a second ago.

        New rules mean new rights, by which plans are kept: no plan made by the old ones is found by them.
        """
        if self._clock() - self._looked >= _LOOK_AGAIN:
            self._looked = self._clock()
            self._look()
        return self._rules

    def _look(self) -> None:
        # The stamp is taken before the content is read: what changes in between is read again next time.
        stamp = self._stamped()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._rules = load(self._path)
        except RulesMisconfigured as error:
            # Half a file, or none for a moment: not in silence, and not for every reader anew.
            if str(error) != self._told:
                _log.error("access.rules_unusable", problem=str(error), instead="the rules known before hold")
            self._told = str(error)
        else:
            self._told = ""
            _log.info("access.rules_changed", file=str(self._path))

    def _stamped(self) -> _Stamp | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
