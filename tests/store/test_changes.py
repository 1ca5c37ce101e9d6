"""Changes in the store: once for each key, all or nothing, with history and events; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter as Count
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from codes.problems import ProblemCode
from store.changes import Change, Changes, Conflict, now
from store.events import Outbox
from store.tables import change_key
from tests.counters import COUNTER, Counter, adding, call, counting, make_table


@pytest.fixture
async def changes(engine: AsyncEngine) -> Changes:
    """The changes of a store that has a table of counters."""
    await make_table(engine)
    return Changes(engine)


async def keys(changes: Changes) -> int:
    """Return how many keys the store remembers."""
    async with changes.engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(change_key))).scalar_one())


async def test_a_change_leaves_its_thing_its_history_and_its_event(changes: Changes) -> None:
    made = await changes.once(call("1"), COUNTER, adding())
    counted = await changes.once(call("2"), COUNTER, counting())
    assert made.thing == Counter(id="a", owner="org")
    assert counted.thing == Counter(id="a", owner="org", count=1, version=2) == await changes.find(COUNTER, "a")
    history = (await changes.history("Counter", ["a", "b"]))["a"]
    assert [(e.version, e.action, e.organisation, e.subject, e.client, e.purpose) for e in history] == [
        (1, "ADD", "org", "li", "client", "POLICY"),
        (2, "COUNT", "org", "li", "client", "POLICY"),
    ]
    assert '"count":1' in history[1].body
    assert history[0].at <= history[1].at <= now()
    events = await Outbox(changes.engine).after(0)
    assert [(e.place, e.topic, e.id, e.version) for e in events] == [(1, "Counter", "a", 1), (2, "Counter", "a", 2)]


async def test_the_same_key_gives_the_same_answer_again_and_changes_nothing(changes: Changes) -> None:
    made = await changes.once(call("1"), COUNTER, adding())
    await changes.once(call("2"), COUNTER, counting())
    again = await changes.once(call("1"), COUNTER, adding())
    assert again == replace(made, repeated=True), "as it was then, not as it is now"
    assert await changes.again(call("1"), COUNTER) == again
    assert await changes.again(call("3"), COUNTER) is None
    assert len(await Outbox(changes.engine).after(0)) == 2


async def test_a_key_stands_for_one_content_of_one_subject(changes: Changes) -> None:
    await changes.once(call("1"), COUNTER, adding())
    for other in (call("1", digest="e"), call("1", mutation="other")):
        with pytest.raises(Conflict, match="'1' was used before, for other content"):
            await changes.once(other, COUNTER, adding("b"))
    found = await changes.once(call("1", digest="e", subject="wang"), COUNTER, adding("b"))
    assert found.thing is not None


async def test_what_its_caller_may_mend_changes_nothing_and_is_told_again(changes: Changes) -> None:
    await changes.once(call("1"), COUNTER, adding())

    async def half(change: Change) -> Counter:
        await change.add(COUNTER, Counter(id="half", owner="org"), "ADD")
        return await counting(version=7)(change)

    refused = await changes.once(call("2"), COUNTER, half)
    (problem,) = refused.problems
    assert problem.code is ProblemCode.STALE_VERSION
    assert "at version 1" in problem.message
    assert "change version 7" in problem.message
    assert await changes.find(COUNTER, "half") is None
    again = await changes.once(call("2"), COUNTER, counting())
    assert again == replace(refused, repeated=True), "though it would succeed now"
    assert len(await Outbox(changes.engine).after(0)) == 1
    gone = await changes.once(call("3"), COUNTER, counting("nothing"))
    assert [p.code for p in gone.problems] == [ProblemCode.NOT_FOUND]


async def test_a_call_that_failed_halfway_is_done_anew(changes: Changes) -> None:
    async def fails(change: Change) -> Counter:
        await adding()(change)
        raise OSError("the power is off")

    with pytest.raises(OSError, match="power"):
        await changes.once(call("1"), COUNTER, fails)
    assert await keys(changes) == 0
    assert (await changes.once(call("1"), COUNTER, adding())).thing == Counter(id="a", owner="org")
    assert [e.place for e in await Outbox(changes.engine).after(0)] == [1]


async def test_a_call_that_was_cancelled_halfway_is_done_anew_while_another_waits(changes: Changes) -> None:
    begun = asyncio.Event()

    async def hangs(change: Change) -> Counter:
        await adding()(change)
        begun.set()
        await asyncio.sleep(30)
        raise AssertionError

    first = asyncio.create_task(changes.once(call("1"), COUNTER, hangs))
    await begun.wait()
    second = asyncio.create_task(changes.once(call("1"), COUNTER, adding()))
    await asyncio.sleep(0.05)
    assert not second.done()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    async with asyncio.timeout(15):
        assert (await second).thing == Counter(id="a", owner="org")


async def test_fifty_repetitions_at_once_are_one_change(changes: Changes) -> None:
    await changes.once(call("0"), COUNTER, adding())
    async with asyncio.timeout(60):
        found = await asyncio.gather(*(changes.once(call("1"), COUNTER, counting()) for _ in range(50)))
    assert {outcome.thing for outcome in found} == {Counter(id="a", owner="org", count=1, version=2)}
    assert await changes.find(COUNTER, "a") == found[0].thing
    assert len(await Outbox(changes.engine).after(0)) == 2


async def test_two_hundred_callers_with_repeated_keys_lose_nothing(changes: Changes) -> None:
    await changes.once(call("0"), COUNTER, adding())
    names = [f"k{number % 80}" for number in range(200)]
    async with asyncio.timeout(120):
        found = await asyncio.gather(*(changes.once(call(name), COUNTER, counting()) for name in names))
    by_key: dict[str, set[int]] = {}
    for name, outcome in zip(names, found, strict=True):
        assert outcome.thing is not None
        by_key.setdefault(name, set()).add(outcome.thing.count)
    assert Count(len(counts) for counts in by_key.values()) == {1: 80}, "each key has one answer"
    assert {count for counts in by_key.values() for count in counts} == set(range(1, 81))
    assert [e.version for e in (await changes.history("Counter", ["a"]))["a"]] == list(range(1, 82))
    assert [e.place for e in await Outbox(changes.engine).after(0)] == list(range(1, 82))


async def test_of_many_who_change_one_version_one_succeeds(changes: Changes) -> None:
    await changes.once(call("0"), COUNTER, adding())
    async with asyncio.timeout(60):
        found = await asyncio.gather(*(changes.once(call(str(n)), COUNTER, counting(version=1)) for n in range(1, 40)))
    assert Count(bool(outcome.thing) for outcome in found) == {True: 1, False: 38}
    assert {problem.code for outcome in found for problem in outcome.problems} == {ProblemCode.STALE_VERSION}


async def test_events_are_read_in_order_while_many_change_at_once(changes: Changes) -> None:
    outbox, seen = Outbox(changes.engine), list[int]()

    async def read() -> None:
        while len(seen) < 60:
            seen.extend(e.place for e in await outbox.after(seen[-1] if seen else 0, most=7))
            await asyncio.sleep(0)

    async with asyncio.timeout(60):
        reading = asyncio.create_task(read())
        await asyncio.gather(*(changes.once(call(str(n)), COUNTER, adding(str(n))) for n in range(60)))
        await reading
    assert seen == list(range(1, 61))


async def test_what_was_delivered_is_remembered(changes: Changes) -> None:
    outbox = Outbox(changes.engine)
    for number in range(3):
        await changes.once(call(str(number)), COUNTER, adding(str(number)))
    await outbox.settle(2)
    await outbox.settle(1)
    assert await outbox.delivered() == 2, "another process that is behind takes nothing back"
