"""The directory filled: entries put in bulk, a run that can go on where it broke off, leftovers removed at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store.directory import Entry
from store.pinyin import initials
from store.searching import SEARCH_TABLE, folded, pairs
from store.tables import UNKNOWN_CAPITAL, UNKNOWN_DATE, enterprise, qualification, sync_run


@dataclass(frozen=True, slots=True)
class Run:
    """A filling of the directory: where it stands."""

    id: int
    position: str | None
    count: int


@dataclass(frozen=True)
class Filling:
    """The way into the directory."""

    engine: AsyncEngine

    async def begin(self) -> Run:
        """Return the run that broke off, or a new one."""
        async with self.engine.begin() as connection:
            open_run = select(sync_run).where(sync_run.c.finished_at.is_(None)).order_by(sync_run.c.id.desc()).limit(1)
            if found := (await connection.execute(open_run)).first():
                return Run(*found[:3])
            number = (await connection.execute(select(func.coalesce(func.max(sync_run.c.id), 0)))).scalar_one() + 1
            await connection.execute(insert(sync_run).values(id=number, count=0, started_at=datetime.now(UTC)))
            return Run(number, None, 0)

    async def put(self, run: Run, entries: Sequence[Entry], position: str | None) -> Run:
        """Write a page of entries and how far the run has come, together; return the run as it stands then."""
        unique = {entry.uscc: entry for entry in entries}
        moved = Run(run.id, position, run.count + len(entries))
        async with self.engine.begin() as connection:
            if unique:
                await self._write(connection, run, list(unique.values()))
            stands = update(sync_run).where(sync_run.c.id == run.id).values(position=position, count=moved.count)
            await connection.execute(stands)
        return moved

    async def finish(self, run: Run) -> int:
        """End a run that has seen everything: remove what it has not seen; return how many entries that was."""
        async with self.engine.begin() as connection:
            unseen = enterprise.c.run != run.id
            if self.engine.dialect.name == "sqlite":
                await connection.execute(
                    delete(SEARCH_TABLE).where(SEARCH_TABLE.c.rowid.in_(select(enterprise.c.id).where(unseen)))
                )
            leaving = select(enterprise.c.uscc).where(unseen)
            await connection.execute(delete(qualification).where(qualification.c.uscc.in_(leaving)))
            removed = (await connection.execute(delete(enterprise).where(unseen))).rowcount
            await connection.execute(
                update(sync_run).where(sync_run.c.id == run.id).values(finished_at=datetime.now(UTC))
            )
            return int(removed)

    async def last_finished(self) -> datetime | None:
        """Return when the last run ended that has seen everything; None before the first."""
        newest = select(sync_run.c.finished_at).where(sync_run.c.finished_at.is_not(None))
        async with self.engine.connect() as connection:
            found = (await connection.execute(newest.order_by(sync_run.c.id.desc()).limit(1))).scalar()
        return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found

    async def size(self) -> int:
        """Return how many enterprises the directory holds."""
        async with self.engine.connect() as connection:
            return int((await connection.execute(select(func.count()).select_from(enterprise))).scalar_one())

    async def _write(self, connection: AsyncConnection, run: Run, entries: Sequence[Entry]) -> None:
        rows = [_row(run, entry) for entry in entries]
        dialect = sqlite if self.engine.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(enterprise)
        changed = {name: statement.excluded[name] for name in rows[0] if name != "uscc"}
        await connection.execute(statement.on_conflict_do_update(index_elements=["uscc"], set_=changed), rows)
        codes = [entry.uscc for entry in entries]
        await connection.execute(delete(qualification).where(qualification.c.uscc.in_(codes)))
        held = {
            (entry.uscc, h.kind, h.valid_from): {
                "uscc": entry.uscc, "kind": h.kind, "valid_from": h.valid_from, "valid_to": h.valid_to,
            }
            for entry in entries
            for h in entry.qualifications
        }  # fmt: skip
        if held:
            await connection.execute(insert(qualification), list(held.values()))
        if self.engine.dialect.name == "sqlite":
            await self._index(connection, codes)

    async def _index(self, connection: AsyncConnection, codes: Sequence[str]) -> None:
        c = enterprise.c
        written = select(c.id, c.name_folded, c.former_folded, c.initials).where(c.uscc.in_(codes))
        words = [
            {
                "id": row.id,
                "name": pairs(row.name_folded),
                "former": " ".join(map(pairs, row.former_folded.split("\n"))),
                "initials": pairs(row.initials),
            }
            for row in await connection.execute(written)
        ]
        replace = "REPLACE INTO directory_search(rowid, name, former, initials) VALUES (:id, :name, :former, :initials)"
        await connection.execute(text(replace), words)


_MOST_TEXT = 500
_MOST_CAPITAL = 2**63 - 1


def _kept(text: str) -> str:
    """Return a text as the directory keeps it: one line, of a bounded length, without what a database refuses."""
    return text.replace("\0", "").replace("\n", " ")[:_MOST_TEXT]


def _capital(entry: Entry) -> int:
    known = entry.registered_capital is not None and 0 <= entry.registered_capital <= _MOST_CAPITAL
    return entry.registered_capital if known and entry.registered_capital is not None else UNKNOWN_CAPITAL


def _row(run: Run, entry: Entry) -> dict[str, Any]:
    name = _kept(entry.name or "")
    former_names = [_kept(former) for former in entry.former_names]
    code = _kept(entry.industry_code) if entry.industry_code else None
    return {
        "uscc": entry.uscc,
        "name": name,
        "named": entry.name is not None,
        "former_names": "\n".join(former_names),
        "name_folded": folded(name),
        "former_folded": "\n".join(map(folded, former_names)),
        "initials": initials(name),
        "zone_id": _kept(entry.zone_id) if entry.zone_id else None,
        "district_code": _kept(entry.district_code) if entry.district_code else None,
        "industry_code": code,
        "industry_digits": code.lstrip("ABCDEFGHIJKLMNOPQRST") if code else None,
        "status": entry.status,
        "founded_on": entry.founded_on or UNKNOWN_DATE,
        "registered_capital": _capital(entry),
        "synthetic": entry.synthetic,
        "run": run.id,
    }
