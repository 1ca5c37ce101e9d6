"""What is listened to besides things of flows: changes of scores, runs of editions, the health of sources."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auth.rules import Verdict
from codes.access import DataGroup
from codes.uscc import MalformedUscc
from connectors.sources import Source
from resolvers.binding import Batch, Listening
from resolvers.edition import ShownEdition, show
from resolvers.fetching import checked, local_id
from resolvers.listening import Happening, channel_of, check_group, read_once
from resolvers.request import Ask, BadInput
from resolvers.score_changes import between, changed
from resolvers.scores.seeing import is_officer, seen, shelf_of
from resolvers.source import is_failing, is_late, shown
from store.edition_records import EDITION, Edition
from store.edition_runs import EDITION_RUN
from store.events import Event

_MOST = 1000
"""Enterprises that one subscription may watch."""
_DRAFT, _FINAL = 1, 3
"""Versions of an edition's events."""
_LOOK = 1.0
"""Seconds after which a source is looked at again; what is known of it lies in the process."""

_Health = tuple[str | None, bool | None]
"""The code of a source's failure, if it is failing, and whether it is late."""


async def _watch_scores(ask: Ask, usccs: list[str | MalformedUscc]) -> Happening:
    if not 0 < len(usccs) <= _MOST:
        raise BadInput(f"usccs has {len(usccs):,} members; give 1 to {_MOST:,}.")
    for code in usccs:
        checked(code)
    check_group(ask, "scoreChanged", DataGroup.SCORE)
    return channel_of(ask).subscribe((EDITION.name,))


async def _concerns_scores(ask: Ask, event: Event, usccs: list[str | MalformedUscc]) -> tuple[Edition, Edition] | None:
    if event.version != _FINAL:
        return None
    mine = await seen(ask, list(dict.fromkeys(checked(code) for code in usccs)))
    pair = await read_once(ask, event, lambda: _replaced(ask, event.id)) if mine else None
    return pair if pair is not None and await changed(ask, *pair, mine) else None


async def _scores(ask: Ask, usccs: list[str | MalformedUscc]) -> Sequence[Any]:
    return [await between(ask, before, after, usccs) for before, after in ask.parents]


async def _replaced(ask: Ask, id: str) -> tuple[Edition, Edition] | None:
    """Return the edition that an edition corrects or that goes before it, and itself; None if it is the first."""
    editions = shelf_of(ask).editions
    after = await editions.get(id)
    before = await editions.get(after.content.parent) if after.content.parent else await editions.before(after)
    return None if before is None else (before, after)


@dataclass(frozen=True)
class ShownProgress:
    """How far the run of an edition has come."""

    code: str
    begun_at: datetime | None = None
    reading: str | None = None
    read: int | None = None
    total: int | None = None
    edition: ShownEdition | None = None


def _numberless(edition: str) -> str:
    parts = local_id("Edition", edition).split(":")
    if len(parts) not in (4, 5) or not all(parts):
        raise BadInput(f"{edition[:80]!r} names no edition; write zone:scheme:version:period.")
    return ":".join(parts[:4])


async def _watch_run(ask: Ask, edition: str) -> Happening:
    if not is_officer(ask.request.access, _numberless(edition).partition(":")[0]):
        raise ask.request.access.withheld("Subscription.editionProgress", DataGroup.SCORE, Verdict.FORBIDDEN)
    return channel_of(ask).subscribe((EDITION_RUN, EDITION.name))


async def _concerns_run(ask: Ask, event: Event, edition: str) -> Event | None:
    name = _numberless(edition)
    made = event.topic == EDITION.name and event.version == _DRAFT and event.id.rpartition(":")[0] == name
    come = event.topic == EDITION_RUN and event.id == name
    return event if (made or come) and is_officer(ask.request.access, name.partition(":")[0]) else None


async def _run(ask: Ask, edition: str) -> Sequence[Any]:
    shelf, name = shelf_of(ask), _numberless(edition)
    found: list[Any] = []
    for event in ask.parents:
        if event.topic == EDITION.name:
            found.append(ShownProgress(name, edition=show(await shelf.editions.get(event.id))))
            continue
        reached = await shelf.runs.reached(name)
        if reached is None:  # it has ended since
            found.append(ShownProgress(name))
        else:
            found.append(ShownProgress(name, reached.begun_at, reached.feed, reached.read, reached.total))
    return found


async def _watch_source(ask: Ask, source: str) -> Happening:
    found = ask.hub.sources.sources.get(local_id("Source", source))
    if found is None:
        raise BadInput(f"There is no source {source[:60]!r}; `sources` lists those there are.")
    return _watched(found)


@asynccontextmanager
async def _watched(source: Source) -> AsyncIterator[AsyncIterator[Any]]:
    yield _turns(source, _health(source))  # looked at now: from here on, whatever happens is told


async def _turns(source: Source, before: _Health) -> AsyncIterator[Source]:
    while True:
        await asyncio.sleep(_LOOK)
        if (now := _health(source)) != before:
            before = now
            yield source


def _health(source: Source) -> _Health:
    failure = source.state.last_failure
    return failure.code if failure and is_failing(source) else None, is_late(source)


async def _concerns_everybody(_ask: Ask, happened: Source, /, **_given: Any) -> Source:
    return happened


async def _source(ask: Ask, **_given: Any) -> Sequence[Any]:
    return [shown(one, ask.hub.sources) for one in ask.parents]


BATCHES: Mapping[str, Batch] = {
    "Subscription.scoreChanged": Batch(_scores, listening=Listening(_watch_scores, _concerns_scores)),
    "Subscription.editionProgress": Batch(_run, listening=Listening(_watch_run, _concerns_run)),
    "Subscription.sourceHealthChanged": Batch(_source, listening=Listening(_watch_source, _concerns_everybody)),
}
