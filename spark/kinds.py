"""How each kind of number of `scoring` stands in Parquet, and how it is read back, the same bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scoring.rules import VERDICTS
from scoring.scheme import REASONS

Array = Any
"""An Arrow array; pyarrow ships no types."""

NAMES_OF_REASONS = tuple(REASONS[code].value for code in sorted(REASONS))


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of Parquet's, how numbers are written as it, and how they are read."""

    type: Any
    write: Callable[[NDArray[Any]], Array]
    read: Callable[[Array], NDArray[Any]]


def words(names: Sequence[str | None], first: int, type_: type[np.generic]) -> Kind:
    """Numbers written as words: `first` is the number of the first; a number without a word, or None, is null."""
    known = pa.array(names, pa.string())

    def write(numbers: NDArray[Any]) -> Array:
        places = numbers.astype(np.int64) - first
        return known.take(pa.array(places, mask=(places < 0) | (places >= len(names))))

    def read(array: Array) -> NDArray[Any]:
        places = pc.index_in(array, value_set=known, skip_nulls=True)
        return (filled(places, -1) + first).astype(type_)

    return Kind(pa.string(), write, read)


def points(decimals: int) -> Kind:
    """Points, which are whole numbers of the scheme's smallest part, as decimals: 1250 parts are 12.50."""
    type_ = pa.decimal128(12, decimals)
    parts = pa.scalar(Decimal(10) ** decimals)

    def write(numbers: NDArray[Any]) -> Array:
        # a decimal of Arrow is a whole number of 16 bytes, little-endian; no points are below zero
        held = np.zeros((len(numbers), 2), "<i8")
        held[:, 0] = numbers
        return pa.Array.from_buffers(type_, len(numbers), [None, pa.py_buffer(held)])

    def read(array: Array) -> NDArray[Any]:
        return filled(pc.cast(pc.multiply(array, parts), pa.int64()), 0).astype(np.int32)

    return Kind(type_, write, read)


def small(type_: type[np.generic], none: int | None = None) -> Kind:
    """Small whole numbers; `none` is written as null."""

    def write(numbers: NDArray[Any]) -> Array:
        return pa.array(numbers.astype(np.int8), mask=None if none is None else numbers == none)

    return Kind(pa.int8(), write, lambda array: filled(array, none or 0).astype(type_))


def struct(members: Mapping[str, Array]) -> Array:
    """Return one column of structures."""
    return pa.StructArray.from_arrays(list(members.values()), list(members))


def filled(array: Array, number: float) -> NDArray[Any]:
    """Return the numbers of an array, nulls as `number`."""
    found: NDArray[Any] = pc.fill_null(array, number).to_numpy(zero_copy_only=False)
    return found


NUMBER = Kind(pa.float64(), pa.array, lambda array: filled(array, 0.0))
FLAG = Kind(pa.bool_(), pa.array, lambda array: filled(array, False))
VERDICT = words([verdict.value for verdict in VERDICTS], 0, np.uint8)
MISSING = words(NAMES_OF_REASONS, 1, np.uint8)
TIER = small(np.int8, none=-1)
ALTERNATIVE = small(np.uint8)
