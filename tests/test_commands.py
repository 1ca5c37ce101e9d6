"""The operator's commands, against the small world."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import manage
from tests.world import DEMO_SOURCES, World

ROOT = Path(manage.__file__).parent


@pytest.fixture
def run(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]  # a function over the runner
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HUB_MODE", "production")
    monkeypatch.setenv("HUB_SOURCES", str(DEMO_SOURCES))
    monkeypatch.setenv("HUB_STORE_URL", f"sqlite+aiosqlite:///{tmp_path}/store.sqlite")

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(manage.application, list(words))

    return invoke


def test_a_new_store_is_behind_until_it_is_upgraded_and_then_filled(run) -> None:  # type: ignore[no-untyped-def]  # see the fixture
    behind = run("store", "check")
    assert behind.exit_code == 1
    assert "python manage.py store upgrade" in str(behind.exception)
    assert run("store", "upgrade").exit_code == 0
    assert run("store", "check").exit_code == 0
    for _ in range(2):
        filled = run("sync")
        assert filled.exit_code == 0, filled.exception
        assert "400 enterprises" in filled.output or "The directory holds" in filled.output


@pytest.mark.parametrize(
    "words", [("store", "check"), ("store", "upgrade"), ("sync",), ("key", "list"), ("documents", "list")]
)
def test_a_store_that_cannot_be_reached_is_told_in_one_line(words, run, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]  # see the fixture
    monkeypatch.setenv("HUB_STORE_URL", "postgresql+asyncpg://u:sesame@127.0.0.1:1/d")
    ended = run(*words)
    assert isinstance(ended.exception, SystemExit)
    assert str(ended.exception).startswith("HUB_STORE_URL: the store cannot be reached (ConnectionRefusedError: ")
    assert "sesame" not in str(ended.exception)


def test_sync_names_the_source_that_cannot_be_read(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]  # see the fixture
    monkeypatch.setenv("DEMO_REGISTRY_URL", f"sqlite+aiosqlite:///{tmp_path}/absent.sqlite")
    ended = run("sync")
    assert isinstance(ended.exception, SystemExit)
    assert str(ended.exception).startswith("scjg-entities: ")
    assert str(ended.exception).endswith("What has been read is kept; started again, it goes on from there.")


def test_sources_are_checked_one_by_one(run, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]  # see the fixture
    good = run("sources", "check")
    assert good.exit_code == 0, good.output
    monkeypatch.setenv("DEMO_IP_OFFICE_URL", "http://127.0.0.1:1")
    bad = run("sources", "check")
    assert bad.exit_code == 1
    assert "not usable" in bad.output
    monkeypatch.delenv("DEMO_IP_OFFICE_KEY")
    missing = run("sources", "check")
    assert missing.exit_code == 1
    assert "DEMO_IP_OFFICE_KEY" in str(missing.exception)


def test_a_query_is_explained_with_its_cost(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # see the fixture
    assert run("store", "upgrade").exit_code == 0
    query = tmp_path / "query.graphql"
    query.write_text("query($n: Int) { enterprises(first: $n) { nodes { name awards { name } } } }")
    told = run("schema", "explain", str(query), "--variables", '{"n": 100}')
    assert told.output.startswith("compiled: 316 units, 3 batches, 5 fields\n"), told.output
    assert "Query.enterprises ← enterprises  (112 units)" in told.output
    assert "Enterprise.awards ← kj-awards.awards: name  (204 units)" in told.output
    query.write_text("{ __schema { queryType { name } } }")
    assert run("schema", "explain", str(query)).output.startswith("reference: introspection: 3 units, 0 batches")


def test_the_schema_is_compared(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # see the fixture
    assert run("schema", "diff").exit_code == 0
    printed = run("schema", "print").output
    older = tmp_path / "older.graphql"
    older.write_text(printed.replace("  statusText: String\n", "  statusText: String\n  gone: Int\n"), encoding="utf-8")
    changed = run("schema", "diff", str(older))
    assert changed.exit_code == 1
    assert "breaking: " in changed.output
    assert "gone" in changed.output


@pytest.mark.parametrize("name", manage.COMMANDS)
def test_a_command_says_of_itself_what_is_said_of_it_beforehand(name: str) -> None:
    told = CliRunner().invoke(manage.application, [name, "--help"], env={"COLUMNS": "200"})
    assert told.exit_code == 0, told.exception
    assert manage.COMMANDS[name][1] in told.output


def test_help_needs_nothing_of_the_hub() -> None:
    code = "import sys, manage\ntry: manage.application(['--help'])\nfinally: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert "Policies of zones." in done.stdout
    assert {"sqlalchemy", "strawberry", "pydantic"}.isdisjoint(done.stdout.split())
