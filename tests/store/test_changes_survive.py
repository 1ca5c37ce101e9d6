"""A process that is killed amid changes, again and again: no event of a change is lost, and no change is half done."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from store.changes import Changes
from store.events import Outbox
from tests.counters import COUNTER, make_table

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 12
WORKERS = """
import asyncio, itertools, os, sys
from resolvers.events import Relay
from store.changes import Changes
from store.engine import open_store
from store.events import Outbox
from tests.counters import COUNTER, adding, call, connecting

async def work(url, told, schema, name):
    engine = open_store(url)
    connecting(engine, schema)

    class File:
        async def publish(self, event):
            with open(told, "a") as file:
                print(name, event.place, event.id, file=file)

    relay, changes = Relay(Outbox(engine), File()), Changes(engine)
    await relay.open()
    for number in itertools.count():
        id = f"{name}-{number}"
        await changes.once(call(id), COUNTER, adding(id))
        print(id, flush=True)
        relay.wake()

for name in sys.stdin:
    pid = os.fork()
    if not pid:
        asyncio.run(work(*sys.argv[1:4], name.strip()))
    print(pid, flush=True)
    os.waitpid(pid, 0)
    print("ended", flush=True)
"""
"""Imports once, and then makes a process for each name that it is given, which changes things until it is killed."""


class Workers:
    """Starts processes over one store, one after the other, and kills them."""

    def __init__(self, url: str, told: Path, schema: str) -> None:
        self._maker = subprocess.Popen(
            [sys.executable, "-c", WORKERS, url, str(told), schema],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def changed_until_killed(self, name: str, seconds: float) -> list[str]:
        """Let one change things, kill it in the midst as `kill -9` does, and return what it said was done."""
        assert self._maker.stdin is not None
        assert self._maker.stdout is not None
        said = self._maker.stdout.readline
        print(name, file=self._maker.stdin, flush=True)
        pid: int | None = None
        done: list[str] = []
        while not (pid and done):
            line = said().strip()
            if line.isdigit():
                pid = int(line)
            else:
                done.append(line)
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        while (line := said().strip()) != "ended":
            done.append(line)
        return done

    def close(self) -> None:
        """Leave nothing running."""
        self._maker.kill()
        self._maker.communicate()


async def test_no_event_of_a_change_is_lost(engine: AsyncEngine, tmp_path: Path) -> None:
    await make_table(engine)
    schema = ""
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            schema = str((await connection.exec_driver_sql("SELECT current_schema()")).scalar_one())
    told, rng = tmp_path / "told", random.Random(7)
    workers = Workers(engine.url.render_as_string(hide_password=False), told, schema)
    try:
        done: list[str] = []
        for number in range(ROUNDS):
            done += await asyncio.to_thread(workers.changed_until_killed, str(number), rng.uniform(0, 0.2))
        committed = {event.id: event.place for event in await Outbox(engine).after(0, most=1_000_000)}
        await asyncio.to_thread(workers.changed_until_killed, "last", 0.3)
    finally:
        workers.close()
    assert len(done) > ROUNDS
    assert set(done) <= set(committed)
    assert sorted(committed.values()) == list(range(1, len(committed) + 1))

    heard = [line.split() for line in told.read_text().splitlines()]
    assert set(committed) - {id for _, _, id in heard} == set()
    for number in range(ROUNDS):
        places = [int(place) for name, place, _ in heard if name == str(number)]
        assert places == sorted(places), "in order"
    for id in committed:
        thing = await Changes(engine).find(COUNTER, id)
        assert thing is not None
        assert [e.version for e in (await Changes(engine).history("Counter", [id]))[id]] == [1]
