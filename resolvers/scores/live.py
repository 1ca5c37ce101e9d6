"""Scores computed now: the inputs of a scheme read from the sources for all enterprises at once, and evaluated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from connectors.errors import SourceFailure
from connectors.feed import Feed
from connectors.outcomes import Absent
from connectors.sources import Told
from resolvers.request import Ask, Selection
from resolvers.scores.changing import changed
from resolvers.scores.comparing import Others, others_of
from resolvers.scores.periods import moments_of
from resolvers.scores.reading import Need, inputs_of, needs_of
from resolvers.scores.shown import ShownScore, ShownSimulation, scores
from resolvers.scores.shown_parts import Origin, Origins
from schema.score_changes import IndicatorChange
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
    others: Others | None
    """With whom they are compared."""

    def origins(self) -> list[Origins]:
        """Return for each enterprise where its records came from."""
        if not self.tells:
            return [{}] * len(self.inputs)
        return [_Origins(self, place) for place in range(len(self.inputs))]


@dataclass(frozen=True)
class Wish:
    """What live scores are to be of."""

    scheme: Scheme
    period: str | None
    """None: the last year of which an enterprise's sources have delivered."""
    tells: bool
    """Whether it is asked where records come from."""
    asked: frozenset[str]
    """Fields of the score that are asked."""


async def live_scores(ask: Ask, scheme: Scheme, period: str | None) -> list[ShownScore]:
    """Return a provisional score for each parent."""
    wish = Wish(scheme, period, wants_origins(ask.selection), ask.selection.needs("Score"))
    return await _of_each(ask, wish, lambda reading: _scored(scheme, reading))


async def live_simulations(
    ask: Ask, scheme: Scheme, period: str | None, changes: Sequence[IndicatorChange]
) -> list[ShownSimulation]:
    """Return each parent's live score as it is and with some inputs or values changed."""
    parts = [ask.selection.at("Simulation", name) for name in ("before", "after")]
    asked = frozenset[str]().union(*(part.needs("Score") for part in parts))
    wish = Wish(scheme, period, any(map(wants_origins, parts)), asked)

    def simulated(reading: Reading) -> list[ShownSimulation]:
        pairs = zip(_scored(scheme, reading), _scored(scheme, reading, changes), strict=True)
        return [ShownSimulation(was.uscc, was, now) for was, now in pairs]

    return await _of_each(ask, wish, simulated)


async def _read(ask: Ask, wish: Wish, codes: Sequence[str], as_of: date | None) -> list[Reading]:
    """Read the inputs of enterprises that differ; each source is asked once for each collection."""
    sources, session, scheme = ask.hub.sources, ask.request.session, wish.scheme
    needs = needs_of(scheme, sources.config.catalogue)
    more = _ORIGIN if wish.tells else frozenset[str]()
    told = await asyncio.gather(
        *(sources.told(session, need.collection.name, codes, need.fields | more, as_of) for need in needs)
    )
    answers = tuple(zip(needs, told, strict=True))
    moments = moments_of(answers, len(codes), wish.period, as_of or ask.hub.today())
    others = await others_of(ask, scheme, codes, wish.asked)
    alike: dict[tuple[Moment, Others | None], list[int]] = {}
    for place, (code, moment) in enumerate(zip(codes, moments, strict=True)):
        alike.setdefault((moment, others[code]), []).append(place)

    def readings() -> list[Reading]:
        return [
            _reading(wish, moment, compared, [codes[place] for place in places], _some(answers, places, len(codes)))
            for (moment, compared), places in alike.items()
        ]

    return await asyncio.to_thread(readings) if len(codes) > _SOON else readings()


def _reading(
    wish: Wish, moment: Moment, others: Others | None, codes: Sequence[str], answers: tuple[tuple[Need, Told], ...]
) -> Reading:
    return Reading(inputs_of(wish.scheme, moment, codes, answers), answers, wish.tells, others)


def _some(answers: tuple[tuple[Need, Told], ...], places: Sequence[int], size: int) -> tuple[tuple[Need, Told], ...]:
    """Return what was answered of the enterprises in some places."""
    if len(places) == size:
        return answers

    def chosen(outcomes: Sequence[Any]) -> list[Any]:
        return [outcomes[place] for place in places]

    return tuple(
        (need, Told(chosen(told.outcomes), tuple((feed, chosen(outcomes)) for feed, outcomes in told.parts)))
        for need, told in answers
    )


def _scored(scheme: Scheme, reading: Reading, changes: Sequence[IndicatorChange] = ()) -> list[ShownScore]:
    inputs, others = reading.inputs, reading.others
    change = changed(scheme, inputs.moment.year, changes)
    peers = others.peers if others else _nobody(scheme, inputs)
    results = evaluate(scheme, inputs.changed(change.inputs), peers, change.values)
    places = others.places(scheme, results) if others else None
    peers_of = others.edition.id if others else None
    return scores(scheme, results, provisional=True, places=places, origins=reading.origins(), peers_of=peers_of)


async def _of_each(ask: Ask, wish: Wish, make: Callable[[Reading], Sequence[Any]]) -> list[Any]:
    """Return what is made of the inputs of each parent; parents of one as-of date are read together."""
    found: list[Any] = [None] * len(ask.parents)
    for as_of, places in by_date(ask.parents).items():
        codes = list(dict.fromkeys(ask.parents[place].uscc for place in places))
        made: dict[str, Any] = {}
        for reading in await _read(ask, wish, codes, as_of):
            made.update(zip(reading.inputs.enterprises.tolist(), make(reading), strict=True))
        for place in places:
            found[place] = made[ask.parents[place].uscc]
    return found


def _nobody(scheme: Scheme, inputs: Inputs) -> Peers:
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
