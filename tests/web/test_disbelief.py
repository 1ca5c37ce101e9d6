"""Credentials that are not believed cost their address units, and in the end nobody looks at new ones from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from auth.identity import demo
from server import create_app
from settings import Settings
from tests.running import serve
from tests.web.guarding import WHO, new_key
from tests.world import DEMO_SOURCES, World

BAD, GOOD = "198.51.100.7", "198.51.100.8"


@pytest.fixture
def url(world: World, tmp_path: Path) -> Iterator[str]:
    """A hub that believes three bad tokens' worth of units of an address."""
    known = {"sources": DEMO_SOURCES, "store_url": world.store_url, "data_dir": tmp_path}
    settings = Settings.model_validate({**known, "rate_address": 300, "trusted_proxies": "127.0.0.0/8"})
    with serve(create_app(settings, world.environment)) as found:
        yield found


def asked(url: str, credential: str, address: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {credential}", "X-Forwarded-For": address}
    return httpx.post(f"{url}/graphql", json={"query": WHO}, headers=headers)


def test_a_flood_of_bad_tokens_is_turned_away_unread(url: str, world: World, tmp_path: Path) -> None:
    issuer, key = tmp_path / "demo-issuer", new_key(world)
    known, late = (demo.mint(issuer, "bank-icbc", jti=name) for name in ("known", "late"))
    assert asked(url, known, BAD).status_code == 200
    bad = [asked(url, demo.mint(issuer, "bank-icbc", aud=f"other-{n}"), BAD) for n in range(4)]
    assert [answer.status_code for answer in bad] == [401, 401, 401, 429]
    assert int(bad[-1].headers["retry-after"]) >= 1
    assert bad[-1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert asked(url, late, BAD).status_code == 429, "it would have to be checked"
    assert asked(url, known, BAD).status_code == 200
    assert asked(url, key, BAD).status_code == 200
    assert asked(url, late, GOOD).status_code == 200
    assert asked(url, "x", GOOD).status_code == 401
