"""Rankings: who is on the lists of an edition, in pages; who has come and who has left since the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from auth.rules import Verdict
from codes.access import DataGroup
from resolvers.binding import OF_ENTERPRISE, Batch, Owned
from resolvers.edition import scheme_of, show
from resolvers.enterprise_key import EnterpriseKey
from resolvers.pages import ConnectionValue, Window, check_size, cursor_of, key_of
from resolvers.request import Ask, BadInput
from resolvers.scores.schemes import Shown
from resolvers.scores.seeing import READS, named, sees_all, shelf_of
from schema.scheme import SchemeList, Stage
from store.edition_records import Edition, Scored
from store.rankings import Place, Ranked, place_of


@dataclass(frozen=True)
class ShownEntry:
    """An enterprise in a ranking."""

    uscc: str
    rank: int | None
    stage_rank: int | None
    stage: Stage | None
    lists: Sequence[SchemeList]
    points: Decimal


@dataclass(frozen=True)
class ShownChanges:
    """Who has come and who has left."""

    since: Any
    entered_count: int
    left_count: int
    entered: Sequence[ShownEntry]
    left: Sequence[ShownEntry]


async def _ranking(ask: Ask, edition: str, **given: Any) -> Sequence[Any]:
    return [await _page(ask, await named(ask, edition), "Query.ranking", **given)]


async def _of_edition(ask: Ask, **given: Any) -> Sequence[Any]:
    return [await _page(ask, parent.edition, "Edition.ranking", **given) for parent in ask.parents]


async def _page(
    ask: Ask,
    edition: Edition,
    coordinate: str,
    stage: str | None = None,
    list: str | None = None,
    all: bool = False,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> ConnectionValue | Exception:
    window = Window(first, after, last, before)
    scheme = await scheme_of(ask, edition)
    ranked = _ranked(scheme, edition, stage, list)
    behind, in_front = (_place(cursor) if cursor else None for cursor in (after, before))
    access = ask.request.access
    if all and list is None:
        if not sees_all(ask, edition.content.zone):
            return access.withheld(f"all of {coordinate}", DataGroup.SCORE, Verdict.FORBIDDEN)
        ranked = replace(ranked, listed=False)
    rankings = shelf_of(ask).rankings
    found = await rankings.page(ranked, window.size, after=behind, before=in_front, backward=window.backward)
    if not ranked.listed and ranked.list is None:
        access.saw(DataGroup.SCORE, [one.uscc for one in found.scores])
    await ask.request.learn([one.uscc for one in found.scores])  # what lies below is decided by whose it is
    places = [place_of(ranked, one) for one in found.scores]
    return ConnectionValue(
        [_entry(scheme, one) for one in found.scores],
        [cursor_of((str(place.rank), place.uscc)) for place in places],
        found.has_next_page,
        found.has_previous_page,
        lambda: rankings.count(ranked),
    )


async def _changes(ask: Ask, list: str | None = None, stage: str | None = None, first: int = 20) -> Sequence[Any]:
    check_size("first", first, least=0)
    return [await _changed(ask, parent.edition, list, stage, first) for parent in ask.parents]


async def _changed(ask: Ask, edition: Edition, list: str | None, stage: str | None, first: int) -> ShownChanges:
    shelf, scheme = shelf_of(ask), await scheme_of(ask, edition)
    ranked = _ranked(scheme, edition, stage, list)
    before = await shelf.editions.before(edition)
    if before is None:
        return ShownChanges(None, 0, 0, (), ())
    earlier, scheme_then = replace(ranked, edition=before.id), await scheme_of(ask, before)
    entered, entered_count = await shelf.rankings.newcomers(ranked, earlier, first)
    left, left_count = await shelf.rankings.newcomers(earlier, ranked, first)
    await ask.request.learn([one.uscc for one in (*entered, *left)])
    return ShownChanges(
        show(before),
        entered_count,
        left_count,
        [_entry(scheme, one) for one in entered],
        [_entry(scheme_then, one) for one in left],
    )


def _ranked(scheme: Shown, edition: Edition, stage: str | None, list: str | None) -> Ranked:
    """Return which part of a ranking is meant; raise BadInput for a stage or a list that the scheme does not have."""
    for name, given, known in (("stage", stage, scheme.whole.stages), ("list", list, scheme.whole.lists)):
        names = [one.id for one in known]
        if given is not None and given not in names:
            there = ", ".join(names) or "none"
            raise BadInput(f"{edition.content.scheme} has no {name} {given[:40]!r}; it has: {there}.")
    return Ranked(edition.id, stage, list, listed=list is None)


def _place(cursor: str) -> Place:
    match key_of(cursor):
        case (rank, uscc) if rank.isascii() and rank.isdigit() and len(rank) < 10:
            return Place(int(rank), uscc)
    raise BadInput(f"{cursor[:40]!r} is no cursor of this list; take one from its edges.")


def _entry(scheme: Shown, one: Scored) -> ShownEntry:
    stages = {str(stage.id): stage for stage in scheme.whole.stages}
    return ShownEntry(
        one.uscc,
        one.rank,
        one.stage_rank,
        stages[one.stage] if one.stage else None,
        [found for found in scheme.whole.lists if found.id in one.lists],
        scheme.scheme.decimal(one.total),
    )


def _enterprise(ask: Ask) -> Sequence[Any]:
    return [EnterpriseKey.of(parent.uscc) for parent in ask.parents]


def _total(ask: Ask) -> Sequence[Any]:
    return [parent.points for parent in ask.parents]


BATCHES: Mapping[str, Batch] = {
    "Query.ranking": Batch(_ranking),
    "Edition.ranking": Batch(_of_edition),
    "Edition.changes": Batch(_changes),
    "RankingEntry.enterprise": Batch(_enterprise),
    "RankingEntry.total": Batch(_total, reads=READS),
}
OWNED: Mapping[str, Owned] = {"RankingEntry": OF_ENTERPRISE}
