"""Columns of nested records: a dot leads one level down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.contract import Row


def row_reader(columns: Sequence[str]) -> Callable[[Mapping[str, Any]], Row]:
    """Return the function that takes these columns out of a record; what a record lacks is None."""
    paths = [tuple(column.split(".")) for column in columns]
    if all(len(path) == 1 for path in paths):
        names = [path[0] for path in paths]
        return lambda record: tuple([record.get(name) for name in names])
    return lambda record: tuple([value_at(record, path) for path in paths])


def value_at(record: Any, path: Sequence[str]) -> Any:
    """Return what lies at the end of a path; None where the way breaks off."""
    for name in path:
        if not isinstance(record, Mapping):
            return None
        record = record.get(name)
    return record
