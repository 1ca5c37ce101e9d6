"""Why a source gave no answer.

SourceFailure                 one source's answer, or one key of it, is not to be had
├── SourceTimeout             it did not answer before the deadline
│   └── SourceCrowded         others of the hub's own calls were before it
├── SourceUnavailable         it could not be reached, or said that it is not available
├── SourceBusy                too many ask it already
├── SourceCircuitOpen         it has failed too often, or asked to be left alone: it was not asked
├── SourceCallLimit           one operation has asked it as often as it may
├── SourceTooLarge            its answer is larger than allowed
└── SourceError               it answered, but not what the contract promises
    └── SourceNotScanned      a collection of it can be asked by keys only
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


class SourceCrowded(SourceTimeout):
    """The call lost its time to others of the hub's own that were before it: that says nothing of the source."""

    def __init__(self, source: str) -> None:
        super().__init__(source, "did not come to this call in time, for others before it")


class SourceUnavailable(SourceFailure):
    """The source could not be reached, or said that it is not available."""

    code = "SOURCE_UNAVAILABLE"

    def __init__(self, source: str, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        """Seconds for which it asks to be left alone."""
        super().__init__(source, message)


class SourceBusy(SourceFailure):
    """Too many ask the source already, and as many as may wait for it do."""

    code = "SOURCE_UNAVAILABLE"


class SourceCircuitOpen(SourceFailure):
    """The source was not asked: it has failed too often, or has asked to be left alone."""

    code = "SOURCE_CIRCUIT_OPEN"

    def __init__(self, source: str, message: str, seconds: float | None = None) -> None:
        self.seconds = seconds
        """Seconds until it is asked again; None while a call is finding out."""
        super().__init__(source, message)


class SourceCallLimit(SourceFailure):
    """The operation has made as many calls to the source as one may."""

    code = "SOURCE_CALL_LIMIT"


class SourceTooLarge(SourceFailure):
    """The source's answer is larger than allowed."""

    code = "SOURCE_TOO_LARGE"


class SourceError(SourceFailure):
    """The source answered, but not what the contract promises."""


class SourceNotScanned(SourceError):
    """The collection can be asked by keys only."""


class SourcesMisconfigured(Exception):
    """The declaration of the sources is wrong: where, what, and what to do."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        self.where = where
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{where}: {problem}. {remedy}")
