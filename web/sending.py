"""The two plain things that every ASGI application here does: read headers, send bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from starlette.types import Scope, Send


class Headers(Mapping[str, str]):
    """A request's headers by lower-case name; of a repeated one, all values joined by commas."""

    def __init__(self, scope: Scope) -> None:
        """Decode nothing yet: most headers are never looked at."""
        pairs = scope["headers"]
        self._raw: dict[bytes, bytes] = dict(pairs)
        if len(self._raw) != len(pairs):
            self._raw = {}
            for name, value in pairs:
                self._raw[name] = self._raw[name] + b", " + value if name in self._raw else value

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]  # a header is a text, never None
        """Return a header's value."""
        value = self._raw.get(name.encode("latin-1"))
        return default if value is None else value.decode("latin-1")

    def __getitem__(self, name: str) -> str:
        """Return a header's value; raise KeyError."""
        return self._raw[name.encode("latin-1")].decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        """Give the headers' names."""
        return (name.decode("latin-1") for name in self._raw)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._raw)


async def send_bytes(send: Send, status: int, content: bytes, content_type: str, headers: Mapping[str, str]) -> None:
    """Send a whole response."""
    pairs = [
        (b"content-length", b"%d" % len(content)),
        _content_type(content_type),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept"),
    ]
    if headers:
        pairs += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": content})


@lru_cache(maxsize=64)
def _content_type(content_type: str) -> tuple[bytes, bytes]:
    return b"content-type", content_type.encode()
