"""What operating.md tells operators to do, done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from typer.testing import CliRunner

import manage
from auth.audit.signing import keys, make_key
from auth.audit.tree import Hashing
from resolvers.auditing import Auditor
from store.audit import Ledger
from store.engine import once, open_store
from store.upgrade import upgrade
from tests.auditing import look


def written(url: str, key: Path, *former: Path) -> None:
    async def write() -> None:
        engine = open_store(url)
        auditor = Auditor(Ledger(engine), keys(key, former), Hashing.SHA256, head_seconds=0, patience=30)
        await auditor.write(look("案", "E1"))
        await auditor.aclose()
        await engine.dispose()

    asyncio.run(write())


def test_the_audits_key_is_changed_and_the_log_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, old, new, public = f"sqlite+aiosqlite:///{tmp_path}/s.sqlite", *(tmp_path / n for n in ("a.pem", "b.pem", "a"))
    asyncio.run(once(url, upgrade))
    make_key(old)
    make_key(new)
    private = load_pem_private_key(old.read_bytes(), None)
    public.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    written(url, old)
    written(url, new, public)
    for name, value in {"HUB_STORE_URL": url, "HUB_AUDIT_KEY": str(new), "HUB_DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(manage.application, ["audit", "verify"]).exit_code == 1, "it has to know who signed"
    monkeypatch.setenv("HUB_AUDIT_FORMER_KEYS", str(public))
    assert "The audit is whole: 2 records." in CliRunner().invoke(manage.application, ["audit", "verify"]).output


def test_a_backup_is_put_back_by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_STORE_URL", f"sqlite+aiosqlite:///{tmp_path}/s.sqlite")
    asyncio.run(once(f"sqlite+aiosqlite:///{tmp_path}/s.sqlite", upgrade))
    assert CliRunner().invoke(manage.application, ["store", "backup", f"{tmp_path}/kept"]).exit_code == 0
    again = CliRunner().invoke(manage.application, ["store", "restore", f"{tmp_path}/kept"])
    assert (again.exit_code, "there is a store already" in again.output + str(again.exception)) == (1, True)
    monkeypatch.setenv("HUB_STORE_URL", f"sqlite+aiosqlite:///{tmp_path}/t.sqlite")
    assert CliRunner().invoke(manage.application, ["store", "restore", f"{tmp_path}/kept"]).exit_code == 0
    assert CliRunner().invoke(manage.application, ["store", "check"]).exit_code == 0
