"""A tree grown by a batch of records: their texts and leaves, the subtrees that have become whole, the new root."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import msgspec

from auth.audit.record import Record, canonical
from auth.audit.tree import Frontier, Hashing

LEVELS = (8, 16, 24)
"""Levels of whole subtrees whose roots are kept: a proof reads some hundred hashes, however large the tree."""


class Leaf(msgspec.Struct, frozen=True):
    """A record's place, its text and the hash of that."""

    place: int
    text: str
    hash: bytes


class Grown(msgspec.Struct, frozen=True):
    """What was added to a tree, and the tree then."""

    leaves: tuple[Leaf, ...]
    nodes: tuple[tuple[int, int, bytes], ...]
    """Level, number and root of the subtrees that have become whole, of the levels that are kept."""
    frontier: Frontier


def frontier_of(hashing: Hashing, size: int, peaks: bytes) -> Frontier:
    """Return the tree whose peaks are written one behind the other."""
    return Frontier(hashing, size, tuple([peaks[at : at + 32] for at in range(0, len(peaks), 32)]))


def grown(frontier: Frontier, records: Sequence[Record]) -> Grown:
    """Return what a tree becomes with some records more."""
    nodes: list[tuple[int, int, bytes]] = []

    def completed(level: int, number: int, root: bytes) -> None:
        if level in LEVELS:
            nodes.append((level, number, root))

    texts = [canonical(record, place) for place, record in enumerate(records, frontier.size)]
    hashes = [frontier.hashing.leaf(text.encode()) for text in texts]
    leaves = tuple(map(Leaf, count(frontier.size), texts, hashes))
    after = frontier.extended(hashes, completed=completed)
    return Grown(leaves, tuple(nodes), after)
