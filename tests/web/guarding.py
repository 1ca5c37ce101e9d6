"""A hub that knows an issuer by the address of its keys, and credentials of every kind for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from joserfc.jwk import ECKey, KeySet
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from auth.identity import api_keys, demo
from server import create_app
from settings import Settings
from store.engine import once
from store.keys import Key, Keys
from tests.auth.forging import proof
from tests.running import serve
from tests.world import DEMO_SOURCES, World

WHO = "{ me { subject } }"
KEY = ECKey.generate_key("P-256")

IDENTITY = """
[issuers.demo]
issuer = "{issuer}"
keys = "{keys}"
algorithms = ["ES256"]
roles = ["BANK"]
{bound}
[clients.bank-icbc]
title = "A bank"
organisation = "icbc"
roles = ["BANK"]
purposes = ["PRE_LOAN"]
"""


@dataclass(frozen=True)
class Guarded:
    """A hub whose issuer offers its keys at an address."""

    url: str
    issuer: Path
    identity: Path
    keys: str

    def declare(self, bound: str = "", more: str = "") -> None:
        """Write identity.toml."""
        self.identity.write_text(IDENTITY.format(issuer=demo.ISSUER, keys=self.keys, bound=bound) + more)

    def token(self, **claims: Any) -> str:
        """A token of the bank."""
        return demo.mint(self.issuer, "bank-icbc", **claims)

    def proof(self, token: str, **claims: Any) -> str:
        """A proof for a request to this hub."""
        return proof(KEY, token, **{"htu": f"{self.url}/graphql", "iat": time.time(), **claims})

    def asked(self, authorization: str, **headers: str) -> httpx.Response:
        """Ask who asks."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"Authorization": authorization, **named}
        return httpx.post(f"{self.url}/graphql", json={"query": WHO}, headers=given)

    def lets_in(self, authorization: str, **headers: str) -> bool:
        """Say whether a credential is believed; every other answer is a challenge."""
        answer = self.asked(authorization, **headers)
        if answer.status_code == 200:
            assert answer.json()["data"] == {"me": {"subject": "bank-icbc"}}
            return True
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert 'realm="innograph"' in answer.headers["www-authenticate"]
        return False


@contextmanager
def guarding(world: World, tmp_path: Path) -> Iterator[Guarded]:
    """Serve a hub and its issuer's keys."""
    issuer = tmp_path / "demo-issuer"
    demo.make_issuer(issuer)
    public = ECKey.import_key((issuer / "public.pem").read_bytes(), {"kid": "demo"})
    offered = KeySet([public]).as_dict(private=False)
    with serve(Starlette(routes=[Route("/jwks", lambda _request: JSONResponse(offered))])) as keys:
        found = Guarded("", issuer, tmp_path / "identity.toml", f"{keys}/jwks")
        found.declare()
        settings = Settings.model_validate(
            {
                "sources": DEMO_SOURCES,
                "store_url": world.store_url,
                "data_dir": tmp_path,
                "identity": found.identity,
                "trusted_proxies": "127.0.0.0/8",
            }
        )
        with serve(create_app(settings, world.environment)) as url:
            yield Guarded(url, issuer, found.identity, found.keys)


def new_key(world: World, days: int = 1) -> str:
    """A key of the bank in the store."""
    made, now = api_keys.make(), datetime.now(UTC)
    kept = Key(made.prefix, api_keys.digest(made.text), "bank-icbc", None, now, now + timedelta(days))
    asyncio.run(once(world.store_url, lambda engine: Keys(engine).create(kept)))
    return made.text


def eventually(said: Callable[[], bool]) -> bool:
    """Say whether something comes true within some seconds."""
    for _ in range(40):
        if said():
            return True
        time.sleep(0.1)
    return False
