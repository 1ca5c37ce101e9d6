"""Policies tried on a whole zone, held to the same policies matched with each of its enterprises by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from codes.kinds import Level, QualificationKind, RegistrationStatus, RiskKind
from codes.matching import Fit
from codes.policies import Benefit, Condition, Importance, PolicyContent
from codes.policy_facts import FACTS, FactForm
from connectors.session import Session
from demo.population import WORLD_DAY
from resolvers.access import Access
from resolvers.enterprise_key import EnterpriseKey
from resolvers.fact_values import Fields
from resolvers.policy_matching import all_conditions, matched
from resolvers.policy_trial import tried
from resolvers.request import Ask, Request
from tests.world import Asker

ZONE = "nanchang-high-tech"
DELIVERED = "nanchang@2022"
_WORDS = {
    "qualification": [one.value for one in QualificationKind],
    "riskFlag": [one.value for one in RiskKind],
    "registrationStatus": [one.value for one in RegistrationStatus],
    "stage": ["seed", "sapling", "growth", "expansion", "mature"],
    "industry": ["C", "C39", "65", "I"],
    "district": ["36", "360111", "3601"],
    "zone": [ZONE, "east-lake"],
}


def condition(number: int, random: Random) -> Condition:
    """A condition over any fact, with bounds near to what is found in the world."""
    fact = FACTS[random.choice(list(FACTS))]
    said = Condition(
        code=f"c{number}",
        fact=fact.name,
        importance=random.choice(list(Importance)),
        scheme=DELIVERED if fact.of_scheme else None,
        year=random.choice([None, 2021, 2022]) if fact.of_year else None,
        valid_on=random.choice([None, WORLD_DAY]) if fact.dated else None,
    )
    if fact.form is FactForm.NUMBER:
        bound = Decimal(random.choice([-10, 0, 3, 10, 60, 1_000_000, 20_000_000]))
        name = random.choice(["at_least", "at_most"])
    else:
        bound = tuple(random.sample(_WORDS[fact.name], random.randint(1, 2)))  # type: ignore[assignment]
        name = random.choice(["one_of", "none_of"]) if fact.form is FactForm.HELD else "one_of"
    return Condition(**{**{n: getattr(said, n) for n in said.__struct_fields__}, name: bound})


def policy(random: Random) -> PolicyContent:
    """A policy of several conditions; its benefit is an amount, or a part of a figure."""
    part = Benefit(percent=Decimal("2.5"), of=random.choice(["rdExpense", "revenue"]), year=2022, cap=Decimal(90_000))
    return PolicyContent(
        title="",
        issuer="",
        level=Level.DISTRICT,
        tool="",
        valid_from=WORLD_DAY,
        benefit_text="",
        pool="none",
        benefit=random.choice([part, Benefit(amount=Decimal("100.00"))]),
        conditions=tuple(condition(number, random) for number in range(random.randint(1, 5))),
    )


@pytest.mark.parametrize("seed", range(12))
async def test_a_trial_counts_what_each_enterprise_finds_by_itself(ask: Asker, seed: int) -> None:
    said, roster = policy(Random(seed)), [code for code, _ in await ask.hub.directory.roster(ZONE)]

    def asking(codes: list[str]) -> Ask:
        hub = replace(ask.hub, today=lambda: WORLD_DAY)
        return Ask(Request(hub, Session.lasting(60), Access()), [EnterpriseKey.of(code) for code in codes], Fields())

    seen: list[tuple[int, int]] = []
    trial = await tried(asking([]), ZONE, said, progress=lambda done, total: seen.append((done, total)))
    single = [(await matched(asking([code]), ZONE, said))[0] for code in roster]

    assert trial.enterprises == len(roster) == seen[-1][0] == seen[-1][1]
    assert {fit: trial.whole.counts[fit] for fit in Fit} == {fit: sum(one.fit is fit for one in single) for fit in Fit}
    eligible = [one for one in single if one.fit is Fit.ELIGIBLE]
    assert trial.whole.budget == sum((one.amount or Decimal(0) for one in eligible), Decimal(0))
    assert trial.amount_unknown == sum(one.amount is None for one in eligible)
    for place, of in enumerate(all_conditions(ZONE, said)):
        truths = Counter(one.conditions[place].truth.value for one in single)
        tally = trial.conditions[place]
        assert tally.code == of.code
        assert Counter(SATISFIED=tally.satisfied, UNMET=tally.unmet, UNKNOWN=tally.unknown) == truths, of


async def test_what_a_trial_reads_is_not_kept_for_others(ask: Asker) -> None:
    said = policy(Random(0))
    request = Request(ask.hub, Session.lasting(60), Access())
    before = len(ask.hub.sources.cache)
    trial = await tried(Ask(request, [], Fields()), ZONE, said)
    assert trial.enterprises
    assert len(ask.hub.sources.cache) == before
    assert request.session.usage, "what it took from sources is told"
