"""From the records of one enterprise to the values of inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from codes.scores import Missing
from scoring.inputs import Column, Inputs, Moment
from scoring.scheme import CODES, Input, Scheme, Validity

Record = Mapping[str, Any]
"""The fields of a record; one that is not known although the record is has the reason as its value."""
Answer = Sequence[Record] | Missing
"""What a collection says of one enterprise: its records, none if it has none, or why there is no answer."""


def inputs_of(
    scheme: Scheme, moment: Moment, enterprises: Sequence[str], answers: Mapping[str, Sequence[Answer]]
) -> Inputs:
    """Return the inputs of enterprises from their collections' answers, aligned with `enterprises`.

    A collection that is not given is not delivered.
    """
    columns = {
        name: column(needed, answers[needed.collection], moment)
        for name, needed in scheme.inputs.items()
        if needed.collection in answers
    }
    return Inputs.of(scheme, moment, enterprises, columns)


def column(needed: Input, answers: Sequence[Answer], moment: Moment) -> Column:
    """Return an input's column from one answer an enterprise."""
    found = [value(needed, answer, moment) for answer in answers]
    return Column.of(
        [0.0 if isinstance(one, Missing) else one for one in found],
        [CODES[one] if isinstance(one, Missing) else 0 for one in found],
    )


def value(needed: Input, answer: Answer, moment: Moment) -> float | Missing:
    """Return an input's value from one enterprise's records, or why there is none.

    A count or a total of no records is 0, if an answer came. Anything else of no records is not delivered; of several,
    the last one given counts, so a caller gives them oldest first. Where it is not known whether a record is meant,
    nothing is known.
    """
    if isinstance(answer, Missing):
        return answer
    told = [(record, meant(needed, record, moment)) for record in answer]
    if unknown := next((reason for _, reason in told if isinstance(reason, Missing)), None):
        return unknown
    chosen = [record for record, is_meant in told if is_meant]
    if needed.take == "count":
        return float(len(chosen))
    values = [record.get(needed.field or "") for record in chosen]
    there = [one for one in values if one is not None and one is not Missing.NOT_DELIVERED]
    if reason := next((one for one in there if isinstance(one, Missing)), None):
        return reason
    try:
        found = [READERS[needed.take](needed, one, moment) for one in there]
    except (TypeError, ValueError, ArithmeticError):
        return Missing.UNREADABLE
    if needed.take == "total":
        return sum(found) if len(found) == len(chosen) else Missing.NOT_DELIVERED
    return found[-1] if found else Missing.NOT_DELIVERED


def text_of(given: object) -> str:
    """Write a field's value as conditions of a scheme do: members by name, flags as true or false."""
    if isinstance(given, Enum):
        return str(given.value)
    return str(given).lower() if isinstance(given, bool) else str(given)


def year_of(given: object) -> int | None:
    """Return the year of a whole number, a date, or a text that begins with it; None if it tells none."""
    if isinstance(given, date):
        return given.year
    if isinstance(given, int):
        return given
    head = str(given)[:4] if given is not None else ""
    return int(head) if len(head) == 4 and head.isascii() and head.isdigit() else None


def months(begin: date, day: date) -> int:
    """Return how many full months lie between two days; negative if the first is the later one."""
    return (day.year - begin.year) * 12 + day.month - begin.month - (day.day < begin.day)


def fen(amount: object) -> float:
    """Return an amount in yuan as whole fen; raise ValueError if it is no amount, or too large to be exact."""
    if not isinstance(amount, Decimal | int) or isinstance(amount, bool):
        raise TypeError(f"{amount!r} is no exact amount")
    whole = round(Decimal(amount) * 100)
    if abs(whole) >= 2**53:
        raise ValueError(f"{amount} is too large to be held exactly")
    return float(whole)


def meant(needed: Input, record: Record, moment: Moment) -> bool | Missing:
    """Say whether an input is taken of a record, or why that is not known; what rules a record out needs no more."""
    holds = [
        _is_of_years(needed, record, moment),
        needed.period is None or _is_one_of(record.get(needed.period), (moment.period,)),
        *(_is_one_of(record.get(field), texts) for field, texts in needed.where.items()),
        needed.valid is None or _holds_on(needed.valid, record, moment.day),
    ]
    if False in holds:
        return False
    return next((reason for reason in holds if isinstance(reason, Missing)), True)


def _is_of_years(needed: Input, record: Record, moment: Moment) -> bool | Missing:
    if needed.years is None:
        return True
    given = record.get(needed.dated)
    if isinstance(given, Missing):
        return given
    year = year_of(given)
    return year is not None and needed.years[0] <= year - moment.year <= needed.years[1]


def _is_one_of(given: object, texts: Sequence[str]) -> bool | Missing:
    return given if isinstance(given, Missing) else text_of(given) in texts


def _holds_on(valid: Validity, record: Record, day: date) -> bool | Missing:
    """Whether a record holds on a day; what it does not say, or its source never does, bounds nothing."""
    said = [record.get(name) if name else None for name in (valid.since, valid.until, valid.withdrawn)]
    since, until, withdrawn = (None if isinstance(one, Missing) else _day(one) for one in said)
    begun, ended = since is None or since <= day, until is not None and until < day
    if not begun or ended or (withdrawn is not None and withdrawn <= day):
        return False
    reasons = (one for one in said if isinstance(one, Missing) and one is not Missing.NOT_DELIVERED)
    return next(reasons, True)


def _day(given: Any) -> date | None:
    return given.date() if isinstance(given, datetime) else given


def category(needed: Input, given: object) -> float:
    """Return the code of the first category to which a value belongs; the one behind the last if to none."""
    text = text_of(given)
    for code, beginnings in enumerate(needed.categories.values()):
        if text.startswith(beginnings):
            return float(code)
    return float(len(needed.categories))


READERS: Mapping[str, Callable[[Input, Any, Moment], float]] = {
    "amount": lambda needed, given, moment: fen(given),
    "total": lambda needed, given, moment: fen(given),
    "number": lambda needed, given, moment: float(given),
    "months": lambda needed, given, moment: float(months(given, moment.day)),
    "category": lambda needed, given, moment: category(needed, given),
}
"""How a field's value is read, by what is taken of it."""
