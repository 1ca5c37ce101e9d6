"""What the tests of the audit share: an auditor over a store, and records to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit.record import Kind, Looks, Outcome, Record, now, parsed
from auth.audit.signing import keys, make_key
from auth.audit.tree import Hashing
from commands.verifying import findings
from resolvers.auditing import Auditor
from store.audit import Ledger


def auditor_over(engine: AsyncEngine, folder: Path, hashing: Hashing = Hashing.SHA256, **given: Any) -> Auditor:
    """Return an auditor with the key of a folder."""
    make_key(folder / "audit.pem")
    return Auditor(Ledger(engine), keys(folder / "audit.pem"), hashing, **given)


def look(reference: str, *codes: str) -> Record:
    """Return the record of a look at some enterprises."""
    looks = (Looks(("FILINGS",), (), tuple(sorted(codes))),)
    return Record(now(), Kind.REQUEST, Outcome.GIVEN, "icbc", reference=reference, looks=looks)


async def found_by(auditor: Auditor, elsewhere: str | None = None) -> list[str]:
    """Return what verifying the audit finds."""
    return [finding async for finding in findings(auditor, elsewhere, lambda _passed, _of: None)]


async def records(auditor: Auditor, begin: int = 0) -> list[Record]:
    """Return all records from a place on, and check that they stand where they say."""
    rows = await auditor.ledger.rows(begin, most=100_000)
    read = [parsed(row.record) for row in rows if row.record is not None]
    assert [place for place, _ in read] == list(range(begin, begin + len(read)))
    return [record for _, record in read]
