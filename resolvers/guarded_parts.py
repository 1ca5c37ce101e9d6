"""Parts behind a guard: decided record by record, masked, or given whole to those who may see what is not published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from auth.rules import Verdict
from connectors.mapping import unpublished
from resolvers.access import Judgement
from resolvers.binding import Part
from resolvers.request import Request

GIVEN = (Verdict.ALLOW, Verdict.MASK)

Shown = Callable[[Any], Any]
"""From a value to what a reader who may not see all of it is shown."""
Withheld = Callable[[Request, Verdict], Exception]
Noting = Callable[[Request, Verdict, Any], None]
"""Takes a verdict and the key of the object's owner, for the audit."""


def judged(part: Part, judgement: Judgement, key: str, shown: Shown, withheld: Withheld, noting: Noting | None) -> Part:
    """Return a part that is decided for each record, by the field that tells whose it is."""

    def read(request: Request, owner: Any, *values: Any) -> Any:
        verdict = request.access.verdict(judgement, owner)
        if noting:
            noting(request, verdict, owner)
        if verdict not in GIVEN:
            raise withheld(request, verdict)
        value = part.made(request, values)
        return shown(value) if verdict is Verdict.MASK else value

    return Part((key, *part.needs), read, takes_absences=True)


def masked(part: Part, shown: Shown) -> Part:
    """Return a part that is masked in every record."""

    def read(request: Request, *values: Any) -> Any:
        return shown(part.made(request, values))

    return Part(part.needs, read, takes_absences=True)


def told(part: Part, key: str | None, noting: Noting) -> Part:
    """Return a part each look at which is noted."""

    def read(request: Request, *values: Any) -> Any:
        noting(request, Verdict.ALLOW, values[0] if key else None)
        return part.made(request, values[1:] if key else values)

    return Part((key, *part.needs) if key else part.needs, read, takes_absences=True)


def published(part: Part, flagged: frozenset[str], judgement: Judgement, key: str | None) -> Part:
    """Return a part that shows what a record does not publish to those who may see it.

    Others are answered from the fields as they are published, and nothing else is asked for on their behalf.
    """
    whole = [name for name in part.needs if name in flagged]
    if not whole:
        return part
    if key is None or not judgement.varies:
        if judgement.others is not Verdict.ALLOW:
            return part
        return replace(part, needs=tuple(unpublished(name) if name in flagged else name for name in part.needs))

    def read(request: Request, owner: Any, *values: Any) -> Any:
        seen = dict(zip(part.needs, values[: len(part.needs)], strict=True))
        if request.access.verdict(judgement, owner) is Verdict.ALLOW:
            seen.update(zip(whole, values[len(part.needs) :], strict=True))
        return part.made(request, [seen[name] for name in part.needs])

    return Part((key, *part.needs, *map(unpublished, whole)), read, takes_absences=True)
