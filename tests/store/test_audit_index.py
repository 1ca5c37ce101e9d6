"""The audit's index by chunks: what it leads to is what one would find by reading every record."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.record import Kind, Outcome, Record, now
from resolvers import audit_indexing
from resolvers.auditing import Auditor
from store import audit, places
from store.growth import Row
from store.places import CHUNK, chunk_of, packed, unpacked
from store.tables import audit_index
from store.upgrade import upgrade
from tests.auditing import auditor_over, found_by, look

CODES = [*"ABCDEF"]
STEPS = 25


@given(st.integers(0, 2**40), st.lists(st.integers(0, CHUNK - 1)))
def test_packed_places_are_read_again(chunk: int, offsets: list[int]) -> None:
    found = [chunk * CHUNK + offset for offset in offsets]
    assert unpacked(chunk, packed(chunk, found)) == found
    assert {chunk_of(place) for place in found} <= {chunk}


@pytest.mark.parametrize("seed", range(3))
async def test_the_index_leads_where_reading_everything_would(
    engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(places, "CHUNK", 8)
    monkeypatch.setattr(audit, "_CHUNKS_AT_ONCE", 3)
    rng = random.Random(seed)
    auditor = auditor_over(engine, tmp_path, patience=30)
    plain: dict[str, list[int]] = {code: [] for code in CODES}
    size = 0
    for _ in range(STEPS):
        for _ in range(rng.randrange(1, 6)):
            codes = rng.sample(CODES, rng.randrange(len(CODES)))
            entry = await auditor.write(look(str(size), *codes))
            assert entry.place == size
            for code in codes:
                plain[code].append(size)
            size += 1
        if rng.random() < 0.1:
            before = rng.randrange(size)
            await auditor.expire(before, Record(now(), Kind.EXPIRY, Outcome.GIVEN, count=before, until=before))
            plain = {code: [place for place in found if place >= before] for code, found in plain.items()}
            size += 1
        if rng.random() < 0.5:
            await auditor.index()
            await _check(auditor, plain, rng, size)
    await auditor.index()
    await _check(auditor, plain, rng, size)
    assert await found_by(auditor) == []
    await auditor.aclose()


async def _check(auditor: Auditor, plain: Mapping[str, list[int]], rng: random.Random, size: int) -> None:
    for code, found in plain.items():
        assert await auditor.ledger.count_of(code) == len(found)
        before, most = rng.choice([None, rng.randrange(size + 2)]), rng.randrange(1, 30)
        expected = [place for place in reversed(found) if before is None or place < before]
        assert await auditor.ledger.places_of(code, before, most) == expected[:most]


async def test_many_looks_at_an_enterprise_are_few_rows(engine: AsyncEngine, tmp_path: Path) -> None:
    auditor = auditor_over(engine, tmp_path, patience=30)
    for number in range(60):
        await auditor.write(look(str(number), "A", "B"))
        if number % 20 == 0:
            await auditor.index()
    await auditor.index()
    async with engine.connect() as connection:
        assert (await connection.execute(select(func.count()).select_from(audit_index))).scalar_one() == 2
    assert await auditor.ledger.places_of("A", None, 60) == [*reversed(range(60))]
    await auditor.aclose()


async def test_an_index_of_the_version_before_is_taken_over(engine: AsyncEngine, tmp_path: Path) -> None:
    """It had enterprises first, and 4,096 places in a chunk."""
    places = {"A": [0, 1023, 1024, 4095, 4096, 9000], "B": [4096]}
    async with engine.begin() as connection:
        for statement in (
            "DROP TABLE audit_index",
            "CREATE TABLE audit_index (uscc VARCHAR(18), chunk BIGINT, places BYTEA, PRIMARY KEY (uscc, chunk))",
            "CREATE INDEX audit_index_by_chunk ON audit_index (chunk)",
            "UPDATE audit_indexed SET place = 9001",
            "UPDATE alembic_version SET version_num = '0027'",
        ):
            await connection.execute(text(statement))
        for code, found in places.items():
            for chunk in {place // 4096 for place in found}:
                packed = b"".join((place % 4096).to_bytes(2, "big") for place in found if place // 4096 == chunk)
                row = {"code": code, "chunk": chunk, "packed": packed}
                await connection.execute(text("INSERT INTO audit_index VALUES (:code, :chunk, :packed)"), row)
    await upgrade(engine)
    auditor = auditor_over(engine, tmp_path)
    for code, found in places.items():
        assert await auditor.ledger.places_of(code, None, 9) == found[::-1]
        assert await auditor.ledger.count_of(code) == len(found)
    await auditor.aclose()


async def test_rows_are_written_some_at_a_time(
    engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records wait for their turn meanwhile, and looks at an enterprise each are a row each."""
    monkeypatch.setattr(audit_indexing, "_ROWS", 50)
    monkeypatch.setattr(audit_indexing, "_RECORDS", 16)
    auditor, entered = auditor_over(engine, tmp_path, patience=30), list[int]()
    enter = auditor.ledger.enter

    async def counted(begin: int, end: int, found: Mapping[int, Mapping[str, bytes | bytearray]]) -> bool:
        entered.append(sum(map(len, found.values())))
        return await enter(begin, end, found)

    object.__setattr__(auditor.ledger, "enter", counted)
    for number in range(200):
        await auditor.write(look(str(number), f"E{number}", "ALL"))
    await auditor.index()
    assert entered == [65, 65, 65, 9]
    assert await found_by(auditor) == []
    await auditor.aclose()


async def test_only_what_others_wrote_is_read_for_the_index(engine: AsyncEngine, tmp_path: Path) -> None:
    here, elsewhere = (auditor_over(engine, tmp_path, patience=30) for _ in range(2))
    read: list[int] = []
    at = here.ledger.at

    async def told(wanted: Sequence[int]) -> dict[int, Row]:
        read.extend(wanted)
        return await at(wanted)

    object.__setattr__(here.ledger, "at", told)
    for number in range(9):
        await (elsewhere if number % 3 == 0 else here).write(look(str(number), "A", f"E{number}"))
    await here.index()
    assert read == [0, 3, 6]
    await elsewhere.index()
    assert await here.ledger.places_of("A", None, 20) == [*reversed(range(9))]
    await here.write(look("9", "A"))
    await elsewhere.index()
    await here.index()
    assert read == [0, 3, 6], "somebody else has put in what was written here since"
    assert await found_by(here) == []
    for auditor in (here, elsewhere):
        await auditor.aclose()


async def test_an_end_while_the_index_connects_leaves_nothing_behind(
    engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.audit_indexing._ENOUGH", 1)
    failed: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: failed.append(told["message"]))
    for steps in range(30):
        await engine.dispose()  # the index has to connect anew
        auditor = auditor_over(engine, tmp_path, patience=30)
        await auditor.write(look("r", "E"))
        await asyncio.sleep(steps * 0.0004)
        await auditor.aclose()
    await asyncio.sleep(0)
    gc.collect()
    assert failed == []
