"""Pages of small collections: filtered and ordered in the hub, with cursors that survive inserts."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from connectors.outcomes import like
from resolvers.request import Ask, BadInput
from schema.connection import DEFAULT_PAGE

MOST_PAGE = 1_000
"""Members of one list that are answered at a time."""

SortKey = tuple[str, ...]


@dataclass(frozen=True)
class Window:
    """Which page: the first so many after a cursor, or the last so many before one."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None

    def __post_init__(self) -> None:
        for name, size in (("first", self.first), ("last", self.last)):
            if size is not None:
                check_size(name, size, least=0)
        if self.first is not None and self.last is not None:
            raise BadInput("first and last are both given; ask for one end of the list.")

    @property
    def size(self) -> int:
        """How many are asked for."""
        return next((size for size in (self.first, self.last) if size is not None), DEFAULT_PAGE)

    @property
    def backward(self) -> bool:
        """Counted from the end."""
        return self.last is not None


def check_size(name: str, size: int, least: int = 1, most: int = MOST_PAGE) -> None:
    """Raise BadInput for a number of members that cannot be asked for at a time."""
    if not least <= size <= most:
        raise BadInput(f"{name} is {size:,}; ask for {least} to {most:,} at a time.")


@dataclass(frozen=True)
class EdgeValue:
    """A member of a page and its cursor."""

    cursor: str
    node: Any


@dataclass(frozen=True)
class PageInfoValue:
    """Where a page stands in the whole."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True)
class ConnectionValue:
    """A page, and how to count the whole if that is asked for; edges and cursors are made for who asks for them."""

    nodes: Sequence[Any]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool
    count: Callable[[], Awaitable[int]]

    @cached_property
    def edges(self) -> Sequence[EdgeValue]:
        """The members, each with its cursor."""
        return like(self.nodes, [self.edge(*pair) for pair in zip(self.cursors, self.nodes, strict=True)])

    def edge(self, cursor: str, node: Any) -> EdgeValue:
        """Return the edge of a member."""
        return EdgeValue(cursor, node)

    @property
    def page_info(self) -> PageInfoValue:
        """Where the page stands in the whole."""
        first, last = (self.cursors[0], self.cursors[-1]) if self.cursors else (None, None)
        return PageInfoValue(self.has_next, self.has_previous, first, last)


async def total_count(ask: Ask) -> Sequence[int]:
    """Answer totalCount of every connection."""
    return [await parent.count() for parent in ask.parents]


def page_of(records: Sequence[Any], sort_key: Callable[[Any], SortKey], window: Window) -> ConnectionValue:
    """Return a page of records in the order of their sort keys, which must tell them apart."""
    ordered = sorted(((sort_key(record), record) for record in records), key=lambda pair: pair[0])
    after = key_of(window.after) if window.after else None
    before = key_of(window.before) if window.before else None
    within = [pair for pair in ordered if (after is None or pair[0] > after) and (before is None or pair[0] < before)]
    chosen = within[max(0, len(within) - window.size) :] if window.backward else within[: window.size]
    total = len(ordered)

    async def count() -> int:
        return total

    return ConnectionValue(
        like(records, [record for _, record in chosen]),
        [cursor_of(key) for key, _ in chosen],
        bool(chosen) and chosen[-1] is not ordered[-1],
        bool(chosen) and chosen[0] is not ordered[0],
        count,
    )


def cursor_of(key: SortKey) -> str:
    """Return the cursor of a place in an order."""
    return base64.urlsafe_b64encode(json.dumps(key, ensure_ascii=False).encode()).decode().rstrip("=")


def key_of(cursor: str) -> SortKey:
    """Return the place that a cursor names; raise BadInput for one that names none."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(key, list) and all(isinstance(part, str) for part in key):
            return tuple(key)
    except ValueError:
        pass
    raise BadInput(f"{cursor[:40]!r} is no cursor of this list; take one from its edges.")
