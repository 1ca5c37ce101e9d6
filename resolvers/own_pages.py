"""Pages of what is a reader's own, under `me`: only the reader is a party to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codes.flow import Party
from resolvers.pages import ConnectionValue, EdgeValue, cursor_of, key_of
from resolvers.request import Ask, BadInput


@dataclass(frozen=True)
class OwnEdge(EdgeValue):
    """A member of a reader's own page."""

    parties: Mapping[Party, str]


@dataclass(frozen=True)
class OwnPage(ConnectionValue):
    """A page of what is a reader's own."""

    parties: Mapping[Party, str]

    def edge(self, cursor: str, node: Any) -> OwnEdge:
        """Return the edge of a member."""
        return OwnEdge(cursor, node, self.parties)


def reader_of(ask: Ask) -> Mapping[Party, str]:
    """Return the reader as the one party to what is its own."""
    return {Party.AUTHOR: ask.request.access.principal.organisation}


def own_page(ask: Ask, found: Sequence[Any], size: int, after: str | None, count: Callable[[], Awaitable[int]]) -> Any:
    """Return a page of things, the newest first, of which one more than its size was looked for."""
    nodes = list(found[:size])
    cursors = [cursor_of((one.created_at.isoformat(), one.id)) for one in nodes]
    return OwnPage(nodes, cursors, len(found) > size, after is not None, count, reader_of(ask))


def mark_of(after: str | None) -> tuple[datetime, str] | None:
    """Return the time and id after which a page begins; raise BadInput for a cursor that names none."""
    if after is None:
        return None
    match key_of(after):
        case (at, id):
            try:
                return datetime.fromisoformat(at), id
            except ValueError:
                pass
    raise BadInput(f"{after[:40]!r} is no cursor of this list; take one from its edges.")
