"""Records held against their hashes, and hashes against signed heads: changed, deleted, inserted, swapped, cut off.

Records are taken in order of place. Each is held against its own leaf and the place that it names; the leaves make a
tree, which is held against every signed head that it passes. Somebody who forges a leaf too is found out by the next
head. Beside it goes the tree of the kept roots of 256 places each: where the two differ, the next head says which is
right, and where a record is missing the tree goes on with the kept roots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from auth.audit.growing import LEVELS
from auth.audit.record import Kind, Malformed, parsed
from auth.audit.signing import Head
from auth.audit.tree import Frontier, Hashing

TILE = 1 << LEVELS[0]


@dataclass(frozen=True)
class Finding:
    """Something is wrong with the records from one place to another, both included."""

    first: int
    last: int
    what: str

    def __str__(self) -> str:
        """Say where and what."""
        places = f"place {self.first}" if self.first == self.last else f"places {self.first} to {self.last}"
        return f"{places}: {self.what}"


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it lies in the store."""

    place: int
    text: str | None
    leaf: bytes


class Verification:
    """One pass over the records."""

    def __init__(self, hashing: Hashing, heads: Sequence[Head]) -> None:
        """Begin before place 0; `heads` are those whose signatures hold, in order of size."""
        self._hashing = hashing
        self._heads = heads
        self._passed = 0
        self._good = 0
        """The place up to which the last head agreed, or from which the tree went on."""
        self._own: Frontier | None = Frontier(hashing)
        """Of the leaves; None where it cannot go on."""
        self._kept: Frontier | None = Frontier(hashing)
        """Of the kept roots, up to the last whole 256 places."""
        self._other: Frontier | None = None
        """What the tree would be by the kept roots, while that is in doubt."""
        self._doubt: range | None = None
        self._moved: tuple[int, int] | None = None
        """The place where records begin that all stand as far from their own, and how far."""
        self._expired: list[range] = []
        self._until = 0
        self.newest = max((head.size for head in heads), default=0)
        self.checked = 0
        """How many places have been passed."""

    def take(self, records: Sequence[Stored], tiles: Mapping[int, bytes]) -> Iterator[Finding]:
        """Give what is wrong with the next records; `tiles` has the kept root of the 256 places from 256·n on, by n."""
        for record in records:
            if not 0 <= record.place < self.newest:
                yield from self._settle(self.checked)
                yield Finding(record.place, record.place, "inserted: no head was signed over a record there")
                continue
            if record.place > self.checked:
                yield from self._settle(self.checked)
                yield Finding(self.checked, record.place - 1, "deleted: no record is there")
                while self.checked < record.place:
                    yield from self._grow(None, tiles)
            yield from self._alone(record)
            yield from self._grow(record.leaf, tiles)

    def end(self) -> Iterator[Finding]:
        """Give what is wrong in the end: heads that were signed over more records, texts taken out unsaid."""
        yield from self._settle(self.checked)
        if self.checked < self.newest:
            yield Finding(self.checked, self.newest - 1, "cut off: a head was signed over them, and they are gone")
        for missing in self._expired:
            if missing.stop > self._until:
                what = "deleted: the texts are gone, and no record says that they have expired"
                yield Finding(max(missing.start, self._until), missing.stop - 1, what)

    def _alone(self, record: Stored) -> Iterator[Finding]:
        """Hold a record against its own leaf and place."""
        at = record.place
        if record.text is None:
            begin = self._expired.pop().start if self._expired and self._expired[-1].stop == at else at
            self._expired.append(range(begin, at + 1))
            yield from self._settle(at)
            return
        try:
            named, found = parsed(record.text)
        except Malformed:
            yield from self._settle(at)
            yield Finding(at, at, "changed: this is no record any more")
            return
        if self._moved is None or self._moved[1] != named - at:
            yield from self._settle(at)
            self._moved = (at, named - at) if named != at else None
        if named != at:
            return
        if self._hashing.leaf(record.text.encode()) != record.leaf:
            yield Finding(at, at, "changed: the record is not the one that was hashed")
        elif found.kind is Kind.EXPIRY and found.until is not None:
            self._until = max(self._until, found.until)

    def _settle(self, at: int) -> Iterator[Finding]:
        """Give what stood in the wrong places up to this one, if anything did."""
        if self._moved is not None:
            first, by = self._moved
            here = (
                f"is the record of place {first + by}" if at == first + 1 else f"are the records of {first + by} and on"
            )
            yield Finding(first, at - 1, f"swapped or moved: here {here}")
            self._moved = None

    def _grow(self, leaf: bytes | None, tiles: Mapping[int, bytes]) -> Iterator[Finding]:
        """Go one place on; without a leaf the tree cannot."""
        self._own = self._own.append(leaf) if self._own and leaf else None
        self._other = self._other.append(leaf) if self._other and leaf else None
        self.checked += 1
        if self.checked % TILE == 0:
            yield from self._pass_tile(tiles.get(self.checked // TILE - 1))
        while self._passed < len(self._heads) and self._heads[self._passed].size <= self.checked:
            head = self._heads[self._passed]
            self._passed += 1
            if head.size == self.checked and self._own is not None:
                yield from self._hold(self._own, head)

    def _hold(self, own: Frontier, head: Head) -> Iterator[Finding]:
        """Hold the tree against a head of its size; if it does not fit, perhaps that of the kept roots does."""
        doubt, other = self._doubt, self._other
        self._doubt = self._other = None
        first, last = self._good, head.size - 1
        if own.root().hex() == head.root:
            self._good = head.size
            if doubt is not None:
                self._kept = None
                yield Finding(doubt.start, doubt.stop - 1, "their kept root was changed; the records are good")
            return
        if other is not None and doubt is not None and other.root().hex() == head.root:
            self._own, self._good = other, head.size
            first, last = max(first, doubt.start), doubt.stop - 1
        else:
            self._own = None
        yield Finding(first, last, "forged: a signed head does not agree with the hashes of these records")

    def _pass_tile(self, root: bytes | None) -> Iterator[Finding]:
        """Compare 256 leaves with their kept root; go on from there if the tree could not."""
        places = range(self.checked - TILE, self.checked)
        if root is None:
            yield Finding(places.start, places.stop - 1, "their kept root is gone")
            self._kept = None
        elif self._kept is not None:
            self._kept = self._kept.append(root, LEVELS[0])
        if self._own is None:
            self._own, self._good = self._kept, self.checked
        elif self._kept is None:
            self._kept = self._own
        elif self._own.peaks != self._kept.peaks:
            self._other = self._kept
            self._doubt = self._doubt or places
