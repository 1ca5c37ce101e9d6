"""What several processes have of a source in common: found by all, forgotten by all, missed by none."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from redis import Redis

from benchmarks.faults.servers import own_redis
from codes.kinds import RegistrationStatus
from connectors.catalogue import COLLECTIONS
from connectors.common_cache import CommonCache
from connectors.errors import SourceError, SourceUnavailable
from connectors.forgetting import EVERYTHING, Forget, Forgetting, NotTold
from connectors.outcomes import Absent, record_type
from connectors.packing import Packer, Unpackable
from connectors.session import Freshness, Session
from connectors.sources import Sources
from tests.connectors.registry import NAME, A, B, Service, asked, names

KEPT = "cache = 60"


@pytest.fixture(autouse=True)
def _nothing_kept(redis_url: str) -> None:
    """Begin with nothing in Redis: what was forgotten a moment ago takes nothing in."""
    with Redis.from_url(redis_url) as redis:
        for key in redis.scan_iter("innograph:cache:*"):
            redis.delete(key)


@asynccontextmanager
async def two(redis_url: str, policy: str = "retries = 0") -> AsyncIterator[tuple[Service, Sources, Sources]]:
    """Two processes' sources over one registry and one Redis."""
    one, other = CommonCache(redis_url), CommonCache(redis_url)
    async with asked(policy, cache=KEPT, common=one) as (service, opened):
        beside = Sources(opened.config, common=other)
        try:
            yield service, opened, beside
        finally:
            await beside.aclose()
            await one.aclose()
            await other.aclose()


@asynccontextmanager
async def told(opened: Sources, redis_url: str) -> AsyncIterator[Forgetting]:
    """What has a process forget what others are told to."""
    common = CommonCache(redis_url)
    forgetting = Forgetting(opened.forget, common, redis_url)
    forgetting.open()
    await asyncio.sleep(0.2)
    try:
        yield forgetting
    finally:
        await forgetting.aclose()
        await common.aclose()


async def until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - it lies behind Redis
            await asyncio.sleep(0.02)


def kept(opened: Sources, code: str) -> bool:
    """Whether a process has something of a code by itself."""
    edition = opened.sources["registry"].config.edition
    return opened.cache.kept((edition, "registration", code, None), NAME) is not None


async def written() -> None:
    """Let what is written behind an answer be written."""
    await asyncio.sleep(0.2)


async def test_what_one_has_fetched_another_finds_with_its_age(redis_url: str) -> None:
    async with two(redis_url) as (service, one, other):
        service.unknown = B
        assert await names(one, A, B) == [A, Absent.NOT_FOUND]
        await written()
        session = Session.lasting(5)
        found = await other.fetch(session, "registration", [A, B], NAME)
        assert (getattr(found[0], "name", None), found[1], service.calls) == (A, Absent.NOT_FOUND, 1)
        usage = session.usage["registry"]
        assert (usage.calls, usage.cache_hits) == (0, 2)
        assert 0.1 < usage.age < 60
        assert kept(other, A), "it need not look there again"
        await other.fetch(session, "registration", [A], frozenset(("name", "status")))
        assert service.calls == 2, "what it does not hold is fetched"


async def test_who_asks_for_something_fresh_is_not_given_what_another_has_fetched(redis_url: str) -> None:
    async with two(redis_url) as (service, one, other):
        await names(one, A)
        await written()
        await other.fetch(Session.lasting(5, Freshness(0.0)), "registration", [A], NAME)
        assert service.calls == 2


async def test_what_was_declared_otherwise_is_not_found(redis_url: str) -> None:
    async with two(redis_url) as (service, one, _):
        await names(one, A)
        await written()
        source = replace(one.config.sources["registry"], empty=("none",))
        common = CommonCache(redis_url)
        changed = Sources(replace(one.config, sources={"registry": source}), common=common)
        await names(changed, A)
        assert service.calls == 2
        await changed.aclose()
        await common.aclose()


async def test_what_another_has_fetched_stands_in_for_a_source_that_fails(redis_url: str) -> None:
    async with asked("retries = 0", cache="cache = 0.3\nstale = 60") as (service, opened):
        one, other = CommonCache(redis_url), CommonCache(redis_url)
        first, second = (Sources(opened.config, common=common) for common in (one, other))
        await names(first, A)
        await asyncio.sleep(0.6)
        service.always = 503
        session = Session.lasting(5)
        (found,) = await second.fetch(session, "registration", [A], NAME)
        assert getattr(found, "name", found) == A
        assert session.usage["registry"].stale == 1
        for sources, common in ((first, one), (second, other)):
            await sources.aclose()
            await common.aclose()


@pytest.mark.parametrize(
    ("what", "left"),
    [
        (Forget("registry"), set()),
        (Forget("registry", "registration"), set()),
        (Forget("registry", "registration", (A,)), {B}),
        (EVERYTHING, set()),
        (Forget("registry", "filings"), {A, B}),
    ],
)
async def test_what_one_is_told_to_forget_all_forget(redis_url: str, what: Forget, left: set[str]) -> None:
    async with two(redis_url) as (service, one, other), told(one, redis_url) as telling, told(other, redis_url):
        await names(one, A, B)
        await written()
        await names(other, A, B)
        assert service.calls == 1
        await telling.everywhere(what)
        await until(lambda: {code for code in (A, B) if kept(other, code)} == left, 1.0)
        assert {code for code in (A, B) if kept(one, code)} == left
        service.asked.clear()
        assert await names(other, A, B) == [A, B]
        assert set(service.asked) == {A, B} - left, "nor is it found in Redis"


@pytest.mark.parametrize("what", [Forget("registry"), Forget("registry", "registration", (A,))])
async def test_what_was_on_its_way_when_it_changed_is_not_kept(redis_url: str, what: Forget) -> None:
    async with two(redis_url) as (service, one, other), told(one, redis_url) as telling:
        service.seconds = 0.4
        fetch = asyncio.create_task(names(one, A))
        await asyncio.sleep(0.2)
        await telling.everywhere(what)
        late = asyncio.create_task(names(one, A))
        assert await fetch == await late == [A]
        await written()
        assert service.calls == 2, "who asks after the change does not join a fetch from before"
        service.asked.clear()
        await names(other, A)
        assert service.asked in ([], [A])


async def test_without_a_redis_that_answers_everybody_is_answered(redis_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for port in (silent.getsockname()[1], 9):
            async with two(f"redis://127.0.0.1:{port}/0") as (service, one, other):
                began = time.monotonic()
                assert await names(one, A) == [A]
                assert await names(other, A) == [A]
                assert time.monotonic() - began < 2.0
                assert service.calls == 2
                forgetting = Forgetting(one.forget, CommonCache(f"redis://127.0.0.1:{port}/0"), "redis://127.0.0.1:9/0")
                with pytest.raises(NotTold):
                    await forgetting.everywhere(EVERYTHING)
                assert not kept(one, A), "this process has forgotten at least"
                await forgetting.aclose()


async def test_who_was_cut_off_from_redis_forgets_all_when_it_is_back(tmp_path: Path) -> None:
    with own_redis(tmp_path) as (url, port, redis):
        async with asked(cache=KEPT) as (_, opened), told(opened, url):
            await names(opened, A)
            redis.kill()
            redis.wait()
            await asyncio.sleep(0.5)
            assert kept(opened, A)
            with own_redis(tmp_path, port):
                await until(lambda: not kept(opened, A))


def test_outcomes_come_back_as_they_were() -> None:
    packer = Packer(COLLECTIONS)
    values = {
        "name": "楚精灵", "status": RegistrationStatus.ACTIVE, "registered_capital": Decimal("38000000.00"),
        "founded": date(2012, 3, 4), "as_of": datetime(2023, 6, 30, 8, tzinfo=UTC), "synthetic": True,
        "former_names": ("甲", "乙"), "address": Absent.NOT_SHARED, "industry": None, "employees": 2**40,
    }  # fmt: skip
    record = record_type("registration", tuple(values))(*values.values())
    indicator = record_type("indicator", ("id", "points"))("rd", Decimal("1.50"))
    nested = record_type("score", ("total", "indicators"))(Decimal(7), (indicator,))
    for outcome in (record, (record, record), (), Absent.NOT_FOUND, nested):
        back = packer.unpack(packer.pack("registration", outcome))
        assert back == outcome
        assert type(back) is type(outcome)
    for strange in (object(), SourceError("s", "m"), SourceUnavailable("s", "m"), 2**80):
        with pytest.raises(Unpackable):
            packer.pack("registration", strange)
    for broken in (b"", b"\xc1", b"\xc7\x01\x09x", b"\xc7\x03\x05abc"):
        with pytest.raises(Unpackable):
            packer.unpack(broken)
