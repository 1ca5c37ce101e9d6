"""Paging of REST services: by number, by offset, by cursor, by Link header, or everything at once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal

from connectors.contract import Scan
from connectors.errors import SourceError
from connectors.http import HttpSource, Reply
from connectors.nested import value_at
from connectors.options import Options


class Paging(Options):
    """How a collection is read whole."""

    path: str
    style: Literal["page", "offset", "cursor", "link", "all"] = "all"
    page: str = "page"
    size: str = "size"
    first_page: int = 1
    page_size: int = 200
    cursor: str = "cursor"
    next: str = "next"
    rows: str = ""


async def pages(
    http: HttpSource, paging: Paging, ask: Scan, select: Mapping[str, str], timeout: float
) -> AsyncIterator[tuple[list[dict[str, Any]], str | None]]:
    """Yield each page's records and the position behind it; a page that comes twice ends in SourceError."""
    size = min(ask.page_size, paging.page_size)
    position = ask.after
    before: list[dict[str, Any]] = []
    while True:
        reply = await _page(http, paging, position, size, select, time.monotonic() + timeout)
        records = _records(http, paging, reply.value)
        if records and records == before:
            raise SourceError(http.name, "gave the same page twice, so its end cannot be found")
        before = records
        position = _next(paging, reply, position, size, len(records) >= size)
        yield records, position
        if position is None:
            return


async def _page(
    http: HttpSource, paging: Paging, position: str | None, size: int, select: Mapping[str, str], deadline: float
) -> Reply:
    params: dict[str, Any] = dict(select)
    path = paging.path
    if paging.style == "page":
        params |= {paging.page: position or paging.first_page, paging.size: size}
    elif paging.style == "offset":
        params |= {paging.page: position or 0, paging.size: size}
    elif paging.style == "cursor":
        params |= {paging.size: size, **({paging.cursor: position} if position else {})}
    elif paging.style == "link":
        path, params = (position, {}) if position else (path, params | {paging.size: size})
    return await http.ask("GET", path, deadline, params=params or None)


def _next(paging: Paging, reply: Reply, position: str | None, size: int, full: bool) -> str | None:
    if paging.style == "page":
        return str(int(position or paging.first_page) + 1) if full else None
    if paging.style == "offset":
        return str(int(position or 0) + size) if full else None
    if paging.style == "cursor":
        following = value_at(reply.value, paging.next.split("."))
        return str(following) if following else None
    if paging.style == "link":
        return reply.following
    return None


def _records(http: HttpSource, paging: Paging, value: Any) -> list[dict[str, Any]]:
    found = value_at(value, paging.rows.split(".")) if paging.rows else value
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise SourceError(http.name, f"answered no list of objects under {paging.rows or 'the top'!r}")
    return found
