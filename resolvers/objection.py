"""Objections: shown beside the scores that they are against, filed by enterprises, decided by officers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codes.editions import ObjectionState
from resolvers.binding import OF_ENTERPRISE, Batch, Owned
from resolvers.edition import by_identity, scheme_of
from resolvers.request import Ask
from resolvers.scores.seeing import seen, shelf_of
from store.objections import Objection

ByCode = Mapping[str, Sequence[Objection]]


@dataclass(frozen=True)
class ShownObjection:
    """An objection as the graph shows it."""

    id: str
    uscc: str
    edition_code: str
    indicator_id: str | None
    text: str
    filed_at: datetime
    state: ObjectionState
    decision: str | None
    decided_at: datetime | None


def show(one: Objection) -> ShownObjection:
    """Return an objection as the graph shows it."""
    return ShownObjection(
        one.id, one.uscc, one.edition, one.indicator, one.text, one.filed_at, one.state, one.decision, one.decided_at
    )


async def _of_scores(ask: Ask) -> list[Sequence[Objection]]:
    """Return for each parent the objections of its enterprise against its edition; none of a live score."""
    by_edition: dict[str, list[str]] = {}
    for parent in ask.parents:
        if parent.edition_id is not None:
            by_edition.setdefault(parent.edition_id, []).append(parent.uscc)
    found: dict[str, ByCode] = {}
    for edition, codes in by_edition.items():
        found[edition] = await shelf_of(ask).objections.of(edition, list(dict.fromkeys(codes)))
    return [found[p.edition_id][p.uscc] if p.edition_id is not None else () for p in ask.parents]


async def _objections(ask: Ask) -> Sequence[Any]:
    return [[show(one) for one in several] for several in await _of_scores(ask)]


async def _disputed(ask: Ask) -> Sequence[Any]:
    return [any(one.state is ObjectionState.OPEN for one in several) for several in await _of_scores(ask)]


async def _of_indicator(ask: Ask) -> Sequence[Any]:
    pairs = zip(ask.parents, await _of_scores(ask), strict=True)
    return [[show(one) for one in several if one.indicator == parent.indicator.id] for parent, several in pairs]


async def _of_edition(ask: Ask) -> Sequence[Any]:
    found: list[Any] = []
    for parent in ask.parents:
        against = await shelf_of(ask).objections.against(parent.edition.id)
        mine = frozenset(await seen(ask, list({one.uscc for one in against})))
        found.append([show(one) for one in against if one.uscc in mine])
    return found


async def _edition(ask: Ask) -> Sequence[Any]:
    return await by_identity(ask, [parent.edition_code for parent in ask.parents])


async def _indicator(ask: Ask) -> Sequence[Any]:
    editions = await shelf_of(ask).editions.of(list({parent.edition_code for parent in ask.parents}))
    found: list[Any] = []
    for parent in ask.parents:
        scheme = await scheme_of(ask, editions[parent.edition_code])
        found.append(next((one for one in scheme.whole.indicators if one.id == parent.indicator_id), None))
    return found


async def _edition_of_score(ask: Ask) -> Sequence[Any]:
    return await _editions(ask, [parent.edition_id for parent in ask.parents])


async def _peers_of_score(ask: Ask) -> Sequence[Any]:
    return await _editions(ask, [parent.peers_id for parent in ask.parents])


async def _editions(ask: Ask, codes: Sequence[str | None]) -> Sequence[Any]:
    named = list(dict.fromkeys(code for code in codes if code is not None))
    shown = dict(zip(named, await by_identity(ask, named), strict=True)) if named else {}
    return [shown[code] if code is not None else None for code in codes]


BATCHES: Mapping[str, Batch] = {
    "Score.disputed": Batch(_disputed),
    "Score.objections": Batch(_objections),
    "Score.edition": Batch(_edition_of_score),
    "Score.peersOf": Batch(_peers_of_score, requires=frozenset(("peers_id",))),
    "IndicatorScore.objections": Batch(_of_indicator),
    "Edition.objections": Batch(_of_edition),
    "Objection.edition": Batch(_edition),
    "Objection.indicator": Batch(_indicator),
}
OWNED: Mapping[str, Owned] = {"Objection": OF_ENTERPRISE}
