"""Ranks and lists of all enterprises, counted by Spark; the rules are those of `scoring.ranking`."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from scoring.ranking import limits
from scoring.scheme import Cut, Scheme
from spark.standings import standings
from spark.task import Task

TOTAL = pa.schema({"uscc": pa.string(), "ranked": pa.bool_(), "stage": pa.int32(), "strength": pa.int64()})
"""What ranks depend on: taking part, the stage's place in the scheme or -1, total and tie-breakers as one number."""
RANKS = "#ranks"
PLACED = [
    ("rank", pa.int32()), ("stage_rank", pa.int32()), ("percentile", pa.float64()), ("stage_percentile", pa.float64()),
    ("lists", pa.list_(pa.string())),
]  # fmt: skip
"""What becomes of it, in one column `RANKS`: no input can be called so. Null is for who has none."""


def ranks(totals: DataFrame, scheme: Scheme) -> DataFrame:
    """Return the ranks of all enterprises by `uscc`; `totals` is used more than once."""
    stages = totals.where("ranked").groupBy("stage").count().collect()
    counts = {row["stage"]: row["count"] for row in stages}
    found = _placed(totals, ["ranked"], F.col("ranked"), "rank", "percentile")
    found = _placed(found, ["ranked", "stage"], F.expr("ranked and stage >= 0"), "stage_rank", "stage_percentile")
    lists = F.array_compact(F.array(*(_listed(cut, counts) for cut in scheme.lists))).cast("array<string>")
    return found.withColumn("lists", lists).select("uscc", F.struct(*(name for name, _ in PLACED)).alias(RANKS))


def ordered(results: DataFrame, task: Task) -> DataFrame:
    """Return results with their ranks, and with what a score means nothing without, in the order of the columns."""
    scheme, moment = task.scheme, task.moment
    of = {
        "scheme": scheme.id, "version": scheme.version, "digest": scheme.digest, "synthetic": scheme.synthetic,
        "period": moment.period, "year": moment.year, "day": moment.day,
    }  # fmt: skip
    first = ["stage", "total"]
    rest = [name for name in results.columns if name not in {"uscc", *first, RANKS}]
    placed = [F.col(f"`{RANKS}`.{name}").alias(name) for name, _ in PLACED]
    return results.select("uscc", *(F.lit(value).alias(name) for name, value in of.items()), *first, *placed, *rest)


def _placed(totals: DataFrame, groups: list[str], has_one: Column, rank: str, percentile: str) -> DataFrame:
    """Add a rank and the share that is not better, in percent; both null for who has none."""
    each = totals.select(*groups, "strength", F.lit(1).alias("count"))
    found = totals.join(standings(each, groups, "strength", "count"), [*groups, "strength"])
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
                on_it |= (F.col("stage") == stage) & F.col("stage_rank").between(*limits(cut, count))
    return F.when(on_it, F.lit(cut.names.id))
