"""What can be wrong with a scheme, with inputs, and with what was kept of them.

ScoringError
├── SchemeMisconfigured   a scheme file is wrong: raised when it is loaded
├── InputsUnfit           inputs do not fit the scheme
├── ScoresNotComparable   scores of different schemes or versions were to be compared
└── SnapshotUnreadable    bytes are no snapshot, or were cut or changed
"""

from __future__ import annotations


class ScoringError(Exception):
    """Something is wrong with a scheme, with inputs, or with a snapshot."""


class SchemeMisconfigured(ScoringError):
    """A scheme file is wrong: where, what, and what to do about it."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        self.where = where
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{where}: {problem}. {remedy}")


class InputsUnfit(ScoringError):
    """Inputs do not fit the scheme that is to score them."""


class ScoresNotComparable(ScoringError):
    """Scores of different schemes or versions were to be compared."""


class SnapshotUnreadable(ScoringError):
    """The bytes are no snapshot, or were cut or changed."""
