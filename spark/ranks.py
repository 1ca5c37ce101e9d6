"""Ranks and lists of all enterprises, counted by Spark; the rules are those of `scoring.ranking`."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from scoring.ranking import limits
from scoring.scheme import Cut
from spark.standings import standings
from spark.task import Task

STAGE, STRENGTH = "#stage", "#strength"
TOTAL = {"ranked": pa.bool_(), STAGE: pa.int32(), STRENGTH: pa.int64()}
"""What ranks depend on: taking part, the stage's place in the scheme, and total and tie-breakers as one number."""
_OUTSIDE = ["total", "rank", "stage_rank", "percentile", "stage_percentile", "passed", "ranked", "lists"]


def ranked(evaluated: DataFrame, totals: DataFrame, task: Task) -> DataFrame:
    """Return the columns that are written: what a score is a score of, ranks, percentiles, lists, and the results.

    `totals` says how many enterprises there are (`count`) of each of what ranks depend on.
    """
    stages = totals.where("ranked").groupBy(STAGE).agg(F.sum("count").alias("count")).collect()
    counts = {row[STAGE]: row["count"] for row in stages}
    found = _placed(evaluated, totals, ["ranked"], F.col("ranked"), "rank", "percentile")
    staged = F.col("ranked") & (F.col(STAGE) >= 0)
    found = _placed(found, totals, ["ranked", STAGE], staged, "stage_rank", "stage_percentile")
    lists = F.array_compact(F.array(*(_listed(cut, counts) for cut in task.scheme.lists)))
    found = found.withColumn("lists", lists.cast("array<string>"))
    first = ["stage", "stage_missing", *_OUTSIDE]
    rest = [name for name in evaluated.columns if name not in {"uscc", *TOTAL, *first}]
    return found.select("uscc", *_of(task), *first, *rest)


def _of(task: Task) -> list[Column]:
    """Return what a score means nothing without."""
    scheme, moment = task.scheme, task.moment
    return [
        F.lit(scheme.id).alias("scheme"),
        F.lit(scheme.version).alias("version"),
        F.lit(scheme.digest).alias("digest"),
        F.lit(scheme.synthetic).alias("synthetic"),
        F.lit(moment.period).alias("period"),
        F.lit(moment.year).alias("year"),
        F.lit(moment.day).alias("day"),
    ]


def _placed(
    rows: DataFrame, totals: DataFrame, groups: list[str], has_one: Column, rank: str, percentile: str
) -> DataFrame:
    """Add a rank and the share that is not better, in percent; both null for who has none."""
    found = rows.join(standings(totals, groups, STRENGTH, "count"), [*groups, STRENGTH])
    place = F.when(has_one, F.col("peers") - F.col("not_better") + 1).cast("int")
    share = F.when(has_one, 100 * F.col("not_better") / F.col("peers"))
    return found.withColumn(rank, place).withColumn(percentile, share).drop("not_better", "peers")


def _listed(cut: Cut, counts: Mapping[int, int]) -> Column:
    """Return a list's identifier for who is on it, null for the others; `counts` says how many each stage ranks."""
    if cut.among == "all":
        on_it = F.col("rank").between(*limits(cut, sum(counts.values())))
    else:
        on_it = F.lit(False)
        for stage, count in counts.items():
            if stage >= 0:
                on_it |= (F.col(STAGE) == stage) & F.col("stage_rank").between(*limits(cut, count))
    return F.when(on_it, F.lit(cut.names.id))
