"""Why a source gave no answer.

SourceFailure                 one source's answer, or one key of it, is not to be had
├── SourceTimeout             it did not answer before the deadline
├── SourceUnavailable         it could not be reached, or said that it is not available
├── SourceTooLarge            its answer is larger than allowed
└── SourceError               it answered, but not what the contract promises
SourcesMisconfigured          sources.toml is wrong: raised at start only
"""

from __future__ import annotations

from typing import ClassVar


class SourceFailure(Exception):
    """One source's answer, or one key of it, is not to be had; the message names no secret."""

    code: ClassVar[str] = "SOURCE_ERROR"

    def __init__(self, source: str, message: str) -> None:
        self.source = source
        self.message = message
        super().__init__(f"{source}: {message}")


class SourceTimeout(SourceFailure):
    """The source did not answer before the deadline."""

    code = "SOURCE_TIMEOUT"


class SourceUnavailable(SourceFailure):
    """The source could not be reached, or said that it is not available."""

    code = "SOURCE_UNAVAILABLE"


class SourceTooLarge(SourceFailure):
    """The source's answer is larger than allowed."""

    code = "SOURCE_TOO_LARGE"


class SourceError(SourceFailure):
    """The source answered, but not what the contract promises."""


class SourcesMisconfigured(Exception):
    """The declaration of the sources is wrong: where, what, and what to do."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        self.where = where
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{where}: {problem}. {remedy}")
