"""Limits that several hubs count in Redis: each request asks it once, and not at all where it has said no."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from random import randrange
from typing import Any

import httpx
import pytest
from redis import Redis

from server import create_app
from settings import Settings
from tests.running import serve
from tests.world import DEMO_SOURCES, World

DEAR = {"query": "{ enterprises(first: 40) { nodes { uscc } } }"}
BROKEN = {"query": "{"}


@pytest.fixture
def url(world: World, redis_url: str) -> Iterator[str]:
    """A hub whose anonymous readers may spend 60 units a minute, counted in Redis."""
    known = {"sources": DEMO_SOURCES, "store_url": world.store_url, "data_dir": world.folder, "redis_url": redis_url}
    settings = Settings.model_validate({**known, "rate_address": 60, "trusted_proxies": "127.0.0.0/8"})
    with serve(create_app(settings, world.environment)) as found:
        yield found


@pytest.fixture
def calls(redis_url: str) -> Iterator[Callable[[Callable[[], Any], str], list[str]]]:
    """Say which commands about a key reach Redis while something is done."""
    with Redis.from_url(redis_url, decode_responses=True) as client, client.monitor() as heard:

        def during(done: Callable[[], Any], key: str) -> list[str]:
            end, found = uuid.uuid4().hex, []
            done()
            with Redis.from_url(redis_url) as other:
                other.echo(end)
            while end not in (said := heard.next_command())["command"]:
                if key in said["command"] and said["client_type"] != "lua":
                    found.append(said["command"].split()[0])
            return found

        yield during


def test_each_request_asks_redis_once(url: str, calls: Callable[[Callable[[], Any], str], list[str]]) -> None:
    address, statuses = f"198.51.{randrange(256)}.{randrange(256)}", list[int]()

    def ask(question: dict[str, str]) -> None:
        headers = {"X-Forwarded-For": address}
        statuses.append(httpx.post(f"{url}/graphql", json=question, headers=headers).status_code)

    assert calls(lambda: ask(DEAR), address) == ["EVALSHA"]
    assert calls(lambda: ask(BROKEN), address) == ["EVALSHA"]
    for _ in range(12):
        ask(BROKEN)
    assert statuses[0] == 200
    assert statuses[-1] == 429, "nothing is left"
    # should a minute begin just now, a unit is set free each second
    assert any(calls(lambda: ask(BROKEN), address) == [] for _ in range(5)), "what is known need not be asked"
