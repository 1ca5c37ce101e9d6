"""Scores beyond one machine: from a Parquet of inputs to a Parquet of results, by Spark."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from scoring.errors import ScoringError
from scoring.inputs import Moment
from spark.session import absent, open_session
from spark.task import Task, scheme_file

_console = Console(stderr=True)


def score(
    inputs: Annotated[str, typer.Argument(help="Parquet of inputs: a path or an address that Spark can read.")],
    results: Annotated[str, typer.Argument(help="Where to write the Parquet of results; nothing may be there yet.")],
    scheme: Annotated[str, typer.Option(help="A scheme file, or the identifier of a shipped one, with :version.")],
    period: Annotated[str, typer.Option(help="The period as it is shown, such as 2022 or 2023-04.")],
    year: Annotated[int, typer.Option(help="The year from which the scheme's years are counted.")],
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day as of which dated facts hold.")],
    master: Annotated[
        str | None, typer.Option(help="Spark's master; as spark-submit says, or else all of this machine.")
    ] = None,
) -> None:
    """Score and rank all enterprises of a Parquet by Spark."""
    if (lacking := absent()) is not None:
        raise SystemExit(f"Spark cannot run here: {lacking}.")
    from pyspark.errors import AnalysisException, PythonException  # only who has asked for Spark has to have it

    from spark import scores

    begun = time.monotonic()
    try:
        task = Task.of(scheme_file(scheme), Moment(period, year, day.date()))
        _console.print(f"Scoring by {task.scheme.id} {task.scheme.version} for {period} …")
        scores.score(open_session(master), inputs, results, task)
    except ScoringError as error:
        raise SystemExit(str(error)) from error
    except PythonException as error:  # what a worker has raised comes as text
        found = re.search(r"scoring\.errors\.\w+: (.+)", str(error))
        raise SystemExit(found[1] if found else str(error)) from error
    except AnalysisException as error:  # no inputs there, or results there already
        raise SystemExit(str(error).partition("\n")[0]) from error
    _console.print(f"{results} is written, in {time.monotonic() - begun:.0f} seconds.")
