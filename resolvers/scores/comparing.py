"""With whom a live score is compared: the enterprises of the latest published edition by the very same scheme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from resolvers.request import Ask
from resolvers.scores.shelf import Opened
from scoring.peers import Peers, by_percentile
from scoring.ranking import Placing, placing_among
from scoring.results import Results
from scoring.scheme import Scheme
from store.edition_records import Edition

_RANKS = frozenset(("rank", "stage_rank", "percentile", "stage_percentile", "lists", "peers_id"))
"""Fields of a score that tell of others."""


@dataclass(frozen=True, eq=False)
class Others:
    """A published edition, open."""

    edition: Edition
    opened: Opened

    @property
    def peers(self) -> Peers:
        """The values with which others are compared."""
        return self.opened.edition.peers

    def places(self, scheme: Scheme, results: Results) -> list[Placing]:
        """Return where each result would stand among the edition's enterprises, all others staying as they are."""
        ranking, rows = self.opened.edition.ranking, self.opened.rows
        codes: list[str] = np.asarray(results.enterprises).tolist()
        return [placing_among(scheme, ranking, results, row, rows.get(code)) for row, code in enumerate(codes)]


async def others_of(
    ask: Ask, scheme: Scheme, codes: Sequence[str], asked: frozenset[str]
) -> Mapping[str, Others | None]:
    """Return with whom each enterprise is compared, if what is asked of its score needs to know."""
    shelf = ask.hub.shelf
    if shelf is None or (asked.isdisjoint(_RANKS) and not any(by_percentile(scheme))):
        return dict.fromkeys(codes)
    zones = await ask.hub.directory.zones_of(codes)
    latest = await shelf.editions.latest(set(zones.values()), scheme.id, scheme.version)
    same = {zone: found for zone, found in latest.items() if found.content.digest == scheme.digest}
    others = {zone: Others(found, await shelf.opened(found)) for zone, found in same.items()}
    return {code: others.get(zones[code]) if code in zones else None for code in codes}
