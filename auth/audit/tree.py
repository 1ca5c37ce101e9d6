"""A hash tree over records, as in RFC 6962 §2 and RFC 9162 §2: it grows at its end, and every change shows in its root.

A leaf is H(0x00 ‖ record), an inner node H(0x01 ‖ left ‖ right); a tree of n leaves has the largest power of two below
n of them on its left. H is SHA-256 or SM3 (GB/T 32905).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from enum import Enum

import msgspec
from cryptography.hazmat.primitives import hashes

Span = Callable[[int, int], bytes]
"""Gives the root of the leaves from one place up to another, which is not included."""

Completed = Callable[[int, int, bytes], None]
"""Is told of a subtree that has become whole: its level (2^level leaves), its number among those, its root."""


class Hashing(Enum):
    """The hash function of a tree."""

    SHA256 = "SHA-256"
    SM3 = "SM3"

    def digest(self, content: bytes) -> bytes:
        """Return the hash of some bytes, 32 bytes long."""
        if self is _SHA256:
            return hashlib.sha256(content).digest()
        function = hashes.Hash(hashes.SM3())
        function.update(content)
        return function.finalize()

    def named(self, content: bytes) -> str:
        """Return the hash of some bytes as text: the function's name, a colon, hexadecimal digits."""
        return f"{self.value}:{self.digest(content).hex()}"

    def leaf(self, record: bytes) -> bytes:
        """Return the hash of a record."""
        return self.digest(b"\0" + record)

    def node(self, left: bytes, right: bytes) -> bytes:
        """Return the hash over two subtrees."""
        return self.digest(b"\1" + left + right)


_SHA256 = Hashing.SHA256  # to ask the class for a member calls a function of its module


class Frontier(msgspec.Struct, frozen=True):
    """As much of a tree as it needs to grow: the roots of its whole subtrees, the largest first."""

    hashing: Hashing
    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size.bit_count() != len(self.peaks):
            raise ValueError(f"A tree of {self.size} leaves has {self.size.bit_count()} peaks, not {len(self.peaks)}.")

    def append(self, subtree: bytes, level: int = 0) -> Frontier:
        """Return the tree with a whole subtree of 2^level leaves more; the size has to be a multiple of that."""
        return self.extended((subtree,), level)

    def extended(self, subtrees: Sequence[bytes], level: int = 0, completed: Completed | None = None) -> Frontier:
        """Return the tree with some whole subtrees of 2^level leaves more; the size has to be a multiple of that."""
        if self.size % (1 << level):
            raise ValueError(f"A subtree of {1 << level} leaves does not begin at place {self.size}.")
        node, size, peaks = self.hashing.node, self.size, [*self.peaks]
        for subtree in subtrees:
            height, number = level, size >> level
            while number & 1:
                subtree = node(peaks.pop(), subtree)
                number >>= 1
                height += 1
                if completed:
                    completed(height, number, subtree)
            peaks.append(subtree)
            size += 1 << level
        return Frontier(self.hashing, size, tuple(peaks))

    def root(self) -> bytes:
        """Return the hash of the whole tree."""
        if not self.peaks:
            return self.hashing.digest(b"")
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = self.hashing.node(peak, root)
        return root


def root_of(hashing: Hashing, leaves: Sequence[bytes]) -> bytes:
    """Return the root over some leaf hashes."""
    return Frontier(hashing).extended(leaves).root()


def inclusion(place: int, size: int, span: Span) -> list[bytes]:
    """Return the proof that a leaf stands at a place of a tree of this size (RFC 9162 §2.1.3.1)."""
    if not 0 <= place < size:
        raise ValueError(f"A tree of {size} leaves has none at place {place}.")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if place < middle:
            path.append(span(middle, end))
            end = middle
        else:
            path.append(span(begin, middle))
            begin = middle
    return path[::-1]


def included(hashing: Hashing, leaf: bytes, place: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Say whether a proof shows that a leaf stands at a place of the tree with this root (RFC 9162 §2.1.3.2)."""
    if not 0 <= place < size:
        return False
    number, last, found = place, size - 1, leaf
    for step in path:
        if not last:
            return False
        if number & 1 or number == last:
            found = hashing.node(step, found)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            found = hashing.node(found, step)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def consistency(first: int, second: int, span: Span) -> list[bytes]:
    """Return the proof that a tree of one size is the beginning of that of another (RFC 9162 §2.1.4.1)."""
    if not 0 < first <= second:
        raise ValueError(f"No tree of {first} leaves is the beginning of one of {second}.")
    path: list[bytes] = []
    begin, end, whole = 0, second, True
    while first != end:
        middle = begin + _split(end - begin)
        if first <= middle:
            path.append(span(middle, end))
            end = middle
        else:
            path.append(span(begin, middle))
            begin, whole = middle, False
    if not whole:
        path.append(span(begin, end))
    return path[::-1]


def consistent(hashing: Hashing, first: int, old: bytes, second: int, new: bytes, path: Sequence[bytes]) -> bool:
    """Say whether a proof shows that one root's tree is the beginning of another's (RFC 9162 §2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and old == new
    steps = [old, *path] if first & (first - 1) == 0 else list(path)
    if not steps:
        return False
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    found_old = found_new = steps[0]
    for step in steps[1:]:
        if not last:
            return False
        if number & 1 or number == last:
            found_old, found_new = hashing.node(step, found_old), hashing.node(step, found_new)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            found_new = hashing.node(found_new, step)
        number, last = number >> 1, last >> 1
    return last == 0 and found_old == old and found_new == new


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1
