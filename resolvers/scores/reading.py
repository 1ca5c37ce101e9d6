"""From what sources answer of enterprises to the inputs of a scheme: values, and why one is missing.

Scores are made of what is published of an enterprise, and are the same whoever asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codes.scores import Missing
from connectors.catalogue import Catalogue, Collection
from connectors.errors import SourceFailure
from connectors.outcomes import Absent, Outcome
from connectors.sources import Told
from scoring.checking import needs
from scoring.inputs import Column, Inputs, Moment
from scoring.records import Record, text_of, value, year_of
from scoring.scheme import CODES, Input, Scheme

_REASONS: Mapping[Absent, Missing] = {
    Absent.NOT_FOUND: Missing.NOT_FOUND,
    Absent.NOT_AS_OF: Missing.NOT_FOUND,
    Absent.NOT_SHARED: Missing.NOT_SHARED,
    Absent.STALE: Missing.STALE,
    Absent.UNREADABLE: Missing.UNREADABLE,
}
"""Why a value is missing where there is an absence; others are NOT_DELIVERED."""

_SUMS = ("count", "total")


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked of one collection, for all the inputs that are taken of it."""

    collection: Collection
    inputs: tuple[Input, ...]
    fields: frozenset[str]


def needs_of(scheme: Scheme, catalogue: Catalogue) -> tuple[Need, ...]:
    """Return what is asked of the sources for a scheme, and nothing else."""
    return tuple(need_of(catalogue[name], tuple(inputs)) for name, inputs in needs(scheme).items())


def need_of(collection: Collection, inputs: tuple[Input, ...]) -> Need:
    """Return what is asked of a collection for some inputs."""
    fields = {field for one in inputs for field in one.fields}
    fields |= {one.dated for one in inputs if _is_ordered(collection, one)}
    return Need(collection, inputs, frozenset(fields or {collection.record_key or collection.key}))


def _is_ordered(collection: Collection, needed: Input) -> bool:
    """Say whether one record of several counts: the one that is dated last."""
    return collection.many and needed.take not in _SUMS and needed.dated in collection.fields


def inputs_of(
    scheme: Scheme, moment: Moment, enterprises: Sequence[str], answers: Sequence[tuple[Need, Told]]
) -> Inputs:
    """Return the inputs of enterprises from what the sources answered, aligned with `enterprises`."""
    columns = {one.name: column_of(need, one, told, moment) for need, told in answers for one in need.inputs}
    return Inputs.of(scheme, moment, enterprises, columns)


def column_of(need: Need, needed: Input, told: Told, moment: Moment) -> Column:
    """Return one input of the enterprises of whom sources have told, in their order.

    A count or a total needs all sources of the collection, another value those that give its field.
    """
    parts = [outcomes for feed, outcomes in told.parts if needed.take in _SUMS or feed.gives(needed.field or "")]
    fields = needed.fields if needed.fields else ()
    ordered = needed.dated if _is_ordered(need.collection, needed) else None
    found: list[float | Missing] = []
    for place, outcome in enumerate(told.outcomes):
        lost = _lost([part[place] for part in parts]) if len(told.parts) > 1 else None
        found.append(_value(needed, outcome, (*fields, ordered) if ordered else fields, ordered, lost, moment))
    return Column.of(
        [0.0 if isinstance(one, Missing) else one for one in found],
        [CODES[one] if isinstance(one, Missing) else 0 for one in found],
    )


def _value(
    needed: Input, outcome: Outcome, fields: Sequence[str], ordered: str | None, lost: Missing | None, moment: Moment
) -> float | Missing:
    """Return an input's value; one that may lack the records of a source is missing for that source's reason."""
    if isinstance(outcome, Absent | SourceFailure):
        return reason_of(outcome)
    if lost and needed.take in _SUMS:
        return lost
    records = [_record(one, fields) for one in (outcome if isinstance(outcome, Sequence) else (outcome,))]
    if needed.take not in _SUMS and len(records) > 1:
        records.sort(key=lambda record: (_year(record, ordered), [text_of(record[name]) for name in fields]))
    found = value(needed, records, moment)
    return lost if lost and found is Missing.NOT_DELIVERED else found


def _year(record: Record, ordered: str | None) -> int:
    """Return the year of a record; where years tell records not apart, what they say does, whoever comes first."""
    return year_of(record[ordered]) or 0 if ordered else 0


def _record(record: Any, fields: Sequence[str]) -> Record:
    return {
        name: reason_of(v) if isinstance(v := getattr(record, name), Absent | SourceFailure) else v for name in fields
    }


def reason_of(outcome: Absent | SourceFailure) -> Missing:
    """Return why a value is missing where there is an absence or a failure."""
    return Missing.SOURCE_DOWN if isinstance(outcome, SourceFailure) else _REASONS.get(outcome, Missing.NOT_DELIVERED)


def _lost(parts: Sequence[Outcome]) -> Missing | None:
    """Return why there may be records that are not seen; a source that has nothing of an enterprise has answered."""
    reasons = [reason_of(part) for part in parts if isinstance(part, Absent | SourceFailure)]
    return next((reason for reason in reasons if reason is not Missing.NOT_FOUND), None)
