"""Scores of enterprises: published, delivered by a source, or computed now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.outcomes import Absent
from resolvers.binding import OF_ENTERPRISE, Batch, Owned, Part
from resolvers.fetching import local_id
from resolvers.request import Ask, BadInput
from resolvers.score_changes import history
from resolvers.scores.delivered import DeliveredScore, delivered
from resolvers.scores.live import live_scores, live_simulations
from resolvers.scores.published import published, simulated
from resolvers.scores.seeing import READS
from resolvers.source import source_part
from schema.score_changes import IndicatorChange
from scoring.scheme import Scheme


async def _score(
    ask: Ask, scheme: str | None = None, edition: str | None = None, live: bool = False, period: str | None = None
) -> Sequence[Any]:
    if live:
        return await live_scores(ask, _live(ask, scheme, edition), period)
    _check_no_period(period)
    return await published(ask, scheme, edition) if edition is not None else await latest_scores(ask, scheme)


async def _simulate(
    ask: Ask,
    changes: list[IndicatorChange],
    scheme: str | None = None,
    edition: str | None = None,
    live: bool = False,
    period: str | None = None,
) -> Sequence[Any]:
    if live:
        return await live_simulations(ask, _live(ask, scheme, edition), period, changes)
    _check_no_period(period)
    return await simulated(ask, changes, scheme, edition)


async def latest_scores(ask: Ask, scheme: str | None) -> Sequence[Any]:
    """Return what its zone delivers of each parent, otherwise its score in the latest edition.

    Where neither is there, a source that failed to say is the reason.
    """
    found = await delivered(ask, scheme)
    others = [place for place, one in enumerate(found) if not isinstance(one, DeliveredScore)]
    if others:
        rest = Ask(ask.request, [ask.parents[place] for place in others], ask.selection)
        for place, score in zip(others, await published(rest, scheme, None), strict=True):
            found[place] = (found[place] or score) if isinstance(score, Absent) else score
    return found


def _check_no_period(period: str | None) -> None:
    if period is not None:
        raise BadInput("A period is asked of a live score. Give `live: true`, or name an `edition` of that period.")


def _live(ask: Ask, named: str | None, edition: str | None) -> Scheme:
    """Return the scheme of a live score; raise BadInput if an argument names none, or an edition is named besides."""
    if edition is not None:
        raise BadInput("A score is live or of an edition, not both. Leave out `live` or `edition`.")
    return scheme_of(ask, named)


def scheme_of(ask: Ask, named: str | None) -> Scheme:
    """Return the scheme that an argument names; raise BadInput if it names none."""
    found = ask.hub.schemes.find(local_id("Scheme", named), day=ask.hub.today()) if named else None
    if found is None:
        known = ", ".join(f"{one.id}@{one.version}" for one in ask.hub.schemes.all()) or "none"
        asked = f"There is no scheme {named[:60]!r}." if named else "A live score is by a scheme that you name."
        raise BadInput(f"{asked} This hub has: {known}.")
    return found


BATCHES: Mapping[str, Batch] = {
    "Enterprise.score": Batch(_score, reads=READS),
    "Enterprise.scoreHistory": Batch(history, reads=READS),
    "Enterprise.simulateScore": Batch(_simulate, reads=READS),
}
PARTS: Mapping[str, Part] = {"Score.source": source_part(), "InputSource.source": source_part()}
OWNED: Mapping[str, Owned] = dict.fromkeys(
    ("Score", "IndicatorScore", "NextTier", "GroupScore", "RuleOutcome", "StageFigure", "InputSource", "Simulation"),
    OF_ENTERPRISE,
)
