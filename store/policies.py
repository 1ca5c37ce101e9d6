"""Policies of zones in the store: what officers work at, each published version for good, and what is public of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from codes.access import DataGroup
from codes.flow import Party
from codes.policies import PolicyContent, PolicyState
from store.changes import Change, Noun, Thing, plain, thing_of
from store.policy_tables import budget_pool, policy_version, zone_policy

ZERO = Decimal("0.00")

WARNINGS = (100, 90, 70)
"""Per cent of a pool at which its officers are warned."""


class ZonePolicy(Thing, frozen=True, kw_only=True):
    """A policy that a zone makes in the hub: what is published of it, and what is drafted."""

    zone_id: str
    author: str
    state: PolicyState
    number: int = 0
    """Counts what was published."""
    published: PolicyContent | None = None
    draft: PolicyContent | None = None
    published_at: datetime | None = None
    withdrawn_on: date | None = None
    created_at: datetime
    changed_at: datetime

    @property
    def parties(self) -> Mapping[Party, str]:
        """The officers of the zone."""
        return {Party.OFFICER: self.zone_id}


class BudgetPool(Thing, frozen=True, kw_only=True):
    """Money from which policies of a zone are paid; amounts in CNY yuan.

    Its version counts what officers do to it and the warnings, not each amount that is reserved or paid.
    """

    zone_id: str
    name: str
    author: str
    total: Decimal
    reserved: Decimal = ZERO
    """For benefits that were confirmed and are not paid."""
    paid: Decimal = ZERO
    warned: int = 0
    """Per cent of the last warning."""
    created_at: datetime
    changed_at: datetime

    @property
    def parties(self) -> Mapping[Party, str]:
        """The officers of the zone."""
        return {Party.OFFICER: self.zone_id}


def warning(total: Decimal, used: Decimal) -> int:
    """Return the highest bound of a pool that is reached; 0 for none."""
    share = 100 * used / total
    return next((bound for bound in WARNINGS if share >= bound), 0)


ZONE_POLICY = Noun("ZonePolicy", ZonePolicy, zone_policy, DataGroup.POLICY_WORK)
BUDGET_POOL = Noun("BudgetPool", BudgetPool, budget_pool, DataGroup.POLICY_WORK)


class PolicyVersion(msgspec.Struct, frozen=True):
    """A published version of a policy."""

    policy_id: str
    number: int
    content: PolicyContent
    published_at: datetime


async def keep_version(change: Change, policy: ZonePolicy) -> None:
    """Keep what was just published for good."""
    row = {
        "policy_id": policy.id, "number": policy.number, "content": policy.published,
        "published_at": policy.published_at,
    }  # fmt: skip
    await change.connection.execute(insert(policy_version).values(row))


async def versions(engine: AsyncEngine, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], PolicyVersion]:
    """Return published versions of policies, by policy and number."""
    if not wanted:
        return {}
    c = policy_version.c
    statement = select(policy_version).where(c.policy_id.in_({policy for policy, _ in wanted}))
    async with engine.connect() as connection:
        rows = [msgspec.convert(plain(row), PolicyVersion) for row in await connection.execute(statement)]
    asked = set(wanted)
    return {key: row for row in rows if (key := (row.policy_id, row.number)) in asked}


async def in_force(engine: AsyncEngine) -> list[ZonePolicy]:
    """Return what is published and not withdrawn, the newest first."""
    c = zone_policy.c
    wanted = select(zone_policy).where(c.state == PolicyState.PUBLISHED.value).order_by(c.published_at.desc(), c.id)
    async with engine.connect() as connection:
        return [thing_of(ZONE_POLICY, row) for row in await connection.execute(wanted)]


async def once_published(engine: AsyncEngine, ids: Sequence[str]) -> dict[str, ZonePolicy]:
    """Return what of these policies was ever published."""
    c = zone_policy.c
    wanted = select(zone_policy).where(c.id.in_(set(ids)), c.number > 0)
    async with engine.connect() as connection:
        return {row.id: thing_of(ZONE_POLICY, row) for row in await connection.execute(wanted)}


async def published(connection: AsyncConnection, ids: Sequence[str] | None) -> Sequence[Mapping[str, Any]]:
    """Return the hub's own records of the collection `policies`: in force, or of these ids also withdrawn ones."""
    c = zone_policy.c
    wanted = select(zone_policy).where(c.number > 0)
    wanted = wanted.where(c.state == PolicyState.PUBLISHED.value) if ids is None else wanted.where(c.id.in_(ids))
    rows = await connection.execute(wanted.order_by(c.created_at, c.id))
    return [_record(thing_of(ZONE_POLICY, row)) for row in rows]


def _record(policy: ZonePolicy) -> Mapping[str, Any]:
    said = policy.published
    assert said is not None, "what has a number was published"
    return {
        "id": policy.id,
        "title": said.title,
        "title_en": said.title_en,
        "issuer": said.issuer,
        "document_number": said.document_number,
        "level": said.level.value,
        "zone_id": policy.zone_id,
        "tool": said.tool,
        "published_on": policy.published_at.date() if policy.published_at else None,
        "valid_from": said.valid_from,
        "valid_to": said.valid_to,
        "benefit": said.benefit_text,
        "amount_max": said.benefit.most,
        "summary": said.summary,
        "number": policy.number,
        "withdrawn_on": policy.withdrawn_on,
        "as_of": policy.published_at,
        "synthetic": said.synthetic,
    }
