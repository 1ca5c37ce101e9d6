"""Scores in editions: explained from what the edition keeps, and as they would be with some inputs changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from connectors.outcomes import Absent
from resolvers.fetching import local_id
from resolvers.request import Ask
from resolvers.scores.changing import changed
from resolvers.scores.seeing import named, shelf_of
from resolvers.scores.shelf import Opened
from resolvers.scores.shown import ShownScore, ShownSimulation, scores
from resolvers.scores.shown_parts import Origin, Origins
from schema.score_changes import IndicatorChange
from scoring.changes import what_if
from store.edition_records import Edition

Showing = Callable[[Edition, Opened, Sequence[str]], Awaitable[Sequence[Any]]]
"""From an edition and codes that are in it to what is shown of each."""


async def published(ask: Ask, scheme: str | None, edition: str | None) -> Sequence[Any]:
    """Return each parent's score in an edition, the latest of its zone if none is named."""

    async def shown(of: Edition, opened: Opened, codes: Sequence[str]) -> Sequence[ShownScore]:
        return scores_in(of, opened, codes)

    return await _by_edition(ask, scheme, edition, shown)


async def simulated(
    ask: Ask, changes: Sequence[IndicatorChange], scheme: str | None, edition: str | None
) -> Sequence[Any]:
    """Return what each parent's score would be with some inputs changed, everyone else staying as in the edition."""

    async def shown(of: Edition, opened: Opened, codes: Sequence[str]) -> Sequence[ShownSimulation]:
        return await asyncio.to_thread(_simulated, of, opened, codes, changes)

    return await _by_edition(ask, scheme, edition, shown)


def scores_in(of: Edition, opened: Opened, codes: Sequence[str]) -> list[ShownScore]:
    """Return the scores that enterprises have in an edition; all of them must be in it."""
    rows = [opened.rows[code] for code in codes]
    return scores(
        opened.scheme,
        opened.edition.results,
        rows,
        provisional=False,
        places=[opened.placed(row) for row in rows],
        origins=[origins_of(of)] * len(rows),
        edition_id=of.id,
    )


def origins_of(of: Edition) -> Origins:
    """Return the sources of an edition's records, by collection."""
    found = json.loads(of.content.origins)
    return {name: [_origin(*one) for one in several] for name, several in found.items()}


def _origin(source: str, as_of: str | None, synthetic: bool) -> Origin:
    return Origin(source, datetime.fromisoformat(as_of) if as_of else None, synthetic)


def _simulated(
    of: Edition, opened: Opened, codes: Sequence[str], changes: Sequence[IndicatorChange]
) -> list[ShownSimulation]:
    change = changed(opened.scheme, of.content.year, changes)
    origins, found = origins_of(of), []
    for before in scores_in(of, opened, codes):
        result = what_if(opened.edition, opened.rows[before.uscc], change.inputs, change.values)
        (after,) = scores(
            opened.scheme,
            result.results,
            provisional=True,
            places=[result.placing],
            origins=[origins],
            edition_id=of.id,
        )
        found.append(ShownSimulation(before.uscc, before, after))
    return found


async def _by_edition(ask: Ask, scheme: str | None, edition: str | None, show: Showing) -> Sequence[Any]:
    """Answer all parents of an edition together."""
    if ask.hub.shelf is None:
        return [Absent.NOT_PUBLISHED] * len(ask.parents)
    codes = list(dict.fromkeys(parent.uscc for parent in ask.parents))
    chosen = await _chosen(ask, codes, scheme, edition)
    by_edition: dict[str, list[str]] = {}
    for code, one in chosen.items():
        by_edition.setdefault(one.id, []).append(code)
    editions = {one.id: one for one in chosen.values()}
    found: dict[str, Any] = {}
    for id, of in by_edition.items():
        opened = await shelf_of(ask).opened(editions[id])
        there = [code for code in of if code in opened.rows]
        found.update(zip(there, await show(editions[id], opened, there), strict=True))
    return [
        # Which edition was the latest one on a day is not told; one that is named is what it was.
        Absent.NO_HISTORY
        if parent.as_of_date is not None and edition is None
        else found.get(parent.uscc, Absent.NOT_PUBLISHED)
        for parent in ask.parents
    ]


async def _chosen(ask: Ask, codes: Sequence[str], scheme: str | None, edition: str | None) -> dict[str, Edition]:
    if edition is not None:
        return dict.fromkeys(codes, await named(ask, edition))
    zones = await ask.hub.directory.zones_of(codes)
    code, _, version = local_id("Scheme", scheme).partition("@") if scheme else ("", "", "")
    latest = await shelf_of(ask).editions.latest(zones.values(), code or None, version or None)
    return {code: latest[zone] for code, zone in zones.items() if zone in latest}
