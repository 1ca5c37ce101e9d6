"""Scores computed now: the inputs of a scheme read from the sources for all enterprises at once, and evaluated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from codes.scores import Missing
from connectors.errors import SourceFailure
from connectors.feed import Feed
from connectors.outcomes import Absent
from connectors.sources import Told
from resolvers.request import Ask, Selection
from resolvers.scores.reading import Need, inputs_of, needs_of
from resolvers.scores.shown import ShownScore, ShownSimulation, scores
from resolvers.scores.shown_parts import Origin, Origins
from scoring.evaluation import evaluate
from scoring.inputs import Inputs, Moment
from scoring.peers import Peers, peers_of
from scoring.records import year_of
from scoring.scheme import Input, Scheme

_ORIGIN = frozenset(("as_of", "source", "synthetic"))

_SOON = 50
"""Enterprises whose inputs are made so soon that other requests may wait for it; those of more are made in a thread."""


@dataclass(frozen=True)
class Reading:
    """The inputs of some enterprises as the sources have them now, or had them on a day; and where they came from."""

    inputs: Inputs
    answers: tuple[tuple[Need, Told], ...]
    tells: bool
    """Whether it was asked where records come from."""

    def origins(self) -> list[Origins]:
        """Return for each enterprise where its records came from."""
        if not self.tells:
            return [{}] * len(self.inputs)
        return [_Origins(self, place) for place in range(len(self.inputs))]


def moment_of(day: date) -> Moment:
    """Return what a live score is of: the last whole year, dated facts as they are on the day."""
    return Moment(str(day.year - 1), day.year - 1, day)


async def read(ask: Ask, scheme: Scheme, codes: Sequence[str], as_of: date | None, tells: bool) -> Reading:
    """Read the inputs of a scheme for enterprises that differ; each source is asked once for each collection."""
    sources, session = ask.hub.sources, ask.request.session
    needs = needs_of(scheme, sources.config.catalogue)
    more = _ORIGIN if tells else frozenset[str]()
    told = await asyncio.gather(
        *(sources.told(session, need.collection.name, codes, need.fields | more, as_of) for need in needs)
    )
    answers = tuple(zip(needs, told, strict=True))
    moment = moment_of(as_of or ask.hub.today())
    if len(codes) > _SOON:
        return Reading(await asyncio.to_thread(inputs_of, scheme, moment, codes, answers), answers, tells)
    return Reading(inputs_of(scheme, moment, codes, answers), answers, tells)


async def live_scores(ask: Ask, scheme: Scheme, peers: Peers | None = None) -> list[ShownScore]:
    """Return a provisional score for each parent.

    Points by percentile need `peers`; without them they are missing.
    """
    tells = wants_origins(ask.selection)
    return await _of_each(ask, scheme, tells, lambda reading: _scored(scheme, reading, reading.inputs, peers))


async def live_simulations(
    ask: Ask, scheme: Scheme, changes: Mapping[str, float | Missing], peers: Peers | None = None
) -> list[ShownSimulation]:
    """Return each parent's live score as it is and with some inputs changed, amounts in fen."""
    tells = any(wants_origins(ask.selection.at("Simulation", name)) for name in ("before", "after"))

    def simulated(reading: Reading) -> list[ShownSimulation]:
        before = _scored(scheme, reading, reading.inputs, peers)
        after = _scored(scheme, reading, reading.inputs.changed(changes), peers)
        return [ShownSimulation(was.uscc, was, now) for was, now in zip(before, after, strict=True)]

    return await _of_each(ask, scheme, tells, simulated)


def _scored(scheme: Scheme, reading: Reading, inputs: Inputs, peers: Peers | None) -> list[ShownScore]:
    results = evaluate(scheme, inputs, peers or nobody(scheme, inputs))
    return scores(scheme, results, provisional=True, origins=reading.origins())


async def _of_each(ask: Ask, scheme: Scheme, tells: bool, make: Callable[[Reading], Sequence[Any]]) -> list[Any]:
    """Return what is made of the inputs of each parent; parents of one as-of date are read together."""
    found: list[Any] = [None] * len(ask.parents)
    for as_of, places in by_date(ask.parents).items():
        codes = list(dict.fromkeys(ask.parents[place].uscc for place in places))
        reading = await read(ask, scheme, codes, as_of, tells)
        made = dict(zip(codes, make(reading), strict=True))
        for place in places:
            found[place] = made[ask.parents[place].uscc]
    return found


def nobody(scheme: Scheme, inputs: Inputs) -> Peers:
    """Return peers of whom there is none."""
    return peers_of(scheme, inputs.rows(slice(0, 0)))


def by_date(parents: Sequence[Any]) -> Mapping[date | None, list[int]]:
    """Return the places of the parents by the date as of which they are asked for."""
    found: dict[date | None, list[int]] = {}
    for place, parent in enumerate(parents):
        found.setdefault(parent.as_of_date, []).append(place)
    return found


def wants_origins(selection: Selection) -> bool:
    """Say whether what is asked of a score needs to know where its records came from."""
    needs = selection.needs("Score")
    if not needs.isdisjoint(("as_of", "synthetic")):
        return True
    return "indicators" in needs and "sources" in selection.at("Score", "indicators").needs("IndicatorScore")


class _Origins(Mapping[str, Sequence[Origin]]):
    """Where the records of an enterprise came from, by collection; found out when it is asked."""

    def __init__(self, reading: Reading, place: int) -> None:
        self._reading = reading
        self._place = place

    def __getitem__(self, collection: str) -> Sequence[Origin]:
        return self._known[collection]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    @cached_property
    def _known(self) -> Mapping[str, Sequence[Origin]]:
        moment = self._reading.inputs.moment
        return {
            need.collection.name: [
                origin
                for feed, outcomes in told.parts
                for one in need.inputs
                if (origin := _origin(feed, one, outcomes[self._place], moment))
            ]
            for need, told in self._reading.answers
        }


def _origin(feed: Feed, needed: Input, outcome: Any, moment: Moment) -> Origin | None:
    """Return where an input's records of one source came from; None if that source gives none of it."""
    names = (needed.field,) if needed.field else needed.fields
    if isinstance(outcome, Absent | SourceFailure) or (names and not any(map(feed.gives, names))):
        return None
    records = [one for one in _several(outcome) if _is_of_years(needed, one, moment)]
    if not records:
        return None
    moments = [one.as_of for one in records if isinstance(one.as_of, datetime)]
    made_up = any(one.synthetic is True for one in records)
    return Origin(feed.intake.source.name, min(moments, default=None), made_up, frozenset((needed.name,)))


def _several(outcome: Any) -> Sequence[Any]:
    return outcome if isinstance(outcome, Sequence) else (outcome,)


def _is_of_years(needed: Input, record: Any, moment: Moment) -> bool:
    if needed.years is None:
        return True
    given = getattr(record, needed.dated)
    year = None if isinstance(given, Absent | SourceFailure) else year_of(given)
    return year is not None and needed.years[0] <= year - moment.year <= needed.years[1]
