"""From a Parquet of inputs to a Parquet of results, by the functions of `scoring` on each partition.

1. `scoring.peers.comparables`: the values by which enterprises are compared, where points are earned by percentile;
   Spark counts where each stands among its peers (`spark.standings`).
2. `scoring.evaluation.evaluate`, of which only totals are kept; Spark counts ranks and lists (`spark.ranks`).
3. The same again, with all results and the ranks, which is written. Results are wide: they are cheaper to compute twice
   than to move.

What an enterprise's results need of the others comes as numbers in its own row. So no worker holds more than a batch of
rows, and the driver holds none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from scoring.evaluation import evaluate
from scoring.peers import Compared, Place, by_percentile, comparables
from scoring.ranking import standing
from scoring.results import Results
from scoring.scheme import Scheme
from spark.checking import checked
from spark.inputs import inputs_of
from spark.kinds import filled
from spark.ranks import PLACED, RANKS, TOTAL, ordered, ranks
from spark.results import Form
from spark.standings import standings
from spark.task import Task

_COMPARABLE = pa.schema({
    "uscc": pa.string(), "way": pa.int32(), "group": pa.int64(), "value": pa.float64(), "peer": pa.int32(),
})  # fmt: skip


def score(session: SparkSession, inputs: str, results: str, task: Task) -> None:
    """Score all enterprises of the Parquet `inputs`, and write the Parquet `results`, which must not be there yet.

    Raises InputsUnfit for columns that the scheme cannot use, and for an enterprise that is there twice.
    """
    rows = checked(task.scheme, session.read.parquet(inputs))
    with ExitStack() as kept:
        if ways := len(list(by_percentile(task.scheme))):
            rows = _kept(rows.join(_compared(rows, task, ways), "uscc", "left"), kept)
        totals = _kept(_mapped(rows, partial(_totals, task), TOTAL), kept)
        whole = rows.join(ranks(totals, task.scheme), "uscc")
        schema = pa.schema([*Form(task.scheme).schema(), (RANKS, pa.struct(PLACED))])
        found = _mapped(whole, partial(_evaluate, task), schema)
        ordered(found, task).write.parquet(results)


def _mapped(rows: DataFrame, work: Any, schema: Any) -> DataFrame:
    return rows.mapInArrow(work, from_arrow_schema(schema))


def _kept(frame: DataFrame, until: ExitStack) -> DataFrame:
    """Let a frame that is used more than once be computed once."""
    until.callback(frame.persist(StorageLevel.DISK_ONLY).unpersist)
    return frame


def _compared(rows: DataFrame, task: Task, ways: int) -> DataFrame:
    """Return for each enterprise and each way by percentile how many of its peers are not better, and how many are."""
    needed = [f"`{name}`" for name in _needed(task.scheme) if name in rows.columns]
    values = _mapped(rows.select("uscc", *needed), partial(_compare, task), _COMPARABLE)
    found = standings(values, ["way", "group"], "value", "peer")
    stands = F.struct("not_better", "peers")
    by_way = (F.max(F.when(F.col("way") == way, stands)).alias(_way(way)) for way in range(ways))
    return values.join(found, ["way", "group", "value"]).groupBy("uscc").agg(*by_way)


def _needed(scheme: Scheme) -> list[str]:
    """Return the inputs of which values and peer groups are made."""
    measures = [measure for _, measure, _ in by_percentile(scheme)]
    measures += [by.measure for by in scheme.stages.by] if scheme.stages else []
    return sorted({name for measure in measures for name in measure.inputs})


def _way(number: int) -> str:
    return f"#{number}"  # no input can be called so


def _compare(task: Task, batches: Iterator[Any]) -> Iterator[Any]:
    """Yield what is compared in each batch, the greater the better."""
    for batch in batches:
        enterprises = batch.column("uscc")
        for way, one in enumerate(comparables(task.scheme, inputs_of(task.scheme, task.moment, batch))):
            known = np.flatnonzero(one.known)
            values = one.values[known] if one.points.better == "higher" else -one.values[known]
            columns = {
                "uscc": enterprises.take(pa.array(known)),
                "way": np.full(len(known), way, np.int32),
                "group": one.group[known],
                "value": values + 0.0,  # one zero, as for NumPy
                "peer": one.peer[known].astype(np.int32),
            }
            yield pa.RecordBatch.from_pydict(columns, schema=_COMPARABLE)


def _totals(task: Task, batches: Iterator[Any]) -> Iterator[Any]:
    """Yield what each batch's ranks depend on."""
    for batch in batches:
        found = standing(task.scheme, _results(task, batch))
        columns = {"uscc": batch.column("uscc"), "ranked": found.ranked, "stage": found.stage.astype(np.int32)}
        yield pa.RecordBatch.from_pydict({**columns, "strength": found.strength}, schema=TOTAL)


def _evaluate(task: Task, batches: Iterator[Any]) -> Iterator[Any]:
    """Yield the results of each batch, and the ranks that came with it."""
    form = Form(task.scheme)
    for batch in batches:
        yield form.batch(_results(task, batch)).append_column(RANKS, batch.column(RANKS))


def _results(task: Task, batch: Any) -> Results:
    return evaluate(task.scheme, inputs_of(task.scheme, task.moment, batch), _others(task.scheme, batch))


def _others(scheme: Scheme, batch: Any) -> Mapping[Place, Compared]:
    """Return how the enterprises of a batch stand among their peers; where they have no value it does not matter."""

    def counts(way: int, part: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        return filled(pc.struct_field(batch.column(_way(way)), part), 0)

    places = [place for place, _, _ in by_percentile(scheme)]
    return {place: Compared(counts(n, "not_better"), counts(n, "peers")) for n, place in enumerate(places)}
