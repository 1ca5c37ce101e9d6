"""Objections to data in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from codes.access import DataGroup
from codes.data_objections import DataObjectionOutcome, DataObjectionState
from codes.flow import Party
from store.changes import Noun, Thing
from store.tables import data_objection

_PARAMETERS = 500
"""Codes in one statement: databases bound their number."""


class DataObjection(Thing, frozen=True, kw_only=True):
    """What an enterprise says against a datum that a source has of it."""

    uscc: str
    collection: str
    record: str
    """The record's own key within the enterprise's, such as a year; "": it has only one."""
    field: str
    source: str
    owner: str
    """The organisation that answers for the source."""
    author: str
    value: str | None
    """What the source gave when it was objected to, as text; None: nothing."""
    claim: str | None
    """What it should be."""
    reason: str
    state: DataObjectionState
    outcome: DataObjectionOutcome | None = None
    answer: str | None = None
    """What will be corrected, or why nothing."""
    created_at: datetime
    changed_at: datetime

    @property
    def parties(self) -> Mapping[Party, str]:
        """The enterprise and its officers, who answers for the source, and who objected."""
        return {
            Party.ENTERPRISE: self.uscc,
            Party.OFFICER: self.uscc,
            Party.SOURCE_OWNER: self.owner,
            Party.AUTHOR: self.author,
        }


DATA_OBJECTION = Noun("DataObjection", DataObjection, data_objection, DataGroup.DATA_OBJECTIONS)

Datum = tuple[str, str, str]
"""Collection, record and field."""


async def is_open(connection: AsyncConnection, uscc: str, datum: Datum) -> bool:
    """Say whether an objection to a datum is yet to be answered."""
    c = data_objection.c
    same = and_(c.uscc == uscc, c.collection == datum[0], c.record == datum[1], c.field == datum[2])
    wanted = select(c.id).where(same, c.state == DataObjectionState.OPEN.value)
    return (await connection.execute(wanted)).first() is not None


async def disputed(engine: AsyncEngine, codes: Sequence[str], collection: str | None = None) -> dict[str, set[Datum]]:
    """Return for each enterprise the data that are disputed: not answered yet, or found wrong and not yet corrected."""
    found: dict[str, set[Datum]] = {code: set() for code in codes}
    c, state = data_objection.c, DataObjectionState
    upheld = and_(c.state == state.ANSWERED.value, c.outcome == DataObjectionOutcome.UPHELD.value)
    stands = or_(c.state == state.OPEN.value, upheld)
    if collection is not None:
        stands = and_(stands, c.collection == collection)
    known = list(found)
    async with engine.connect() as connection:
        for start in range(0, len(known), _PARAMETERS):
            some = c.uscc.in_(known[start : start + _PARAMETERS])
            wanted = select(c.uscc, c.collection, c.record, c.field).where(some, stands)
            for row in await connection.execute(wanted):
                found[row.uscc].add((row.collection, row.record, row.field))
    return found
