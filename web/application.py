"""The way in: routes, outermost first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from resolvers.execution.operation import Answers
from web import health, pages
from web.graphql_http import GraphQLEndpoint

_GRAPH = "/graphql"

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _nothing(_app: Starlette) -> AsyncIterator[None]:
    yield


class Web(Starlette):
    """The hub's pages and probes, and its graph before them.

    Questions to the graph pass by Starlette's middleware and routing, whose cost a small question would notice: the
    endpoint answers for its own failures.
    """

    def __init__(self, graph: ASGIApp, routes: Sequence[Route], lifespan: Lifespan) -> None:
        """Serve the graph at /graphql."""
        super().__init__(routes=[Route(_GRAPH, graph), *routes], lifespan=lifespan)
        self._graph = graph

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope["path"] == _GRAPH:
            await self._graph(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_web(
    answers: Answers, sdl: str, ready: health.Ready, *, body_limit: int, lifespan: Lifespan = _nothing
) -> Starlette:
    """Return the web application over whatever answers operations."""
    page = pages.PageFile
    return Web(
        GraphQLEndpoint(answers, body_limit),
        [
            Route("/", page("welcome.html")),
            Route("/ask", page("editor.html")),
            Route("/pages/style.css", page("style.css")),
            Route("/pages/editor.js", page("editor.js")),
            Route("/health/live", health.live),
            Route("/health/ready", health.readiness(ready)),
            Route("/schema.graphql", health.schema_text(sdl)),
        ],
        lifespan,
    )
