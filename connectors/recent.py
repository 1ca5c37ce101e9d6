"""A small front of a larger cache: what was used lately, found at the cost of a dict."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(dict[K, V]):
    """A dict that begins anew when it is full; keeping the order of use would cost more than refilling it."""

    def __init__(self, most: int) -> None:
        """Hold at most so many."""
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        """Put a value in, after emptying what is full."""
        if len(self) >= self._most:
            self.clear()
        super().__setitem__(key, value)
