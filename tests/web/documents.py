"""A hub with two banks, one of which may ask registered documents only."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from typer.testing import CliRunner, Result

import manage
from auth.identity import demo
from server import create_app
from settings import Settings
from tests.running import serve
from tests.world import DEMO_SOURCES, World

IDENTITY = f"""
[issuers.demo]
issuer = "{demo.ISSUER}"
keys = "demo-issuer/public.pem"
algorithms = ["ES256"]
roles = ["BANK", "OFFICER", "PORTAL"]
[clients.bank-icbc]
title = "A bank whose programs are known"
organisation = "icbc"
roles = ["BANK"]
purposes = ["PRE_LOAN"]
documents = "trusted"
[clients.bank-boc]
title = "Another bank"
organisation = "boc"
roles = ["BANK"]
purposes = ["PRE_LOAN"]
[clients.officer-eastlake]
title = "A zone"
organisation = "east-lake"
roles = ["OFFICER"]
"""


def digest(text: str) -> str:
    """The hash of a document."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Documented:
    """A hub, and its store to register documents in."""

    url: str
    folder: Path

    def run(self, *words: str) -> Result:
        """Run one of the operator's commands on the hub's store."""
        environment = {
            "HUB_MODE": "demo",
            "HUB_DATA_DIR": str(self.folder),
            "HUB_SOURCES": str(DEMO_SOURCES),
            "HUB_IDENTITY": str(self.folder / "identity.toml"),
            "HUB_STORE_URL": f"sqlite+aiosqlite:///{self.folder}/store.sqlite",
            "COLUMNS": "200",
        }
        with patch.dict("os.environ", environment):
            return CliRunner().invoke(manage.application, ["documents", *words])

    def register(self, client: str, *texts: str) -> Sequence[str]:
        """Register documents for a client; return their hashes."""
        manifest = self.folder / "manifest.json"
        manifest.write_text(json.dumps({digest(text): text for text in texts}))
        result = self.run("register", client, str(manifest))
        assert result.exit_code == 0, result.output + str(result.exception)
        time.sleep(0.6)  # every hub knows within a second
        return [digest(text) for text in texts]

    def token(self, name: str) -> dict[str, str]:
        """The header that one of the demo's readers shows; nobody's shows none."""
        return {"Authorization": f"Bearer {demo.mint(self.folder / 'demo-issuer', name)}"} if name else {}

    def ask(self, reader: str = "", **body: Any) -> Any:
        """Ask by POST; return the answer."""
        return self.post(reader, **body).json()

    def post(self, reader: str = "", accept: str = "application/json", **body: Any) -> httpx.Response:
        """Ask by POST."""
        headers = {**self.token(reader), "Accept": accept, "Hub-Purpose": "PRE_LOAN"}
        return httpx.post(f"{self.url}/graphql", json=body, headers=headers, timeout=20)

    def get(self, path: str, reader: str = "", **parameters: str) -> httpx.Response:
        """Ask by GET."""
        headers = {**self.token(reader), "Hub-Purpose": "PRE_LOAN"}
        return httpx.get(f"{self.url}{path}", params=parameters or None, headers=headers, timeout=20)


@contextmanager
def documented(world: World, folder: Path) -> Iterator[Documented]:
    """Serve a hub over a copy of a world's store."""
    demo.make_issuer(folder / "demo-issuer")
    (folder / "identity.toml").write_text(IDENTITY)
    settings = Settings(
        sources=DEMO_SOURCES,
        store_url=world.own_store(folder),
        data_dir=folder,
        identity=folder / "identity.toml",
    )
    with serve(create_app(settings, world.environment)) as url:
        yield Documented(url, folder)
