"""`manage.py token`, and what a hub of the demo tells newcomers to paste: tokens that this very hub believes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import manage
from auth.identity import demo
from demo import embedding
from settings import Settings, read

IDENTITY = """
[issuers.own]
issuer = "{issuer}"
keys = "public.pem"
algorithms = ["ES256"]
roles = ["OFFICER"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data of a hub of the demo, which has not been served yet."""
    folder = tmp_path / "data of a hub"
    monkeypatch.setenv("HUB_DATA_DIR", str(folder))
    return folder


def token(name: str) -> Result:
    return CliRunner().invoke(manage.application, ["token", name])


def named(folder: Path, issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the hub name an issuer in a file of its own."""
    demo.make_issuer(folder)
    (folder / "identity.toml").write_text(IDENTITY.format(issuer=issuer), encoding="utf-8")
    monkeypatch.setenv("HUB_IDENTITY", str(folder / "identity.toml"))


@pytest.mark.parametrize("name", demo.NAMES)
def test_every_reader_has_a_token_alone_on_the_last_line(folder: Path, name: str) -> None:
    demo.make_issuer(folder / "demo-issuer")
    made = token(name)
    assert made.exit_code == 0, made.exception
    assert made.stdout.splitlines()[-1].count(".") == 2
    assert made.stderr == ""


def test_an_issuer_that_no_hub_knows_yet_is_said_to_be_new(folder: Path) -> None:
    made = token("portal")
    assert made.exit_code == 0
    assert "only hubs with the same HUB_DATA_DIR believe this" in made.stderr
    assert token("portal").stderr == ""


def test_no_token_is_made_that_the_hub_would_not_believe(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named(folder, "https://id.example.cn", monkeypatch)
    refused = token("officer-eastlake")
    assert refused.exit_code == 1
    assert "does not name the demo's issuer" in str(refused.exception)
    named(folder, demo.ISSUER, monkeypatch)
    assert token("officer-eastlake").exit_code == 0


def test_what_newcomers_paste_asks_by_the_issuer_of_this_hub(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    embedding.welcome(read())
    assert f"$(HUB_DATA_DIR='{folder}' .venv/bin/python manage.py token officer" in capsys.readouterr().err
    embedding.welcome(Settings.model_construct(port=8000))
    assert "$(.venv/bin/python manage.py token officer" in capsys.readouterr().err
    named(folder, "https://id.example.cn", monkeypatch)
    embedding.welcome(read())
    said = capsys.readouterr().err
    assert "/graphql -H 'Content-Type" in said
    assert "token" not in said
