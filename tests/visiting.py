"""A hub with a store of its own over the small world, asked over HTTP, and a page of its console that is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from auth.identity import demo
from demo import ip_office
from server import create_app
from settings import Settings
from tests.running import serve
from tests.world import DEMO_SOURCES, World

ROOT = Path(__file__).parent.parent
LATER = (date.today() + timedelta(days=20)).isoformat()

_RUN = """mutation($period: String!, $day: Date!) { runEdition(input: {
  zone: "east-lake", scheme: "east-lake-28-demo", period: $period, day: $day
}) { edition { code } userErrors { message } } }"""
_NOTICE = "mutation($e: ID!, $until: Date!) { openNotice(edition: $e, until: $until) { userErrors { message } } }"


@dataclass
class Hub:
    """A hub that is served: its address, and how to stop the source service of the patent office."""

    url: str
    folder: Path
    stop_ip_office: Callable[[], None] = field(repr=False)

    def headers(self, reader: str | None, purpose: str | None = None) -> Mapping[str, str]:
        """Return what says who asks, as a reader of the demo, and for what."""
        token = reader and demo.mint(self.folder / "demo-issuer", reader)
        stated = {"Hub-Purpose": purpose} if purpose else {}
        return {**stated, "Authorization": f"Bearer {token}"} if token else stated

    def post(self, reader: str | None, body: Mapping[str, Any], purpose: str | None = None) -> dict[str, Any]:
        """Ask as a reader of the demo; return the answer."""
        headers = self.headers(reader, purpose)
        answer: dict[str, Any] = httpx.post(f"{self.url}/graphql", json=body, headers=headers, timeout=60).json()
        return answer

    def ask(self, reader: str | None, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask for what there is; return data."""
        answer = self.post(reader, {"query": query, "variables": variables or {}})
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def run_edition(self, period: str, day: str) -> str:
        """Run an edition of East Lake; return its code."""
        made = self.ask("officer-eastlake", _RUN, {"period": period, "day": day})["runEdition"]
        assert made["userErrors"] == []
        code: str = made["edition"]["code"]
        return code

    def open_notice(self, edition: str) -> None:
        """Put an edition up for notice, so that everybody may read it."""
        told = self.ask("officer-eastlake", _NOTICE, {"e": edition, "until": LATER})
        assert told["openNotice"]["userErrors"] == []


@contextmanager
def own_hub(world: World, folder: Path, **settings: Any) -> Iterator[Hub]:
    """Serve a hub whose store is a copy, and whose patent office can be stopped."""
    with ExitStack() as running:
        office = running.enter_context(ExitStack())
        address = office.enter_context(serve(ip_office.create_app(world.folder)))
        told = Settings(
            sources=DEMO_SOURCES,
            store_url=world.own_store(folder),
            data_dir=folder,
            **settings,
        )
        environment = {**world.environment, "DEMO_IP_OFFICE_URL": address}
        yield Hub(running.enter_context(serve(create_app(told, environment))), folder, office.close)
