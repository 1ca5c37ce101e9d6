"""An edition computed again from what was kept of it, and held against what was published then, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

import numpy as np

from resolvers.scores import statistics
from resolvers.scores.running import scores_of
from scoring import changes
from scoring.errors import ScoringError
from scoring.loading import parse
from scoring.results import Results
from scoring.snapshot import digest, packed_results, unpacked, unpacked_results
from store.edition_records import Edition, Scored, Snapshots


def differences(edition: Edition, snapshots: Snapshots, scores: Mapping[str, Scored]) -> Iterator[str]:
    """Say what differs between an edition as it is kept and as it is computed again, the first difference first.

    Only what the edition itself keeps is used: no scheme file, no source.
    """
    content = edition.content
    try:
        scheme = parse(snapshots.scheme.decode(), f"the scheme kept with {edition.id}")
        inputs, kept = unpacked(snapshots.inputs), unpacked_results(snapshots.results)
        if scheme.digest != content.digest:
            yield f"the scheme file has the digest {scheme.digest[:12]}, the edition says {content.digest[:12]}"
        for name, said, snapshot in (
            ("inputs", content.inputs_digest, snapshots.inputs),
            ("results", content.results_digest, snapshots.results),
        ):
            if digest(snapshot) != said:
                yield f"the {name} have the digest {digest(snapshot)[:12]}, the edition says {said[:12]}"
        again = changes.run(scheme, inputs)
    except (ScoringError, UnicodeDecodeError) as error:
        yield str(error)
        return
    if digest(packed_results(again.results)) != digest(snapshots.results):
        yield from _in_results(kept, again.results)
    yield from _in_scores(scores, {one.uscc: one for one in scores_of(again)})
    if statistics.written(statistics.statistics(again)) != content.statistics:
        yield "the statistics are others"


def _in_results(kept: Results, again: Results) -> Iterator[str]:
    if kept.enterprises.tolist() != again.enterprises.tolist():
        yield "the results are of other enterprises than the inputs"
        return
    if kept.moment != again.moment:
        yield f"the results are of {kept.moment}, the inputs of {again.moment}"
    for field in fields(Results):
        one, other = getattr(kept, field.name), getattr(again, field.name)
        if not isinstance(one, np.ndarray) or one.tobytes() == other.tobytes():
            continue
        if one.shape != other.shape:
            yield f"{field.name}: {one.shape} became {other.shape}"
            continue
        place = np.argwhere(one != other)[0]
        code, where = kept.enterprises[place[-1]], "".join(f" [{n}]" for n in place[:-1])
        yield f"{code}: {field.name}{where} was {one[tuple(place)]}, is {other[tuple(place)]}"


def _in_scores(kept: Mapping[str, Scored], again: Mapping[str, Scored]) -> Iterator[str]:
    for code in sorted(kept.keys() | again.keys()):
        one, other = kept.get(code), again.get(code)
        if one is None or other is None:
            yield f"{code}: {'is not in' if one is None else 'should not be in'} the list of scores"
        elif one != other:
            name = next(f.name for f in fields(Scored) if getattr(one, f.name) != getattr(other, f.name))
            yield f"{code}: {name} was {getattr(one, name)}, is {getattr(other, name)}"
