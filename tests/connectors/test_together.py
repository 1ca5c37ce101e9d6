"""Keys that several requests ask a real service for while it is at work: how many calls, and who gets what."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from codes import uscc
from connectors.errors import SourceError, SourceUnavailable
from connectors.outcomes import Absent
from connectors.sources import Sources
from tests.connectors.registry import A, B, C, Service, asked, names

CODES = [uscc.compose("91", "000000", f"MANY{n:04d}") for n in range(40)]


async def busy(service: Service, opened: Sources) -> asyncio.Task[Sequence[Any]]:
    """Have the service at work on a call."""
    service.seconds = 0.1
    before = service.calls
    task = asyncio.create_task(names(opened, C))
    while service.calls == before:  # noqa: ASYNC110 - it is counted in another thread's loop
        await asyncio.sleep(0.005)
    return task


@pytest.mark.parametrize("kept", ["cache = 0", "exact = true\ncache = 0", "cache = 60"])
async def test_keys_of_many_go_in_one_call_and_each_gets_its_own(kept: str) -> None:
    async with asked(cache=kept) as (service, opened):
        service.unknown = CODES[7]
        first = await busy(service, opened)
        found = await asyncio.gather(*(names(opened, one, two) for one, two in pairwise(CODES)))
        assert await first == [C]
        expected = [Absent.NOT_FOUND if code == CODES[7] else code for code in CODES]
        assert found == [[one, two] for one, two in pairwise(expected)]
        assert service.calls == 2
        assert sorted(service.asked[1:]) == sorted(CODES), "each key once"


async def test_whoever_is_alone_has_a_call_of_its_own_at_once() -> None:
    async with asked() as (service, opened):
        assert [await names(opened, code) for code in CODES[:5]] == [[code] for code in CODES[:5]]
        assert service.calls == 5


async def test_a_call_has_no_more_keys_than_the_source_takes() -> None:
    async with asked(max_keys=4) as (service, opened):
        first = await busy(service, opened)
        found = await asyncio.gather(*(names(opened, code) for code in CODES[:10]), names(opened, *CODES[10:13]))
        assert found == [*([code] for code in CODES[:10]), CODES[10:13]]
        assert service.calls == 1 + 3 + 1, "ten in three, and three keys that leave no room for as many"
        await first


async def test_what_has_more_time_does_not_wait_for_what_has_less() -> None:
    async with asked(timeout=5) as (service, opened):
        first = await busy(service, opened)
        hurried = names(opened, A, seconds=1)
        assert [*await asyncio.gather(hurried, names(opened, B))] == [[A], [B]]
        assert service.calls == 3
        await first


async def test_it_can_be_switched_off() -> None:
    async with asked("together = false") as (service, opened):
        first = await busy(service, opened)
        await asyncio.gather(*(names(opened, code) for code in CODES[:5]))
        assert service.calls == 6
        await first


async def test_a_key_that_the_source_fails_for_costs_the_others_nothing() -> None:
    async with asked("retry_share = 1, breaker = { least = 20 }") as (service, opened):
        for _ in range(4):
            await names(opened, A)
        service.poisoned = CODES[3]
        first = await busy(service, opened)
        found = await asyncio.gather(*(names(opened, code) for code in CODES[:5]))
        failed = [code for code, (one,) in zip(CODES, found, strict=False) if isinstance(one, SourceError)]
        assert failed == [CODES[3]]
        assert service.calls == 4 + 1 + 1 + 5, "together, and then each by itself"
        assert opened.sources["registry"].steward.repeated == 5
        await first


async def test_where_nothing_is_to_spare_all_are_told_that_the_source_failed() -> None:
    async with asked("retry_share = 0") as (service, opened):
        first = await busy(service, opened)
        service.poisoned = CODES[3]
        found = await asyncio.gather(*(names(opened, code) for code in CODES[:5]))
        assert all(isinstance(one, SourceError) for (one,) in found)
        assert service.calls == 2
        await first


async def test_a_source_that_is_not_available_is_not_asked_by_each_again() -> None:
    async with asked("retry_share = 1, retries = 0") as (service, opened):
        first = await busy(service, opened)
        service.always = 503
        found = await asyncio.gather(*(names(opened, code) for code in CODES[:5]))
        assert all(isinstance(one, SourceUnavailable) for (one,) in found)
        assert service.calls == 2
        await first


async def test_a_reader_who_leaves_takes_the_call_along_only_if_it_is_the_last() -> None:
    async with asked() as (service, opened):
        steward = opened.sources["registry"].steward
        first = await busy(service, opened)
        service.seconds = 0.3
        leaving, staying = (asyncio.create_task(names(opened, code)) for code in (A, B))
        await asyncio.sleep(0.1)
        leaving.cancel()
        assert await staying == [B]
        assert service.calls == 2
        await first
        first = await busy(service, opened)
        service.seconds = 30
        both = [asyncio.create_task(names(opened, code)) for code in (A, B)]
        await first
        assert steward.busy == 1
        for one in both:
            one.cancel()
        await asyncio.wait(both)
        await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        assert steward.busy == 0


async def test_whoever_comes_after_a_reader_has_left_has_a_call_that_goes() -> None:
    async with asked() as (service, opened):
        first = await busy(service, opened)
        leaving = asyncio.create_task(names(opened, A))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait((leaving,))
        assert await names(opened, B) == [B]
        assert await first == [C]
        assert A not in service.asked
