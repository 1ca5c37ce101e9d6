"""Several processes append to one audit, each without knowing of the others."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.auditing import auditor_over, found_by, records

ROOT = Path(__file__).parent.parent.parent
COUNT = 60
WRITER = """
import asyncio, sys
from pathlib import Path
from sqlalchemy import event
from store.engine import open_store
from tests.auditing import auditor_over, look

name, url, schema, folder, count = sys.argv[1:]

async def main():
    engine = open_store(url, durable=True)
    if schema:
        @event.listens_for(engine.sync_engine, "connect", insert=True)
        def own_schema(connection, _record):
            cursor = connection.cursor()
            cursor.execute(f"SET search_path TO {schema}, public")
            cursor.close()
            connection.commit()
    auditor = auditor_over(engine, Path(folder), patience=30)
    sys.stdin.readline()
    for number in range(int(count)):
        await auditor.write(look(f"{name}-{number}", "A", name))
        if number % 20 == 0:
            await auditor.index()
    await auditor.index()
    await auditor.aclose()
    await engine.dispose()

asyncio.run(main())
"""
"""Writes records one after the other once it is told to begin, and puts them into the index meanwhile."""


@pytest.mark.parametrize("writers", [2, 3])
async def test_processes_leave_one_gapless_tree_and_one_index(
    engine: AsyncEngine, tmp_path: Path, writers: int
) -> None:
    auditor = auditor_over(engine, tmp_path, patience=30)
    await _run_together(engine, tmp_path, [f"W{number}" for number in range(writers)])
    references = [record.reference for record in await records(auditor)]
    expected = [f"W{number}-{count}" for number in range(writers) for count in range(COUNT)]
    assert sorted(map(str, references)) == sorted(expected)
    for number in range(writers):
        own = [reference for reference in references if str(reference).startswith(f"W{number}-")]
        assert own == [f"W{number}-{count}" for count in range(COUNT)], "each in its own order"
        assert await auditor.ledger.count_of(f"W{number}") == COUNT
    assert await auditor.ledger.count_of("A") == writers * COUNT
    assert await found_by(auditor) == []
    await auditor.aclose()


async def _run_together(engine: AsyncEngine, folder: Path, names: list[str]) -> None:
    schema = ""
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            schema = str((await connection.execute(text("SELECT current_schema()"))).scalar_one())
    url = engine.url.render_as_string(hide_password=False)
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, name, url, schema, str(folder), str(COUNT),
            cwd=ROOT, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        for name in names
    ]  # fmt: skip
    ended = await asyncio.gather(*(process.communicate(b"\n") for process in started))
    assert [process.returncode for process in started] == [0] * len(names), ended
