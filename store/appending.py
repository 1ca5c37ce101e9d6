"""Appends of one process, one after the other: each made of the tree as the last left it, while no other appends."""

from __future__ import annotations

import asyncio

from store.growth import Grow, Tree, Writing


class Appending:
    """Adds to the audit's tree; where other processes do so too, each in its turn."""

    def __init__(self, writing: Writing) -> None:
        """Know nothing of the tree yet."""
        self._writing = writing
        self._turn = asyncio.Lock()
        self._left: Tree | None = None
        """The tree as it was left here; None if that is not known."""
        self._alone = False
        """It was found as it had been left: no other process had appended meanwhile."""

    async def append(self, grow: Grow, expire_before: int = 0) -> None:
        """Add what `grow` makes of the tree, and take out texts below a place; raise NotWritten."""
        async with self._turn:
            left, self._left = self._left, None  # unless this comes to its end
            if self._alone and left is not None and not expire_before:
                growth = grow(left)
                if await self._writing.write(left, growth):
                    self._left = growth.tree
                    return
            found, growth = await self._writing.write_in_turn(grow, expire_before)
            self._alone, self._left = found == left, growth.tree

    async def aclose(self) -> None:
        """Give back what is used for writing."""
        async with self._turn:
            self._left = None
            await self._writing.aclose()
