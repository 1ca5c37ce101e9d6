"""Query.identifierLinks: the key map, for who keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resolvers.binding import Batch
from resolvers.pages import check_size
from resolvers.request import Ask, BadInput
from store.identifiers import Identifiers


async def _links(
    ask: Ask, of: str, first: int = 20, after: str | None = None, withdrawn: bool = False
) -> Sequence[Any]:
    check_size("first", first)
    found = await Identifiers(ask.hub.directory.engine).of(of.strip(), withdrawn=withdrawn)
    begin = 0
    if after is not None:
        begin = next((place for place, one in enumerate(found, 1) if one.id == after), 0)
        if not begin:
            raise BadInput(f"{after[:60]!r} is no link of this list; take the id of its last one.")
    return [found[begin : begin + first]]


BATCHES: Mapping[str, Batch] = {"Query.identifierLinks": Batch(_links)}
