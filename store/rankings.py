"""What is asked of the scores in editions: of enterprises, their history, and pages in the order of ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from store.edition_records import Edition, Scored, edition_of
from store.edition_tables import edition, edition_listed, edition_score
from store.editions import IS_PUBLISHED, NEWEST_FIRST

_PARAMETERS = 500
"""Codes in one statement: databases bound their number."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Which part of a ranking: everyone, one stage, one list, or everyone who is on any list."""

    edition: str
    stage: str | None = None
    list: str | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where an enterprise stands in a ranking: its rank there, and its code, which decides between equals."""

    rank: int
    uscc: str


@dataclass(frozen=True, slots=True)
class RankingPage:
    """A page of a ranking, best first."""

    scores: tuple[Scored, ...]
    has_next_page: bool
    has_previous_page: bool


@dataclass(frozen=True)
class Rankings:
    """The scores in a store's editions."""

    engine: AsyncEngine

    async def of(self, edition_id: str, codes: Sequence[str]) -> dict[str, Scored]:
        """Return the scores that these enterprises have in an edition."""
        c = edition_score.c
        found: dict[str, Scored] = {}
        async with self.engine.connect() as connection:
            for start in range(0, len(codes), _PARAMETERS):
                some = select(edition_score).where(
                    c.edition == edition_id, c.uscc.in_(codes[start : start + _PARAMETERS])
                )
                found.update((row.uscc, _scored(row)) for row in await connection.execute(some))
        return found

    async def all(self, edition_id: str) -> dict[str, Scored]:
        """Return every score of an edition."""
        wanted = select(edition_score).where(edition_score.c.edition == edition_id).order_by(edition_score.c.uscc)
        async with self.engine.connect() as connection:
            return {row.uscc: _scored(row) for row in await connection.execute(wanted)}

    async def history(self, codes: Sequence[str], scheme: str | None = None) -> dict[str, list[tuple[Edition, Scored]]]:
        """Return the scores of enterprises in all published editions, of the newest day first."""
        c = edition_score.c
        published = select(edition).where(IS_PUBLISHED).order_by(*NEWEST_FIRST)
        if scheme is not None:
            published = published.where(edition.c.scheme == scheme)
        by_edition: dict[str, dict[str, Scored]] = {}
        async with self.engine.connect() as connection:
            editions = [edition_of(row) for row in await connection.execute(published)]
            ids = select(edition.c.id).where(IS_PUBLISHED)
            for start in range(0, len(codes), _PARAMETERS):
                some = c.uscc.in_(codes[start : start + _PARAMETERS])
                for row in await connection.execute(select(edition_score).where(some, c.edition.in_(ids))):
                    by_edition.setdefault(row.edition, {})[row.uscc] = _scored(row)
        return {
            code: [(one, by_edition[one.id][code]) for one in editions if code in by_edition.get(one.id, ())]
            for code in codes
        }

    async def page(
        self, of: Ranked, size: int, *, after: Place | None = None, before: Place | None = None, backward: bool = False
    ) -> RankingPage:
        """Return the first so many behind a place, or the last so many in front of one."""
        c, rank = edition_score.c, _rank(of)
        wanted = select(edition_score).where(*_conditions(of))
        if after:
            wanted = wanted.where(or_(rank > after.rank, and_(rank == after.rank, c.uscc > after.uscc)))
        if before:
            wanted = wanted.where(or_(rank < before.rank, and_(rank == before.rank, c.uscc < before.uscc)))
        order = (rank.desc(), c.uscc.desc()) if backward else (rank.asc(), c.uscc.asc())
        async with self.engine.connect() as connection:
            rows = list(await connection.execute(wanted.order_by(*order).limit(size + 1)))
        more, rows = len(rows) > size, rows[:size]
        if backward:
            rows.reverse()
        return RankingPage(
            tuple(_scored(row) for row in rows),
            has_next_page=before is not None if backward else more,
            has_previous_page=more if backward else after is not None,
        )

    async def count(self, of: Ranked) -> int:
        """Return how many are ranked."""
        async with self.engine.connect() as connection:
            counted = select(func.count()).select_from(edition_score).where(*_conditions(of))
            return int((await connection.execute(counted)).scalar_one())

    async def newcomers(self, of: Ranked, other: Ranked, most: int) -> tuple[list[Scored], int]:
        """Return the first of those who are in one ranking and not in another, best first, and how many they are."""
        c, there = edition_score.c, edition_score.alias("there")
        absent = ~exists(select(there.c.uscc).where(*_conditions(other, there), there.c.uscc == c.uscc))
        wanted = select(edition_score).where(*_conditions(of), absent)
        async with self.engine.connect() as connection:
            count = int((await connection.execute(_counted(wanted))).scalar_one())
            rows = await connection.execute(wanted.order_by(_rank(of), c.uscc).limit(most))
            return [_scored(row) for row in rows], count


def place_of(of: Ranked, scored: Scored) -> Place:
    """Return where a score stands in a ranking."""
    rank = scored.stage_rank if of.stage is not None else scored.rank
    return Place(rank or 0, scored.uscc)


def _rank(of: Ranked) -> ColumnElement[int]:
    return edition_score.c.stage_rank if of.stage is not None else edition_score.c.rank


def _conditions(of: Ranked, among: object = edition_score) -> list[ColumnElement[bool]]:
    c = among.c  # type: ignore[attr-defined]  # a table and its alias have no common type with columns
    found: list[ColumnElement[bool]] = [c.edition == of.edition, c.rank.is_not(None)]
    if of.stage is not None:
        found += [c.stage == of.stage, c.stage_rank.is_not(None)]
    if of.list is not None or of.listed:
        on = edition_listed.c
        listed = select(on.uscc).where(on.edition == of.edition, on.uscc == c.uscc)
        found.append(exists(listed.where(on.list == of.list) if of.list is not None else listed))
    return found


def _counted(wanted: Select[Any]) -> Select[int]:
    return select(func.count()).select_from(wanted.subquery())


def _scored(row: Row[tuple[object, ...]]) -> Scored:
    return Scored(
        row.uscc, row.total, row.stage, row.rank, row.stage_rank, row.percentile, row.stage_percentile, row.passed,
        tuple(name for name in row.lists.split(",") if name),
    )  # fmt: skip
