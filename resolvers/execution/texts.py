"""What has been written of records already: the JSON of an object that goes out, by the records that it is made of.

Records are never changed: what a plan makes of the same ones is the same text again. They are told by identity, and
kept along with their text, so that no other can take their place. Records that a source gives anew for each request
never come a second time; so of objects that are made together the first alone is noted, until it is met again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

import msgspec

_MOST_BYTES = 32_000_000
"""About how many bytes of texts are kept, half of them since longer than the other half."""
_ENTRY_BYTES, _KEY_BYTES = 300, 48
"""What an entry takes besides its text, about: for itself, and for each record that it is made of."""
_MOST_FIRST = 1024

_encode = msgspec.json.Encoder().encode

Columns = Sequence[Sequence[Any]]
Key = tuple[int, ...]
Made = tuple[Sequence[Any], bool]
"""What goes out for objects, and whether that is all there is to them: no error, no absence."""


@dataclass(slots=True)
class _Generation:
    texts: dict[Key, msgspec.Raw] = field(default_factory=dict)
    records: dict[Key, Any] = field(default_factory=dict)
    """Held, so that the identities in the keys are theirs."""


class Texts:
    """The texts of objects, those that were used lately."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        """Keep about so many bytes."""
        self._most = most_bytes // 2
        self._young, self._old = _Generation(), _Generation()
        self._bytes = 0
        self._first: dict[Key, Any] = {}
        self._met: set[int] = set()

    def __len__(self) -> int:
        """Return how many objects a text is kept of."""
        return len(self._young.texts.keys() | self._old.texts.keys())

    def of(self, number: int, columns: Columns, make: Callable[[], Made]) -> Sequence[Any]:
        """Return what goes out for objects, each made of what has its place in all columns; there is one at least.

        `number` tells the code by which `make` makes them.
        """
        first = (number, *[id(column[0]) for column in columns])
        texts = self._young.texts
        if first not in texts and first not in self._old.texts and first not in self._first:
            if len(self._first) >= _MOST_FIRST:
                self._first.clear()
            self._first[first] = [column[0] for column in columns]
            return make()[0]
        if len(columns[0]) == 1:
            keys = [first]
        else:
            keys = list(zip(repeat(number), *[map(id, column) for column in columns], strict=False))
        try:
            return list(map(texts.__getitem__, keys))
        except KeyError:
            return self._written(keys, columns, make)

    def of_list(self, number: int, columns: Columns, make: Callable[[], Made]) -> msgspec.Raw | Sequence[Any]:
        """Return the list of what goes out for objects: as one text, if they were met before in this order."""
        key = (-1 - number, *map(id, chain(*columns)))  # of other keys than those of objects
        text = self._young.texts.get(key) or self._old.texts.get(key)
        if text is None:
            made = self.of(number, columns, make)
            if set(map(type, made)) != {msgspec.Raw} or self._is_first(hash(key)):
                return made
            text = msgspec.Raw(b"[%b]" % b",".join(made))
        if key not in self._young.texts:
            self._keep(key, text, [tuple(column) for column in columns])
            self._age()
        return text

    def _is_first(self, met: int) -> bool:
        """Say whether a list is met for the first time, as far as is remembered."""
        if met in self._met:
            return False
        if len(self._met) >= _MOST_FIRST:
            self._met.clear()
        self._met.add(met)
        return True

    def _keep(self, key: Key, text: msgspec.Raw, records: Any) -> None:
        self._young.texts[key], self._young.records[key] = text, records
        self._bytes += memoryview(text).nbytes + _ENTRY_BYTES + _KEY_BYTES * len(key)

    def _age(self) -> None:
        """Let go of what has not been used for long, if there is too much."""
        if self._bytes > self._most:
            self._old, self._young, self._bytes = self._young, _Generation(), 0

    def _written(self, keys: Sequence[Key], columns: Columns, make: Callable[[], Made]) -> Sequence[Any]:
        """Write what has not been written yet, and remember it."""
        young, old = self._young, self._old.texts
        found: list[Any] = [young.texts.get(key) or old.get(key) for key in keys]
        if None in found:
            made, is_all = make()
            if not is_all:
                return made
            try:
                found = [text or msgspec.Raw(_encode(one)) for text, one in zip(found, made, strict=True)]
            except (OverflowError, TypeError, UnicodeError):  # `encoded` knows how to write these
                return made
        for key, text, *records in zip(keys, found, *columns, strict=True):
            if key not in young.texts:
                self._keep(key, text, records)
        self._age()
        return found
