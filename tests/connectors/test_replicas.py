"""A source at several addresses, some of which fail for real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from benchmarks.faults.source import Source
from connectors.config import parse
from connectors.errors import SourcesMisconfigured, SourceUnavailable
from connectors.replicas import Replicas
from connectors.sources import Sources
from tests.connectors.registry import A, B, names

DECLARED = """
[sources.registry]
kind = "rest"
title = "t"
owner = "o"
sharing = "UNCONDITIONAL"
urls = {urls}
policy = {{ retries = 0, ejection = {{ failures = 3, seconds = {seconds} }} }}
[sources.registry.collections.registration]
cache = 0
path = "/records"
batch = {{ style = "comma" }}
fields = ["name"]
"""


@asynccontextmanager
async def replicated(count: int, seconds: float = 0.5, more: str = "") -> AsyncIterator[tuple[list[Source], Sources]]:
    """A registry at so many addresses, and the hub's sources over it."""
    async with AsyncExitStack() as stack:
        replicas = [await stack.enter_async_context(Source()) for _ in range(count)]
        urls = [replica.url for replica in replicas]
        opened = Sources(parse(DECLARED.format(urls=f"{urls}\n{more}", seconds=seconds), Path("sources.toml")))
        stack.push_async_callback(opened.aclose)
        yield replicas, opened


def calls(replicas: list[Source]) -> list[int]:
    """How often each was asked since this was called last."""
    found = [len(replica.began) for replica in replicas]
    for replica in replicas:
        replica.began.clear()
    return found


async def test_calls_are_dealt_out_among_all() -> None:
    async with replicated(3) as (replicas, opened):
        for _ in range(9):
            assert await names(opened, A) == [f"企业{A}"]
        assert calls(replicas) == [3, 3, 3]
        replicas[0].delay = 0.3
        await asyncio.gather(*(names(opened, A) for _ in range(2)))
        slow = asyncio.gather(*(names(opened, A) for _ in range(3)))
        await asyncio.sleep(0.1)
        calls(replicas)
        await names(opened, B)
        assert calls(replicas)[0] == 0, "who is slow has enough to do"
        await slow


@pytest.mark.parametrize("mode", ["refuse", "unavailable", "reset"])
async def test_one_that_is_not_there_is_left_out_and_nobody_notices(mode: str) -> None:
    async with replicated(2) as (replicas, opened):
        await replicas[0].fail(mode)
        for _ in range(12):
            assert await names(opened, A) == [f"企业{A}"]
        assert calls(replicas)[0] <= 6, "a connection that is reset is tried again once"
        await replicas[0].fail("well")
        assert await names(opened, A) == [f"企业{A}"]
        assert calls(replicas)[0] == 0, "not yet"
        await asyncio.sleep(0.6)
        for _ in range(4):
            await names(opened, A)
        assert calls(replicas)[0] > 0, "it is asked again"


async def test_one_that_answers_wrongly_is_left_out_after_three_times() -> None:
    async with replicated(2) as (replicas, opened):
        await replicas[0].fail("error")
        found = [(await names(opened, A))[0] for _ in range(20)]
        assert sum(one != f"企业{A}" for one in found) == 3
        assert calls(replicas) == [3, 17]


async def test_none_is_left_out_for_what_the_hub_itself_kept_waiting() -> None:
    async with replicated(2, more="concurrency = 1\ntimeout = 0.5") as (replicas, opened):
        for replica in replicas:
            replica.delay = 0.3
        found = await asyncio.gather(*(names(opened, A) for _ in range(12)))
        assert [f"企业{A}"] in found
        connector = opened.sources["registry"].connector
        assert isinstance(connector, Replicas)
        assert [replica.seconds_left for replica in connector.replicas] == [0.0, 0.0]


async def test_one_that_is_left_out_stays_so_when_the_configuration_is_read_again() -> None:
    async with replicated(2, seconds=60) as (replicas, opened):
        await replicas[0].fail("refuse")
        for _ in range(6):
            await names(opened, A)
        calls(replicas)
        await replicas[0].fail("well")
        again = Sources(opened.config, before=opened)
        for _ in range(4):
            assert await names(again, A) == [f"企业{A}"]
        await again.aclose()
        assert calls(replicas) == [0, 4]


async def test_when_all_fail_the_source_has_failed_and_one_that_is_back_is_found() -> None:
    async with replicated(2) as (replicas, opened):
        for replica in replicas:
            await replica.fail("unavailable")
        for _ in range(4):
            (failure,) = await names(opened, A)
            assert isinstance(failure, SourceUnavailable)
        await replicas[1].fail("well")
        assert (await names(opened, A)) == [f"企业{A}"]
        health = await opened.sources["registry"].connector.check()
        assert health.ok
        assert "1 of 2 replicas answer; replica 1: is not available (HTTP 503)" in health.detail


@pytest.mark.parametrize("urls", ["[]", '["http://a", "http://b"]\nurl = "http://a"', '["http://a", "http://a"]'])
def test_a_source_has_one_address_or_several_that_differ(urls: str) -> None:
    with pytest.raises(SourcesMisconfigured, match="urls"):
        parse(DECLARED.format(urls=urls, seconds=1), Path("sources.toml"))
