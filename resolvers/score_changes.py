"""Scores over time: an enterprise's history, and what changed between two editions, by which indicators."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from codes.access import DataGroup
from codes.scores import Verdict as Passed
from codes.uscc import MalformedUscc
from resolvers.binding import OF_ENTERPRISE, Batch, Owned
from resolvers.edition import ShownEdition, show
from resolvers.enterprise_key import EnterpriseKey
from resolvers.fetching import checked, local_id
from resolvers.pages import check_size
from resolvers.request import Ask, BadInput
from resolvers.scores.published import scores_in
from resolvers.scores.seeing import named, seen, shelf_of
from resolvers.scores.shelf import Opened
from resolvers.scores.shown import ShownMove, moves
from resolvers.scores.shown_parts import decimal
from schema.scheme import Stage
from scoring.changes import Fall, fallen
from scoring.errors import ScoresNotComparable
from store.edition_records import Edition, Scored

_MOST_EDITIONS = 100
_MOST_FALL = 1_000_000


@dataclass(frozen=True)
class ShownPoint:
    """A score in an enterprise's history."""

    uscc: str
    edition: ShownEdition | None
    scheme_code: str
    version: str
    period: str
    day: Any
    total: Decimal
    maximum: Decimal
    stage_id: str | None
    rank: int | None
    stage_rank: int | None
    percentile: Decimal | None
    stage_percentile: Decimal | None
    passed: Passed


@dataclass(frozen=True)
class ShownChange:
    """How a score changed."""

    uscc: str
    before: Decimal
    after: Decimal
    change: Decimal
    stage_before: Stage | None
    stage_after: Stage | None
    rank_before: int | None
    rank_after: int | None
    stage_rank_before: int | None
    stage_rank_after: int | None
    moved: Sequence[ShownMove]


@dataclass(frozen=True)
class ShownChanges:
    """What changed between two editions."""

    edition: ShownEdition | None
    since: ShownEdition | None
    count: int
    changes: Sequence[ShownChange]
    withheld: Sequence[str]


async def history(ask: Ask, last: int = 8, scheme: str | None = None) -> Sequence[Any]:
    """Answer Enterprise.scoreHistory."""
    check_size("last", last, most=_MOST_EDITIONS)
    code = local_id("Scheme", scheme).partition("@")[0] if scheme else None
    codes = list(dict.fromkeys(parent.uscc for parent in ask.parents))
    found = await shelf_of(ask).rankings.history(codes, code)
    return [[_point(edition, one) for edition, one in found[parent.uscc][:last]] for parent in ask.parents]


def _point(edition: Edition, one: Scored) -> ShownPoint:
    content = edition.content
    return ShownPoint(
        one.uscc,
        show(edition),
        content.scheme,
        content.version,
        content.period,
        content.day,
        Decimal(one.total).scaleb(-content.decimals),
        Decimal(content.maximum).scaleb(-content.decimals),
        one.stage,
        one.rank,
        one.stage_rank,
        decimal(one.percentile),
        decimal(one.stage_percentile),
        Passed(one.passed),
    )


async def _score_changes(
    ask: Ask,
    edition: str,
    since: str | None = None,
    drop_at_least: Decimal | None = None,
    drop_percent_at_least: Decimal | None = None,
    rank_drop_at_least: int | None = None,
    usccs: list[str | MalformedUscc] | None = None,
    first: int = 100,
) -> Sequence[Any]:
    check_size("first", first, least=0)
    after = await named(ask, edition)
    before = await named(ask, since) if since else await shelf_of(ask).editions.before(after)
    if before is None:
        raise BadInput(f"{after.id} is the first of its zone and scheme; name another one as `since`.")
    bounds = _bounds(drop_at_least, drop_percent_at_least, rank_drop_at_least)
    return [await between(ask, before, after, usccs, bounds, first)]


async def between(
    ask: Ask,
    before: Edition,
    after: Edition,
    usccs: list[str | MalformedUscc] | None,
    bounds: Fall | None = None,
    first: int | None = None,
) -> ShownChanges:
    """Return what changed between two editions, of what the reader may see; without bounds only those that differ."""
    opened = [await shelf_of(ask).opened(one) for one in (before, after)]
    mine, withheld = await _whose(ask, opened[1], usccs)
    if bounds is None:
        chosen = await changed(ask, before, after, mine)
    else:
        chosen = [code for code in await _fallen(opened, bounds) if code in mine]
    some = chosen[:first]
    ask.request.access.saw(DataGroup.SCORE, some)
    return ShownChanges(show(after), show(before), len(chosen), shown_changes(before, after, opened, some), withheld)


async def changed(ask: Ask, before: Edition, after: Edition, codes: Collection[str]) -> list[str]:
    """Return of which of these enterprises the total differs between two editions, the largest fall first.

    Raises BadInput for editions of different schemes, whose points are never compared.
    """
    opened = [await shelf_of(ask).opened(one) for one in (before, after)]
    wanted = frozenset(codes)
    some = [code for code in await _fallen(opened, Fall()) if code in wanted]
    pairs = zip(*(scores_in(one, at, some) for one, at in zip((before, after), opened, strict=True)), strict=True)
    return [now.uscc for was, now in pairs if was.total != now.total]


async def _fallen(opened: Sequence[Opened], bounds: Fall) -> list[str]:
    try:
        pairs = await asyncio.to_thread(fallen, opened[0].edition, opened[1].edition, bounds)
    except ScoresNotComparable as error:
        raise BadInput(f"{error}.") from error
    return [opened[1].codes[new] for _, new in pairs]


async def _whose(ask: Ask, opened: Opened, usccs: list[str | MalformedUscc] | None) -> tuple[frozenset[str], list[str]]:
    """Return whose scores the reader may see, of those asked for or of all; and whose of those asked for it may not."""
    if usccs is None:
        return frozenset(await seen(ask, opened.codes)), []
    codes = list(dict.fromkeys(checked(code) for code in usccs))
    mine = frozenset(await seen(ask, codes))
    if withheld := [code for code in codes if code not in mine]:
        ask.request.access.missed(DataGroup.SCORE, withheld)
    return mine, withheld


def _bounds(points: Decimal | None, percent: Decimal | None, ranks: int | None) -> Fall:
    for name, bound in (("dropAtLeast", points), ("dropPercentAtLeast", percent), ("rankDropAtLeast", ranks)):
        if bound is not None and not 0 <= bound <= _MOST_FALL:
            raise BadInput(f"{name} is {bound}; give a number from 0 to {_MOST_FALL:,}.")
    return Fall(points, percent, ranks)


def shown_changes(before: Edition, after: Edition, opened: Sequence[Opened], codes: Sequence[str]) -> list[ShownChange]:
    """Return how the scores of enterprises changed that are in both of two editions, which are open."""
    pairs = zip(scores_in(before, opened[0], codes), scores_in(after, opened[1], codes), strict=True)
    return [
        ShownChange(
            now.uscc,
            was.total,
            now.total,
            now.total - was.total,
            was.stage,
            now.stage,
            was.rank,
            now.rank,
            was.stage_rank,
            now.stage_rank,
            moves(was, now),
        )
        for was, now in pairs
    ]


def _enterprise(ask: Ask) -> Sequence[Any]:
    return [EnterpriseKey.of(parent.uscc) for parent in ask.parents]


BATCHES: Mapping[str, Batch] = {
    "Query.scoreChanges": Batch(_score_changes),
    "ScoreChange.enterprise": Batch(_enterprise),
}
OWNED: Mapping[str, Owned] = dict.fromkeys(("ScoreChange", "ScorePoint", "IndicatorMove"), OF_ENTERPRISE)
