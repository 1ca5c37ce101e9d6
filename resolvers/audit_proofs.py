"""Roots and inclusion proofs of the audit's tree, from the leaves and whole subtrees that the ledger keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auth.audit.growing import LEVELS
from auth.audit.tree import Frontier, Hashing, inclusion
from store.audit import Ledger

_STEPS = (*reversed(LEVELS), 0)


class Incomplete(Exception):
    """Leaves or subtrees are missing in the ledger; `audit verify` says which."""


@dataclass(frozen=True)
class Proofs:
    """What can be proved from a ledger."""

    ledger: Ledger
    hashing: Hashing

    async def root(self, size: int) -> bytes:
        """Return the root of the tree as it was with so many records; raise Incomplete."""
        return await self._span(0, size)

    async def inclusion(self, place: int, size: int) -> list[bytes]:
        """Return the proof that the record at a place is in the tree of so many records; raise Incomplete."""
        wanted: list[tuple[int, int]] = []

        def noting(begin: int, end: int) -> bytes:
            wanted.append((begin, end))
            return b""

        inclusion(place, size, noting)
        found = {(begin, end): await self._span(begin, end) for begin, end in wanted}
        return inclusion(place, size, lambda begin, end: found[begin, end])

    async def _span(self, begin: int, end: int) -> bytes:
        """Return the root of the leaves from one place to another, which begin where a subtree so large can."""
        frontier = Frontier(self.hashing)
        for level, first, last in _runs(begin, end):
            found = await (self.ledger.nodes(level, first, last) if level else self.ledger.leaves(first, last))
            if [number for number, _ in found] != list(range(first, last)):
                raise Incomplete(f"Hashes are missing in places {begin} to {end - 1}; run manage.py audit verify.")
            for _, root in found:
                frontier = frontier.append(root, level)
        return frontier.root()


def _runs(begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Give levels that are kept, each with the numbers of subtrees that cover the places, the largest first."""
    for level in _STEPS:
        first, last = -(-begin >> level), end >> level
        if last > first:
            yield level, first, last
            begin = last << level
