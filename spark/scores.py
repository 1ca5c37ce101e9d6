"""From a Parquet of inputs to a Parquet of results, by the functions of `scoring` on each partition.

Two passes where points are earned by percentile, one where none are:

1. `comparables` of each partition, and where each enterprise stands among its peers, which Spark counts;
2. `evaluate` of each partition with these; then ranks and lists, which Spark counts too (`spark.ranks`).

What an enterprise's score needs of the others comes as two whole numbers in its own row. So no worker holds more than a
batch of rows, and the driver holds none.
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
from spark.ranks import STAGE, STRENGTH, TOTAL, ranked
from spark.results import Form
from spark.standings import standings
from spark.task import Task

_COMPARABLE = {
    "uscc": pa.string(), "way": pa.int32(), "group": pa.int64(), "value": pa.float64(), "peer": pa.int32(),
}  # fmt: skip


def score(session: SparkSession, inputs: str, results: str, task: Task) -> None:
    """Score all enterprises of the Parquet `inputs`, and write the Parquet `results`, which must not be there yet.

    Raises InputsUnfit for columns that the scheme cannot use, and for an enterprise that is there twice.
    """
    rows = checked(task.scheme, session.read.parquet(inputs))
    with ExitStack() as kept:
        ways = len(list(by_percentile(task.scheme)))
        if ways:
            rows = rows.join(_kept(_compared(rows, task, ways), kept), "uscc", "left")
        # Results are wide, and cheaper to compute again than to keep until all totals are known.
        totals = rows.mapInArrow(partial(_totals, task), from_arrow_schema(pa.schema(TOTAL)))
        counted = _kept(totals.groupBy(*TOTAL).count(), kept)
        evaluated = rows.mapInArrow(partial(_evaluate, task), from_arrow_schema(_schema(task.scheme)))
        ranked(evaluated, counted, task).write.parquet(results)


def _kept(frame: DataFrame, until: ExitStack) -> DataFrame:
    """Let a frame that is used more than once be computed once."""
    until.callback(frame.persist(StorageLevel.DISK_ONLY).unpersist)
    return frame


def _compared(rows: DataFrame, task: Task, ways: int) -> DataFrame:
    """Return for each enterprise and each way by percentile how many of its peers are not better, and how many are."""
    needed = [f"`{name}`" for name in _needed(task.scheme) if name in rows.columns]
    values = rows.select("uscc", *needed).mapInArrow(partial(_compare, task), from_arrow_schema(pa.schema(_COMPARABLE)))
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
            yield pa.RecordBatch.from_pydict(columns, schema=pa.schema(_COMPARABLE))


def _schema(scheme: Scheme) -> Any:
    return pa.schema([*Form(scheme).schema(), *((name, type_) for name, type_ in TOTAL.items() if name != "ranked")])


def _totals(task: Task, batches: Iterator[Any]) -> Iterator[Any]:
    """Yield what each batch's ranks depend on."""
    for results in _results(task, batches):
        yield pa.RecordBatch.from_pydict(_total(task, results), schema=pa.schema(TOTAL))


def _evaluate(task: Task, batches: Iterator[Any]) -> Iterator[Any]:
    """Yield the results of each batch, with what their ranks depend on."""
    form, schema = Form(task.scheme), _schema(task.scheme)
    for results in _results(task, batches):
        found = form.batch(results)
        columns = {**dict(zip(found.schema.names, found.columns, strict=True)), **_total(task, results)}
        yield pa.RecordBatch.from_pydict(columns, schema=schema)


def _results(task: Task, batches: Iterator[Any]) -> Iterator[Results]:
    for batch in batches:
        inputs = inputs_of(task.scheme, task.moment, batch)
        yield evaluate(task.scheme, inputs, _others(task.scheme, batch))


def _total(task: Task, results: Results) -> dict[str, Any]:
    found = standing(task.scheme, results)
    return {"ranked": found.ranked, STAGE: found.stage.astype(np.int32), STRENGTH: found.strength}


def _others(scheme: Scheme, batch: Any) -> Mapping[Place, Compared]:
    """Return how the enterprises of a batch stand among their peers; where they have no value it does not matter."""

    def counts(way: int, part: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        return filled(pc.struct_field(batch.column(_way(way)), part), 0)

    places = [place for place, _, _ in by_percentile(scheme)]
    return {place: Compared(counts(n, "not_better"), counts(n, "peers")) for n, place in enumerate(places)}
