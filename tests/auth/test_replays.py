"""Proofs remembered by several hubs together in Redis, and by each alone while that fails."""

from __future__ import annotations

import uuid

import structlog.testing

from auth.identity.replays import Replays


async def test_hubs_see_each_others_proofs(redis_url: str) -> None:
    one, other = Replays(redis_url), Replays(redis_url)
    proof, another = uuid.uuid4().bytes, uuid.uuid4().bytes
    assert await one.is_first(proof)
    assert not await other.is_first(proof)
    assert not await one.is_first(proof)
    assert await other.is_first(another)
    assert not await one.is_first(another)
    await one.aclose()
    await other.aclose()


async def test_while_redis_fails_each_hub_knows_its_own_and_says_so_once() -> None:
    now = [0.0]
    memory = Replays("redis://127.0.0.1:1/0", lambda: now[0])
    with structlog.testing.capture_logs() as logged:
        for number in range(5):
            proof = bytes([number])
            assert await memory.is_first(proof)
            assert not await memory.is_first(proof)
            now[0] += 6
    assert [entry["event"] for entry in logged] == ["identity.redis_failed"]
    await memory.aclose()
