"""Editions: which there are, how each was made and what became of it, its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from codes.editions import BESIDE_RESIDENTS, ChosenBy, EditionState, LeftOut
from resolvers.binding import Batch
from resolvers.fetching import by_keys, local_id
from resolvers.request import Ask
from resolvers.scores import statistics
from resolvers.scores.schemes import Shown, shown
from resolvers.scores.seeing import found, is_visible, shelf_of
from resolvers.source import shown as shown_source
from schema.edition import Bar, EditionFigures, IndicatorCoverage, LeftOutCount, MissingCount
from store.edition_records import Edition

_MOST = 200
"""Editions in a list; whoever wants older ones names zone and scheme."""


@dataclass(frozen=True)
class ShownEdition:
    """An edition as the graph shows it."""

    edition: Edition
    id: str
    code: str
    zone_id: str
    scheme_code: str
    version: str
    period: str
    year: int
    day: date
    number: int
    state: EditionState
    chosen_by: ChosenBy
    residents: int
    evaluated: int
    maximum: Decimal
    synthetic: bool
    created_at: datetime
    published_at: datetime | None
    notice_from: date | None
    notice_until: date | None
    final_at: datetime | None
    reason: str | None
    inputs_digest: str
    results_digest: str


def show(edition: Edition | None) -> ShownEdition | None:
    """Return an edition as the graph shows it."""
    if edition is None:
        return None
    content = edition.content
    return ShownEdition(
        edition=edition,
        id=f"Edition:{edition.id}",
        code=edition.id,
        zone_id=f"Zone:{content.zone}",
        scheme_code=content.scheme,
        version=content.version,
        period=content.period,
        year=content.year,
        day=content.day,
        number=edition.number,
        state=edition.state,
        chosen_by=ChosenBy(content.chosen_by),
        residents=content.residents,
        evaluated=content.evaluated,
        maximum=Decimal(content.maximum).scaleb(-content.decimals),
        synthetic=content.synthetic,
        created_at=edition.created_at,
        published_at=edition.noticed_at,
        notice_from=edition.notice_from,
        notice_until=edition.notice_until,
        final_at=edition.final_at,
        reason=content.reason,
        inputs_digest=content.inputs_digest,
        results_digest=content.results_digest,
    )


async def by_identity(ask: Ask, identities: Sequence[str]) -> list[ShownEdition | None]:
    """Return the editions of these identities or codes; None for one that is not there for this reader."""
    return [show(one) for one in await found(ask, identities)]


async def _editions(ask: Ask, zone: str | None = None, scheme: str | None = None) -> Sequence[Any]:
    code, _, version = local_id("Scheme", scheme).partition("@") if scheme else ("", "", "")
    zone_id = local_id("Zone", zone) if zone else None
    editions = await shelf_of(ask).editions.find(zone_id, code or None, _MOST)
    access = ask.request.access
    return [
        [show(one) for one in editions if is_visible(access, one) and (not version or one.content.version == version)]
    ]


async def _edition(ask: Ask, id: str) -> Sequence[Any]:
    return await by_identity(ask, [id])


async def _zone(ask: Ask) -> Sequence[Any]:
    zones = [parent.edition.content.zone for parent in ask.parents]
    return await by_keys(ask, "zones", zones, ask.selection.needs("Zone"))


async def _scheme(ask: Ask) -> Sequence[Any]:
    return [(await scheme_of(ask, parent.edition)).whole for parent in ask.parents]


async def scheme_of(ask: Ask, edition: Edition) -> Shown:
    """Return the scheme that an edition was made by, as the graph shows it."""
    return shown(await shelf_of(ask).scheme(edition))


async def _parent(ask: Ask) -> Sequence[Any]:
    return await _others(ask, [parent.edition.content.parent for parent in ask.parents])


async def _corrected_by(ask: Ask) -> Sequence[Any]:
    return await _others(ask, [parent.edition.corrected_by for parent in ask.parents])


async def _others(ask: Ask, codes: Sequence[str | None]) -> list[ShownEdition | None]:
    named = list(dict.fromkeys(code for code in codes if code))
    by_code = dict(zip(named, await by_identity(ask, named), strict=True)) if named else {}
    return [by_code[code] if code else None for code in codes]


async def _previous(ask: Ask) -> Sequence[Any]:
    return [show(await shelf_of(ask).editions.before(parent.edition)) for parent in ask.parents]


def _sources_down(ask: Ask) -> Sequence[Any]:
    opened = ask.hub.sources
    return [
        [
            shown_source(opened.sources[name], opened)
            for name in parent.edition.content.sources_down
            if name in opened.sources
        ]
        for parent in ask.parents
    ]


def _left_out(ask: Ask) -> Sequence[Any]:
    return [
        [
            LeftOutCount(reason=reason, count=count, resident=reason not in BESIDE_RESIDENTS)
            for reason in LeftOut
            if (count := parent.edition.content.left_out.get(reason.value))
        ]
        for parent in ask.parents
    ]


async def _figures(ask: Ask) -> Sequence[Any]:
    return [_shown_figures(await scheme_of(ask, parent.edition), parent.edition) for parent in ask.parents]


def _shown_figures(scheme: Shown, edition: Edition) -> list[EditionFigures]:
    stages = {str(stage.id): stage for stage in scheme.whole.stages}
    return [
        EditionFigures(
            stage=stages[one.stage] if one.stage else None,
            evaluated=one.evaluated,
            ranked=one.ranked,
            passed=one.passed,
            undecided=one.undecided,
            mean=one.mean,
            quartiles=list(one.quartiles),
            bars=[Bar(begin=bar.begin, end=bar.end, count=bar.count) for bar in one.bars],
        )
        for one in statistics.read(edition.content.statistics)
    ]


async def _coverage(ask: Ask) -> Sequence[Any]:
    shelf, found = shelf_of(ask), []
    for parent in ask.parents:
        opened = await shelf.opened(parent.edition)
        pairs = zip(shown(opened.scheme).whole.indicators, statistics.coverage(opened.edition.results), strict=False)
        found.append(
            [
                IndicatorCoverage(
                    indicator=indicator,
                    known=known,
                    missing=[MissingCount(reason=reason, count=count) for reason, count in missing],
                )
                for indicator, (known, missing) in pairs
            ]
        )
    return found


async def _lists(ask: Ask) -> Sequence[Any]:
    return [(await scheme_of(ask, parent.edition)).whole.lists for parent in ask.parents]


BATCHES: Mapping[str, Batch] = {
    "Query.editions": Batch(_editions),
    "Query.edition": Batch(_edition),
    "Edition.zone": Batch(_zone, reads=("zones",)),
    "Edition.scheme": Batch(_scheme),
    "Edition.parent": Batch(_parent),
    "Edition.correctedBy": Batch(_corrected_by),
    "Edition.previous": Batch(_previous),
    "Edition.sourcesDown": Batch(_sources_down),
    "Edition.leftOut": Batch(_left_out),
    "Edition.figures": Batch(_figures),
    "Edition.coverage": Batch(_coverage),
    "Edition.lists": Batch(_lists),
}
