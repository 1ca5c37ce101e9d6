"""For orchestrators and tools: is it alive, is it ready."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

Ready = Callable[[], Awaitable[Mapping[str, str]]]
"""Return what is in the way of serving: part → reason. Empty: ready."""

Endpoint = Callable[[Request], Awaitable[Response]]


async def live(_request: Request) -> Response:
    """Answer 200 as long as the process can answer at all, and say which of several it is."""
    return _json(200, {"status": "alive", "process": os.getpid()})


def readiness(ready: Ready) -> Endpoint:
    """Return the endpoint that answers 200, or 503 with the reasons."""

    async def endpoint(_request: Request) -> Response:
        reasons = await ready()
        return _json(503 if reasons else 200, {"status": "not ready" if reasons else "ready", "reasons": dict(reasons)})

    return endpoint


def _json(status: int, value: Mapping[str, object]) -> Response:
    return Response(orjson.dumps(value), status, {"Cache-Control": "no-store"}, "application/json")
