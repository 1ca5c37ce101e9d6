"""Columns of nested records: a dot leads one level down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.contract import Row


def row_reader(columns: Sequence[str], *, flat: bool = False) -> Callable[[Mapping[str, Any]], Row]:
    """Return the function that takes these columns out of a record; what a record lacks is None.

    In `flat` records, such as the lines of a CSV file, a dot is a character like any other.
    """
    if flat or not any("." in column for column in columns):
        return lambda record: tuple([record.get(column) for column in columns])
    paths = [tuple(column.split(".")) for column in columns]
    return lambda record: tuple([value_at(record, path) for path in paths])


def value_at(record: Any, path: Sequence[str]) -> Any:
    """Return what lies at the end of a path; None where the way breaks off."""
    for name in path:
        if not isinstance(record, Mapping):
            return None
        record = record.get(name)
    return record
