"""Places of the audit's index, packed: those of 1,024 records in two bytes each, counted from the first of them."""

from __future__ import annotations

import struct
from collections.abc import Sequence

CHUNK = 1024
"""Places whose entries for one enterprise stand in one row, which is written anew whenever some are added."""
WIDTH = 2
"""Bytes of a place."""


def chunk_of(place: int) -> int:
    """Return the number of the chunk that a place lies in."""
    return place // CHUNK


def packed(chunk: int, places: Sequence[int]) -> bytes:
    """Return places of a chunk as bytes, in the order given."""
    first = chunk * CHUNK
    return struct.pack(f">{len(places)}H", *[place - first for place in places])


def unpacked(chunk: int, content: bytes) -> list[int]:
    """Return the places that were packed; those that somebody has written beyond the chunk too."""
    first, count = chunk * CHUNK, len(content) // WIDTH
    return [first + offset for offset in struct.unpack_from(f">{count}H", content)]
