"""The way in: routes, outermost first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.addresses import Networks
from resolvers.execution.operation import Answers
from telemetry import durations, metrics
from telemetry.sampling import Reading, Sampler
from telemetry.traces import Tracing
from web import health, pages
from web.body import Bodies
from web.crowd import OVERLOADED, Crowd
from web.demo_readers import DemoReaders
from web.door import Door
from web.graphql_http import GraphQLEndpoint
from web.graphql_ws import WebSocketEndpoint
from web.listeners import Closing, Listeners
from web.metrics import MetricsPage
from web.notices import Notices
from web.persisted import Persisted
from web.rest import Described, RestEndpoint
from web.schema_text import MayRead, SchemaText, Sdl
from web.sending import Whole, parting

_GRAPH = "/graphql"

_CROSS_ORIGIN_HEADERS = (
    "Authorization", "Cache-Control", "Content-Encoding", "Content-Type", "DPoP", "Hub-Preview", "Hub-Purpose",
    "Hub-Receipt", "Hub-Reference",
)  # fmt: skip
"""What pages of other origins may send along, besides what they may anyway."""

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _nothing(_app: Starlette) -> AsyncIterator[None]:
    yield


class Web(Starlette):
    """The hub's pages and probes, and its graph before them, over HTTP and over WebSocket.

    Questions to the graph pass by Starlette's middleware and routing, whose cost a small question would notice: the
    endpoint answers for its own failures.
    """

    def __init__(
        self, graph: GraphQLEndpoint, socket: ASGIApp, routes: Sequence[BaseRoute], lifespan: Lifespan, closing: Closing
    ) -> None:
        """Serve the graph at /graphql."""
        super().__init__(routes=[Route(_GRAPH, graph), WebSocketRoute(_GRAPH, socket), *routes], lifespan=lifespan)
        self._graph = graph
        self._closing = closing

    def turned_away(self, scope: Scope) -> Whole | None:
        """Return the answer to a request that is not to be looked at; None for any other (`web.connection`)."""
        if not self._graph.crowd.is_full or scope["path"] != _GRAPH or self._closing.begun:
            return None
        return self._graph.turned_away(scope)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; while the hub is ending, its connection is closed behind the answer."""
        if self._closing.begun and scope["type"] == "http":
            send = parting(send)
        if scope["type"] == "http" and scope["path"] == _GRAPH:
            await self._graph(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_web(
    answers: Answers,
    door: Door,
    sdl: Sdl,
    ready: health.Ready,
    *,
    may_read_schema: MayRead,
    body_limit: int,
    body_seconds: float,
    concurrency: int,
    listeners: Listeners,
    persisted: Persisted,
    described: Described | None = None,
    public_url: str | None = None,
    notices: Notices | None = None,
    console: Path = pages.BUILT,
    demo_readers: DemoReaders | None = None,
    documentation: Sequence[BaseRoute] = (),
    metrics_readers: Networks = (),
    measure: Reading | None = None,
    tracing: Tracing | None = None,
    cors_origins: Collection[str] = (),
    lifespan: Lifespan = _nothing,
) -> ASGIApp:
    """Return the web application over whatever answers operations."""
    crowd, tracing = Crowd(concurrency), tracing or Tracing()

    def read() -> None:
        durations.hand_over()
        metrics.REQUESTS.set(crowd.inside)
        metrics.LISTENERS.set(listeners.count)

    sampler = Sampler((read, measure) if measure else (read,))
    rest = RestEndpoint(answers, door, crowd, persisted.book, described, public_url) if described else None
    web = Web(
        GraphQLEndpoint(
            answers, door, crowd, Bodies(body_limit, body_seconds), listeners, persisted, pages.editor(console), tracing
        ),
        WebSocketEndpoint(answers, door, listeners, persisted, cors_origins),
        [
            *pages.routes(console),
            *(demo_readers.routes() if demo_readers else ()),
            *documentation,
            Route("/health/live", health.live),
            Route("/health/ready", health.readiness(_able(ready, crowd, listeners.closing))),
            *([Route("/sources/{source}/changed", notices.answer, methods=["POST"])] if notices else []),
            Route("/metrics", MetricsPage(metrics_readers, door.proxies, sampler.take), methods=["GET"]),
            *([Route("/rest/{name}", rest, methods=["GET"])] if rest else ()),
            Route("/schema.graphql", SchemaText(sdl, door, may_read_schema), methods=["GET"]),
        ],
        _seen(lifespan, sampler, tracing),
        listeners.closing,
    )
    return _shared(web, cors_origins) if cors_origins else web


def _seen(lifespan: Lifespan, sampler: Sampler, tracing: Tracing) -> Lifespan:
    """Let what sees the hub at work begin before it and end after it."""

    @asynccontextmanager
    async def both(app: Starlette) -> AsyncIterator[None]:
        tracing.open()
        try:
            async with lifespan(app):
                sampler.open()
                yield
                await sampler.aclose()
        finally:
            await asyncio.to_thread(tracing.close)

    return both


def _able(ready: health.Ready, crowd: Crowd, closing: Closing) -> health.Ready:
    async def all_of_it() -> Mapping[str, str]:
        reasons = dict(await ready())
        if crowd.overloaded:
            reasons["requests"] = OVERLOADED.lower()
        if closing.begun:
            reasons["process"] = "draining"
        return reasons

    return all_of_it


def _shared(web: ASGIApp, origins: Collection[str]) -> ASGIApp:
    """Let pages of these origins read answers; never with cookies, which the hub knows none of."""
    return CORSMiddleware(
        web,
        allow_origins=tuple(origins),
        allow_methods=("GET", "POST"),
        allow_headers=_CROSS_ORIGIN_HEADERS,
        expose_headers=("Retry-After", "Server-Timing", "WWW-Authenticate"),
    )
