"""A policy tried before it is published: how many of the zone it fits, and what it would cost, against its pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from codes.flow import Party
from codes.matching import Fit, Truth
from codes.policies import PolicyContent
from resolvers.binding import Batch
from resolvers.changing import changes_of
from resolvers.enterprise_key import EnterpriseKey
from resolvers.entitling import stages_of
from resolvers.policy_matching import Found, all_conditions, found_to_be
from resolvers.request import Ask, BadInput
from resolvers.scores.seeing import named, shelf_of
from store.policies import BUDGET_POOL, ZERO

_PART = 1000
"""Enterprises that are looked at together; between parts, progress is told."""

Progress = Callable[[int, int], None]
"""Told how many were looked at, of how many."""


@dataclass
class Part:
    """How the enterprises of a zone, or of a district or stage of it, match."""

    parties: Mapping[Party, str]
    key: str | None = None
    counts: Counter[Fit] = field(default_factory=Counter)
    budget: Decimal = ZERO
    """For those that are eligible."""

    @property
    def enterprises(self) -> int:
        """How many there are."""
        return self.counts.total()

    def take(self, one: Found) -> None:
        """Count an enterprise."""
        self.counts[one.fit] += 1
        if one.fit is Fit.ELIGIBLE:
            self.budget += one.amount or ZERO

    def __getattr__(self, name: str) -> Any:
        """Return how many there are of a fit: `eligible`, `nearly`, `unknown`, `not_eligible`."""
        if name.upper() in Fit.__members__:
            return self.counts[Fit[name.upper()]]
        raise AttributeError(name)


@dataclass
class Tally:
    """How one condition is met."""

    code: str
    parties: Mapping[Party, str]
    satisfied: int = 0
    unmet: int = 0
    unknown: int = 0

    def take(self, truth: Truth) -> None:
        """Count an enterprise."""
        setattr(self, truth.value.lower(), getattr(self, truth.value.lower()) + 1)


@dataclass
class Trial:
    """What a policy would come to."""

    parties: Mapping[Party, str]
    whole: Part
    pool_free: Decimal
    amount_unknown: int = 0
    """Eligible ones of which the figure that the benefit is a part of is not known."""
    districts: dict[str | None, Part] = field(default_factory=dict)
    stages: dict[str | None, Part] = field(default_factory=dict)
    conditions: Sequence[Tally] = ()

    def take(self, one: Found, district: str | None, stage: str | None) -> None:
        """Count an enterprise."""
        self.whole.take(one)
        self.amount_unknown += one.fit is Fit.ELIGIBLE and one.amount is None
        for key, parts in ((district, self.districts), (stage, self.stages)):
            if key not in parts:
                parts[key] = Part(self.parties, key)
            parts[key].take(one)
        for tally, truth in zip(self.conditions, one.truths, strict=True):
            tally.take(truth)

    def __getattr__(self, name: str) -> Any:
        """Return what is true of the whole zone."""
        if name in ("enterprises", "budget") or name.upper() in Fit.__members__:
            return getattr(self.whole, name)
        raise AttributeError(name)

    @property
    def sufficient(self) -> bool:
        """Whether the pool has so much left."""
        return self.whole.budget <= self.pool_free

    @property
    def by_district(self) -> list[Part]:
        """The districts, by code."""
        return _ordered(self.districts)

    @property
    def by_stage(self) -> list[Part]:
        """The stages."""
        return _ordered(self.stages)


def _ordered(parts: Mapping[str | None, Part]) -> list[Part]:
    return sorted(parts.values(), key=lambda part: (part.key is None, part.key or ""))


async def tried(
    ask: Ask, zone: str, said: PolicyContent, edition: str | None = None, progress: Progress | None = None
) -> Trial:
    """Try a policy on the enterprises of an edition, or on all that are on the roster of its zone."""
    districts: Mapping[str, str | None] = dict(await ask.hub.directory.roster(zone))
    codes: Sequence[str] = list(districts)
    if edition is not None:
        of = await named(ask, edition)
        if of.content.zone != zone:
            raise BadInput(f"The edition {of.id} is of another zone; name one of {zone}.")
        codes = (await shelf_of(ask).opened(of)).codes
    pool = await changes_of(ask).find(BUDGET_POOL, said.pool)
    parties = {Party.OFFICER: zone}
    tallies = [Tally(one.code, parties) for one in all_conditions(zone, said)]
    free = pool.total - pool.reserved - pool.paid if pool else ZERO
    trial = Trial(parties, Part(parties), free, conditions=tallies)
    for start in range(0, len(codes), _PART):
        part = codes[start : start + _PART]
        request = msgspec.structs.replace(ask.request, session=ask.request.session.part())
        looking = Ask(request, [EnterpriseKey.of(code) for code in part], ask.selection)
        found, stages = await found_to_be(looking, zone, said), await stages_of(looking, said)
        for code, one, stage in zip(part, found, stages, strict=True):
            trial.take(one, districts.get(code), stage)
        if progress:
            progress(start + len(part), len(codes))
    return trial


async def _trials(ask: Ask, edition: str | None = None) -> Sequence[Any]:
    found = []
    for policy in ask.parents:
        said = policy.draft or policy.published
        found.append(None if said is None else await tried(ask, policy.zone_id, said, edition))
    return found


BATCHES: Mapping[str, Batch] = {"ZonePolicy.dryRun": Batch(_trials)}
OF_PARTIES = ("PolicyTrial", "PolicyTrialPart", "PolicyTrialCondition")
