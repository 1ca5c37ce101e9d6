"""How many of a group are not better, counted by Spark: what ranks and points by percentile are made of.

Counts are whole numbers and depend on no order, so that they are exact however the rows are spread. Equal values are
counted where they lie before anything is moved; only values that differ are sorted, each group's in one task, which
Spark spills to disk where memory does not hold them. Nothing but a table that is small is ever sent to the driver.
"""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def standings(values: DataFrame, groups: list[str], by: str, peers: str) -> DataFrame:
    """Return for each value of `by` in a group how many peers have no more (`not_better`) and how many there are.

    `groups` are the columns that tell groups apart; the column `peers` says how many peers each row of `values` is.
    """
    found = values.groupBy(*groups, by).agg(F.sum(peers).alias("here"))
    group = Window.partitionBy(*groups)
    up_to = group.orderBy(by).rowsBetween(Window.unboundedPreceding, Window.currentRow)
    return found.select(
        *groups, by, F.sum("here").over(up_to).alias("not_better"), F.sum("here").over(group).alias("peers")
    )
