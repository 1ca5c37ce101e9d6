"""The commands that make, list and revoke API keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import manage
from auth.identity import api_keys

IDENTITY = """
[clients.bank]
title = "A bank"
organisation = "bank"
roles = ["BANK"]
[clients.people]
title = "People"
organisation = "hub"
roles = ["OPERATOR"]
"""

Running = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    (tmp_path / "identity.toml").write_text(IDENTITY)
    monkeypatch.setenv("HUB_MODE", "production")
    monkeypatch.setenv("HUB_SOURCES", "sources.toml")
    monkeypatch.setenv("HUB_STORE_URL", f"sqlite+aiosqlite:///{tmp_path}/store.sqlite")
    monkeypatch.setenv("HUB_IDENTITY", str(tmp_path / "identity.toml"))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(manage.application, list(words))


def test_a_key_is_shown_once_listed_and_revoked(run: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "python manage.py store upgrade" in str(run("key", "list").exception)
    assert run("store", "upgrade").exit_code == 0
    made = run("key", "create", "bank", "--scopes", "filings, WORKFORCE", "--days", "30")
    assert made.exit_code == 0, made.output
    key = made.stdout.splitlines()[-1]
    prefix = key.split("_")[1]
    assert key.startswith("ik_")
    listed = run("key", "list").stdout
    assert prefix in listed
    assert "filings, workforce" in listed
    assert "never" in listed
    assert "valid" in listed
    monkeypatch.setenv("COLUMNS", "80")
    until = made.stderr.partition(" until ")[2][:10]
    assert until in run("key", "list").stdout, "whole on a narrow terminal, too"
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as store:
        kept = "".join(store.iterdump())
    assert prefix in kept
    assert api_keys.digest(key) in kept
    assert key[-43:] not in listed + kept + (tmp_path / "store.sqlite").read_bytes().decode("latin-1")
    for given in (prefix, key):
        revoked = run("key", "revoke", given)
        assert revoked.exit_code == 0
        assert key[-43:] not in revoked.output
    assert "revoked" in run("key", "list").stdout


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("create", "nobody"), "Known are: bank, people"),
        (("create", "people"), "no role that keys may have"),
        (("create", "bank", "--scopes", "filings,everything"), "no group everything"),
        (("revoke", "aaaaaaaaaa"), "no key of this prefix"),
    ],
)
def test_what_cannot_be_done_is_said(run: Running, words: tuple[str, ...], problem: str) -> None:
    run("store", "upgrade")
    refused = run("key", *words)
    assert refused.exit_code == 1
    assert problem in str(refused.exception)
    assert "ik_" not in refused.stdout


@pytest.mark.parametrize("days", ["0", "-1", "1097", "soon"])
def test_a_key_is_valid_for_days_that_end(run: Running, days: str) -> None:
    assert run("key", "create", "bank", "--days", days).exit_code == 2
