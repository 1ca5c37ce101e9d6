"""The audit's index of enterprises, held against the records: what it hides, what it adds, chunk by chunk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence

from auth.audit.record import Malformed, parsed
from store.audit import Ledger
from store.growth import Row
from store.places import chunk_of

_HIDDEN = "does not show it; its entry in the index is gone"
_ADDED = "shows it; the index has an entry of another enterprise's record"
_TWICE = "shows it; the index has its entry more than once"
_NOWHERE = "shows it; the index has an entry of a place that no record has"

_Wrong = tuple[int, str, str]
"""Place, code, and what is wrong with the entry."""


class IndexCheck:
    """One pass over the records, beside that over their hashes."""

    def __init__(self, ledger: Ledger, newest: int) -> None:
        """Begin before place 0; `newest` is the number of records that are taken."""
        self._ledger = ledger
        self._newest = newest
        self._chunk = 0
        self._expected: dict[str, list[int]] = {}
        """By code: the places of the chunk's records about it."""
        self._whole: set[int] = set()
        """The chunk's places whose records can be read, so that it is known whom they are about."""
        self._beyond: list[tuple[int, str]] = []
        """Entries of places that had no records when the pass began."""

    async def take(self, rows: Sequence[Row]) -> AsyncIterator[str]:
        """Give what is wrong with the index of the chunks that end before the next records."""
        for row in rows:
            if not 0 <= row.place < self._newest:
                continue
            if chunk_of(row.place) != self._chunk:
                for line in await self._compared():
                    yield line
                self._chunk = chunk_of(row.place)
            self._expect(row)

    async def end(self, size: int) -> list[str]:
        """Return what is wrong in the last chunk, and beyond all records, of which there are so many now."""
        lines = await self._compared()
        strays = [entry for entry in self._beyond if entry[0] >= size]
        for code, places in await self._ledger.index_outside(size):
            strays += [(place, code) for place in places]
        return lines + _lines([(place, code, _NOWHERE) for place, code in strays])

    def _expect(self, row: Row) -> None:
        if row.record is None:
            return
        try:
            place, record = parsed(row.record)
        except Malformed:
            return
        if place == row.place:
            self._whole.add(place)
            for code in record.enterprises:
                self._expected.setdefault(code, []).append(place)

    async def _compared(self) -> list[str]:
        # What is put in while this is read is expected too, but not missed.
        indexed = await self._ledger.indexed()
        found = await self._ledger.index_of(self._chunk)
        expected, self._expected = self._expected, {}
        wrong = list(self._hidden(expected, found, indexed))
        for code, places in found.items():
            if places != expected.get(code):
                wrong += self._added(code, places, expected.get(code, ()))
        self._whole.clear()
        return _lines(wrong)

    def _hidden(
        self, expected: Mapping[str, list[int]], found: Mapping[str, list[int]], indexed: int
    ) -> Iterator[_Wrong]:
        for code, places in expected.items():
            if found.get(code) != places:
                for place in sorted(set(places).difference(found.get(code, ()))):
                    if place < indexed:
                        yield place, code, _HIDDEN

    def _added(self, code: str, places: Sequence[int], expected: Sequence[int]) -> Iterator[_Wrong]:
        seen: set[int] = set()
        for place in places:
            if place in seen:
                yield place, code, _TWICE
            elif chunk_of(place) != self._chunk:
                yield place, code, _NOWHERE
            elif place >= self._newest:
                self._beyond.append((place, code))
            elif place in self._whole and place not in expected:
                yield place, code, _ADDED
            seen.add(place)


def _lines(wrong: Iterable[_Wrong]) -> list[str]:
    return [f"place {place}: the access log of {code} {what}" for place, code, what in sorted(wrong)]
