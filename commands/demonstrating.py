"""The demo world's own policies, published in its hub once, as its officers would."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncEngine

from codes.policies import PolicyContent, PolicyState
from store.changes import Call, Change, Changes, Doer
from store.policies import BUDGET_POOL, ZONE_POLICY, BudgetPool, ZonePolicy, keep_version

_DOER = Doer("demonstration", "demo world")


async def demonstrate(
    engine: AsyncEngine, zone: str, pool: tuple[str, str, Decimal], policies: Mapping[str, PolicyContent]
) -> None:
    """Open a pool (id, name, CNY yuan) and publish policies, by id; nothing that is there is touched."""
    changes = Changes(engine)
    id, name, total = pool

    async def open_pool(change: Change) -> BudgetPool:
        made = BudgetPool(
            id=id,
            zone_id=zone,
            name=name,
            author=_DOER.organisation,
            total=total,
            created_at=change.at,
            changed_at=change.at,
        )
        return await change.add(BUDGET_POOL, made, "OPEN")

    await changes.once(Call(_DOER, "demonstrate", f"pool {id}", ""), BUDGET_POOL, open_pool)
    for policy_id, said in policies.items():

        async def publish(change: Change, policy_id: str = policy_id, said: PolicyContent = said) -> ZonePolicy:
            made = ZonePolicy(
                id=policy_id,
                zone_id=zone,
                author=_DOER.organisation,
                state=PolicyState.PUBLISHED,
                number=1,
                published=said,
                published_at=change.at,
                created_at=change.at,
                changed_at=change.at,
            )
            await keep_version(change, made)
            return await change.add(ZONE_POLICY, made, "PUBLISH")

        await changes.once(Call(_DOER, "demonstrate", f"policy {policy_id}", ""), ZONE_POLICY, publish)
