"""The way in: routes, outermost first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Route

from resolvers.execution.operation import Answers
from web import health, pages
from web.graphql_http import GraphQLEndpoint

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _nothing(_app: Starlette) -> AsyncIterator[None]:
    yield


def create_web(
    answers: Answers, sdl: str, ready: health.Ready, *, body_limit: int, lifespan: Lifespan = _nothing
) -> Starlette:
    """Return the web application over whatever answers operations."""
    page = pages.PageFile
    return Starlette(
        routes=[
            Route("/graphql", GraphQLEndpoint(answers, body_limit)),
            Route("/", page("welcome.html")),
            Route("/ask", page("editor.html")),
            Route("/pages/style.css", page("style.css")),
            Route("/pages/editor.js", page("editor.js")),
            Route("/health/live", health.live),
            Route("/health/ready", health.readiness(ready)),
            Route("/schema.graphql", health.schema_text(sdl)),
        ],
        lifespan=lifespan,
    )
