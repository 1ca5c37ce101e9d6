"""What the hub's own log says of records that cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from auth.audit.record import Kind, Outcome, Record, now
from resolvers.auditing import AuditUnavailable
from store.engine import open_store
from tests.auditing import auditor_over


async def test_while_records_cannot_be_written_the_log_is_not_flooded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so at once, and then once in a while, with how many; each reader is told."""
    monkeypatch.setattr("resolvers.auditing._TELL_AGAIN", 60.0)
    store = open_store("postgresql+asyncpg://hub@127.0.0.1:1/hub")
    auditor = auditor_over(store, tmp_path)
    structlog.reset_defaults()
    with capture_logs() as logged:
        for _ in range(5):
            with pytest.raises(AuditUnavailable):
                await auditor.write(Record(now(), Kind.DOOR, Outcome.REFUSED))
        monkeypatch.setattr("resolvers.auditing._TELL_AGAIN", 0.0)
        with pytest.raises(AuditUnavailable):
            await auditor.write(Record(now(), Kind.DOOR, Outcome.REFUSED))
    await auditor.aclose()
    await store.dispose()
    assert [entry["records"] for entry in logged if entry["event"] == "audit.not_written"] == [1, 5]
