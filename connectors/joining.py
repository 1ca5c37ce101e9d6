"""The parts of one record that several sources give, joined to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.catalogue import Collection
from connectors.disagreement import AMOUNTS, Disagreements
from connectors.errors import SourceFailure
from connectors.feed import Feed
from connectors.outcomes import Absent, Incomplete, Outcome, Record, record_type


class Join:
    """The parts of one record that several sources give, joined; the source that goes first wins each field."""

    def __init__(
        self,
        collection: Collection,
        feeds: Sequence[Feed],
        fields: frozenset[str],
        disagreements: Disagreements,
        first: Mapping[str, Sequence[str]],
        of_zone: Sequence[str] = (),
    ) -> None:
        """Join the fields of these feeds, in the order of precedence.

        The sources `of_zone` go before all others, then those that go `first` in a field.
        """
        self._collection = collection
        self._fields = tuple(sorted(fields))
        self._record = record_type(collection.name, self._fields)
        self._names = [feed.intake.source.name for feed in feeds]
        self._columns = [(name, self._givers(name, feeds, (*of_zone, *first.get(name, ())))) for name in self._fields]
        self._amounts = [
            (name, givers)
            for name, givers in self._columns
            if len(givers) > 1 and name != collection.record_key and collection.kind(name) in AMOUNTS
        ]
        self._disagreements = disagreements

    def _givers(self, name: str, feeds: Sequence[Feed], first: Sequence[str]) -> list[int]:
        """Return the places of the feeds that give a field, the one that goes first in it in front."""
        rank = {source: place for place, source in enumerate(dict.fromkeys(first))}
        givers = [place for place, feed in enumerate(feeds) if feed.gives(name)]
        return sorted(givers, key=lambda place: rank.get(self._names[place], len(rank)))

    def outcomes(self, parts: Sequence[Outcome]) -> Outcome:
        """Return one key's outcome from the outcomes of all feeds, in their order.

        That there is no record is said only where every feed said so.
        """
        if not any(parts) and all(type(part) is tuple for part in parts):
            return ()
        if all(isinstance(part, SourceFailure | Absent) for part in parts):
            return next((part for part in parts if isinstance(part, SourceFailure)), parts[0])
        if not self._collection.many:
            return self._joined(parts)
        silent = [place for place, part in enumerate(parts) if isinstance(part, SourceFailure) or _is_untold(part)]
        if silent and not any(isinstance(part, tuple) and part for part in parts):
            return next((part for part in parts if isinstance(part, SourceFailure)), parts[silent[0]])
        record_key = self._collection.record_key
        assert record_key is not None, f"{self._collection.name} has several records a key and no record_key"
        by_record: dict[Any, list[Outcome]] = {}
        for place, part in enumerate(parts):
            for record in part if isinstance(part, tuple) else ():
                empty: list[Outcome] = [p if not isinstance(p, tuple) else Absent.NOT_DELIVERED for p in parts]
                by_record.setdefault(getattr(record, record_key), empty)[place] = record
        records = map(self._joined, by_record.values())
        return Incomplete(records, tuple(self._names[place] for place in silent)) if silent else tuple(records)

    def _joined(self, parts: Sequence[Outcome]) -> Record:
        for name, givers in self._amounts:
            self._compare(name, [place for place in givers if not isinstance(parts[place], _NO_RECORD)], parts)
        return self._record(*(self._value(name, givers, parts) for name, givers in self._columns))

    def _compare(self, name: str, givers: Sequence[int], parts: Sequence[Outcome]) -> None:
        if len(givers) > 1:
            sources, values = [self._names[p] for p in givers], [getattr(parts[p], name) for p in givers]
            self._disagreements.compare(self._collection.name, name, sources, values)

    def _value(self, name: str, givers: Sequence[int], parts: Sequence[Outcome]) -> Any:
        for place in givers:  # nearly always the first of them has it
            value = parts[place]
            if not isinstance(value, _NO_RECORD):
                value = getattr(value, name)
                if value is not None and not isinstance(value, _NO_RECORD):
                    return value
        return self._why_not(name, [parts[place] for place in givers])

    def _why_not(self, name: str, parts: Sequence[Outcome]) -> Any:
        """Return what stands where none of the parts has a value: None if one left it empty, or the first reason."""
        values = [part if isinstance(part, SourceFailure | Absent) else getattr(part, name) for part in parts]
        if None in values:  # left empty by a source that has the record, whoever else does not know it
            values = [value for value in values if value is not None and value not in _NOT_KNOWN]
        return next(iter(values), None)


_NO_RECORD = (SourceFailure, Absent)
_NOT_KNOWN = (Absent.NOT_DELIVERED, Absent.NOT_FOUND)
_UNTOLD = (Absent.NOT_SHARED, Absent.STALE, Absent.NO_HISTORY, Absent.UNREADABLE, Absent.NOT_DELIVERED)


def _is_untold(part: Outcome) -> bool:
    """Say whether a source that gives nothing of a key with many records may have some nevertheless.

    It has delivered nothing of a key that is not known by its own name there: it was not asked.
    """
    return isinstance(part, Absent) and part in _UNTOLD
