"""Whether a connector has answered what it was asked: a record under another key is noticed, never shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.contract import Fetch, Key, Rows
from connectors.errors import SourceError


def check_alignment(source: str, key_width: int, ask: Fetch, rows: Rows) -> None:
    """Raise SourceError unless there is one group for each key and each row carries its key and every column."""
    if len(rows.groups) != len(ask.keys):
        raise SourceError(source, f"answered {len(rows.groups)} keys where {len(ask.keys)} were asked for")
    width = len(ask.columns)
    for key, group in zip(ask.keys, rows.groups, strict=True):
        for row in group:
            carried = row[0] if key_width == 1 else row[:key_width]
            if len(row) != width or (carried != key and _folded(carried) != _folded(key)):
                raise SourceError(source, f"answered the key {str(key)[:40]!r} with a row of another key or shape")


def check_records(source: str, key: str, keys: Sequence[Key], records: Sequence[Any]) -> None:
    """Raise SourceError unless there is one typed record, list or None for each key, carrying that key."""
    if len(records) != len(keys):
        raise SourceError(source, f"answered {len(records)} keys where {len(keys)} were asked for")
    carried = [
        asked if one is None or type(one) is list else getattr(one, key)
        for one, asked in zip(records, keys, strict=True)
    ]
    if carried != list(keys):
        raise SourceError(source, "answered a key with a record of another key")


def _folded(key: object) -> object:
    return tuple(map(_folded, key)) if isinstance(key, tuple) else str(key).strip().upper()
