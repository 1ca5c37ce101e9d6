"""Whose turn it is, and who is refused where there is more to do than can be done."""

from __future__ import annotations

import asyncio
import time

import pytest

from web.body import Unacceptable
from web.crowd import Crowd


async def served(crowd: Crowd) -> bool:
    """Be a request that keeps the loop busy for a while."""
    with crowd:
        if not crowd.begin():
            await crowd.turn()
        time.sleep(0.01)  # noqa: ASYNC251 - that is the point
    return True


async def test_whoever_would_wait_too_long_is_refused_as_it_comes_and_whoever_was_let_in_is_served() -> None:
    crowd, refusals = Crowd(1000), list[Unacceptable]()
    wave = asyncio.gather(*(served(crowd) for _ in range(200)))
    while not wave.done():
        inside = crowd.inside
        try:
            with crowd:
                pass
        except Unacceptable as refusal:
            refusals.append(refusal)
            assert crowd.inside == inside
            assert crowd.overloaded
        await asyncio.sleep(0)
    assert await wave == [True] * 200
    assert {(one.status, one.code, one.headers["Retry-After"]) for one in refusals} == {(503, "OVERLOADED", "1")}
    assert (crowd.inside, crowd.queueing) == (0, False)
    with crowd:
        assert crowd.inside == 1, "there is room again"


async def test_one_more_than_may_be_at_work_is_refused() -> None:
    crowd = Crowd(1)
    with crowd:
        with pytest.raises(Unacceptable), crowd:
            pass
        assert crowd.inside == 1
    assert crowd.inside == 0
