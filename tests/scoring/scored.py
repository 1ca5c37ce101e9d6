"""How tests of scores speak: inputs by name, in the units of the scheme's own texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from codes.scores import Missing
from scoring.changes import Edition, run
from scoring.explanation import Explanation, IndicatorScore, explain
from scoring.inputs import Column, Inputs, Moment
from scoring.loading import SHIPPED, load
from scoring.scheme import CODES, Scheme

MOMENT = Moment("2022", 2022, date(2023, 4, 3))
Value = float | Missing

SCHEMES = {path.stem: load(path) for path in sorted(SHIPPED.glob("*.toml"))}


def inputs(scheme: Scheme, rows: Sequence[Mapping[str, Value]], names: Sequence[str] | None = None) -> Inputs:
    """Make inputs of enterprises; what is not given is not delivered."""
    columns = {}
    for name in scheme.inputs:
        given = [row.get(name, Missing.NOT_DELIVERED) for row in rows]
        columns[name] = Column.of(
            [0.0 if isinstance(one, Missing) else one for one in given],
            [CODES[one] if isinstance(one, Missing) else 0 for one in given],
        )
    return Inputs.of(scheme, MOMENT, names or [f"E{n:04d}" for n in range(len(rows))], columns)


def edition(scheme: Scheme, rows: Sequence[Mapping[str, Value]]) -> Edition:
    """Run an edition of enterprises."""
    return run(scheme, inputs(scheme, rows))


def explained(scheme: Scheme, row: Mapping[str, Value]) -> Explanation:
    """Explain the score of one enterprise."""
    return explain(scheme, edition(scheme, [row]).results, 0)


def of(explanation: Explanation, indicator: str) -> IndicatorScore:
    """Return one indicator of an explanation."""
    return next(one for one in explanation.indicators if one.names.id == indicator)


def told(*values: object) -> tuple[object, ...]:
    """Return values to be compared with what is expected, whatever their types."""
    return values


def yuan(amount: str | int) -> float:
    """Return an amount in fen."""
    return float(Decimal(amount) * 100)
