"""A real service that fails, and how often, how many at a time and how long the hub asks it."""

from __future__ import annotations

import asyncio

import pytest

from codes.kinds import BreakerState
from connectors.errors import (
    SourceBusy,
    SourceCallLimit,
    SourceCircuitOpen,
    SourceError,
    SourceFailure,
    SourcesMisconfigured,
    SourceTimeout,
    SourceUnavailable,
)
from tests.connectors.registry import A, B, C, asked, names


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_call_that_found_it_unavailable_is_repeated(status: int) -> None:
    async with asked("retry_share = 1") as (service, opened):
        service.statuses = [status]
        assert await names(opened, A) == [A]
        assert service.calls == 2


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_what_would_fail_again_is_not_repeated(status: int) -> None:
    async with asked("retry_share = 1") as (service, opened):
        service.statuses = [status]
        (found,) = await names(opened, A)
        assert isinstance(found, SourceError)
        assert service.calls == 1


@pytest.mark.parametrize("status", [500, 503])
async def test_a_failure_holds_nothing_of_the_call_that_it_came_of(status: int) -> None:
    async with asked() as (service, opened):
        service.always = status
        (found,) = await names(opened, A)
        assert isinstance(found, SourceFailure)
        assert (found.__traceback__, found.__cause__, found.__context__) == (None, None, None)


async def test_repeated_calls_stay_a_tenth_of_all_however_often_it_fails() -> None:
    async with asked("breaker = { least = 1000, of = 1000 }") as (service, opened):
        service.always = 503
        for asked_so_far in range(1, 101):
            (found,) = await names(opened, A)
            assert isinstance(found, SourceUnavailable)
            assert service.calls <= 1.1 * asked_so_far, "at no moment more, not even at the start"
        assert service.calls >= 109, "a tenth is made use of"


async def test_calls_that_were_not_made_allow_no_repetition() -> None:
    async with asked("concurrent = 1, waiting = 0") as (service, opened):
        service.seconds = 0.5
        under_way = asyncio.create_task(names(opened, A))
        await asyncio.sleep(0.1)
        for _ in range(30):
            (found,) = await names(opened, A)
            assert isinstance(found, SourceBusy)
        assert await under_way == [A]
        service.seconds, service.always = 0, 503
        await names(opened, A)
        assert service.calls == 2


async def test_retry_after_is_honoured_for_everybody() -> None:
    async with asked("retry_share = 1") as (service, opened):
        service.statuses, service.retry_after = [503], "1"
        (first,) = await names(opened, A)
        assert isinstance(first, SourceUnavailable)
        (second,) = await names(opened, B)
        assert isinstance(second, SourceCircuitOpen)
        assert "asked to be left alone" in second.message
        assert service.calls == 1
        await asyncio.sleep(1.05)
        assert await names(opened, A) == [A]


async def test_the_breaker_opens_lets_one_of_two_hundred_probe_and_closes() -> None:
    async with asked("retries = 0, breaker = { seconds = 0.5 }") as (service, opened):
        service.always = 500
        for _ in range(10):
            await names(opened, A)
        assert opened.sources["registry"].steward.breaker.state is BreakerState.OPEN
        found = await asyncio.gather(*(names(opened, A) for _ in range(200)))
        assert all(isinstance(one, SourceCircuitOpen) for (one,) in found)
        assert isinstance(opened.sources["registry"].state.last_failure, SourceError), "why it opened is still told"
        assert service.calls == 10
        await asyncio.sleep(0.5)
        service.seconds = 0.1
        await asyncio.gather(*(names(opened, A) for _ in range(200)))
        assert service.calls == 11, "one probe, which failed"
        await asyncio.sleep(0.5)
        service.always = None
        await asyncio.gather(*(names(opened, A) for _ in range(200)))
        assert service.calls == 12, "one probe, which was answered"
        assert await names(opened, A) == [A]


async def test_a_client_that_leaves_during_the_probe_does_not_keep_the_breaker_open() -> None:
    async with asked("retries = 0, breaker = { seconds = 0.1 }") as (service, opened):
        service.always = 500
        for _ in range(10):
            await names(opened, A)
        await asyncio.sleep(0.1)
        service.always, service.seconds = None, 0.3
        probe = asyncio.create_task(names(opened, A))
        await asyncio.sleep(0.1)
        probe.cancel()
        service.seconds = 0
        await asyncio.sleep(0.05)
        assert await names(opened, A) == [A]


async def test_only_so_many_call_at_a_time_and_only_so_many_wait() -> None:
    async with asked("concurrent = 3, waiting = 4, together = false") as (service, opened):
        service.seconds = 0.1
        found = [one for (one,) in await asyncio.gather(*(names(opened, A) for _ in range(10)))]
        assert service.most_at_once == 3
        assert sum(isinstance(one, SourceBusy) for one in found) == 3
        assert sum(one == A for one in found) == 7
        assert opened.sources["registry"].steward.refused == 3
        assert opened.sources["registry"].steward.breaker.failures == 0, "the source did not fail"


async def test_who_waits_for_room_waits_until_the_deadline() -> None:
    async with asked("concurrent = 1", timeout=0.3) as (service, opened):
        service.seconds = 5
        found = [one for (one,) in await asyncio.gather(*(names(opened, A) for _ in range(3)))]
        assert all(isinstance(one, SourceTimeout) for one in found)
        assert opened.sources["registry"].steward.breaker.failures == 1, "the others tell nothing of the source"


async def test_requests_that_the_hub_itself_keeps_waiting_tell_nothing_of_the_source() -> None:
    async with asked("breaker = { least = 2 }", timeout=0.5, requests=1) as (service, opened):
        service.seconds = 0.3
        found = [one for (one,) in await asyncio.gather(*(names(opened, A) for _ in range(12)))]
        assert sum(one == A for one in found) == 1
        assert sum(isinstance(one, SourceTimeout) for one in found) == 11
        assert service.most_at_once == 1
        breaker = opened.sources["registry"].steward.breaker
        assert (breaker.state, breaker.failures) == (BreakerState.CLOSED, 0)


async def test_a_call_without_time_says_nothing_of_the_source() -> None:
    async with asked() as (service, opened):
        service.seconds = 1
        for _ in range(12):
            (found,) = await names(opened, A, seconds=0.05)
            assert isinstance(found, SourceTimeout)
        assert opened.sources["registry"].steward.breaker.failures == 0


async def test_beyond_the_most_calls_of_an_operation_the_others_still_arrive() -> None:
    async with asked("calls = 2", max_keys=1) as (service, opened):
        first, second, third = await names(opened, A, B, C)
        assert (first, second) == (A, B)
        assert isinstance(third, SourceCallLimit)
        assert "at most 2 times by one operation, with 1 keys each" in third.message
        assert service.calls == 2
        state = opened.sources["registry"].state
        assert (state.tally.hour().failed, state.last_failure) == (0, None), "it says nothing of the source"
        assert state.tally.failed == {"SOURCE_CALL_LIMIT": 1}, "but is counted"
        assert await names(opened, A, B, C, unhurried=True) == [A, B, C], "a run may ask as often as it has to"


async def test_a_single_key_that_fails_does_not_close_the_source_to_others() -> None:
    async with asked(max_keys=1) as (service, opened):
        service.poisoned = A
        for _ in range(5):
            first, second, third = await names(opened, A, B, C)
            assert isinstance(first, SourceError)
            assert (second, third) == (B, C)
        assert opened.sources["registry"].steward.breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("retries = -1", "policy.retries"),
        ("patience = 3", "policy.patience"),
        (
            "breaker = { least = 30 }",
            "policy.breaker: value error, least is 30, but only 20 calls are looked back upon",
        ),
    ],
)
async def test_a_wrong_policy_stops_the_start_with_its_place(policy: str, said: str) -> None:
    with pytest.raises(SourcesMisconfigured, match=said.replace(".", r"\.")):
        async with asked(policy):
            pass
