"""What several requests share: fetches under way, answers that are kept, and what stands in for a source that fails."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from connectors.cache import Cache, CacheKey, Held
from connectors.config import SourcesConfig
from connectors.errors import SourceError, SourceTimeout, SourceUnavailable
from connectors.outcomes import Absent
from connectors.session import Freshness, Session
from connectors.sources import Sources
from tests.connectors.registry import NAME, A, B, C, asked, names

KEPT = "cache = 60"


def key_of(opened: Sources, code: str) -> CacheKey:
    return (opened.sources["registry"].config.edition, "registration", code, None)


def age(opened: Sources, code: str, seconds: float) -> None:
    """Let what is kept of a code have ended so many seconds ago."""
    held = opened.cache.kept(key_of(opened, code), NAME)
    assert held is not None
    opened.cache.keep(key_of(opened, code), replace(held, fresh_until=time.monotonic() - seconds))


def declared_anew(opened: Sources, stale: float) -> SourcesConfig:
    """The same sources, which stand in for another time."""
    entry = opened.config.sources["registry"]
    collections = {name: replace(collection, stale=stale) for name, collection in entry.collections.items()}
    return replace(opened.config, sources={entry.name: replace(entry, collections=collections)})


async def test_a_hundred_who_want_the_same_at_once_share_one_fetch() -> None:
    async with asked(cache=KEPT) as (service, opened):
        service.seconds = 0.2
        assert await asyncio.gather(*(names(opened, A, B) for _ in range(100))) == [[A, B]] * 100
        assert service.calls == 1


async def test_a_longer_time_to_stand_in_holds_for_what_is_kept_already() -> None:
    async with asked("retries = 0", cache="cache = 60\nstale = 5") as (service, opened):
        service.unknown = B
        await names(opened, A, B)
        for code in (A, B):
            age(opened, code, 10)
        service.always = 500
        (found,) = await names(opened, A)
        assert isinstance(found, SourceError), "it has stood in for long enough"
        again = Sources(declared_anew(opened, stale=3600.0), before=opened)
        again.stand_in()
        found, unknown = await names(again, A, B)
        assert found == A
        assert isinstance(unknown, SourceError), "that there was nothing is not said again"
        steward = opened.sources["registry"].steward
        assert again.sources["registry"].steward is steward, "and what is known of the source stays"
        shorter = Sources(declared_anew(again, stale=0.0), before=again)
        (found,) = await names(shorter, A)
        assert isinstance(found, SourceError)
        await shorter.aclose()
        await again.aclose()


async def test_only_what_nobody_is_fetching_is_fetched() -> None:
    async with asked(cache=KEPT) as (service, opened):
        service.seconds = 0.2
        first = asyncio.create_task(names(opened, A, B))
        await asyncio.sleep(0.05)
        assert await names(opened, B, C) == [B, C]
        assert await first == [A, B]
        assert sorted(service.asked) == sorted((A, B, C))


async def test_whoever_leaves_does_not_take_the_answer_from_those_who_joined() -> None:
    async with asked(cache=KEPT) as (service, opened):
        service.seconds = 0.2
        first = asyncio.create_task(names(opened, A))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(names(opened, A)) for _ in range(20)]
        await asyncio.sleep(0.05)
        first.cancel()
        assert await asyncio.gather(*others) == [[A]] * 20
        assert service.calls == 2, "one of them fetches in his place, for all"


async def test_a_failure_is_shared_too() -> None:
    async with asked("retries = 0", cache=KEPT) as (service, opened):
        service.seconds, service.always = 0.2, 500
        found = [one for (one,) in await asyncio.gather(*(names(opened, A) for _ in range(20)))]
        assert all(isinstance(one, SourceError) for one in found)
        assert service.calls == 1


async def test_a_fetch_that_has_too_little_time_left_is_not_joined() -> None:
    async with asked(cache=KEPT) as (service, opened):
        service.seconds = 0.5
        hasty = asyncio.create_task(names(opened, A, seconds=0.2))
        await asyncio.sleep(0.05)
        assert await names(opened, A) == [A]
        (late,) = await hasty
        assert isinstance(late, SourceTimeout)


async def test_who_asks_for_something_fresh_fetches_it() -> None:
    async with asked(cache=KEPT) as (service, opened):
        service.seconds = 0.2
        first = asyncio.create_task(names(opened, A))
        await asyncio.sleep(0.05)
        session = Session.lasting(5, Freshness(0.0))
        await opened.fetch(session, "registration", [A], NAME)
        await first
        assert service.calls == 2


async def test_without_a_cache_nothing_is_shared() -> None:
    async with asked("together = false", cache="cache = 0") as (service, opened):
        service.seconds = 0.1
        await asyncio.gather(*(names(opened, A) for _ in range(5)))
        assert service.calls == 5


async def test_what_was_kept_stands_in_for_a_source_that_fails_and_says_so() -> None:
    async with asked("retries = 0", cache=KEPT) as (service, opened):
        await names(opened, A)
        age(opened, A, 100)
        service.always = 503
        session = Session.lasting(5)
        (found,) = await opened.fetch(session, "registration", [A], NAME)
        assert getattr(found, "name", found) == A
        usage = session.usage["registry"]
        assert (usage.stale, usage.error and usage.error.code) == (1, "SOURCE_UNAVAILABLE")
        assert usage.age > 0
        (unknown,) = await names(opened, B)
        assert isinstance(unknown, SourceUnavailable), "of others nothing is known"


async def test_it_stands_in_only_for_as_long_as_it_may() -> None:
    async with asked("retries = 0", cache="cache = 60\nstale = 0") as (service, opened):
        await names(opened, A)
        age(opened, A, 100)
        held = opened.cache.kept(key_of(opened, A), NAME)
        assert held is not None
        opened.cache.keep(key_of(opened, A), replace(held, kept_until=time.monotonic() - 1))
        service.always = 503
        (found,) = await names(opened, A)
        assert isinstance(found, SourceUnavailable)


async def test_that_there_was_nothing_is_not_said_again_when_the_source_fails() -> None:
    async with asked("retries = 0", cache=KEPT) as (service, opened):
        service.unknown = A
        assert await names(opened, A) == [Absent.NOT_FOUND]
        service.always = 503
        held = opened.cache.kept(key_of(opened, A), NAME)
        assert held is not None
        assert held.kept_until == held.fresh_until


async def test_what_has_just_ended_is_given_once_more_and_renewed_behind_the_scenes() -> None:
    async with asked(cache=KEPT) as (service, opened):
        await names(opened, A)
        age(opened, A, 1)
        service.seconds = 0.2
        found = await asyncio.gather(*(names(opened, A) for _ in range(10)))
        assert found == [[A]] * 10
        for _ in range(100):
            if (held := opened.cache.fresh(key_of(opened, A), NAME)) is not None:
                break
            await asyncio.sleep(0.05)
        assert held is not None
        assert service.calls == 2


async def test_what_ended_long_ago_is_waited_for() -> None:
    async with asked(cache=KEPT) as (service, opened):
        await names(opened, A)
        age(opened, A, 30)
        assert await names(opened, A) == [A]
        assert service.calls == 2


async def test_the_cache_stays_within_its_bytes() -> None:
    async with asked(cache=KEPT, room=5_000) as (_, opened):
        for _ in range(3):
            await names(opened, A, B, C)
        assert 0 < len(opened.cache) < 10
        assert opened.cache.size <= 5_000


async def test_what_is_larger_than_all_the_room_is_not_kept() -> None:
    async with asked(cache=KEPT, room=100) as (service, opened):
        assert await names(opened, A) == [A]
        assert await names(opened, A) == [A]
        assert (len(opened.cache), service.calls) == (0, 2)


@pytest.mark.parametrize(
    ("collection", "keys", "left"),
    [(None, None, set()), ("registration", None, set()), ("registration", {A}, {B}), ("awards", None, {A, B})],
)
async def test_what_has_changed_is_forgotten(collection: str | None, keys: set[str] | None, left: set[str]) -> None:
    async with asked(cache=KEPT) as (_, opened):
        await names(opened, A, B)
        assert opened.cache.forget("registry", collection, keys) == 2 - len(left)
        assert {code for code in (A, B) if opened.cache.kept(key_of(opened, code), NAME)} == left
        assert opened.cache.forget("tax") == 0


def test_a_shape_is_replaced_by_one_that_covers_it() -> None:
    cache = Cache(100_000)
    key: CacheKey = ("registry", "registration", A, None)
    now, ends = time.monotonic(), time.monotonic() + 60

    def held(*fields: str) -> Held:
        return Held(frozenset(fields), fields, None, now, ends, ends)  # type: ignore[arg-type]  # no time is read here

    cache.keep(key, held("name"))
    cache.keep(key, held("status"))
    cache.keep(key, held("name", "address"))
    found = cache.fresh(key, frozenset(("name",)))
    assert found is not None
    assert found.outcome == ("name", "address")
    assert cache.fresh(key, frozenset(("status",))) is not None
    assert cache.fresh(key, frozenset(("name", "status"))) is None
