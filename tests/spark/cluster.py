"""How tests of Spark speak: inputs go in, in files; results and ranks come back, in the order of the inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scoring.inputs import Inputs
from scoring.results import Results
from scoring.scheme import Scheme
from spark.inputs import inputs_table
from spark.results import Form
from spark.scores import score
from spark.session import open_session
from spark.task import Task

FEW = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "3",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1000",
    "spark.driver.memory": "512m",
    # what is sent to the driver or through it: far below what the inputs take
    "spark.driver.maxResultSize": "256k",
    "spark.sql.autoBroadcastJoinThreshold": "32k",
}


@dataclass(frozen=True)
class Scored:
    """What a run has written."""

    results: Results
    columns: dict[str, list[Any]]


class Cluster:
    """Spark with two workers, and a folder for its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session = open_session("local[2]", **FEW)
        self.session.sparkContext.setLogLevel("ERROR")

    def close(self) -> None:
        """Stop Spark."""
        self.session.stop()

    def table(self, columns: Mapping[str, Sequence[object]]) -> Any:
        """Make a table of Python's values: inputs as dictionaries of value and reason."""
        return pa.table({name: _array(values) for name, values in columns.items()})

    def inputs(self, inputs: Inputs) -> Any:
        """Make a table of inputs."""
        return inputs_table(inputs)

    def written(self, *tables: Any) -> str:
        """Write a Parquet of as many files; return its path."""
        made = Path(mkdtemp(dir=self.folder))
        for number, table in enumerate(tables):
            pq.write_table(table, made / f"{number}.parquet")
        return str(made)

    def scored(self, scheme: Scheme, text: str, inputs: Inputs, parts: Sequence[slice], shuffled: int = 3) -> Scored:
        """Score inputs that lie in files of these rows, some of which may be empty; Spark shuffles into parts."""
        self.session.conf.set("spark.sql.shuffle.partitions", shuffled)
        table = inputs_table(inputs)
        path = self.written(*(table.slice(*_span(part, len(inputs))) for part in parts))
        return self.run(Task(text, scheme.id, inputs.moment), path, inputs.enterprises.tolist())

    def run(self, task: Task, inputs: str, order: Sequence[str]) -> Scored:
        """Score the Parquet `inputs`; return results in an order of enterprises."""
        results = f"{inputs}-results"
        score(self.session, inputs, results, task)
        found = pq.read_table(results)
        places = {uscc: row for row, uscc in enumerate(found.column("uscc").to_pylist())}
        assert len(places) == found.num_rows == len(order)
        ordered = found.take(pa.array([places[uscc] for uscc in order]))
        outside = {name: column.to_pylist() for name, column in zip(found.schema.names, ordered.columns, strict=True)}
        return Scored(Form(task.scheme).results(task.moment, ordered), outside)


def _array(values: Sequence[object]) -> Any:
    found = pa.array(values)
    if not pa.types.is_struct(found.type):
        return found.cast(pa.string()) if pa.types.is_null(found.type) else found
    value = found.type.field("value").type
    parts = [("value", pa.float64() if pa.types.is_null(value) else value), ("reason", pa.string())]
    return pa.array(values, pa.struct(parts))


def _span(part: slice, size: int) -> tuple[int, int]:
    start, stop, _ = part.indices(size)
    return start, max(stop - start, 0)
