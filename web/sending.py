"""The two plain things that every ASGI application here does: read headers, send bytes."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Scope, Send


def lower_headers(scope: Scope) -> dict[str, str]:
    """Return the request's headers by lower-case name; of a repeated one, all values joined by commas."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


async def send_bytes(send: Send, status: int, content: bytes, content_type: str, headers: Mapping[str, str]) -> None:
    """Send a whole response."""
    pairs = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept"),
        *((name.lower().encode(), value.encode()) for name, value in headers.items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": content})
