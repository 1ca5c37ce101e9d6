"""Objections 异议: an enterprise says that its score in an edition is wrong, and somebody decides."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from codes.editions import EditionState, ObjectionState
from store.changes import Kind
from store.edition_records import Edition, utc
from store.edition_tables import edition_score, objection
from store.editions import LOCK, get_edition
from store.engine import alone

_PARAMETERS = 500
"""Codes in one statement: databases bound their number."""


class ObjectionRefused(Exception):
    """An objection cannot be filed or decided so; the message says why."""


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection, and what became of it; never deleted."""

    id: str
    edition: str
    uscc: str
    indicator: str | None
    """Identifier of the indicator within its scheme; None: the score as such."""
    text: str
    filed_at: datetime
    filed_by: str
    state: ObjectionState = ObjectionState.OPEN
    decision: str | None = None
    """Why it was decided so."""
    decided_at: datetime | None = None
    decided_by: str | None = None


OBJECTION = Kind("Objection", Objection)


@dataclass(frozen=True)
class Objections:
    """The objections in a store."""

    engine: AsyncEngine
    within: AsyncConnection | None = None
    """The transaction that changes take part in; None: each has its own."""

    async def file(self, edition: str, uscc: str, indicator: str | None, text: str, today: date, by: str) -> Objection:
        """Keep a new objection; raise ObjectionRefused if it comes too early or too late, or is there already.

        Raises UnknownEdition. Nobody changes the edition's state meanwhile.
        """
        made = Objection(uuid.uuid4().hex, edition, uscc, indicator, text, datetime.now(UTC), by)
        async with alone(self.engine, LOCK, self.within) as connection:
            _check_window(await get_edition(connection, edition), today)
            await _check_new(connection, made)
            await connection.execute(
                insert(objection).values(
                    id=made.id, edition=edition, uscc=uscc, indicator=indicator, text=text, filed_at=made.filed_at,
                    filed_by=by, state=made.state.value,
                )
            )  # fmt: skip
        return made

    async def decide(self, id: str, state: ObjectionState, decision: str, by: str) -> Objection:
        """Decide an open objection; raise ObjectionRefused for one that was decided before, or is not there."""
        async with alone(self.engine, LOCK, self.within) as connection:
            found = await _get(connection, id)
            if found is None:
                raise ObjectionRefused(no_objection(id))
            if found.state is not ObjectionState.OPEN:
                raise ObjectionRefused(f"It was decided before: {found.state.value} on {found.decided_at:%Y-%m-%d}.")
            decided = {"state": state.value, "decision": decision, "decided_at": datetime.now(UTC), "decided_by": by}
            await connection.execute(update(objection).where(objection.c.id == id).values(decided))
            row = (await connection.execute(select(objection).where(objection.c.id == id))).one()
        return _objection(row)

    async def get(self, id: str) -> Objection | None:
        """Return an objection; None if there is none."""
        async with self.engine.connect() as connection:
            return await _get(connection, id)

    async def of(self, edition: str, codes: Sequence[str]) -> dict[str, list[Objection]]:
        """Return the objections of enterprises against their scores in an edition, the newest first."""
        found: dict[str, list[Objection]] = {code: [] for code in codes}
        c = objection.c
        async with self.engine.connect() as connection:
            for start in range(0, len(codes), _PARAMETERS):
                some = and_(c.edition == edition, c.uscc.in_(codes[start : start + _PARAMETERS]))
                wanted = select(objection).where(some).order_by(c.filed_at.desc(), c.id)
                for row in await connection.execute(wanted):
                    found[row.uscc].append(_objection(row))
        return found

    async def against(self, edition: str) -> list[Objection]:
        """Return all objections against scores in an edition, the newest first."""
        c = objection.c
        wanted = select(objection).where(c.edition == edition).order_by(c.filed_at.desc(), c.id)
        async with self.engine.connect() as connection:
            return [_objection(row) for row in await connection.execute(wanted)]


def no_objection(id: str) -> str:
    """Return what is said of an objection that is not there, or not for whoever asks."""
    return f"There is no objection {id[:40]!r}."


def _check_window(found: Edition, today: date) -> None:
    if found.state is not EditionState.NOTICE or found.notice_from is None or found.notice_until is None:
        raise ObjectionRefused(
            f"{found.id} is {found.state.value}: objections are filed while it is under NOTICE"
            + (f", which was until {found.notice_until}." if found.notice_until else ".")
        )
    if not found.notice_from <= today <= found.notice_until:
        raise ObjectionRefused(
            f"Objections against {found.id} are filed from {found.notice_from} to {found.notice_until}; "
            f"today is {today}."
        )


async def _check_new(connection: AsyncConnection, made: Objection) -> None:
    in_it = select(edition_score.c.uscc).where(
        edition_score.c.edition == made.edition, edition_score.c.uscc == made.uscc
    )
    if (await connection.execute(in_it)).first() is None:
        raise ObjectionRefused(f"{made.uscc} has no score in {made.edition}.")
    c = objection.c
    same = and_(c.edition == made.edition, c.uscc == made.uscc, c.state == ObjectionState.OPEN.value)
    about = c.indicator.is_(None) if made.indicator is None else c.indicator == made.indicator
    if (await connection.execute(select(c.id).where(same, about))).first() is not None:
        raise ObjectionRefused("There is an objection about the same already, which is yet to be decided.")


async def _get(connection: AsyncConnection, id: str) -> Objection | None:
    row = (await connection.execute(select(objection).where(objection.c.id == id))).first()
    return _objection(row) if row else None


def _objection(row: Row[tuple[object, ...]]) -> Objection:
    return Objection(
        row.id, row.edition, row.uscc, row.indicator, row.text, utc(row.filed_at), row.filed_by,
        ObjectionState(row.state), row.decision, utc(row.decided_at) if row.decided_at else None, row.decided_by,
    )  # fmt: skip
