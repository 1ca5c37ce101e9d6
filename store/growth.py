"""How the audit's tree grows: what an append adds, and what writes it in one transaction, whatever the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec


class NotWritten(Exception):
    """The database did not take an append or entries of the index; the message is what it said."""


class Tree(msgspec.Struct, frozen=True):
    """The tree as it stands: what it needs to grow, by what it stands, when a signed head was last kept."""

    algorithm: str | None
    """None before the first record."""
    size: int
    peaks: bytes
    signed: str | None
    """Its head, signed; or what only who has the key can make of the rest, until the next record."""
    kept: int
    """Seconds since 1970."""


class Row(msgspec.Struct, frozen=True):
    """A record at its place, and its leaf; no text once its time is over."""

    place: int
    record: str | None
    leaf: bytes


class Node(msgspec.Struct, frozen=True):
    """The root of a whole subtree of 2^level leaves, the number-th of those."""

    level: int
    number: int
    hash: bytes


class Growth(msgspec.Struct, frozen=True):
    """What an append adds, and the tree as it stands then."""

    rows: Sequence[Row]
    nodes: Sequence[Node]
    tree: Tree
    keeps_head: bool
    """Its signed head is kept for good."""


Grow = Callable[[Tree], Growth]
"""Makes an append of the tree as it stands; may be called again if somebody else was faster, and in any thread."""


class Entry(msgspec.Struct, frozen=True):
    """The places of a chunk at which records are about an enterprise, packed (`store.places`)."""

    code: str
    chunk: int
    places: bytes


class Writing(Protocol):
    """Writes to the audit through the database's own driver; raises NotWritten."""

    async def write(self, before: Tree, growth: Growth) -> bool:
        """Write what was made of a tree; False, having written nothing, if the tree is another by now."""
        ...

    async def write_in_turn(self, grow: Grow, expire_before: int) -> tuple[Tree, Growth]:
        """Write what `grow` makes of the tree, and take out texts below a place, while nobody else writes.

        Return the tree as it was found, and what was made of it.
        """
        ...

    async def enter(self, begin: int, end: int, entries: Sequence[Entry]) -> bool:
        """Add the records from one place to another to the index; False if another process has done so meanwhile."""
        ...

    async def aclose(self) -> None:
        """Give back connections; what is written later takes new ones."""
        ...
