"""What a source tells the hub: signed, of now, once; and what the operator's commands tell."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from redis import Redis
from typer.testing import CliRunner

import manage
from auth.webhooks import signature
from benchmarks.faults.hubs import SOURCES, STEADY, USCC
from benchmarks.faults.source import Source
from server import create_app
from settings import Settings
from tests.running import serve

SECRET = "a secret of the registry's own"
DECLARED = SOURCES.replace(
    'url = "env:REGISTRY_URL"', 'url = "env:REGISTRY_URL"\nwebhook = "env:REGISTRY_SECRET"'
).replace("cache = 0", "cache = 600")


@dataclass(frozen=True)
class Told:
    """Two hubs that share a Redis, and their registry."""

    hubs: tuple[str, str]
    registry: Source
    client: httpx.AsyncClient

    async def fetched(self, hub: str) -> bool:
        """Ask a hub; say whether it had to ask the registry."""
        before = len(self.registry.began)
        answer = await self.client.post(f"{hub}/graphql", json=STEADY)
        assert answer.json()["data"]["enterprise"]["name"] == f"企业{USCC}"
        return len(self.registry.began) > before

    async def tell(
        self, body: bytes, *, secret: str = SECRET, late: int = 0, source: str = "registry", id: str = "1"
    ) -> httpx.Response:
        """Send a notice to the first hub."""
        moment = int(time.time()) - late
        headers = {
            "webhook-id": id,
            "webhook-timestamp": str(moment),
            "webhook-signature": f"v1,bm8= {signature(secret.encode(), id, moment, body)}",
        }
        return await self.client.post(f"{self.hubs[0]}/sources/{source}/changed", content=body, headers=headers)


@pytest.fixture
async def told(tmp_path: Path, empty_store: Path, redis_url: str) -> AsyncIterator[Told]:
    """Both have asked for the same enterprise."""
    with Redis.from_url(redis_url) as redis:
        for key in redis.scan_iter("innograph:cache:*"):
            redis.delete(key)
    shutil.copy(empty_store, tmp_path / "store.sqlite")
    (tmp_path / "sources.toml").write_text(DECLARED, encoding="utf-8")
    settings = Settings(sources=tmp_path / "sources.toml", data_dir=tmp_path, redis_url=redis_url)
    async with AsyncExitStack() as stack:
        registry = await stack.enter_async_context(Source())
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=10))
        environment = {"REGISTRY_URL": registry.url, "OFFICE_URL": registry.url, "REGISTRY_SECRET": SECRET}
        hubs = [stack.enter_context(serve(create_app(settings, environment))) for _ in range(2)]
        found = Told((hubs[0], hubs[1]), registry, client)
        assert await found.fetched(hubs[0])
        await asyncio.sleep(0.3)
        assert not await found.fetched(hubs[1]), "what one has fetched the other finds in Redis"
        assert not await found.fetched(hubs[0])
        yield found


async def test_what_a_source_tells_is_known_to_all_within_a_second(told: Told) -> None:
    key = f'{{"collection": "registration", "keys": ["{USCC}"]}}'.encode()
    for number, body in enumerate((b"", b'{"collection": "registration"}', key)):
        answer = await told.tell(body, id=str(number))
        assert (answer.status_code, answer.content) == (204, b"")
        await asyncio.sleep(0.9)
        assert await told.fetched(told.hubs[1])
        assert await told.fetched(told.hubs[0]) or number < 2, "a key that was forgotten is kept by each for a while"


async def test_what_is_not_signed_as_it_should_be_changes_nothing(told: Told) -> None:
    refused = [
        (401, await told.tell(b"{}", secret="another secret of 30 characters")),
        (401, await told.tell(b"{}", late=120)),
        (401, await told.tell(b"{}", late=-120)),
        (401, await told.tell(b"{}", source="office")),
        (401, await told.tell(b"{}", source="nobody")),
        (400, await told.tell(b'{"collection": "projects"}')),
        (400, await told.tell(b'{"keys": ["1"]}')),
        (400, await told.tell(b'{"collections": []}')),
        (401, await told.client.post(f"{told.hubs[0]}/sources/registry/changed", content=b"{}")),
        (405, await told.client.get(f"{told.hubs[0]}/sources/registry/changed")),
    ]
    for status, answer in refused:
        assert answer.status_code == status, answer.text
        assert SECRET not in answer.text
    assert not await told.fetched(told.hubs[0])
    assert (await told.tell(b"{}", late=5, id="same")).status_code == 204
    assert await told.fetched(told.hubs[0])
    again = [await told.tell(b"{}", late=5, id="same") for _ in range(2)]
    assert 409 in [answer.status_code for answer in again], "shown before"


async def test_an_operator_has_it_forgotten(told: Told, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_REDIS_URL", redis_url)

    def run(*words: str) -> str:
        done = CliRunner().invoke(manage.application, ["cache", *words])
        assert done.exit_code == 0, done.exception
        return done.output

    assert "registration" in await asyncio.to_thread(run, "show")
    for words in (("forget", "registry"), ("forget", "registry", "--collection", "registration"), ("clear",)):
        await asyncio.to_thread(run, *words)
        await asyncio.sleep(0.9)
        assert await told.fetched(told.hubs[1])
    for redis in ("redis://127.0.0.1:9/0", ""):
        monkeypatch.setenv("HUB_REDIS_URL", redis)
        refused = await asyncio.to_thread(CliRunner().invoke, manage.application, ["cache", "clear"])
        assert "HUB_REDIS_URL" in str(refused.exception)
