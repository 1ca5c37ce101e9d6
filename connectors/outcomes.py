"""What a key's answer can be: a record, several records, an absence with its reason, or a failure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

import msgspec

from connectors.errors import SourceFailure


class Absent(Enum):
    """Why there is no value, where nothing failed."""

    NOT_FOUND = "NOT_FOUND"
    """The source does not know the key."""
    NOT_DELIVERED = "NOT_DELIVERED"
    """The source knows the key and did not give this value, or no source feeds it."""
    NOT_SHARED = "NOT_SHARED"
    """The owner does not share it: the whole source, or this value in this record."""
    NOT_CONSENTED = "NOT_CONSENTED"
    """The enterprise has not agreed."""
    MASKED = "MASKED"
    """The reader may not see it as exactly as it is."""
    STALE = "STALE"
    """It is older than the reader accepts."""
    NOT_AS_OF = "NOT_AS_OF"
    """The source keeps history and knew nothing of the key on that date."""
    NO_HISTORY = "NO_HISTORY"
    """The source keeps no history, so it cannot answer as of a date."""
    NOT_PUBLISHED = "NOT_PUBLISHED"
    """There is no published edition with a score of it."""
    UNREADABLE = "UNREADABLE"
    """The source gave something that cannot be read as such a value."""
    INCOMPLETE = "INCOMPLETE"
    """Some of its sources did not answer, so that it cannot be told from what the others gave."""


class Typed(msgspec.Struct, frozen=True, gc=False):
    """A record whose fields have been decoded by their types: what the class says of them is sure."""


Record = Any
"""A Struct made by `record_type`: attributes named as the collection's fields."""


class Incomplete(tuple[Record, ...]):
    """Records of a key, while sources that may have more of it did not answer."""

    missing: tuple[str, ...]
    """The names of those sources."""

    def __new__(cls, records: Iterable[Record], missing: tuple[str, ...]) -> Incomplete:
        """Return the records, with what they lack."""
        made = super().__new__(cls, records)
        made.missing = missing
        return made


def like(outcome: Sequence[Record], records: Sequence[Record]) -> Sequence[Record]:
    """Return records that were chosen from an outcome, incomplete if that is."""
    return Incomplete(records, outcome.missing) if type(outcome) is Incomplete else records


Outcome = Record | Sequence[Record] | Absent | SourceFailure


@lru_cache(maxsize=4096)
def record_type(collection: str, fields: tuple[str, ...]) -> type[msgspec.Struct]:
    """Return the class of records that hold these fields of a collection, in this order."""
    return msgspec.defstruct(
        f"{collection}_record", [(field, Any) for field in fields], rename="camel", frozen=True, gc=False
    )
