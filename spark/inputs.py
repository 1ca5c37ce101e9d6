"""Inputs in Parquet: one row an enterprise, `uscc`, and for each input its value or the reason why it is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codes.scores import Missing
from scoring.errors import InputsUnfit
from scoring.inputs import Column, Inputs, Moment
from scoring.scheme import CODES, Scheme
from spark.kinds import MISSING, NAMES_OF_REASONS, NUMBER, filled, struct


def inputs_table(inputs: Inputs) -> Any:
    """Return inputs as a table."""
    columns: dict[str, Any] = {"uscc": pa.array(inputs.enterprises.tolist(), pa.string())}
    for name, column in inputs.columns.items():
        value = pa.array(column.values, mask=column.reasons != 0)
        columns[name] = struct({"value": value, "reason": MISSING.write(column.reasons)})
    return pa.table(columns)


def inputs_of(scheme: Scheme, moment: Moment, batch: Any) -> Inputs:
    """Return the inputs in a batch; one without a column is not delivered.

    Raises InputsUnfit, with the input's name, for what cannot be scored.
    """
    enterprises = batch.column("uscc")
    if enterprises.null_count:
        raise InputsUnfit("an enterprise has no uscc")
    columns = {name: _column(name, batch.column(name)) for name in batch.schema.names if name in scheme.inputs}
    return Inputs.of(scheme, moment, enterprises.to_pylist(), columns)


def _column(name: str, column: Any) -> Column:
    """Return one input; null without a reason is not delivered, and what has a reason has no value."""
    value, reason = pc.struct_field(column, "value"), pc.struct_field(column, "reason")
    codes = MISSING.read(reason)
    if (strange := np.flatnonzero((codes == 0) & filled(reason.is_valid(), False))).size:
        found = reason[int(strange[0])].as_py()
        raise InputsUnfit(f"{name} is missing for a reason {found!r}; reasons are {', '.join(NAMES_OF_REASONS)}")
    codes[(codes == 0) & filled(value.is_null(), False)] = CODES[Missing.NOT_DELIVERED]
    try:
        return Column.of(NUMBER.read(value), codes)
    except InputsUnfit as error:
        raise InputsUnfit(f"{name}: {error}") from error
