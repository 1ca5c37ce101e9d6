"""What a scheme is applied to: a column for each of its inputs, with the reason of everything that is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from codes.scores import Missing
from scoring.errors import InputsUnfit
from scoring.scheme import CODES, Scheme

Floats = NDArray[np.float64]
Reasons = NDArray[np.uint8]
Names = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Moment:
    """What an evaluation is of, and the day as of which dated facts hold."""

    period: str
    """The edition's period as it is shown, such as 2022 or 2023-04."""
    year: int
    """The year from which a scheme's years are counted."""
    day: date


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One value an enterprise, and beside it 0 or the number of the reason why it is missing.

    Amounts are whole fen (`scoring.units` says why), categories are codes, a missing value is stored as 0.
    """

    values: Floats
    reasons: Reasons

    @classmethod
    def of(cls, values: Sequence[float] | Floats, reasons: Sequence[int] | Reasons | None = None) -> Column:
        """Check and hold values; raise InputsUnfit if one that is there is no finite number."""
        held = np.array(values, np.float64)
        why = np.zeros(held.shape, np.uint8) if reasons is None else np.array(reasons, np.uint8)
        if held.ndim != 1 or held.shape != why.shape:
            raise InputsUnfit(f"a column has values of shape {held.shape} and reasons of shape {why.shape}")
        if not np.isfinite(held[why == 0]).all():
            raise InputsUnfit("a column has a value that is no finite number; say why it is missing instead")
        held[why != 0] = 0.0
        held += 0.0  # a negative zero becomes zero, so that equal inputs have equal bytes
        return cls(held, why)

    def rows(self, chosen: NDArray[np.intp] | slice) -> Column:
        """Return some of the rows."""
        return Column(self.values[chosen], self.reasons[chosen])

    def with_value(self, value: float | Missing) -> Column:
        """Return a column of the same length with one value everywhere."""
        size = len(self.values)
        if isinstance(value, Missing):
            return Column.of(np.zeros(size), np.full(size, CODES[value], np.uint8))
        return Column.of(np.full(size, value))


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """The columns of some enterprises for one scheme and moment, in the enterprises' order."""

    scheme: str
    version: str
    digest: str
    moment: Moment
    enterprises: Names
    columns: Mapping[str, Column]

    @classmethod
    def of(
        cls, scheme: Scheme, moment: Moment, enterprises: Sequence[str] | Names, columns: Mapping[str, Column]
    ) -> Inputs:
        """Hold the columns; one that is not given is not delivered. Raises InputsUnfit if they do not fit."""
        names = np.asarray(enterprises, np.str_)
        size = len(names)
        if strange := sorted(set(columns) - set(scheme.inputs)):
            raise InputsUnfit(f"{scheme.id} has no input {strange[0]!r}; it has {sorted(scheme.inputs)}")
        if len(set(names.tolist())) != size:
            raise InputsUnfit("an enterprise is there twice")
        absent = np.full(size, CODES[Missing.NOT_DELIVERED], np.uint8)
        held = {name: columns.get(name) or Column.of(np.zeros(size), absent) for name in scheme.inputs}
        for name, column in held.items():
            if len(column.values) != size:
                raise InputsUnfit(f"{name} has {len(column.values)} values for {size} enterprises")
        return cls(scheme.id, scheme.version, scheme.digest, moment, names, held)

    def __len__(self) -> int:
        return len(self.enterprises)

    def rows(self, chosen: NDArray[np.intp] | slice) -> Inputs:
        """Return some of the enterprises, in the given order."""
        columns = {name: column.rows(chosen) for name, column in self.columns.items()}
        return Inputs(self.scheme, self.version, self.digest, self.moment, self.enterprises[chosen], columns)

    def row(self, enterprise: str) -> int:
        """Return where an enterprise stands; raise KeyError if it is not there."""
        found = np.flatnonzero(self.enterprises == enterprise)
        if not len(found):
            raise KeyError(enterprise)
        return int(found[0])

    def changed(self, changes: Mapping[str, float | Missing]) -> Inputs:
        """Return the same with some inputs replaced, for every enterprise; raise InputsUnfit for an unknown input."""
        if strange := sorted(set(changes) - set(self.columns)):
            raise InputsUnfit(f"{self.scheme} has no input {strange[0]!r}; it has {sorted(self.columns)}")
        columns = {n: c.with_value(changes[n]) if n in changes else c for n, c in self.columns.items()}
        return Inputs(self.scheme, self.version, self.digest, self.moment, self.enterprises, columns)


def fit(scheme: Scheme, inputs: Inputs) -> None:
    """Raise InputsUnfit unless the inputs were made for exactly this scheme."""
    if (inputs.scheme, inputs.version, inputs.digest) != (scheme.id, scheme.version, scheme.digest):
        raise InputsUnfit(
            f"the inputs were made for {inputs.scheme} {inputs.version} ({inputs.digest[:12]}), "
            f"not for {scheme.id} {scheme.version} ({scheme.digest[:12]})"
        )
