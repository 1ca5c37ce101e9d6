"""A side thread: what is asked of it is done in turn, whoever waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from store.side_thread import SideThread


@pytest.fixture
def thread() -> Iterator[SideThread]:
    made = SideThread("side")
    yield made
    made.end()


async def test_everything_is_done_in_turn_beside_the_loop(thread: SideThread) -> None:
    done: list[int] = []

    def work(number: int) -> str:
        done.append(number)
        return threading.current_thread().name

    assert set(await asyncio.gather(*(thread.do(lambda n=n: work(n)) for n in range(50)))) == {"side"}  # type: ignore[misc]
    assert done == [*range(50)]


async def test_what_fails_is_told_to_who_asked_and_to_nobody_else(thread: SideThread) -> None:
    told = await asyncio.gather(
        thread.do(lambda: 1), thread.do(lambda: [][0]), thread.do(lambda: 3), return_exceptions=True
    )
    assert [one if isinstance(one, int) else type(one) for one in told] == [1, IndexError, 3]


async def test_it_is_done_though_who_asked_has_left(thread: SideThread) -> None:
    begin, done = threading.Event(), list[str]()
    leaving = asyncio.create_task(thread.do(lambda: done.append("first") if begin.wait(30) else None))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    begin.set()
    assert await thread.do(lambda: [*done]) == ["first"]


def test_a_loop_that_is_closed_meanwhile_stops_nothing(thread: SideThread) -> None:
    begin = threading.Event()

    async def leave() -> None:
        asyncio.get_running_loop().create_task(thread.do(lambda: begin.wait(30)))
        await asyncio.sleep(0)

    async def ask() -> str:
        return await thread.do(lambda: "still here")

    asyncio.run(leave())
    begin.set()
    assert asyncio.run(ask()) == "still here"
