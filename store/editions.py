"""Editions of scores: made once with all that belongs to them, then only moved from state to state.

DRAFT → NOTICE → FINAL; where a correction has become FINAL, what it corrects is CORRECTED. Whoever would change
anything else is refused, here with the reason, and by triggers of the database whatever way they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, and_, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from codes.editions import PUBLISHED, EditionState, ObjectionState
from store.edition_records import EDITION, Content, Edition, Scored, Snapshots, edition_of, row_of
from store.edition_tables import edition, edition_listed, edition_score, edition_snapshot, objection
from store.engine import alone
from store.telling import tell

LOCK = 0x1220_ED17
"""Number of PostgreSQL's advisory lock: changes of editions happen one after the other."""
_PART = 4 * 2**20
"""Bytes of a snapshot in one row."""
_ROWS = 2000


class EditionRefused(Exception):
    """What is asked of an edition is not done; the message says why, and what to do instead."""


class UnknownEdition(EditionRefused):
    """There is no such edition."""

    def __init__(self, id: str) -> None:
        super().__init__(f"There is no edition {id[:80]!r}.")


@dataclass(frozen=True)
class Editions:
    """The editions in a store."""

    engine: AsyncEngine
    within: AsyncConnection | None = None
    """The transaction that changes take part in; None: each has its own."""

    async def create(self, content: Content, scores: Sequence[Scored], snapshots: Snapshots) -> Edition:
        """Keep a new draft with its scores and snapshots, all or nothing; raise EditionRefused for an unfit parent."""
        async with alone(self.engine, LOCK, self.within) as connection:
            if content.parent is not None:
                _fit_as_parent(await get_edition(connection, content.parent), content)
            c = edition.c
            same = and_(
                c.zone == content.zone, c.scheme == content.scheme, c.version == content.version,
                c.period == content.period,
            )  # fmt: skip
            newest = select(c.number).where(same).order_by(c.number.desc()).limit(1)
            number = ((await connection.execute(newest)).scalar() or 0) + 1
            name = f"{content.zone}:{content.scheme}:{content.version}:{content.period}:{number}"
            made = Edition(name, number, content, datetime.now(UTC), EditionState.DRAFT)
            await connection.execute(insert(edition).values(row_of(made)))
            for start in range(0, len(scores), _ROWS):
                await _add_scores(connection, name, scores[start : start + _ROWS])
            for kind, snapshot in asdict(snapshots).items():
                for part, start in enumerate(range(0, len(snapshot), _PART)):
                    piece = {"edition": name, "kind": kind, "part": part, "bytes": snapshot[start : start + _PART]}
                    await connection.execute(insert(edition_snapshot).values(piece))
            await _tell(connection, made)
        return made

    async def open_notice(self, id: str, first: date, last: date, by: str) -> Edition:
        """Show a draft to the public, to be objected to on these days; or let a notice run longer.

        Raises EditionRefused if it is neither, or if its period has a published edition that it does not correct.
        """
        async with alone(self.engine, LOCK, self.within) as connection:
            found = await get_edition(connection, id)
            if found.state is EditionState.NOTICE:
                _may_run_until(found, last)
                return await _change(connection, id, notice_until=last)
            _must_be(found, EditionState.DRAFT, "Only a draft can be put up for notice.")
            if last < first:
                raise EditionRefused(f"The notice would end on {last}, before it begins on {first}. Name a later day.")
            await _check_place(connection, found)
            noticed = await _change(
                connection, id, state=EditionState.NOTICE.value, notice_from=first, notice_until=last,
                noticed_at=datetime.now(UTC), noticed_by=by,
            )  # fmt: skip
            await _tell(connection, noticed)
            return noticed

    async def publish(self, id: str, today: date, by: str) -> Edition:
        """Make an edition final once its notice is over; what it corrects is corrected from then on.

        Raises EditionRefused if it was not put up for notice, the notice is not over yet, or an objection is undecided
        or was accepted.
        """
        async with alone(self.engine, LOCK, self.within) as connection:
            found = await get_edition(connection, id)
            _must_be(found, EditionState.NOTICE, "Put it up for notice first, so that enterprises can object.")
            if found.notice_until is not None and today <= found.notice_until:
                raise EditionRefused(
                    f"Enterprises may object to {id} until {found.notice_until}; publish it after that."
                )
            await _check_objections(connection, found)
            await _check_place(connection, found)
            if found.content.parent is not None:
                corrected = EditionState.CORRECTED.value
                await _change(connection, found.content.parent, state=corrected, corrected_by=id)
            final = await _change(
                connection, id, state=EditionState.FINAL.value, final_at=datetime.now(UTC), final_by=by
            )
            await _tell(connection, final)
            return final

    async def of(self, ids: Sequence[str]) -> dict[str, Edition]:
        """Return the editions of these identifiers that there are."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(edition).where(edition.c.id.in_(ids)))
            return {row.id: edition_of(row) for row in rows}

    async def get(self, id: str) -> Edition:
        """Return an edition; raise UnknownEdition."""
        async with self.engine.connect() as connection:
            return await get_edition(connection, id)

    async def find(self, zone: str | None = None, scheme: str | None = None, most: int = 1000) -> list[Edition]:
        """Return editions in whatever state, of the newest day first."""
        wanted = select(edition).order_by(*NEWEST_FIRST).limit(most)
        if zone is not None:
            wanted = wanted.where(edition.c.zone == zone)
        if scheme is not None:
            wanted = wanted.where(edition.c.scheme == scheme)
        async with self.engine.connect() as connection:
            return [edition_of(row) for row in await connection.execute(wanted)]

    async def latest(
        self, zones: Iterable[str], scheme: str | None = None, version: str | None = None
    ) -> dict[str, Edition]:
        """Return for each zone its latest published edition.

        That is the one of the newest day; of several of a day what is FINAL goes before a NOTICE, so that a correction
        under notice does not take the place of what still holds.
        """
        wanted = select(edition).where(edition.c.zone.in_(set(zones)), IS_PUBLISHED).order_by(*NEWEST_FIRST)
        if scheme is not None:
            wanted = wanted.where(edition.c.scheme == scheme)
        if version is not None:
            wanted = wanted.where(edition.c.version == version)
        found: dict[str, Edition] = {}
        async with self.engine.connect() as connection:
            for row in await connection.execute(wanted):
                found.setdefault(row.zone, edition_of(row))
        return found

    async def before(self, of: Edition) -> Edition | None:
        """Return the published edition of the same zone and scheme that goes before one: of an earlier day."""
        c = edition.c
        same = and_(c.zone == of.content.zone, c.scheme == of.content.scheme, c.day < of.content.day, IS_PUBLISHED)
        async with self.engine.connect() as connection:
            row = (await connection.execute(select(edition).where(same).order_by(*NEWEST_FIRST).limit(1))).first()
        return edition_of(row) if row else None

    async def snapshots(self, id: str) -> Snapshots:
        """Return what an edition was made of and what came out; raise UnknownEdition."""
        c = edition_snapshot.c
        wanted = select(c.kind, c.bytes).where(c.edition == id).order_by(c.part)
        found: dict[str, bytearray] = {}
        async with self.engine.connect() as connection:
            for row in await connection.execute(wanted):
                found.setdefault(row.kind, bytearray()).extend(row.bytes)
        if not found:
            raise UnknownEdition(id)
        return Snapshots(**{kind: bytes(whole) for kind, whole in found.items()})

    async def scheme_text(self, id: str) -> bytes:
        """Return the scheme file of an edition; raise UnknownEdition."""
        c = edition_snapshot.c
        wanted = select(c.bytes).where(c.edition == id, c.kind == "scheme").order_by(c.part)
        async with self.engine.connect() as connection:
            parts = list((await connection.execute(wanted)).scalars())
        if not parts:
            raise UnknownEdition(id)
        return b"".join(parts)


IS_PUBLISHED = edition.c.state.in_([state.value for state in PUBLISHED])
NEWEST_FIRST: tuple[ColumnElement[object], ...] = (
    edition.c.day.desc(),
    case((edition.c.state == EditionState.FINAL.value, 0), else_=1),
    edition.c.number.desc(),
    edition.c.id,
)


def _fit_as_parent(parent: Edition, content: Content) -> None:
    own = (parent.content.zone, parent.content.scheme, parent.content.period)
    if own != (content.zone, content.scheme, content.period):
        raise EditionRefused(
            f"{parent.id} is of {' '.join(own)}, not of {content.zone} {content.scheme} {content.period}; "
            "a correction is of the same zone, scheme and period as what it corrects."
        )
    if parent.state not in PUBLISHED:
        better = f"It was corrected by {parent.corrected_by}; correct that." if parent.corrected_by else "Run it anew."
        raise EditionRefused(f"{parent.id} is {parent.state.value}: only what is published can be corrected. {better}")


def _must_be(found: Edition, state: EditionState, remedy: str) -> None:
    if found.state is not state:
        raise EditionRefused(f"{found.id} is {found.state.value}, not {state.value}. {remedy}")


def _may_run_until(found: Edition, last: date) -> None:
    if found.notice_until is None or last <= found.notice_until:
        raise EditionRefused(
            f"{found.id} is up for notice until {found.notice_until}, which can only be made later, not {last}."
        )


async def _check_objections(connection: AsyncConnection, found: Edition) -> None:
    """Raise EditionRefused while an objection is open; and if one was accepted, for then a score is wrong."""
    c = objection.c
    counted = select(c.state, func.count()).where(c.edition == found.id).group_by(c.state)
    counts = {row.state: row[1] for row in await connection.execute(counted)}
    if number := counts.get(ObjectionState.OPEN.value):
        raise EditionRefused(f"{found.id} has undecided objections ({number}). Decide them first.")
    if number := counts.get(ObjectionState.ACCEPTED.value):
        raise EditionRefused(
            f"Objections against {found.id} were accepted ({number}), so it is not right. Correct it, and publish that."
        )


async def _check_place(connection: AsyncConnection, found: Edition) -> None:
    """Raise EditionRefused unless the period is free, or taken by what the edition corrects."""
    content, c = found.content, edition.c
    same = and_(c.zone == content.zone, c.scheme == content.scheme, c.period == content.period, c.id != found.id)
    if content.parent is not None:
        _fit_as_parent(await get_edition(connection, content.parent), content)
        same = and_(same, c.id != content.parent)
    taken = (await connection.execute(select(c.id, c.state).where(same, IS_PUBLISHED).limit(1))).first()
    if taken:
        raise EditionRefused(
            f"{content.period} of {content.zone} has {taken.id} ({taken.state}) already; make a correction of that."
        )


async def get_edition(connection: AsyncConnection, id: str) -> Edition:
    """Return an edition as a transaction sees it; raise UnknownEdition."""
    row = (await connection.execute(select(edition).where(edition.c.id == id))).first()
    if row is None:
        raise UnknownEdition(id)
    return edition_of(row)


async def _change(connection: AsyncConnection, id: str, **values: object) -> Edition:
    await connection.execute(update(edition).where(edition.c.id == id).values(values))
    return await get_edition(connection, id)


async def _tell(connection: AsyncConnection, now: Edition) -> None:
    """Tell that an edition has come to a state; whoever brought it there has it audited."""
    reached = (EditionState.DRAFT, EditionState.NOTICE, EditionState.FINAL).index(now.state) + 1
    await tell(connection, [(EDITION.name, now.id, reached)], datetime.now(UTC))


async def _add_scores(connection: AsyncConnection, id: str, scores: Sequence[Scored]) -> None:
    rows = [
        {
            "edition": id, "uscc": one.uscc, "total": one.total, "stage": one.stage, "rank": one.rank,
            "stage_rank": one.stage_rank, "percentile": one.percentile, "stage_percentile": one.stage_percentile,
            "passed": one.passed, "lists": ",".join(one.lists),
        }
        for one in scores
    ]  # fmt: skip
    await connection.execute(insert(edition_score), rows)
    listed = [{"edition": id, "list": name, "uscc": one.uscc} for one in scores for name in one.lists]
    if listed:
        await connection.execute(insert(edition_listed), listed)
