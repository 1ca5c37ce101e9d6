"""Two answers to the same question, and where they differ by more than the specification leaves open."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
"""What comes from a source that does not say when its record was true carries the time of the fetch."""

Answer = Mapping[str, Any]


def difference(reference: Answer, subject: Answer) -> str | None:
    """Return how two answers differ; None if they say the same.

    Which of several failures below a place that became null is reported is open, and so is whether the others are.
    """
    expected, found = (_MOMENT.sub("MOMENT", orjson.dumps(a.get("data")).decode()) for a in (reference, subject))
    if expected != found:
        return f"data\n  {expected}\n  {found}"
    for name, entries in (("errors", _errors), ("absences", _absences)):
        ours, theirs = entries(subject), entries(reference)
        strange = [*(ours - theirs), *(theirs - ours)]
        unexplained = [e for e in strange if not _is_below_null(reference.get("data"), orjson.loads(e).get("path"))]
        if unexplained:
            return f"{name}\n  {sorted(theirs)}\n  {sorted(ours)}"
    lacking = bool(reference.get("errors")) != bool(subject.get("errors"))
    return "one has errors, the other has none" if lacking else None


def _errors(answer: Answer) -> Counter[str]:
    return Counter(_shown(error) for error in answer.get("errors", ()))


def _absences(answer: Answer) -> Counter[str]:
    return Counter(orjson.dumps(a).decode() for a in answer.get("extensions", {}).get("absences", ()))


def _shown(error: dict[str, Any]) -> str:
    extensions = dict(error["extensions"])
    trace = extensions.pop("traceId", None)
    message = error["message"].replace(trace, "TRACE") if trace else error["message"]
    shown = {**error, "extensions": extensions, "message": message}
    return orjson.dumps(shown, option=orjson.OPT_SORT_KEYS).decode()


def _is_below_null(data: Any, path: Sequence[str | int] | None) -> bool:
    """Whether a place was made null by what lies below: the path leads to a null before, or right at its end."""
    for step in path or ():
        if data is None:
            return True
        data = data[step]
    return False
