"""An edition is computed again from what was kept of it alone; whatever was changed in it is found and named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from resolvers.scores.replaying import differences
from resolvers.scores.running import run
from scoring.loading import load
from scoring.snapshot import digest, packed, packed_results, unpacked, unpacked_results
from store.edition_records import Edition, Scored, Snapshots
from store.edition_runs import Runs
from store.editions import Editions
from store.rankings import Rankings
from tests.resolvers.scores.zone import SCHEME, order, records, sources

Kept = tuple[Edition, Snapshots, dict[str, Scored]]


@pytest.fixture
async def kept(store: AsyncEngine, tmp_path: Path) -> Kept:
    """An edition by a scheme whose file is gone."""
    path = tmp_path / "small.toml"
    path.write_text(SCHEME, encoding="utf-8")
    scheme = load(path)
    path.unlink()
    editions = Editions(store)
    made = await run(sources(records()), editions, Runs(store), order(scheme=scheme), lambda *_: None)
    return await editions.get(made.id), await editions.snapshots(made.id), await Rankings(store).all(made.id)


async def test_the_same_comes_out_bit_for_bit(kept: Kept) -> None:
    edition, snapshots, scores = kept
    assert len(scores) == edition.content.evaluated
    assert list(differences(edition, snapshots, scores)) == []


async def test_another_score_is_named(kept: Kept) -> None:
    edition, snapshots, scores = kept
    code = sorted(scores)[3]
    other = {**scores, code: replace(scores[code], total=scores[code].total + 1)}
    assert list(differences(edition, snapshots, other)) == [
        f"{code}: total was {scores[code].total + 1}, is {scores[code].total}"
    ]
    less = {one: score for one, score in scores.items() if one != code}
    assert list(differences(edition, snapshots, less)) == [f"{code}: is not in the list of scores"]


async def test_other_results_are_named(kept: Kept) -> None:
    edition, snapshots, scores = kept
    results = unpacked_results(snapshots.results)
    results.points[1, 4] += 7
    forged = packed_results(results)
    changed = replace(edition, content=replace(edition.content, results_digest=digest(forged)))
    code, was = results.enterprises[4], results.points[1, 4]
    found = list(differences(changed, replace(snapshots, results=forged), scores))
    assert found == [f"{code}: points [1] was {was}, is {was - 7}"]
    without_digest = list(differences(edition, replace(snapshots, results=forged), scores))
    assert without_digest[0].startswith("the results have the digest")


async def test_other_inputs_give_other_results(kept: Kept) -> None:
    edition, snapshots, scores = kept
    inputs = unpacked(snapshots.inputs)
    place = int(np.flatnonzero(inputs.columns["age"].values < 36)[0])
    inputs.columns["age"].values[place] = 480
    found = list(differences(edition, replace(snapshots, inputs=packed(inputs)), scores))
    assert found[0].startswith("the inputs have the digest")
    assert any(str(inputs.enterprises[place]) in one for one in found)


async def test_what_was_cut_or_is_of_another_scheme_is_said(kept: Kept) -> None:
    edition, snapshots, scores = kept
    (cut,) = differences(edition, replace(snapshots, inputs=snapshots.inputs[:-9]), scores)
    assert "cut or changed" in cut
    other = SCHEME.replace("full_at = 20", "full_at = 25").encode()
    found = list(differences(edition, replace(snapshots, scheme=other), scores))
    assert "the scheme file has the digest" in found[0]
    assert "the inputs were made for small-demo 1" in found[1]
