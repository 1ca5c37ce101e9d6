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
from scoring.records import READERS, conditions, text_of, year_of
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
    """The values of each field, one a record; None where a record has none, or the reason why."""
    reasons: Reasons
    """For each enterprise 0 if an answer came, with records or without, or the number of the reason why none did."""


def scanned(needed: Input, scan: Scan, moment: Moment) -> Column:
    """Return an input's column: the same values and reasons as `records.column` gives, enterprise by enterprise."""
    size = len(scan.reasons)
    meant, doubts = _meant(needed, scan, moment)
    chosen = np.flatnonzero(meant)
    owner = scan.owner[chosen]
    values, reasons = np.zeros(size), np.zeros(size, np.uint8)
    if needed.take == "count":
        values = np.bincount(owner, minlength=size).astype(np.float64)
    else:
        read, state = _read(needed, _taken(scan.fields[needed.field or ""], chosen), moment)
        there, silent = state == 0, state == CODES[Missing.NOT_DELIVERED]
        if needed.take == "total":
            values = np.bincount(owner, weights=read, minlength=size).astype(np.float64)
            reasons[owner[silent]] = CODES[Missing.NOT_DELIVERED]
        else:
            reasons[:] = CODES[Missing.NOT_DELIVERED]
        told = ~there & ~silent
        reasons[owner[told]] = state[told]  # of several the last one stays, here as below
        if needed.take != "total":
            values[owner[there]], reasons[owner[there]] = read[there], 0
        reasons[owner[state == CODES[Missing.UNREADABLE]]] = CODES[Missing.UNREADABLE]
    doubt = np.zeros(size, np.uint8)
    doubtful = np.flatnonzero(meant & (doubts != 0))[::-1]
    doubt[scan.owner[doubtful]] = doubts[doubtful]  # of several the first one stays
    reasons = np.where(doubt, doubt, reasons)
    return Column.of(values, np.where(scan.reasons, scan.reasons, reasons))


def _taken(values: Values, chosen: NDArray[np.intp]) -> Values:
    return values[chosen] if isinstance(values, np.ndarray) else [values[place] for place in chosen.tolist()]


def _meant(needed: Input, scan: Scan, moment: Moment) -> tuple[NDArray[np.bool_], Reasons]:
    """Say which records are meant, or may be, and of these the reasons why that is not known."""
    meant, doubts = np.ones(len(scan.owner), bool), np.zeros(len(scan.owner), np.uint8)
    if needed.years:
        doubts = _first(doubts, why := _why(scan.fields[needed.dated]))
        years = _years(scan.fields[needed.dated]) - moment.year
        meant &= (why != 0) | ((years >= needed.years[0]) & (years <= needed.years[1]))
    for name, texts in conditions(needed, moment).items():
        values = scan.fields[name]
        doubts = _first(doubts, why := _why(values))
        written = values if _is(values, "U") else np.array([text_of(value) for value in values], np.str_)
        meant &= (why != 0) | np.isin(written, texts)
    if needed.valid:
        for bound in (needed.valid.since, needed.valid.until, needed.valid.withdrawn):
            if bound:
                why = _why(scan.fields[bound])
                doubts = _first(doubts, np.where(why == CODES[Missing.NOT_DELIVERED], np.uint8(0), why))
        meant &= _valid(needed.valid, scan, moment.day)
    return meant, doubts


def _why(values: Values) -> Reasons:
    """Return for each value 0, or the number of the reason that stands in its place."""
    if isinstance(values, np.ndarray) or Missing not in set(map(type, values)):
        return np.zeros(len(values), np.uint8)
    return np.array([CODES[value] if isinstance(value, Missing) else 0 for value in values], np.uint8)


def _first(one: Reasons, other: Reasons) -> Reasons:
    return np.where(one, one, other)


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
            days = np.array(_known(scan.fields[name]), "datetime64[D]")
            found &= np.isnat(days) | ends(days, on)
    return found


def _known(values: Values) -> Values:
    """Return dates, with nothing where there is a reason instead."""
    return values if _is(values, "M") else [None if isinstance(value, Missing) else value for value in values]


def _read(needed: Input, values: Values, moment: Moment) -> tuple[Floats, Reasons]:
    """Return each record's value, and 0 or the number of the reason why it has none."""
    if _is(values, "iu") and needed.take in ("amount", "total", "number"):
        return np.asarray(values, np.float64), np.zeros(len(values), np.uint8)
    read = READERS[needed.take]
    found, state = np.zeros(len(values)), np.zeros(len(values), np.uint8)
    for place, value in enumerate(values):
        if value is None or isinstance(value, Missing):
            state[place] = CODES[value or Missing.NOT_DELIVERED]
            continue
        try:
            found[place] = read(needed, value, moment)
        except (TypeError, ValueError, ArithmeticError):
            state[place] = CODES[Missing.UNREADABLE]
    return found, state


def _is(values: Values, kinds: str) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.kind in kinds
