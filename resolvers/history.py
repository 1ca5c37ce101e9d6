"""The history of things that are changed by mutations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from codes.access import Purpose
from resolvers.binding import Batch
from resolvers.changing import changes_of
from resolvers.request import Ask
from schema.changes import HistoryEntry
from store.changes import Entry, Noun


class _State(msgspec.Struct):
    state: str | None = None


_states = msgspec.json.Decoder(_State)


def history(noun: Noun[Any]) -> Batch:
    """Return what answers `history` of a noun."""

    async def resolve(ask: Ask) -> Sequence[Any]:
        ids = [parent.id for parent in ask.parents]
        found = await changes_of(ask).history(noun.name, ids)
        return [[_shown(entry) for entry in found[id]] for id in ids]

    return Batch(resolve)


def _shown(entry: Entry) -> HistoryEntry:
    return HistoryEntry(
        version=entry.version,
        at=entry.at,
        action=entry.action,
        state=_states.decode(entry.body).state,
        organisation=entry.organisation,
        subject=entry.subject,
        purpose=Purpose(entry.purpose) if entry.purpose else None,
    )
