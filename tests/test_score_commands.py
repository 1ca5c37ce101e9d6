"""The commands of scores, from the first run to the correction of what was published, with a store of their own."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import manage
from auth.audit.signing import make_key
from tests.resolvers.scores.zone import SCHEME, codes, declared, evaluated, records

Running = Callable[..., Result]
ID = "east-lake:small-demo:1:2022:1"
TOMORROW = str(date.today() + timedelta(1))


@pytest.fixture
def run(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    shutil.copy(empty_store, tmp_path / "store.sqlite")
    (tmp_path / "sources.toml").write_text(declared(records()), encoding="utf-8")
    (tmp_path / "schemes").mkdir()
    (tmp_path / "schemes" / "small.toml").write_text(SCHEME, encoding="utf-8")
    make_key(tmp_path / "key.pem")
    monkeypatch.setenv("HUB_MODE", "production")
    monkeypatch.setenv("HUB_SOURCES", str(tmp_path / "sources.toml"))
    monkeypatch.setenv("HUB_SCHEMES", str(tmp_path / "schemes"))
    monkeypatch.setenv("HUB_STORE_URL", f"sqlite+aiosqlite:///{tmp_path}/store.sqlite")
    monkeypatch.setenv("HUB_AUDIT_KEY", str(tmp_path / "key.pem"))
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(manage.application, ["score", *words])

    return invoke


def make(run: Running, *more: str) -> Result:
    """Run the edition of 2022."""
    return run("run", "--zone", "east-lake", "--scheme", "small-demo", "--period", "2022", "--by", "li", *more)


def test_an_edition_is_run_shown_and_replayed_when_its_scheme_file_is_gone(run: Running, tmp_path: Path) -> None:
    made = make(run)
    assert made.exit_code == 0, made.output
    assert made.stdout.splitlines()[-1] == ID
    assert f"A draft of {len(evaluated(records()))} enterprises" in made.output
    (tmp_path / "schemes" / "small.toml").unlink()
    (tmp_path / "sources.toml").unlink()
    listed = run("list", "--zone", "east-lake").stdout
    assert ID in listed
    assert "DRAFT" in listed
    shown = run("show", ID).stdout
    assert "of 27 (SCHEME)" in shown
    assert f"left out        {27 - len(evaluated(records()))} NO_RECORD\n" in shown
    assert "by li" in shown
    assert "made-up records or invented weights" in shown
    replayed = run("replay", ID)
    assert (replayed.exit_code, replayed.exception) == (0, None)
    assert "comes out the same, bit for bit" in replayed.output


def test_a_store_that_is_behind_is_named_and_upgraded(run: Running, tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").unlink()
    behind = run("list")
    assert "python manage.py store upgrade" in str(behind.exception)
    assert CliRunner().invoke(manage.application, ["store", "upgrade"]).exit_code == 0
    assert run("list").exit_code == 0


def test_a_replay_that_differs_ends_with_one_and_names_the_difference(run: Running, tmp_path: Path) -> None:
    assert make(run).exit_code == 0
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as store:
        store.execute("DROP TRIGGER edition_score_update")
        code, total = store.execute("SELECT uscc, total FROM edition_score ORDER BY uscc").fetchone()
        store.execute("UPDATE edition_score SET total = total + 100 WHERE uscc = ?", [code])
        store.commit()
    replayed = run("replay", ID)
    assert replayed.exit_code == 1
    assert f"{code}: total was {total + 100}, is {total}" in str(replayed.exception)


def test_from_draft_to_correction_each_step_is_in_the_audit(run: Running, tmp_path: Path) -> None:
    assert make(run).exit_code == 0
    early = run("publish", ID)
    assert early.exit_code == 1
    assert "is DRAFT, not NOTICE" in str(early.exception)
    noticed = run("notice", ID, "--from", "2023-01-01", "--until", "2023-01-06", "--by", "li")
    assert f"{ID} is NOTICE" in noticed.output
    assert f"{ID} is FINAL" in run("publish", ID, "--by", "wang").output
    corrected = run("correct", ID, "--reason", "patents counted twice", "--by", "li")
    assert corrected.exit_code == 0, corrected.output
    second = corrected.stdout.splitlines()[-1]
    assert second == f"{ID[:-1]}2"
    assert f"{ID}: patents counted twice" in run("show", second).stdout
    assert run("notice", second, "--from", "2023-02-01", "--until", "2023-02-06").exit_code == 0
    assert run("publish", second).exit_code == 0
    assert second in run("show", ID).stdout
    again = run("correct", ID, "--reason", "once more")
    assert f"was corrected by {second}" in str(again.exception)
    exported = CliRunner().invoke(manage.application, ["audit", "export"]).stdout
    assert [line.partition('"reason":"')[2].partition('"')[0] for line in exported.splitlines()] == [
        f"run {ID}", f"open notice {ID}", f"publish {ID}", f"correct {second}", f"open notice {second}",
        f"publish {second}",
    ]  # fmt: skip
    assert exported.count('"subject":"li"') == 3
    assert CliRunner().invoke(manage.application, ["audit", "verify"]).exit_code == 0


def test_objections_can_be_made_while_the_notice_runs(run: Running) -> None:
    assert make(run).exit_code == 0
    assert run("notice", ID, "--until", TOMORROW).exit_code == 0
    early = run("publish", ID)
    assert f"may object to {ID} until {TOMORROW}" in str(early.exception)


def test_a_list_names_who_is_evaluated(run: Running, tmp_path: Path) -> None:
    some = codes(30)[:3]
    (tmp_path / "list.txt").write_text("\n".join((some[0].lower(), "", *some)), encoding="utf-8")
    made = make(run, "--usccs", str(tmp_path / "list.txt"))
    assert "A draft of 3 enterprises" in made.output
    (tmp_path / "list.txt").write_text(f"{some[0]}\n91X\n", encoding="utf-8")
    assert "list.txt, line 2: " in str(make(run, "--usccs", str(tmp_path / "list.txt")).exception)
    (tmp_path / "list.txt").write_text("\n", encoding="utf-8")
    assert "names nobody" in str(make(run, "--usccs", str(tmp_path / "list.txt")).exception)
    assert "cannot be read" in str(make(run, "--usccs", str(tmp_path / "none.txt")).exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--zone", "x", "--scheme", "small-demo", "--period", "2022"), "No enterprise lives in 'x'"),
        (("run", "--zone", "east-lake", "--scheme", "none", "--period", "2022"), "There is no scheme 'none'"),
        (("run", "--zone", "east-lake", "--scheme", "small-demo", "--period", "22"), "'22' is no period"),
        (("show", "x"), "There is no edition 'x'"),
        (("replay", "x"), "There is no edition 'x'"),
        (("notice", "x", "--until", "2023-01-01"), "There is no edition 'x'"),
        (("correct", "x", "--reason", "y"), "There is no edition 'x'"),
    ],
)
def test_what_cannot_be_done_is_said(run: Running, words: tuple[str, ...], said: str) -> None:
    ended = run(*words)
    assert ended.exit_code == 1
    assert said in str(ended.exception)
