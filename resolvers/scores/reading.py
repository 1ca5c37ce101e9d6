"""What is asked of the sources for a scheme, and the inputs that are made of their answers.

Scores are made of what is published of an enterprise, and are the same whoever asks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codes.scores import Missing
from connectors.catalogue import Catalogue, Collection
from connectors.errors import SourceFailure
from connectors.outcomes import Absent
from connectors.sources import Sources, Told
from resolvers.scores.answers import missing_of, scan_of, without_what_is_down
from scoring.checking import needs
from scoring.inputs import Column, Inputs, Moment, Reasons
from scoring.scans import scanned
from scoring.scheme import CODES, Input, Scheme


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked of one collection, for all the inputs that are taken of it."""

    collection: Collection
    inputs: tuple[Input, ...]
    fields: frozenset[str]


def needs_of(scheme: Scheme, catalogue: Catalogue) -> tuple[Need, ...]:
    """Return what is asked of the sources for a scheme, and nothing else."""
    return tuple(_need(catalogue[name], tuple(inputs)) for name, inputs in needs(scheme).items())


def _need(collection: Collection, inputs: tuple[Input, ...]) -> Need:
    fields = {field for one in inputs for field in one.fields}
    return Need(collection, inputs, frozenset(fields | {collection.record_key} if collection.record_key else fields))


def inputs_of(
    sources: Sources,
    scheme: Scheme,
    moment: Moment,
    enterprises: Sequence[str],
    answers: Sequence[tuple[Need, Told]],
) -> Inputs:
    """Return the inputs of enterprises from what the sources answered, aligned with `enterprises`."""
    columns: dict[str, Column] = {}
    for need, told in answers:
        scan = scan_of(told.outcomes, sorted(need.fields), need.collection.record_key)
        for one in need.inputs:
            column = scanned(one, scan, moment)
            columns[one.name] = without_what_is_down(one, column, _lost(sources, need, one, told))
    return Inputs.of(scheme, moment, enterprises, columns)


def _lost(sources: Sources, need: Need, needed: Input, told: Told) -> Reasons:
    """Return for each enterprise why there may be records that are not seen: a source of several did not give its part.

    A source that has nothing of an enterprise has given its part.
    """
    lost = np.zeros(len(told.outcomes), np.uint8)
    if len(told.parts) > 1:
        concerned = sources.concerned(need.collection.name, frozenset(needed.fields))
        for feed, outcomes in told.parts:
            if feed in concerned:
                for place, outcome in enumerate(outcomes):
                    if isinstance(outcome, Absent | SourceFailure) and not lost[place]:
                        reason = missing_of(outcome)
                        lost[place] = 0 if reason is Missing.NOT_FOUND else CODES[reason]
    return lost
