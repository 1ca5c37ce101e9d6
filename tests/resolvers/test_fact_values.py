"""Facts to which conditions are held: scores and stages of editions, by consent, and why a fact is not known."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from auth import rules
from auth.principal import ANONYMOUS, Principal
from codes.access import Purpose
from codes.kinds import Level
from codes.policies import Benefit, Condition, PolicyContent
from connectors.config import parse
from connectors.contract import Capabilities, Fetch, Health, Rows, Scan
from connectors.session import Session
from connectors.sources import Sources, installed_kinds
from resolvers.access import Access
from resolvers.enterprise_key import EnterpriseKey
from resolvers.fact_values import Fields, observed
from resolvers.policy_matching import held
from resolvers.policy_trial import tried
from resolvers.request import Ask, Hub, Request
from store.changes import Changes
from tests.consenting import EDITION, NORTH, consenting
from tests.world import CHUJINGLING, World

SCHEME = "national-18-demo@1.0-demo"
SCORE = Condition(code="score", fact="score", scheme=SCHEME, at_least=Decimal(1))
STAGE = Condition(code="stage", fact="stage", scheme=SCHEME, one_of=("start_up", "growth", "mature"))
GAZELLE = Condition(code="gazelle", fact="qualification", one_of=("GAZELLE",))
OLD = Condition(code="old", fact="yearsSinceFounding", at_least=Decimal(3))
REVENUE = Condition(code="revenue", fact="revenue", at_least=Decimal(1))
GROWTH = Condition(code="growth", fact="revenueGrowth", at_least=Decimal(0))
SHARE = Condition(code="share", fact="rdIntensity", at_least=Decimal(3))
FREE = Condition(code="free", fact="riskFlag", none_of=("PENALTY",))
CODES = ("91000000MAX000015T", "91000000MAX000023N")

DECLARED = """
[sources.registry]
kind = "memory"
title = "Registry"
owner = "Registry"
sharing = "UNCONDITIONAL"
[sources.registry.collections.registration]
records = [{ uscc = "91000000MAX000015T", founded_on = "2020-06-30" }, { uscc = "91000000MAX000023N" }]
fields = ["founded_on"]
[sources.registry.collections.filings]
records = [
  { uscc = "91000000MAX000015T", year = 2022, revenue = "0", rd_expense = "5" },
  { uscc = "91000000MAX000015T", year = 2021, revenue = "-7" },
]
fields = ["year", "revenue", "rd_expense"]
[sources.lists]
kind = "broken"
title = "Lists"
owner = "Lists"
sharing = "UNCONDITIONAL"
[sources.lists.collections.risk_flags]
fields = ["number", "kind", "since", "until"]
"""


class Broken:
    """A source that is down."""

    capabilities = Capabilities()

    async def fetch(self, ask: Fetch) -> Rows:
        raise TimeoutError

    async def scan(self, ask: Scan) -> AsyncIterator[Rows]:
        raise TimeoutError
        yield

    async def check(self) -> Health:
        return Health(False, "down", 0.0)

    async def aclose(self) -> None:
        pass


def asking_of(hub: Hub, access: Access, *codes: str) -> Ask:
    """What is asked of some enterprises."""
    request = Request(hub, Session.lasting(10), access)
    return Ask(request, [EnterpriseKey.of(code) for code in codes], Fields())


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub with little, one source of which is down."""
    kinds: Any = {**installed_kinds(), "broken": lambda _declaration: Broken()}
    sources = Sources(parse(DECLARED, tmp_path / "sources.toml"), kinds=kinds)
    yield Hub(sources, cast(Any, None), today=lambda: date(2023, 6, 30))
    await sources.aclose()


async def test_what_is_not_known_has_its_reason_and_is_never_unmet(small: Hub) -> None:
    conditions = (OLD, REVENUE, GROWTH, SHARE, FREE, GAZELLE)
    columns = await observed(asking_of(small, Access(), *CODES), conditions)
    told = {
        condition.code: [
            (one.truth.value, one.reason) for one in (held(condition, fact) for fact in column)
        ]
        for condition, column in zip(conditions, columns, strict=True)
    }  # fmt: skip
    assert told == {
        "old": [("UNMET", None), ("UNKNOWN", "NOT_DELIVERED")],
        "revenue": [("UNMET", None), ("UNKNOWN", "NOT_FOUND")],
        "growth": [("UNKNOWN", "CANNOT_BE_TOLD"), ("UNKNOWN", "NOT_FOUND")],
        "share": [("UNKNOWN", "CANNOT_BE_TOLD"), ("UNKNOWN", "NOT_FOUND")],
        "free": [("UNKNOWN", "SOURCE_TIMEOUT")] * 2,
        "gazelle": [("UNKNOWN", "NOT_DELIVERED")] * 2,
    }
    age = columns[0][0].value
    assert Decimal("2.9") < age < 3, "a day short of three years is not three, however it is shown"


async def test_a_score_is_of_one_scheme_and_version_and_by_consent(
    world: World, tmp_path: Path, readers: Mapping[str, Principal]
) -> None:
    async with consenting(world, tmp_path) as found:
        hub = found.ask.hub
        reply = await found.ask(
            f'{{ enterprise(uscc: "{CHUJINGLING}") {{ score(edition: "{EDITION}") {{ total stage {{ id }} }} }} }}'
        )
        score = reply.data["enterprise"]["score"]
        own = readers["enterprise-chujingling"]
        bank = replace(readers["bank-icbc"], organisation=NORTH)
        other = Condition(code="other", fact="score", scheme="national-18-demo@9", at_least=Decimal(1))

        async def known(reader: Principal, purpose: Purpose | None) -> list[tuple[Any, Any]]:
            access = Access(reader, rules.load().rights(reader, purpose), purpose)
            columns = await observed(asking_of(hub, access, CHUJINGLING), (SCORE, STAGE, other))
            return [(column[0].value, column[0].reason) for column in columns]

        expected = [(Decimal(score["total"]), None), (score["stage"]["id"], None), (None, "NOT_PUBLISHED")]
        assert await known(own, None) == expected
        assert await known(bank, Purpose.PRE_LOAN) == expected
        assert await known(bank, Purpose.MONITORING) == [(None, "CONSENT_REQUIRED")] * 3
        assert await known(bank, None) == [(None, "PURPOSE_REQUIRED")] * 3
        assert await known(ANONYMOUS, None) == [(None, "FORBIDDEN")] * 3


async def test_a_trial_on_an_edition_is_of_those_in_it_by_stage(world: World, tmp_path: Path) -> None:
    async with consenting(world, tmp_path) as found:
        hub = replace(found.ask.hub, changes=Changes(found.ask.hub.directory.engine))
        said = PolicyContent(
            title="演示",
            issuer="演示",
            level=Level.DISTRICT,
            tool="奖励",
            valid_from=date(2023, 1, 1),
            benefit_text="演示",
            benefit=Benefit(amount=Decimal("1000.00")),
            conditions=(replace_bound(SCORE, Decimal(30)),),
            pool="nowhere",
        )
        told: list[tuple[int, int]] = []
        ask = asking_of(hub, Access())
        trial = await tried(ask, "east-lake", said, EDITION, lambda done, total: told.append((done, total)))
        listed = await found.ask(
            f'{{ ranking(edition: "{EDITION}", all: true, first: 1000) {{ nodes {{ total stage {{ id }} }} }} }}'
        )
        nodes = listed.data["ranking"]["nodes"]
        able = [node for node in nodes if Decimal(node["total"]) >= 30]
        assert trial.eligible == len(able) > 0
        assert told[-1] == (trial.enterprises, trial.enterprises)
        assert trial.budget == 1000 * len(able)
        assert trial.sufficient is False
        assert {part.key: part.eligible for part in trial.by_stage if part.eligible} == {
            stage: sum(node["stage"]["id"] == stage for node in able)
            for stage in {node["stage"]["id"] for node in able}
        }


def replace_bound(condition: Condition, bound: Decimal) -> Condition:
    """The condition with another bound."""
    return Condition(code=condition.code, fact=condition.fact, scheme=condition.scheme, at_least=bound)
