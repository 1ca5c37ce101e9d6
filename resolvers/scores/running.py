"""A run: who is evaluated, what is known of them, their scores and ranks, kept as a draft of an edition."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from codes.editions import ChosenBy, LeftOut
from codes.scores import Missing
from connectors.errors import SourceFailure
from connectors.outcomes import Absent
from connectors.sources import Sources
from resolvers.scores import statistics
from resolvers.scores.collecting import Answers, Collecting, Progress, RunRefused, Wanted
from resolvers.scores.orders import Order
from resolvers.scores.reading import Need, column_of, need_of, needs_of
from resolvers.scores.shown_parts import Origin
from scoring import changes
from scoring.inputs import Column, Inputs
from scoring.ranking import placing
from scoring.rules import VERDICTS
from scoring.scheme import CODES, Input
from scoring.snapshot import digest, packed, packed_results
from store.edition_records import Content, Edition, Scored, Snapshots
from store.edition_runs import Run, Runs
from store.editions import Editions
from store.rankings import Rankings

_MOST_NAMED = 5


@dataclass(frozen=True)
class Chosen:
    """Who is evaluated, how that was decided, how many live in the zone, and why others of its roster are left out."""

    codes: Sequence[str]
    by: ChosenBy
    residents: int
    left_out: Mapping[LeftOut, int]


Origins = Mapping[str, Sequence[Origin]]


@dataclass(frozen=True)
class Computed:
    """All that an edition will be, before it is kept."""

    run: Run
    content: Content
    scores: Sequence[Scored]
    snapshots: Snapshots

    async def kept(self, editions: Editions, runs: Runs) -> Edition:
        """Keep it as a draft, and let go of what was read for it; raise EditionRefused for an unfit parent."""
        made = await editions.create(self.content, self.scores, self.snapshots)
        await runs.end(self.run)
        return made


async def run(sources: Sources, editions: Editions, runs: Runs, order: Order, progress: Progress) -> Edition:
    """Make a draft of an edition; raise RunRefused, SourcesDown, EditionRefused or RunTakenOver."""
    return await (await computed(sources, editions, runs, order, progress)).kept(editions, runs)


async def computed(
    sources: Sources, editions: Editions, runs: Runs, order: Order, progress: Progress, most: int | None = None
) -> Computed:
    """Read and compute an edition of at most so many; raise RunRefused, SourcesDown or RunTakenOver.

    What was read stays kept if the run breaks off, and until it is ended; the same order goes on with it. The same
    records give the same inputs and results, byte by byte, in whatever order they come.
    """
    if strange := sorted(order.accepted - sources.sources.keys()):
        raise RunRefused(f"There is no source {strange[0]!r} to go without; `manage.py sources check` lists them.")
    order = await _of_the_same(editions, order)
    begun = await runs.begin(order.run, anew=order.anew, edition=order.edition)
    collecting = Collecting(sources, runs, begun, order.accepted, progress)
    chosen = await _choose(collecting, order)
    if most is not None and len(chosen.codes) > most:
        raise RunRefused(
            f"These are {len(chosen.codes):,} enterprises; up to {most:,} are scored through the graph. "
            "Let an operator run it: manage.py score run."
        )
    inputs, origins = await _inputs(collecting, order, chosen.codes)
    content, scores, snapshots = await asyncio.to_thread(
        scored, order, chosen, inputs, origins, sorted(collecting.down)
    )
    return Computed(collecting.run, content, scores, snapshots)


def scores_of(edition: changes.Edition) -> list[Scored]:
    """Return each enterprise's score and ranks."""
    scheme, results, ranking = edition.scheme, edition.results, edition.ranking
    stages = [stage.names.id for stage in scheme.stages.stages] if scheme.stages else []
    columns = (results.enterprises, results.total, results.stage, results.passed)
    places = [placing(scheme, ranking, row) for row in range(len(results))]
    return [
        Scored(
            code,
            total,
            stages[stage] if stage >= 0 else None,
            place.rank,
            place.stage_rank,
            place.percentile,
            place.stage_percentile,
            VERDICTS[passed].value,
            place.lists,
        )
        for place, (code, total, stage, passed) in zip(
            places, zip(*(column.tolist() for column in columns), strict=True), strict=True
        )
    ]


async def _of_the_same(editions: Editions, order: Order) -> Order:
    """Return the order of a correction with the list of whoever is in what it corrects, if that was made by a list."""
    if order.parent is None or order.usccs is not None:
        return order
    parent = await editions.get(order.parent)
    if parent.content.chosen_by != ChosenBy.LIST.value:
        return order
    return replace(order, usccs=tuple(await Rankings(editions.engine).all(parent.id)))


async def _choose(collecting: Collecting, order: Order) -> Chosen:
    """Find out who is evaluated: who is listed, or in the zone and meant by the scheme."""
    residence = collecting.sources.config.catalogue["residence"]
    roster = Wanted("roster", Need(residence, (), frozenset(("zone_id", "since"))))
    listed = None if order.usccs is None else sorted(set(order.usccs))
    await collecting.read([roster], listed)
    residents, left_out = _residents(order, await collecting.answers(roster, listed))
    if listed is not None:
        if strangers := sorted(set(listed) - set(residents)):
            named = ", ".join(strangers[:_MOST_NAMED])
            raise RunRefused(f"{len(strangers)} of the list do not live in {order.zone}: {named}. Take them out.")
        return Chosen(residents, ChosenBy.LIST, len(residents), {})
    if not residents:
        raise RunRefused(f"No enterprise lives in {order.zone!r} on {order.moment.day}; correct the zone's id.")
    if order.scheme.evaluated is None:
        return Chosen(residents, ChosenBy.ZONE, len(residents), left_out)
    meant, others = await _meant(collecting, order, residents, order.scheme.evaluated)
    if not meant:
        raise RunRefused(
            f"{order.scheme.id} evaluates those of whom {order.scheme.evaluated.collection} has a record for "
            f"{order.moment.period}: nobody in {order.zone}. Correct the period, or name the enterprises: --usccs FILE."
        )
    return Chosen(meant, ChosenBy.SCHEME, len(residents), {**left_out, **others})


def _residents(order: Order, found: Answers) -> tuple[list[str], dict[LeftOut, int]]:
    """Return who lives in the zone on the day, and how many of its roster do not, or nobody knows who they are."""

    def later(residence: Any) -> bool:
        since = residence.since
        return since is not None and not isinstance(since, Absent | SourceFailure) and since > order.moment.day

    pairs = zip(found.codes, found.told.outcomes, strict=True)
    roster = [(code, one) for code, one in pairs if _is_of(one, order.zone)]
    residents = sorted(code for code, one in roster if not later(one))
    nameless = sum(_is_of(one, order.zone) for one in found.nameless)
    return residents, {LeftOut.LATER: len(roster) - len(residents), LeftOut.NAMELESS: nameless}


def _is_of(residence: Any, zone: str) -> bool:
    return not isinstance(residence, Absent | SourceFailure) and residence.zone_id == zone


async def _meant(
    collecting: Collecting, order: Order, residents: Sequence[str], evaluated: Input
) -> tuple[list[str], dict[LeftOut, int]]:
    """Return who is evaluated by the scheme, and how many are not, by why."""
    need = need_of(collecting.sources.config.catalogue[evaluated.collection], (evaluated,))
    want = Wanted("evaluated", need)
    await collecting.read([want], residents)
    column = column_of(need, evaluated, (await collecting.answers(want, residents)).told, order.moment)
    if CODES[Missing.SOURCE_DOWN] in column.reasons:
        raise RunRefused(
            f"Who is evaluated is decided by {want.collection}, of which a source does not answer; without it nobody "
            "is. Run again once it does, or name the enterprises: --usccs FILE."
        )
    known = column.reasons == 0
    meant = known & (column.values >= 1)
    withheld = column.reasons == CODES[Missing.NOT_SHARED]
    counts = {
        LeftOut.NO_RECORD: known & ~meant,
        LeftOut.NOT_SHARED: withheld,
        LeftOut.UNREADABLE: ~known & ~withheld,
    }
    left_out = {reason: int(np.count_nonzero(those)) for reason, those in counts.items()}
    return [residents[place] for place in np.flatnonzero(meant).tolist()], left_out


async def _inputs(collecting: Collecting, order: Order, codes: Sequence[str]) -> tuple[Inputs, Origins]:
    needs = needs_of(order.scheme, collecting.sources.config.catalogue)
    wanted = [Wanted("inputs", need) for need in needs]
    await collecting.read(wanted, codes)
    columns: dict[str, Column] = {}
    origins: dict[str, Sequence[Origin]] = {}
    for want in wanted:
        found = await collecting.answers(want, codes)
        origins[want.collection] = found.origins
        for one in want.need.inputs:
            columns[one.name] = await asyncio.to_thread(column_of, want.need, one, found.told, order.moment)
    return Inputs.of(order.scheme, order.moment, codes, columns), origins


def scored(
    order: Order, chosen: Chosen, inputs: Inputs, origins: Origins, down: Sequence[str]
) -> tuple[Content, list[Scored], Snapshots]:
    """Score, rank and pack; nothing here reads, waits, or looks at a clock."""
    scheme, moment = order.scheme, order.moment
    edition = changes.run(scheme, inputs)
    snapshots = Snapshots(scheme.text.encode(), packed(inputs), packed_results(edition.results))
    content = Content(
        zone=order.zone,
        scheme=scheme.id,
        version=scheme.version,
        digest=scheme.digest,
        period=moment.period,
        year=moment.year,
        day=moment.day,
        parent=order.parent,
        reason=order.reason,
        chosen_by=chosen.by.value,
        residents=chosen.residents,
        left_out={reason.value: count for reason, count in chosen.left_out.items() if count},
        evaluated=len(inputs),
        decimals=scheme.decimals,
        maximum=scheme.maximum,
        synthetic=scheme.synthetic or any(one.synthetic for several in origins.values() for one in several),
        sources_down=tuple(down),
        origins=json.dumps(
            {
                name: [[one.source, one.as_of.isoformat() if one.as_of else None, one.synthetic] for one in several]
                for name, several in origins.items()
            }
        ),
        statistics=statistics.written(statistics.statistics(edition)),
        inputs_digest=digest(snapshots.inputs),
        results_digest=digest(snapshots.results),
        created_by=order.by,
    )
    return content, scores_of(edition), snapshots
