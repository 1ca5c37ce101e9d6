"""The operator's commands of the audit, on a store that others write to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner, Result

import manage
from auth.audit.record import canonical, parsed
from auth.audit.signing import keys
from auth.audit.tree import Hashing
from resolvers.auditing import Auditor
from store.audit import Ledger
from store.engine import once, open_store
from store.upgrade import upgrade
from tests.auditing import look

Run = Callable[..., Result]


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path}/store.sqlite"
    asyncio.run(once(url, upgrade))
    return url


@pytest.fixture
def run(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HUB_STORE_URL", store_url)
    monkeypatch.setenv("HUB_DATA_DIR", str(tmp_path))

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(manage.application, ["audit", *words])

    return invoke


def written(run: Run, store_url: str, folder: Path, *days_ago: int) -> None:
    """Write a record of each of these ages."""
    assert run("key").exit_code == 0, "which makes the key of a demo"

    async def write() -> None:
        engine = open_store(store_url)
        auditor = Auditor(Ledger(engine), keys(folder / "audit" / "private.pem"), Hashing.SHA256, patience=30)
        for number, days in enumerate(days_ago):
            record = look(f"案-{number}", f"E{number}")
            await auditor.write(msgspec.structs.replace(record, at=record.at - timedelta(days=days)))
        await auditor.index()
        await auditor.aclose()
        await engine.dispose()

    asyncio.run(write())


def test_an_empty_audit_is_whole_and_has_no_head(run: Run) -> None:
    assert "The audit is whole: 0 records." in run("verify").output
    assert run("head").exit_code == 1
    assert run("export").output == ""


def test_a_changed_record_is_named_and_ends_with_1(run: Run, store_url: str, tmp_path: Path) -> None:
    written(run, store_url, tmp_path, 0, 0, 0)
    whole = run("verify")
    assert (whole.exit_code, "The audit is whole: 3 records." in whole.output) == (0, True)
    with create_engine(store_url.replace("+aiosqlite", "")).begin() as connection:
        connection.execute(text("UPDATE audit_record SET record = replace(record, 'icbc', 'boc') WHERE place = 1"))
    found = run("verify")
    assert found.exit_code == 1
    assert "place 1: changed: the record is not the one that was hashed" in found.output
    assert "1 finding." in found.output


def test_a_head_kept_elsewhere_tells_of_a_store_put_back(run: Run, store_url: str, tmp_path: Path) -> None:
    written(run, store_url, tmp_path, 0)
    first = run("head").stdout.strip()
    (tmp_path / "head").write_text(first, encoding="utf-8")
    written(run, store_url, tmp_path, 0, 0)
    assert run("verify", "--head", f"{tmp_path}/head").exit_code == 0, "an older head is of the same tree"
    newest = run("head").stdout.strip()
    (tmp_path / "head").write_text(newest + "\n", encoding="utf-8")
    with create_engine(store_url.replace("+aiosqlite", "")).begin() as connection:
        rewound = (
            "UPDATE audit_tree SET size = 1, signed = :signed, peaks = (SELECT leaf FROM audit_record WHERE place = 0)"
        )
        connection.execute(text(rewound), {"signed": first})
        connection.execute(text("DELETE FROM audit_record WHERE place > 0"))
        connection.execute(text("DELETE FROM audit_head WHERE size > 1"))
        connection.execute(text("DELETE FROM audit_index WHERE uscc <> 'E0'"))
        connection.execute(text("UPDATE audit_index SET places = CAST(x'0000' AS BLOB)"))
        connection.execute(text("UPDATE audit_indexed SET place = 1"))
    assert run("verify").exit_code == 0
    found = run("verify", "--head", f"{tmp_path}/head")
    assert found.exit_code == 1
    assert "places 1 to 2: cut off" in found.output
    assert "cannot be read" in str(run("verify", "--head", f"{tmp_path}/absent").exception)


def test_records_are_exported_as_they_were_hashed(run: Run, store_url: str, tmp_path: Path) -> None:
    written(run, store_url, tmp_path, 40, 20, 0)
    lines = run("export").stdout.splitlines()
    assert [parsed(line)[0] for line in lines] == [0, 1, 2]
    assert [canonical(record, place) for place, record in map(parsed, lines)] == lines
    day = (datetime.now(UTC) - timedelta(days=20)).date().isoformat()
    assert run("export", "--from", day, "--to", day).stdout.splitlines() == lines[1:2]
    assert run("export", "--from", day).stdout.splitlines() == lines[1:]
    assert run("export", "--to", day).stdout.splitlines() == lines[:2]


def test_records_expire_only_into_a_file_and_never_without_saying_so(
    run: Run, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(run, store_url, tmp_path, 400, 300, 100, 0)
    nothing = run("expire", "--export", f"{tmp_path}/old.jsonl")
    assert nothing.exit_code == 0
    assert "No record is so old." in nothing.output
    assert not (tmp_path / "old.jsonl").exists()
    monkeypatch.setenv("HUB_AUDIT_RETENTION_DAYS", "183")
    before = run("export").stdout.splitlines()
    done = run("expire", "--export", f"{tmp_path}/old.jsonl")
    assert "2 records were taken out" in done.output
    assert (tmp_path / "old.jsonl").read_text(encoding="utf-8").splitlines() == before[:2]
    after = run("export").stdout.splitlines()
    assert after[:2] == before[2:]
    place, said = parsed(after[2])
    assert (place, said.kind.value, said.count, said.until) == (4, "EXPIRY", 2, 2)
    assert run("verify").exit_code == 0, run("verify").output
    again = run("expire", "--export", f"{tmp_path}/old.jsonl")
    assert again.exit_code == 1
    assert "is there already" in str(again.exception)
    monkeypatch.setenv("HUB_AUDIT_RETENTION_DAYS", "182")
    refused = run("expire", "--export", f"{tmp_path}/more.jsonl")
    assert "HUB_AUDIT_RETENTION_DAYS" in str(refused.exception)
    assert not (tmp_path / "more.jsonl").exists()


def test_what_is_in_the_way_is_said_in_a_line(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cannot be read" in str(run("receipt", f"{tmp_path}/absent").exception)
    (tmp_path / "receipt").write_text("no.receipt.here", encoding="utf-8")
    assert "The receipt does not hold" in str(run("receipt", f"{tmp_path}/receipt").exception)
    monkeypatch.setenv("HUB_STORE_URL", f"sqlite+aiosqlite:///{tmp_path}/new.sqlite")
    assert "python manage.py store upgrade" in str(run("verify").exception)
    monkeypatch.setenv("HUB_AUDIT_KEY", f"{tmp_path}/absent.pem")
    assert "HUB_AUDIT_KEY: " in str(run("verify").exception)
