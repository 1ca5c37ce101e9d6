"""For orchestrators and tools: is it alive, is it ready, what is the schema."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

Ready = Callable[[], Awaitable[Mapping[str, str]]]
"""Return what is in the way of serving: part → reason. Empty: ready."""

Endpoint = Callable[[Request], Awaitable[Response]]


async def live(_request: Request) -> Response:
    """Answer 200 as long as the process can answer at all."""
    return _json(200, {"status": "alive"})


def readiness(ready: Ready) -> Endpoint:
    """Return the endpoint that answers 200, or 503 with the reasons."""

    async def endpoint(_request: Request) -> Response:
        reasons = await ready()
        return _json(503 if reasons else 200, {"status": "not ready" if reasons else "ready", "reasons": dict(reasons)})

    return endpoint


def schema_text(sdl: str) -> Endpoint:
    """Return the endpoint that serves the SDL, to be asked again only when it has changed."""
    etag = f'"{hashlib.sha256(sdl.encode()).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}

    async def endpoint(request: Request) -> Response:
        if etag in (tag.strip() for tag in request.headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=headers)
        return Response(sdl, media_type="text/plain", headers=headers)

    return endpoint


def _json(status: int, value: Mapping[str, object]) -> Response:
    return Response(orjson.dumps(value), status, {"Cache-Control": "no-store"}, "application/json")
