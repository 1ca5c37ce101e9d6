"""A run: who is evaluated, what is known of them, their scores and ranks, kept as a draft of an edition."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from codes.editions import ChosenBy
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
from scoring.ranking import lists_of
from scoring.rules import VERDICTS
from scoring.scheme import CODES, Input
from scoring.snapshot import digest, packed, packed_results
from store.edition_runs import Runs
from store.editions import Content, Edition, Editions, Scored, Snapshots

_MOST_NAMED = 5


@dataclass(frozen=True)
class Chosen:
    """Who is evaluated, how that was decided, and how many live in the zone."""

    codes: Sequence[str]
    by: ChosenBy
    residents: int


Origins = Mapping[str, Sequence[Origin]]


async def run(
    sources: Sources, editions: Editions, runs: Runs, order: Order, progress: Progress, most: int | None = None
) -> Edition:
    """Make a draft of an edition, of at most so many; raise RunRefused, SourcesDown, EditionRefused or RunTakenOver.

    What was read stays kept if the run breaks off, and the same order goes on with it. The same records give the same
    inputs and results, byte by byte, in whatever order they come.
    """
    if strange := sorted(order.accepted - sources.sources.keys()):
        raise RunRefused(f"There is no source {strange[0]!r} to go without; `manage.py sources check` lists them.")
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
    made = await editions.create(content, scores, snapshots)
    await runs.end(collecting.run)
    return made


def scores_of(edition: changes.Edition) -> list[Scored]:
    """Return each enterprise's score and ranks."""
    scheme, results, ranking = edition.scheme, edition.results, edition.ranking
    stages = [stage.names.id for stage in scheme.stages.stages] if scheme.stages else []
    columns = (results.enterprises, results.total, results.stage, results.passed, ranking.rank, ranking.stage_rank)
    return [
        Scored(
            code,
            total,
            stages[stage] if stage >= 0 else None,
            rank or None,
            stage_rank or None,
            ranking.percentile(row),
            ranking.stage_percentile(row),
            VERDICTS[passed].value,
            lists_of(scheme, ranking, row) if rank else (),
        )
        for row, (code, total, stage, passed, rank, stage_rank) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        )
    ]


async def _choose(collecting: Collecting, order: Order) -> Chosen:
    """Find out who is evaluated: who is listed, or in the zone and meant by the scheme."""
    residence = collecting.sources.config.catalogue["residence"]
    roster = Wanted("roster", Need(residence, (), frozenset(("zone_id", "since"))))
    listed = None if order.usccs is None else sorted(set(order.usccs))
    await collecting.read([roster], listed)
    residents = _residents(order, await collecting.answers(roster, listed))
    if listed is not None:
        if strangers := sorted(set(listed) - set(residents)):
            named = ", ".join(strangers[:_MOST_NAMED])
            raise RunRefused(f"{len(strangers)} of the list do not live in {order.zone}: {named}. Take them out.")
        return Chosen(residents, ChosenBy.LIST, len(residents))
    if not residents:
        raise RunRefused(f"No enterprise lives in {order.zone!r} on {order.moment.day}; correct the zone's id.")
    if order.scheme.evaluated is None:
        return Chosen(residents, ChosenBy.ZONE, len(residents))
    meant = await _meant(collecting, order, residents, order.scheme.evaluated)
    if not meant:
        raise RunRefused(
            f"{order.scheme.id} evaluates those of whom {order.scheme.evaluated.collection} has a record for "
            f"{order.moment.period}: nobody in {order.zone}. Correct the period, or name the enterprises: --usccs FILE."
        )
    return Chosen(meant, ChosenBy.SCHEME, len(residents))


def _residents(order: Order, found: Answers) -> list[str]:
    def lives(residence: Any) -> bool:
        since = residence.since
        return residence.zone_id == order.zone and not (
            since is not None and not isinstance(since, Absent | SourceFailure) and since > order.moment.day
        )

    pairs = zip(found.codes, found.told.outcomes, strict=True)
    return sorted(code for code, one in pairs if not isinstance(one, Absent | SourceFailure) and lives(one))


async def _meant(collecting: Collecting, order: Order, residents: Sequence[str], evaluated: Input) -> list[str]:
    need = need_of(collecting.sources.config.catalogue[evaluated.collection], (evaluated,))
    want = Wanted("evaluated", need)
    await collecting.read([want], residents)
    column = column_of(need, evaluated, (await collecting.answers(want, residents)).told, order.moment)
    if CODES[Missing.SOURCE_DOWN] in column.reasons:
        raise RunRefused(
            f"Who is evaluated is decided by {want.collection}, of which a source does not answer; without it nobody "
            "is. Run again once it does, or name the enterprises: --usccs FILE."
        )
    return [residents[place] for place in np.flatnonzero((column.values >= 1) & (column.reasons == 0)).tolist()]


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
