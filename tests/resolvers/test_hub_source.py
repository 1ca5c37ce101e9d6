"""The hub as a source: what it publishes stands beside what sources deliver, and is seen at once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from codes.kinds import Level
from codes.policies import Benefit, Condition, PolicyContent, PolicyState
from connectors.config import parse
from connectors.errors import SourcesMisconfigured
from connectors.outcomes import Absent
from connectors.session import Session
from connectors.sources import Sources, installed_kinds
from resolvers.hub_source import hub_kind, with_hub
from store.changes import Call, Change, Changes, Doer
from store.engine import open_store
from store.policies import ZONE_POLICY, ZonePolicy
from store.upgrade import upgrade

DECLARED = """
[sources.gazette]
kind = "memory"
title = "Gazette"
owner = "Gazette"
sharing = "UNCONDITIONAL"
[sources.gazette.collections.policies]
records = [{ id = "p-1", title = "Of it" }, { id = "made-here", title = "Not its to say", summary = "Nor this" }]
fields = ["title", "summary"]
"""
FIELDS = frozenset(("id", "title", "amount_max", "summary", "level", "source", "as_of", "withdrawn_on", "synthetic"))
AT = datetime(2026, 1, 2, tzinfo=UTC)
CONTENT = PolicyContent(
    title="演示政策",
    issuer="演示园区管委会",
    level=Level.DISTRICT,
    tool="奖励",
    valid_from=date(2026, 1, 1),
    benefit_text="演示",
    benefit=Benefit(amount=Decimal("1000.50")),
    conditions=(Condition(code="c1", fact="zone", one_of=("east-lake",)),),
    pool="pool",
    synthetic=True,
)


async def keep(engine: AsyncEngine, policy: ZonePolicy) -> None:
    async def do(change: Change) -> ZonePolicy:
        if policy.version == 1:
            return await change.add(ZONE_POLICY, policy, "DRAFT")
        before = await change.get(ZONE_POLICY, policy.id)
        return await change.replace(ZONE_POLICY, before, "EDIT", state=policy.state, withdrawn_on=policy.withdrawn_on)

    call = Call(Doer("east-lake", "officer"), "m", f"{policy.id}{policy.version}", "d")
    assert (await Changes(engine).once(call, ZONE_POLICY, do)).thing is not None


def made(state: PolicyState, number: int, version: int = 1, withdrawn_on: date | None = None) -> ZonePolicy:
    return ZonePolicy(
        id="made-here",
        version=version,
        zone_id="east-lake",
        author="east-lake",
        state=state,
        number=number,
        published=CONTENT if number else None,
        draft=None if number else CONTENT,
        published_at=AT if number else None,
        withdrawn_on=withdrawn_on,
        created_at=AT,
        changed_at=AT,
    )


async def test_published_policies_are_records_beside_those_of_sources_and_seen_at_once(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/store.sqlite"
    writing = open_store(url)
    await upgrade(writing)
    config = with_hub(parse(DECLARED, tmp_path / "sources.toml"))
    sources = Sources(config, kinds={**installed_kinds(), **hub_kind(url)})

    async def listed() -> dict[str, str]:
        found = await sources.whole(Session.lasting(5), "policies", FIELDS)
        assert found.failures == ()
        return {record.id: record.source for record in found.records}

    async def one() -> object:
        (found,) = await sources.fetch(Session.lasting(5), "policies", ["made-here"], FIELDS)
        return found

    draft = made(PolicyState.DRAFT, 0)
    await keep(writing, draft)
    assert (await listed())["made-here"] == "gazette", "a draft is no record"
    published = made(PolicyState.PUBLISHED, 1)
    async with writing.begin() as connection:
        await connection.execute(ZONE_POLICY.table.delete())
        await connection.exec_driver_sql("DELETE FROM change_history")
        await connection.exec_driver_sql("DELETE FROM change_key")
    await keep(writing, published)
    assert await listed() == {"made-here": "hub", "p-1": "gazette"}
    found = await one()
    assert (found.title, found.amount_max) == ("演示政策", Decimal("1000.50"))  # type: ignore[attr-defined]
    assert (found.source, found.as_of, found.level) == ("hub", AT, Level.DISTRICT)  # type: ignore[attr-defined]
    assert found.synthetic is True  # type: ignore[attr-defined]

    await keep(writing, made(PolicyState.WITHDRAWN, 1, 2, date(2026, 2, 1)))
    assert (await listed())["made-here"] == "gazette"
    withdrawn = await one()
    assert (withdrawn.title, withdrawn.withdrawn_on) == ("演示政策", date(2026, 2, 1))  # type: ignore[attr-defined]
    (unknown,) = await sources.fetch(Session.lasting(5), "policies", ["nowhere"], FIELDS)
    assert unknown is Absent.NOT_FOUND
    assert (await sources.sources["hub"].connector.check()).ok
    await sources.aclose()
    await writing.dispose()


async def test_a_store_that_cannot_be_read_costs_the_hubs_own_records_only(tmp_path: Path) -> None:
    config = with_hub(parse(DECLARED, tmp_path / "sources.toml"))
    url = f"sqlite+aiosqlite:///{tmp_path}/empty.sqlite"
    sources = Sources(config, kinds={**installed_kinds(), **hub_kind(url)})
    found = await sources.whole(Session.lasting(5), "policies", FIELDS)
    assert [failure.code for failure in found.failures] == ["SOURCE_UNAVAILABLE"]
    assert {record.id for record in found.records} == {"p-1", "made-here"}
    health = await sources.sources["hub"].connector.check()
    assert (health.ok, health.detail) == (False, "the store cannot be read (OperationalError)")
    await sources.aclose()


def test_the_hubs_name_cannot_be_taken(tmp_path: Path) -> None:
    with pytest.raises(SourcesMisconfigured, match="'hub' is the hub's own name"):
        with_hub(parse(DECLARED.replace("sources.gazette", "sources.hub"), tmp_path / "sources.toml"))
