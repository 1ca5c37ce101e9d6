"""Entitlements in the store, and the money of pools that is held for them: never more than there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec
from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from codes.access import DataGroup
from codes.entitlements import HELD, PAID, Account, Approval, EntitlementState, FigureBy, Finding
from codes.flow import Party
from codes.policies import PolicyContent, PolicyState
from codes.problems import Problem, ProblemCode, Problems
from store.changes import Change, Noun, Thing, thing_of
from store.columns import Yuan
from store.policies import BUDGET_POOL, warning
from store.policy_tables import (
    budget_pool,
    entitlement,
    entitlement_holder,
    entitlement_run,
    policy_version,
    zone_policy,
)


class Entitlement(Thing, frozen=True, kw_only=True):
    """A benefit of a policy that comes to an enterprise, by one version of the policy."""

    policy_id: str
    number: int
    """The version of the policy, for good."""
    zone_id: str
    uscc: str
    author: str
    state: EntitlementState
    amount: Decimal
    risk: int = 0
    findings: tuple[Finding, ...] = ()
    district: str | None = None
    stage: str | None = None
    due_on: date | None = None
    """The last day on which it can be confirmed."""
    account: Account | None = None
    approvals: tuple[Approval, ...] = ()
    reason: str | None = None
    payment_reference: str | None = None
    paid_on: date | None = None
    year: int | None = None
    """The calendar year in which it was confirmed, whose caps count."""
    slot: str | None = None
    confirmed_at: datetime | None = None
    created_at: datetime
    changed_at: datetime

    @property
    def parties(self) -> Mapping[Party, str]:
        """The enterprise, and the officers of the policy's zone."""
        return {Party.ENTERPRISE: self.uscc, Party.OFFICER: self.zone_id}


class EntitlementRun(Thing, frozen=True, kw_only=True):
    """What came of holding a policy to the enterprises of its zone."""

    policy_id: str
    number: int
    zone_id: str
    author: str
    counts: Mapping[str, int]
    """How many there are of each fit."""
    made: int
    already: int
    """Who is eligible and has one of this policy already."""
    amount: Decimal
    created_at: datetime
    changed_at: datetime

    @property
    def parties(self) -> Mapping[Party, str]:
        """The officers of the policy's zone."""
        return {Party.OFFICER: self.zone_id}


ENTITLEMENT = Noun("Entitlement", Entitlement, entitlement, DataGroup.ENTITLEMENTS)
ENTITLEMENT_RUN = Noun("EntitlementRun", EntitlementRun, entitlement_run, DataGroup.ENTITLEMENTS)


def slot_of(policy_id: str, uscc: str) -> str:
    """Return the slot of an enterprise at a policy."""
    return f"{policy_id}:{uscc}"


async def taken(change: Change, policy_id: str) -> set[str]:
    """Return who has an entitlement of a policy that has not come to nothing."""
    c = entitlement.c
    wanted = select(c.uscc).where(c.policy_id == policy_id, c.slot.is_not(None))
    return set((await change.connection.execute(wanted)).scalars())


async def must_be_open(change: Change, found: Entitlement, today: date) -> None:
    """Raise Problems unless an entitlement can be confirmed: its policy stands, and its time is not over."""
    c = zone_policy.c
    wanted = select(c.state, c.published).where(c.id == found.policy_id).with_for_update(read=True)
    policy = (await change.connection.execute(wanted)).one()
    if policy.state != PolicyState.PUBLISHED.value:
        raise Problems(_refused("The policy was withdrawn."))
    if found.due_on is not None and today > found.due_on:
        raise Problems(_refused(f"It could be confirmed until {found.due_on}."))


async def content_of(change: Change, found: Entitlement) -> PolicyContent:
    """Return the version of the policy by which an entitlement came about."""
    return (await _contents(change, [(found.policy_id, found.number)]))[found.policy_id, found.number]


async def must_fit_others(change: Change, found: Entitlement, said: PolicyContent, year: int) -> None:
    """Raise Problems if an enterprise cannot have a benefit together with those that it has.

    From here on nobody else holds this enterprise's benefits against each other, until the end.
    """
    await _hold(change, found.uscc)
    c = entitlement.c
    held = c.state.in_([state.value for state in HELD])
    wanted = select(entitlement).where(c.uscc == found.uscc, c.id != found.id, held)
    others = [thing_of(ENTITLEMENT, row) for row in await change.connection.execute(wanted)]
    contents = await _contents(change, [(one.policy_id, one.number) for one in others])
    for one in others:
        other = contents[one.policy_id, one.number]
        if one.policy_id in said.excludes or found.policy_id in other.excludes:
            raise Problems(_refused(f"It is excluded by a benefit of the policy {other.title!r}, which you have."))
        if (one.zone_id, one.year) == (found.zone_id, year) and not (said.stacks and other.stacks):
            raise Problems(_refused(f"It does not go together with a benefit of {other.title!r} of the same year."))
    beside = [one for one in others if (one.zone_id, one.year) == (found.zone_id, year)]
    caps = [said.yearly_cap, *(contents[one.policy_id, one.number].yearly_cap for one in beside)]
    cap = min((one for one in caps if one is not None), default=None)
    total = found.amount + sum((one.amount for one in beside), Decimal(0))
    if cap is not None and total > cap:
        raise Problems(_refused(f"An enterprise receives {cap:f} yuan a year at most; with this it were {total:f}."))


async def reserve(change: Change, pool_id: str, amount: Decimal) -> None:
    """Take money of a pool for a benefit; raise Problems if so much is not free. Warns when a bound is reached."""
    c, amount_ = budget_pool.c, literal(amount, Yuan())
    fits = c.reserved + c.paid + amount_ <= c.total
    taking = update(budget_pool).where(c.id == pool_id, fits).values(reserved=c.reserved + amount_).returning(c.id)
    if (await change.connection.execute(taking)).first() is None:
        raise Problems(_refused("The budget pool of the policy has not so much left."))
    pool = await change.get(BUDGET_POOL, pool_id)
    reached = warning(pool.total, pool.reserved + pool.paid)
    if reached > pool.warned:
        await change.replace(BUDGET_POOL, pool, f"REACHED_{reached}", warned=reached, changed_at=change.at)


async def release(change: Change, pool_id: str, amount: Decimal) -> None:
    """Give money that was taken for a benefit back to its pool."""
    c = budget_pool.c
    less = c.reserved - literal(amount, Yuan())
    await change.connection.execute(update(budget_pool).where(c.id == pool_id).values(reserved=less))


async def pay(change: Change, pool_id: str, amount: Decimal) -> None:
    """Note that money that was taken is paid."""
    c, amount_ = budget_pool.c, literal(amount, Yuan())
    values = {"reserved": c.reserved - amount_, "paid": c.paid + amount_}
    await change.connection.execute(update(budget_pool).where(c.id == pool_id).values(values))


class Figure(msgspec.Struct, frozen=True):
    """How many benefits there are of one policy, district or stage, in one state, and of how much."""

    key: str | None
    state: EntitlementState
    count: int
    amount: Decimal


async def figures(engine: AsyncEngine, zone: str, by: FigureBy) -> list[Figure]:
    """Return how many benefits of a zone's policies there are, and of how much."""
    c = entitlement.c
    key = {FigureBy.POLICY: c.policy_id, FigureBy.DISTRICT: c.district, FigureBy.STAGE: c.stage}[by]
    wanted = select(key, c.state, func.count(), func.sum(c.amount)).where(c.zone_id == zone).group_by(key, c.state)
    async with engine.connect() as connection:
        return [
            Figure(one, EntitlementState(state), count, amount)
            for one, state, count, amount in await connection.execute(wanted.order_by(key, c.state))
        ]


async def unpaid(engine: AsyncEngine, zone: str, before: datetime, most: int) -> list[Entitlement]:
    """Return what was confirmed before a moment and is not paid, the oldest first."""
    c = entitlement.c
    late = select(entitlement).where(
        c.zone_id == zone, c.state == EntitlementState.CONFIRMED.value, c.confirmed_at < before
    )
    async with engine.connect() as connection:
        rows = await connection.execute(late.order_by(c.confirmed_at, c.id).limit(most))
        return [thing_of(ENTITLEMENT, row) for row in rows]


async def paid(engine: AsyncEngine, zone: str | None, policy: str | None, most: int) -> list[Entitlement]:
    """Return what was paid, the newest first; of one zone or policy, or of all."""
    c = entitlement.c
    wanted = select(entitlement).where(c.state.in_([state.value for state in PAID]))
    if zone is not None:
        wanted = wanted.where(c.zone_id == zone)
    if policy is not None:
        wanted = wanted.where(c.policy_id == policy)
    async with engine.connect() as connection:
        rows = await connection.execute(wanted.order_by(c.paid_on.desc(), c.id).limit(most))
        return [thing_of(ENTITLEMENT, row) for row in rows]


async def overdue(engine: AsyncEngine, zone: str, today: date, most: int) -> list[Entitlement]:
    """Return what was not confirmed in time."""
    c = entitlement.c
    open_ = c.state.in_((EntitlementState.MATCHED.value, EntitlementState.PUSHED.value))
    wanted = select(entitlement).where(c.zone_id == zone, open_, c.due_on < today).order_by(c.due_on, c.id).limit(most)
    async with engine.connect() as connection:
        return [thing_of(ENTITLEMENT, row) for row in await connection.execute(wanted)]


async def _hold(change: Change, uscc: str) -> None:
    """Lock an enterprise: two of its benefits cannot be confirmed at once without knowing of each other."""
    make = postgresql.insert if change.connection.dialect.name == "postgresql" else sqlite.insert
    row = make(entitlement_holder).values(uscc=uscc)
    await change.connection.execute(row.on_conflict_do_update(index_elements=["uscc"], set_={"uscc": uscc}))


async def _contents(change: Change, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], PolicyContent]:
    c = policy_version.c
    found = select(c.policy_id, c.number, c.content).where(c.policy_id.in_({policy for policy, _ in wanted}))
    rows = await change.connection.execute(found)
    return {(row.policy_id, row.number): msgspec.convert(row.content, PolicyContent) for row in rows}


def _refused(message: str) -> Problem:
    return Problem(ProblemCode.NOT_ALLOWED, message, ("input", "id"))
