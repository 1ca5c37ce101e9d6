"""What cannot be scored by Spark is refused in words that name it; and the command that scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

import manage
from scoring.errors import SchemeMisconfigured
from scoring.loading import SHIPPED, parse
from spark.session import absent
from spark.task import Task, scheme_file
from tests.scoring.scored import MOMENT, inputs

if TYPE_CHECKING:
    from tests.spark.cluster import Cluster


NATION = Path(__file__).parent / "nation.toml"
SCHEME = parse(NATION.read_text(encoding="utf-8"), "nation.toml")


def run(inputs: str, results: str, scheme: str = str(NATION)) -> Result:
    words = ["score", "spark", inputs, results, "--scheme", scheme, "--period", "2022", "--year", "2022"]
    return CliRunner().invoke(manage.application, [*words, "--day", "2023-04-03"])


def refused(found: Result) -> str:
    assert found.exit_code == 1
    assert isinstance(found.exception, SystemExit)
    return str(found.exception.code)


def struct(value: object, reason: str | None = None) -> list[dict[str, object]]:
    return [{"value": value, "reason": reason}]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"staff": struct(1.0)}, "there is no column `uscc` of texts"),
        ({"uscc": ["E1"], "turnover": struct(1.0)}, "nation has no input 'turnover'; it has"),
        ({"uscc": ["E1"], "staff": [1.0]}, "staff is no structure of a number `value` and a text `reason`"),
        ({"uscc": ["E1"], "staff": struct("many", "")}, "staff is no structure"),
        ({"uscc": ["E1", "E1"], "staff": struct(1.0, "") * 2}, "the enterprise E1 is there 2 times"),
        ({"uscc": ["E1"], "staff": struct(None, "LOST")}, "staff is missing for a reason 'LOST'; reasons are NOT_DEL"),
        ({"uscc": ["E1"], "staff": struct(float("nan"))}, "staff: a column has a value that is no finite number"),
        ({"uscc": [None], "staff": struct(1.0)}, "an enterprise has no uscc"),
    ],
)
def test_inputs_that_do_not_fit(cluster: Cluster, columns: dict[str, Any], words: str) -> None:
    path = cluster.written(cluster.table(columns))
    assert words in refused(run(path, f"{path}-results"))


def test_whole_numbers_and_nulls_without_a_reason_fit(cluster: Cluster) -> None:
    made: dict[str, list[Any]] = {"uscc": ["E1", "E2", "E3"], "staff": [*struct(4), *struct(None), None]}
    path = cluster.written(cluster.table(made))
    found = cluster.run(Task.of(NATION, MOMENT), path, ["E1", "E2", "E3"])
    assert found.columns["direct"] == [{"staff": "YES"}, {"staff": "UNKNOWN"}, {"staff": "UNKNOWN"}]


def test_the_command_scores_once(cluster: Cluster) -> None:
    path = cluster.written(cluster.inputs(inputs(SCHEME, [{"revenue": 5}, {"revenue": 3}])))
    scored = run(path, f"{path}-results")
    assert scored.exit_code == 0, scored.output
    assert "already exists" in refused(run(path, f"{path}-results"))
    assert "PATH_NOT_FOUND" in refused(run(f"{path}-lost", f"{path}-more"))
    assert "absent.toml: cannot be read" in refused(run(path, f"{path}-more", "absent.toml"))


def test_schemes_are_found_by_file_and_by_identifier(tmp_path: Path) -> None:
    assert scheme_file(str(NATION)) == NATION
    assert scheme_file("longwan") == SHIPPED / "longwan-lists.toml"
    text = (SHIPPED / "longwan-lists.toml").read_text(encoding="utf-8")
    (tmp_path / "newer.toml").write_text(text.replace('version = "2022"', 'version = "2023"'), encoding="utf-8")
    assert scheme_file("longwan:2023", tmp_path) == tmp_path / "newer.toml"
    with pytest.raises(SchemeMisconfigured, match=r"longwan: has several versions: 2022, 2023\. Give its file"):
        scheme_file("longwan", tmp_path)
    with pytest.raises(SchemeMisconfigured, match="longwan:1999: is not known"):
        scheme_file("longwan:1999")


def test_what_spark_lacks_is_said(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert absent() is None
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert "there is no Java: install version 17" in str(absent())
    assert "Spark cannot run here: there is no Java" in refused(run("inputs", "results"))
    (tmp_path / "bin").mkdir()
    java = tmp_path / "bin" / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    assert "Java 11 is too old" in str(absent())
