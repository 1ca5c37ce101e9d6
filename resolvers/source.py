"""Source: the configuration of a source and what the hub has seen of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from codes.kinds import BreakerState, SourceState
from connectors import sources
from connectors.disagreement import Disagreements
from connectors.durations import seconds_of
from connectors.intake import Intake
from connectors.policy import Policy
from connectors.replicas import Replicas
from connectors.steward import Steward
from resolvers.binding import Part
from resolvers.fetching import local_id
from resolvers.request import Ask, Request
from schema.source import (
    Source,
    SourceBreaker,
    SourceCoverage,
    SourceDisagreement,
    SourceFailureReport,
    SourceFeed,
    SourceHealth,
    SourcePolicy,
    SourceReplica,
)

_GRACE = 1.5
"""A source is late when one and a half of its periods have passed without a delivery."""
_MANY = 0.05
"""Share of questions without an answer from which on a source is ailing."""


async def all_sources(ask: Ask) -> Sequence[Any]:
    """Answer Query.sources."""
    opened = ask.hub.sources
    return [[shown(source, opened) for source in opened.sources.values()]]


async def source(ask: Ask, id: str) -> Sequence[Any]:
    """Answer Query.source."""
    found = ask.hub.sources.sources.get(local_id("Source", id))
    return [shown(found, ask.hub.sources) if found else None]


def source_part() -> Part:
    """Return the `source` field of a record: from the source's name to the source."""
    return Part(("source",), source_of)


def source_of(request: Request, name: str | None) -> Any:
    """Return a source by its name; None if the hub has none of that name."""
    found = request.hub.sources.sources.get(name) if name else None
    return shown(found, request.hub.sources) if found else None


def shown(source: sources.Source, opened: sources.Sources) -> Source:
    """Return a source as the graph shows it."""
    config, state = source.config, source.state
    failure = state.last_failure
    return Source(
        id=strawberry.ID(f"Source:{config.name}"),
        title=config.title,
        title_zh=config.title_zh,
        owner=config.owner,
        kind=config.kind,
        sharing=config.sharing,
        cadence=config.cadence,
        synthetic=config.synthetic,
        feeds=[
            SourceFeed(
                collection=name,
                fields=sorted(to_camel_case(field) for field in feed.fields),
                keeps_history=name in source.connector.capabilities.as_of,
                coverage=_coverage(source.feeds[name].intake),
            )
            for name, feed in config.collections.items()
        ],
        last_success_at=state.last_success,
        newest_as_of=state.newest_as_of,
        late=is_late(source),
        last_failure=SourceFailureReport(code=failure.code, message=failure.message, at=state.last_failure_at)
        if failure and state.last_failure_at
        else None,
        health=_health(source),
        disagreements=_disagreements(config.name, opened.disagreements),
        policy=_policy(config.timeout, config.policy, source.connector.capabilities.max_bytes),
        breaker=_breaker(source.steward),
        replicas=_replicas(source),
        unreadable_values=source.unreadable,
        unmatched_records=state.unmatched,
        organisation=config.organisation,
    )


def _coverage(intake: Intake) -> SourceCoverage | None:
    asked, held = intake.asked, intake.held
    return SourceCoverage(asked=asked, held=held, share=held / asked) if asked else None


def _health(source: sources.Source) -> SourceHealth:
    hour = source.state.tally.hour()
    questions = hour.answered + hour.failed
    rate = hour.failed / questions if questions else None
    if source.steward.breaker.state is BreakerState.OPEN or rate == 1.0:
        state = SourceState.DOWN
    elif (rate is not None and rate >= _MANY) or source.state.lacking or is_late(source):
        state = SourceState.AILING
    else:
        state = SourceState.UNKNOWN if rate is None else SourceState.WELL
    took = hour.milliseconds / hour.waited if hour.waited else None
    return SourceHealth(
        state=state,
        questions=questions,
        failures=hour.failed,
        error_rate=rate,
        milliseconds=took,
        lacking=list(source.state.lacking),
    )


def _disagreements(name: str, found: Disagreements) -> list[SourceDisagreement]:
    """Return where a source was held to others, as the one that is believed or the other."""
    shown = [
        SourceDisagreement(
            collection=collection,
            field=to_camel_case(field),
            other=strawberry.ID(f"Source:{other if name == believed else believed}"),
            believed=name == believed,
            compared=pair.values,
            differing=pair.differing,
            largest=pair.largest,
        )
        for (collection, field, believed, other), pair in found.pairs.items()
        if name in (believed, other)
    ]
    return sorted(shown, key=lambda one: (-one.differing, one.collection, one.field, one.other))


def _policy(timeout: float, policy: Policy, max_bytes: int | None) -> SourcePolicy:
    breaker = policy.breaker
    return SourcePolicy(
        timeout_seconds=timeout,
        concurrent=policy.concurrent,
        waiting=policy.waiting,
        retries=policy.retries,
        retry_share=policy.retry_share,
        calls=policy.calls,
        together=policy.together,
        max_bytes=max_bytes,
        breaker_share=breaker.share,
        breaker_of=breaker.of,
        breaker_least=breaker.least,
        breaker_seconds=breaker.seconds,
        ejection_failures=policy.ejection.failures,
        ejection_seconds=policy.ejection.seconds,
    )


def _breaker(steward: Steward) -> SourceBreaker:
    breaker = steward.breaker
    return SourceBreaker(
        state=breaker.state,
        seconds_left=breaker.seconds_left,
        failures=breaker.failures,
        looked_at=breaker.looked_at,
        refused=steward.refused,
    )


def _replicas(source: sources.Source) -> list[SourceReplica]:
    if not isinstance(source.connector, Replicas):
        return []
    return [
        SourceReplica(
            number=replica.number,
            left_out=replica.seconds_left > 0,
            seconds_left=replica.seconds_left,
            failures=replica.failures,
            calls=replica.calls,
        )
        for replica in source.connector.replicas
    ]


def is_failing(source: sources.Source) -> bool:
    """Say whether a source has failed since it last answered."""
    state = source.state
    failed, answered = state.last_failure_at, state.last_success
    return failed is not None and (answered is None or failed > answered)


def is_late(source: sources.Source) -> bool | None:
    """Say whether a source's newest delivery is older than its cadence allows; None if that is not known."""
    cadence, newest = source.config.cadence, source.state.newest_as_of
    if cadence is None or newest is None:
        return None
    return datetime.now(UTC) - newest > timedelta(seconds=seconds_of(cadence) * _GRACE)
