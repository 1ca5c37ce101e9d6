"""From a whole collection's records to the columns of inputs, all enterprises at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codes.scores import Missing
from scoring.inputs import Column, Floats, Moment, Reasons
from scoring.records import READERS, text_of, year_of
from scoring.scheme import CODES, Input, Validity

Values = Sequence[Any] | NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """The records of a collection as columns, oldest first.

    Amounts may be Decimals in yuan, or an int64 array of fen; numbers, years and texts may be NumPy arrays.
    """

    owner: NDArray[np.intp]
    """For each record the place of its enterprise."""
    fields: Mapping[str, Values]
    """The values of each field, one a record, None where a record has none."""
    reasons: Reasons
    """For each enterprise 0 if an answer came, with records or without, or the number of the reason why none did."""


def scanned(needed: Input, scan: Scan, moment: Moment) -> Column:
    """Return an input's column: the same values and reasons as `records.column` gives, enterprise by enterprise."""
    size = len(scan.reasons)
    chosen = np.flatnonzero(_meant(needed, scan, moment))
    owner = scan.owner[chosen]
    values, reasons = np.zeros(size), np.zeros(size, np.uint8)
    if needed.take == "count":
        values = np.bincount(owner, minlength=size).astype(np.float64)
    else:
        read, state = _read(needed, _taken(scan.fields[needed.field or ""], chosen), moment)
        there = state == 0
        if needed.take == "total":
            values = np.bincount(owner, weights=read, minlength=size).astype(np.float64)
            reasons[owner[state == CODES[Missing.NOT_DELIVERED]]] = CODES[Missing.NOT_DELIVERED]
        else:
            reasons[:] = CODES[Missing.NOT_DELIVERED]
            values[owner[there]] = read[there]  # of several the last one stays
            reasons[owner[there]] = 0
        reasons[owner[state == CODES[Missing.UNREADABLE]]] = CODES[Missing.UNREADABLE]
    return Column.of(values, np.where(scan.reasons, scan.reasons, reasons))


def _taken(values: Values, chosen: NDArray[np.intp]) -> Values:
    return values[chosen] if isinstance(values, np.ndarray) else [values[place] for place in chosen.tolist()]


def _meant(needed: Input, scan: Scan, moment: Moment) -> NDArray[np.bool_]:
    meant = np.ones(len(scan.owner), bool)
    if needed.years:
        years = _years(scan.fields[needed.dated]) - moment.year
        meant &= (years >= needed.years[0]) & (years <= needed.years[1])
    wanted = {**needed.where, needed.period: (moment.period,)} if needed.period else needed.where
    for name, texts in wanted.items():
        values = scan.fields[name]
        meant &= np.isin(values if _is(values, "U") else np.array([text_of(value) for value in values], np.str_), texts)
    return meant & _valid(needed.valid, scan, moment.day) if needed.valid else meant


def _years(values: Values) -> NDArray[np.int64]:
    """Return years; one that cannot be told is so far away that it is in no range."""
    if _is(values, "iu"):
        return np.asarray(values, np.int64)
    return np.array([-(10**9) if (year := year_of(value)) is None else year for value in values], np.int64)


def _valid(valid: Validity, scan: Scan, day: date) -> NDArray[np.bool_]:
    found = np.ones(len(scan.owner), bool)
    on = np.datetime64(day, "D")
    for name, ends in ((valid.since, np.less_equal), (valid.until, np.greater_equal), (valid.withdrawn, np.greater)):
        if name:
            days = np.array(scan.fields[name], "datetime64[D]")
            found &= np.isnat(days) | ends(days, on)
    return found


def _read(needed: Input, values: Values, moment: Moment) -> tuple[Floats, Reasons]:
    """Return each record's value, and 0 or the number of the reason why it has none."""
    if _is(values, "iu") and needed.take in ("amount", "total", "number"):
        return np.asarray(values, np.float64), np.zeros(len(values), np.uint8)
    read = READERS[needed.take]
    found, state = np.zeros(len(values)), np.zeros(len(values), np.uint8)
    for place, value in enumerate(values):
        if value is None:
            state[place] = CODES[Missing.NOT_DELIVERED]
            continue
        try:
            found[place] = read(needed, value, moment)
        except (TypeError, ValueError, ArithmeticError):
            state[place] = CODES[Missing.UNREADABLE]
    return found, state


def _is(values: Values, kinds: str) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.kind in kinds
