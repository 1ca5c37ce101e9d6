"""What is kept of scores can be read years later, bit for bit, and is refused if it was cut or changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from scoring.changes import run
from scoring.errors import SnapshotUnreadable
from scoring.inputs import Column, Inputs, Moment
from scoring.snapshot import MAGIC, _sealed, digest, packed, packed_results, unpacked, unpacked_results
from tests.scoring.scored import MOMENT, SCHEMES, inputs, yuan

SCHEME = SCHEMES["longwan-lists"]
INPUTS = inputs(SCHEME, [{"revenue": yuan(5)}, {"revenue": yuan(10**8)}, {}], names=["丙", "甲", "乙"])


def test_the_content_is_as_documented_and_stays_so() -> None:
    # a reader of old snapshots depends on these bytes: what changes them needs a new version of the container
    columns = {"b": Column.of([1.5, -2], [0, 0]), "a": Column.of([7, 8], [0, 2])}
    fixed = Inputs("some", "1", "0" * 64, Moment("2022", 2022, date(2023, 4, 3)), np.array(["乙", "A"]), columns)
    assert digest(packed(fixed)) == "d50df43a0fe89a6d541502f09e2e2153cf9e4c992afd0fa682bb08b22b6a22ce"


def test_a_snapshot_says_what_it_is_of() -> None:
    found = unpacked(packed(INPUTS))
    assert (found.scheme, found.version, found.digest, found.moment) == ("longwan", "2022", SCHEME.digest, MOMENT)
    assert found.enterprises.tolist() == ["丙", "乙", "甲"]
    assert found.columns["revenue"].values.tolist() == [500, 0, 10**10]
    assert found.columns["revenue"].reasons.tolist() == [0, 1, 0]
    results = unpacked_results(packed_results(run(SCHEME, INPUTS).results))
    assert results.stage.tolist() == [0, -1, 4]


def test_nobody_is_kept_too() -> None:
    nobody = inputs(SCHEME, [])
    assert len(unpacked(packed(nobody))) == 0
    assert len(unpacked_results(packed_results(run(SCHEME, nobody).results))) == 0


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda kept: b"", "do not begin"),
        (lambda kept: b"PK" + kept, "do not begin"),
        (lambda kept: kept[:-8], "cut or changed"),
        (lambda kept: kept[:80] + b"\x00" + kept[81:], "cut or changed"),
        (lambda kept: kept[:20] + b"\x00" + kept[21:], "cut or changed"),
        (lambda kept: kept[: len(MAGIC) + 32] + b"\xff" * 8 + kept[len(MAGIC) + 40 :], "up to 4,294,967,296 are read"),
        (lambda kept: _sealed(b"\x02\x00\x00\x00{}"), "not laid out"),
        (lambda kept: packed_results(run(SCHEME, INPUTS).results), "a snapshot of results, not of inputs"),
    ],
)
def test_damaged_snapshots_are_refused(damage: Callable[[bytes], bytes], said: str) -> None:
    with pytest.raises(SnapshotUnreadable, match=said):
        unpacked(damage(packed(INPUTS)))
