"""From the sources' answers to what scoring reads: the same of one enterprise and of a zone, live and in an edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import numpy as np

from codes.scores import Missing
from connectors.errors import SourceError, SourceFailure
from connectors.outcomes import Absent, Outcome
from scoring.inputs import Column, Reasons
from scoring.records import text_of
from scoring.scans import Scan
from scoring.scheme import CODES, Input

_MISSING: Mapping[Absent, Missing] = {
    Absent.NOT_FOUND: Missing.NOT_FOUND,
    Absent.NOT_SHARED: Missing.NOT_SHARED,
    Absent.STALE: Missing.STALE,
    Absent.UNREADABLE: Missing.UNREADABLE,
}
_DOWN = np.uint8(CODES[Missing.SOURCE_DOWN])
_SILENT = (CODES[Missing.NOT_DELIVERED], CODES[Missing.NOT_FOUND])


def missing_of(reason: Absent | SourceFailure) -> Missing:
    """Return why a score lacks a value, from why there is none.

    A source that answered with something that cannot be used is not down.
    """
    if isinstance(reason, SourceFailure):
        return Missing.UNREADABLE if type(reason) is SourceError else Missing.SOURCE_DOWN
    return _MISSING.get(reason, Missing.NOT_DELIVERED)


def scan_of(outcomes: Sequence[Outcome], fields: Sequence[str], record_key: str | None) -> Scan:
    """Return the records of one collection as columns, from one outcome an enterprise.

    An enterprise's records stand in one order however they came: by the field that tells them apart, written as text,
    which puts years and dates in the order of time.
    """
    order = (*((record_key,) if record_key else ()), *sorted(fields))
    names = tuple(dict.fromkeys(order))
    owner: list[int] = []
    rows: list[tuple[Any, ...]] = []
    reasons = np.zeros(len(outcomes), np.uint8)
    for place, outcome in enumerate(outcomes):
        if isinstance(outcome, Absent | SourceFailure):
            reasons[place] = CODES[missing_of(outcome)]
            continue
        records = outcome if isinstance(outcome, list | tuple) else (outcome,)
        found = [tuple(plain(getattr(record, name)) for name in names) for record in records]
        if len(found) > 1:
            found.sort(key=_as_text)
        rows += found
        owner += [place] * len(found)
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return Scan(np.array(owner, np.intp), dict(zip(names, columns, strict=True)), reasons)


def plain(value: Any) -> Any:
    """Return a field's value as scoring reads it: members of lists by name, and the reason why there is none."""
    if isinstance(value, Absent | SourceFailure):
        return missing_of(value)
    return value.value if isinstance(value, Enum) else value


def without_what_is_down(needed: Input, column: Column, lost: Reasons | np.uint8 = _DOWN) -> Column:
    """Return an input's column where a source of its collection did not give its part, while others may have answered.

    A count or a total would lack that source's part; of other values those may be missing for that reason that seem
    not to have been delivered. `lost` has the number of the reason, 0 where nothing is lost; without it the source has
    failed for all.
    """
    if not np.any(lost):
        return column
    replaced = lost != 0
    if needed.take not in ("count", "total"):
        replaced = replaced & np.isin(column.reasons, _SILENT)
    return Column.of(column.values, np.where(replaced, lost, column.reasons))


def _as_text(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(text_of(value) for value in row)
