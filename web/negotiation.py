"""Which media type an answer is given in, by the reader's Accept header (RFC 9110 §12.5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
EVENTS = "text/event-stream"


@dataclass(frozen=True, slots=True)
class _Range:
    kind: str
    quality: float

    def accepts(self, media_type: str) -> bool:
        main, _, sub = self.kind.partition("/")
        return self.kind in ("*/*", media_type) or (sub == "*" and media_type.startswith(f"{main}/"))

    @property
    def precision(self) -> int:
        return 0 if self.kind == "*/*" else 1 if self.kind.endswith("/*") else 2


@lru_cache(maxsize=512)
def preferred(accept: str, offered: tuple[str, ...]) -> str | None:
    """Return the offered type that the header likes best, the first of equals; None if it accepts none of them."""
    ranges = [found for part in accept.split(",") if (found := _parsed(part))]
    if not ranges:
        return offered[0]
    best: tuple[float, str | None] = (0.0, None)
    for media_type in offered:
        matching = [r for r in ranges if r.accepts(media_type)]
        quality = max(matching, key=lambda r: r.precision).quality if matching else 0.0
        if quality > best[0]:
            best = (quality, media_type)
    return best[1]


def _parsed(part: str) -> _Range | None:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in ("utf-8", "utf8"):
            return _Range(kind, 0.0)
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return _Range(kind, quality) if kind else None
