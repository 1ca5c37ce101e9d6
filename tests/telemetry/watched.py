"""A small hub whose one source is behind REST, and a collector that takes its spans: both real servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth.identity import demo
from connectors import config
from connectors.sources import Sources
from resolvers.graph import GRAPH
from server import assemble
from settings import Settings
from tests.running import serve
from tests.world import CHUJINGLING, hub_schema

QUERY = """query Look($uscc: USCC!) { enterprise(uscc: $uscc) { name filings { year } } }"""

SOURCES = """
[sources.registry]
kind = "rest"
title = "Registry"
owner = "o"
sharing = "UNCONDITIONAL"
cadence = "P1D"
url = "URL"
[sources.registry.collections.registration]
path = "/entities"
batch = { style = "comma", parameter = "ids", max_keys = 100 }
key = "uscc"
cache = 0
fields = ["name"]
[sources.tax]
kind = "rest"
title = "Tax"
owner = "o"
sharing = "UNCONDITIONAL"
url = "URL"
policy = { retries = 0 }
[sources.tax.collections.filings]
path = "/broken"
batch = { style = "comma", parameter = "ids", max_keys = 100 }
key = ["uscc", "year"]
cache = 0
fields = ["year", "revenue"]
"""


@dataclass
class Source:
    """The source's service: one enterprise, and no returns."""

    headers: list[dict[str, str]] = field(default_factory=list)
    """Of each request."""

    def app(self) -> Starlette:
        """The service."""
        return Starlette(routes=[Route("/entities", self._entities), Route("/broken", self._broken)])

    async def _entities(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        return JSONResponse([{"uscc": CHUJINGLING, "name": "武汉楚精灵"}])

    async def _broken(self, _request: Request) -> Response:
        return Response("out of order", 500)


@dataclass
class Collector:
    """Takes spans as OTLP over HTTP sends them."""

    spans: list[Any] = field(default_factory=list)

    def app(self) -> Starlette:
        """The service."""
        return Starlette(routes=[Route("/v1/traces", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        sent = ExportTraceServiceRequest.FromString(await request.body())
        self.spans += [span for r in sent.resource_spans for scope in r.scope_spans for span in scope.spans]
        return Response(b"", 200, media_type="application/x-protobuf")


@dataclass
class Watched:
    """The hub, and who looks at it."""

    url: str
    source: Source
    folder: Path

    def ask(self, *, token: str | None = None, query: str = QUERY, **headers: str) -> httpx.Response:
        """Ask for the enterprise, or something else."""
        if token:
            headers["Authorization"] = f"Bearer {demo.mint(self.folder / 'demo-issuer', token)}"
        body = {"query": query, "variables": {"uscc": CHUJINGLING}}
        return httpx.post(f"{self.url}/graphql", json=body, headers=headers)

    def metrics(self, **headers: str) -> httpx.Response:
        """Read the metrics."""
        return httpx.get(f"{self.url}/metrics", headers={n.replace("_", "-"): v for n, v in headers.items()})


@contextmanager
def watched(store: Path, folder: Path, **settings: Any) -> Iterator[Watched]:
    """Serve the hub with these settings."""
    source = Source()
    with serve(source.app()) as url:
        found = Settings.model_validate({"store_url": f"sqlite+aiosqlite:///{store}", "data_dir": folder, **settings})
        opened = Sources(config.parse(SOURCES.replace("URL", url), folder / "sources.toml"))
        with serve(assemble(found, opened, hub_schema(), GRAPH)) as hub:
            yield Watched(hub, source, folder)
