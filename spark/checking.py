"""Whether a Parquet can be the inputs of a scheme: refused before anything is computed."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import NumericType, StringType, StructType

from scoring.errors import InputsUnfit
from scoring.scheme import Scheme

_REMEDY = "docs/scoring.md, “Beyond one machine”, says what has to stand there."


def checked(scheme: Scheme, rows: DataFrame) -> DataFrame:
    """Return the rows with values as doubles.

    Raises InputsUnfit for a column that is not the scheme's or not of its form, and for an enterprise that is there
    twice, which no part can see by itself.
    """
    types = {field.name: field.dataType for field in rows.schema.fields}
    if not isinstance(types.pop("uscc", None), StringType):
        raise InputsUnfit(f"there is no column `uscc` of texts. {_REMEDY}")
    if strange := sorted(set(types) - set(scheme.inputs)):
        raise InputsUnfit(f"{scheme.id} has no input {strange[0]!r}; it has {sorted(scheme.inputs)}")
    for name, type_ in types.items():
        parts = {field.name: field.dataType for field in type_.fields} if isinstance(type_, StructType) else {}
        if not isinstance(parts.get("value"), NumericType) or not isinstance(parts.get("reason"), StringType):
            raise InputsUnfit(f"{name} is no structure of a number `value` and a text `reason`. {_REMEDY}")
    twice = rows.groupBy("uscc").count().where("count > 1").head()
    if twice is not None:
        raise InputsUnfit(f"the enterprise {twice['uscc']} is there {twice['count']} times")
    doubles = (
        f"if(`{name}` is null, null, named_struct('value', double(`{name}`.value), 'reason', `{name}`.reason)) `{name}`"
        for name in types
    )
    return rows.selectExpr("uscc", *doubles)
